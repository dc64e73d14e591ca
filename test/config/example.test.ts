import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { OPTIONS } from '../../src/config/options.ts'

const TEXT = readFileSync(new URL('../../redis.conf.example', import.meta.url), 'latin1')
const LINES = TEXT.split('\n')

/** A default in force, or one that is the absence of a value: '#name value', without a blank after the '#'. */
const OPTION_LINE = /^#?([a-z][a-z_-]*) .+$/
/** Part of a comment, set in by five blanks. */
const SAMPLE_LINE = /^# {5}([a-z][a-z-]+) (.+)$/

function load(text: string): Config {
  const config = new Config({
    directory: '/data',
    resolveDirectory: (path, current) => (path === '.' ? current : path),
  })
  loadConfigText(config, text, { product: 'Redis 7.4.1', include: () => [] })
  return config
}

function optionNames(): string[] {
  return LINES.flatMap((line) => OPTION_LINE.exec(line)?.[1] ?? [])
}

/** Fails on the first option that has not its default. */
function expectDefaults(config: Config): void {
  const changed = OPTIONS.filter(({ name }) => !config.isDefault(name as 'port')).map(({ name }) => name)
  expect(changed).toEqual([])
}

describe('redis.conf.example', () => {
  test('shows every option that is not hidden, once, by its name of today', () => {
    const shown = [...new Set(optionNames())].sort()
    expect(shown).toEqual(
      OPTIONS.filter((option) => !option.hidden)
        .map((option) => option.name)
        .sort(),
    )
    const repeated = optionNames().filter((name, index, names) => names.indexOf(name) !== index)
    expect(new Set(repeated)).toEqual(new Set(['client-output-buffer-limit']))
  })

  test('changes nothing when it is loaded', () => {
    expectDefaults(load(TEXT))
  })

  test('changes nothing when its commented defaults are loaded too', () => {
    expectDefaults(load(TEXT.replace(/^#(?=[a-z])/gm, '')))
  })

  test('states each default, so that a change made before the file does not survive it', () => {
    // Empty values included; whatever a line leaves open would keep the odd value.
    const odd: Record<string, string[]> = {
      boolean: ['yes', 'no'],
      string: ['x'],
      integer: ['2'],
      memory: ['2mb'],
      octal: ['1'],
      'memory-or-percent': ['1%'],
    }
    for (const option of OPTIONS.filter((one) => !one.hidden && one.type in odd)) {
      const other = odd[option.type]!.find((value) => value !== option.default)!
      if (option.name === 'proc-title-template') continue
      const config = load(`${option.name} ${other}\n${TEXT.replace(/^#(?=[a-z])/gm, '')}`)
      expect([option.name, config.text(option.name as 'port')]).toEqual([option.name, option.default])
    }
  })

  test('gives samples that the server would accept', () => {
    const samples = LINES.flatMap((line) => SAMPLE_LINE.exec(line) ?? []).filter((line) =>
      line.startsWith('#'),
    )
    expect(samples.length).toBeGreaterThan(15)
    for (const sample of samples) expect(() => load(sample.slice(1))).not.toThrow()
  })

  test('explains each group of options above it, in lines of at most 120 characters', () => {
    expect(LINES.filter((line) => line.length > 120)).toEqual([])
    LINES.forEach((line, index) => {
      const isFirst = OPTION_LINE.test(line) && !OPTION_LINE.test(LINES[index - 1]!)
      if (isFirst) expect([line, LINES[index - 1]!.startsWith('# ')]).toEqual([line, true])
    })
  })
})
