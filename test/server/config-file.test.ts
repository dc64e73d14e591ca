import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigFileOnDisk } from '../../src/server/config-file.ts'
import { Log } from '../../src/server/log.ts'

let directory: string
let lines: string[]
const log = new Log(
  () => 0,
  (line) => lines.push(line),
)

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'respite-config-'))
  lines = []
})

afterEach(() => fs.rmSync(directory, { recursive: true }))

function fileOf(name: string): { file: ConfigFileOnDisk; path: string } {
  const whole = path.join(directory, name)
  return { file: new ConfigFileOnDisk(whole, log), path: whole }
}

test('is replaced, bytes and permissions kept', () => {
  const { file, path: at } = fileOf('r.conf')
  fs.writeFileSync(at, 'requirepass \xff\n', { encoding: 'latin1', mode: 0o640 })
  fs.chmodSync(at, 0o640)
  file.replace(`${file.read()}maxclients 5\n`)
  expect(fs.readFileSync(at, 'latin1')).toBe('requirepass \xff\nmaxclients 5\n')
  expect(fs.statSync(at).mode & 0o777).toBe(0o640)
  expect(fs.readdirSync(directory)).toEqual(['r.conf'])
  expect(lines[0]).toContain('CONFIG REWRITE executed with success.')
})

test('is written anew if it has gone', () => {
  const { file, path: at } = fileOf('r.conf')
  expect(file.read()).toBe('')
  file.replace('maxclients 5\n')
  expect(fs.readFileSync(at, 'latin1')).toBe('maxclients 5\n')
})

test('says why it could not be read or replaced, and leaves nothing behind', () => {
  fs.mkdirSync(path.join(directory, 'folder'))
  const { file } = fileOf('folder')
  expect(() => file.read()).toThrow('Is a directory')
  expect(() => file.replace('x')).toThrow()
  expect(fs.readdirSync(directory)).toEqual(['folder'])
  expect(() => fileOf('nowhere/r.conf').file.replace('x')).toThrow('No such file or directory')
  expect(lines.every((line) => line.includes('CONFIG REWRITE failed: '))).toBe(true)
})
