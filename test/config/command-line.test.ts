import { describe, expect, test } from 'vitest'
import { parseCommandLine, type RunCommandLine, wholeConfigText } from '../../src/config/command-line.ts'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'

function run(...args: string[]): RunCommandLine {
  const parsed = parseCommandLine(args)
  if (parsed.kind !== 'run') throw new Error(`parsed as ${parsed.kind}`)
  return parsed
}

function configOf(args: readonly string[], file = ''): Config {
  const config = new Config()
  loadConfigText(config, wholeConfigText(file, '', run(...args).options), { product: 'Redis 7.4.1' })
  return config
}

function errorOf(args: readonly string[], file = ''): string {
  try {
    configOf(args, file)
  } catch (error) {
    return (error as { message: string }).message.split('\n').slice(2).join('|')
  }
  return 'none'
}

describe('what comes instead of a start', () => {
  test.each([
    [['-v'], { kind: 'version' }],
    [['--version', '--port', '3'], { kind: 'version' }],
    [['-h'], { kind: 'help' }],
    [['--help', 'x'], { kind: 'help' }],
    [['--check-system'], { kind: 'check-system' }],
    [['--test-memory', '10'], { kind: 'test-memory', megabytes: '10' }],
    [['--test-memory'], { kind: 'test-memory', megabytes: undefined }],
    [['--test-memory', 'a', 'b'], { kind: 'test-memory', megabytes: undefined }],
  ])('%j', (args, expected) => {
    expect(parseCommandLine(args)).toEqual(expected)
  })

  test('counts as the first argument only', () => {
    expect(errorOf(['--port', '3', '--version'])).toContain(">>> 'version'")
    expect(errorOf(['--port', '3', '-v'])).toContain(`>>> 'port "3" "-v"'|wrong number of arguments`)
  })
})

describe('the file', () => {
  test('is the first argument unless that begins with a dash', () => {
    expect(run('a.conf', '--port', '1').file).toBe('a.conf')
    expect(run('--port', '1').file).toBeUndefined()
    expect(run().file).toBeUndefined()
    expect(run('', '--port', '1')).toMatchObject({ file: undefined, options: 'port "1" ' })
  })

  test.each([
    [['-'], undefined, true],
    [['-', '--port', '1'], undefined, true],
    [['--port', '1', '-'], undefined, true],
    [['a.conf', '-'], 'a.conf', true],
    [['a.conf', '--port', '1', '-'], 'a.conf', true],
    [['a.conf', '-', '--port', '1'], 'a.conf', false],
    [['--port', '1'], undefined, false],
  ])('%j: file %s, standard input %s', (args, file, readsStdin) => {
    expect(run(...args)).toMatchObject({ file, readsStdin })
  })

  test('comes before standard input, which comes before the options', () => {
    expect(wholeConfigText('a\n', 'b\n', 'c')).toBe('a\nb\n\nc')
    expect(wholeConfigText('a\n', '', '')).toBe('a\n')
  })

  test('--sentinel is noticed anywhere', () => {
    expect(run('a.conf', '--port', '1', '--sentinel').isSentinel).toBe(true)
    expect(run('a.conf').isSentinel).toBe(false)
  })
})

describe('options', () => {
  test.each([
    [['--maxclients', '5'], 'maxclients', '5'],
    [['--maxclients 5'], 'maxclients', '5'],
    [['--  maxclients 5'], 'maxclients', '5'],
    [['--MAXCLIENTS', '5'], 'maxclients', '5'],
    [['--save', '1', '2', '3', '4'], 'save', '1 2 3 4'],
    [['--save', '1 2 3 4'], 'save', '1 2 3 4'],
    [['--save 1 1 '], 'save', '1 1'],
    [['--save 1', '2'], 'save', '1 2'],
    [['--save', ''], 'save', ''],
    [['--save', '""'], 'save', ''],
    [['--save'], 'save', ''],
    [['--save', '--maxclients', '5'], 'maxclients', '5'],
    [['--SAVE', '--maxclients', '5'], 'save', ''],
    [['--save', '--save', '1', '2'], 'save', '1 2'],
    [['--port 0', '--maxclients', '5'], 'maxclients', '5'],
    [['--logfile', '--foo'], 'logfile', '--foo'],
    [['--masterauth', 'a b'], 'masterauth', 'a b'],
    [['--masterauth', '"a b"'], 'masterauth', '"a b"'],
    [['--masterauth', '\\x41'], 'masterauth', '\\x41'],
    [['--masterauth', 'a\nmaxclients 3'], 'masterauth', 'a\nmaxclients 3'],
    [['--masterauth', '#é'], 'masterauth', '#\xc3\xa9'],
    [['--masterauth', ''], 'masterauth', ''],
    [['--loglevel "debug"'], 'loglevel', 'debug'],
    [['--bind', '-1.1.1.1', '-2.2.2.2'], 'bind', '-1.1.1.1 -2.2.2.2'],
    [['--oom-score-adj-values', '1', '2', '-3'], 'oom-score-adj-values', '1 2 -3'],
    [['--shutdown-on-sigint', 'nosave force'], 'shutdown-on-sigint', 'nosave force'],
    [['--'], 'loglevel', 'notice'],
  ] as const)('%j sets %s to %j', (args, name, value) => {
    expect(configOf(args).text(name)).toBe(value)
  })

  test('win over the file, and add to its save points', () => {
    expect(configOf(['--maxclients', '5'], 'maxclients 4\n').number('maxclients')).toBe(5)
    expect(configOf(['--save', '3', '4'], 'save 1 2\n').text('save')).toBe('1 2 3 4')
    expect(configOf(['--save', ''], 'save 1 2\n').text('save')).toBe('')
  })

  test.each([
    [
      ['--nosuch', '1'],
      `Reading the configuration file, at line 2|>>> 'nosuch "1"'|Bad directive or wrong number of arguments|`,
    ],
    [
      ['--port', '1', '--loglevel'],
      `Reading the configuration file, at line 3|>>> 'loglevel'|wrong number of arguments|`,
    ],
    [
      ['--loglevel', '--port', '0'],
      `Reading the configuration file, at line 2|>>> 'loglevel "--port" "0"'|wrong number of arguments|`,
    ],
    [
      ['-loglevel', 'debug'],
      `Reading the configuration file, at line 2|>>> '"-loglevel" "debug"'|Bad directive or wrong number of arguments|`,
    ],
    [
      ['--', '--loglevel', 'debug'],
      `Reading the configuration file, at line 2|>>> '"--loglevel" "debug"'|Bad directive or wrong number of arguments|`,
    ],
    [
      ['--save ', '--loglevel', 'debug'],
      `Reading the configuration file, at line 2|>>> 'save  "--loglevel" "debug"'|Invalid save parameters|`,
    ],
    [
      ['--port 0 --maxclients 4'],
      `Reading the configuration file, at line 2|>>> 'port 0 --maxclients 4'|wrong number of arguments|`,
    ],
    [
      ['--loglevel "debug'],
      `Reading the configuration file, at line 2|>>> 'loglevel "debug'|Unbalanced quotes in configuration line|`,
    ],
  ])('%j is refused', (args, expected) => {
    expect(errorOf(args)).toBe(expected)
  })

  test('count lines after those of the file', () => {
    expect(errorOf(['x.conf', '--loglevel', 'x'], 'port 0\ntimeout 1\nmaxclients 9\n')).toContain(
      'at line 5|',
    )
    expect(errorOf(['x.conf', '--loglevel', 'x'], 'port 0\ntimeout 1\nmaxclients 9')).toContain('at line 4|')
  })
})
