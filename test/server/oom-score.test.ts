// oom-score-adj, with a file of our own instead of the system's.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { Log } from '../../src/server/log.ts'
import { OomScore } from '../../src/server/oom-score.ts'

const FAILED = /Failed to set current oom_score_adj\. Check server logs\./
let folder: string
let file: string
let config: Config
let log: string[]

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'oom-score-'))
  file = path.join(folder, 'oom_score_adj')
  fs.writeFileSync(file, '22\n')
  log = []
  config = new Config()
})

afterEach(() => fs.rmSync(folder, { recursive: true }))

function follow(): void {
  new OomScore(
    new Log(
      () => 0,
      (line) => log.push(line),
    ),
    file,
  ).followSettings(config)
}

function score(): number {
  return Number(fs.readFileSync(file, 'latin1'))
}

test('is added to what the process had, or replaces it, and is taken back', () => {
  follow()
  config.set([['oom-score-adj-values', '9 20 30']])
  expect(score()).toBe(22)
  config.set([['oom-score-adj', 'yes']])
  expect(score()).toBe(31)
  config.set([['oom-score-adj-values', '15 20 30']])
  expect(score()).toBe(37)
  config.set([['oom-score-adj', 'absolute']])
  expect(score()).toBe(15)
  config.set([['oom-score-adj', 'no']])
  expect(score()).toBe(22)
  fs.writeFileSync(file, '5\n')
  config.set([
    ['oom-score-adj', 'relative'],
    ['oom-score-adj-values', '1 2 3'],
  ])
  expect(score()).toBe(6)
})

test('stays within what the system takes', () => {
  follow()
  config.set([
    ['oom-score-adj', 'absolute'],
    ['oom-score-adj-values', '1500 2 3'],
  ])
  expect(score()).toBe(1000)
})

test('a failure undoes the change, and is logged', () => {
  fs.rmSync(file)
  follow()
  expect(log).toEqual([])
  let error: unknown
  try {
    config.set([['oom-score-adj', 'yes']])
  } catch (thrown) {
    error = thrown
  }
  expect((error as { message: string }).message).toMatch(FAILED)
  expect(config.string('oom-score-adj')).toBe('no')
  expect(log.join()).toContain('Unable to write')
})

test('is set at start, if the configuration says so', () => {
  config.set([
    ['oom-score-adj', 'yes'],
    ['oom-score-adj-values', '7 8 9'],
  ])
  follow()
  expect(score()).toBe(29)
})
