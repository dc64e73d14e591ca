import { describe, expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import {
  ConfigFileError,
  type ConfigFileWorld,
  loadConfigText,
  UnreadableConfigFile,
} from '../../src/config/config-file.ts'

const WORLD: ConfigFileWorld = { product: 'Redis 7.4.1' }

function load(text: string, world: Partial<ConfigFileWorld> = {}): Config {
  const config = new Config({ directory: '/data' })
  loadConfigText(config, text, { ...WORLD, ...world })
  return config
}

function errorOf(text: string, world: Partial<ConfigFileWorld> = {}): unknown {
  try {
    load(text, world)
  } catch (error) {
    return error
  }
  return undefined
}

function fault(line: number, shown: string, reason: string): ConfigFileError {
  return new ConfigFileError(
    `\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\nReading the configuration file, at line ${line}\n>>> '${shown}'\n${reason}\n`,
  )
}

/** The files that an include can find. */
function files(texts: Record<string, string | string[]>): Partial<ConfigFileWorld> {
  return {
    include: (pattern) => {
      const found = texts[pattern]
      if (found === undefined) throw new Error('No such file or directory')
      return typeof found === 'string' ? [found] : found
    },
  }
}

describe('lines', () => {
  test('may be blank, comments, indented, quoted, in any case, ended by CR LF', () => {
    const config = load('# x\n\n  \tMaxClients 5\r\n"timeout" \'7\'\nport\t1')
    expect(config.number('maxclients')).toBe(5)
    expect(config.number('timeout')).toBe(7)
    expect(config.number('port')).toBe(1)
  })

  test('keep bytes, also those which are blanks to JavaScript', () => {
    expect(load('requirepass "\\xff\\x00"\n').string('requirepass')).toBe('\xff\x00')
    expect(load('requirepass \xc3\xa0\n').string('requirepass')).toBe('\xc3\xa0')
  })

  test.each([
    ['nosuch 1', 'Bad directive or wrong number of arguments'],
    ['""', 'Bad directive or wrong number of arguments'],
    ['maxclients', 'wrong number of arguments'],
    ['maxclients 1 2', 'wrong number of arguments'],
    ['maxclients 5 # comment', 'wrong number of arguments'],
    ['maxclients abc', "argument couldn't be parsed into an integer"],
    ['maxclients "abc', 'Unbalanced quotes in configuration line'],
    ['maxclients "1"x', 'Unbalanced quotes in configuration line'],
    ['include', 'Bad directive or wrong number of arguments'],
    ['include a b', 'Bad directive or wrong number of arguments'],
    ['rename-command GET', 'Bad directive or wrong number of arguments'],
    ['user', 'Bad directive or wrong number of arguments'],
    ['loadmodule', 'Bad directive or wrong number of arguments'],
    ['sentinel monitor a 1 2 3', 'sentinel directive while not in sentinel mode'],
    ['foo.bar', 'Module config specified without value'],
    ['list-max-ziplist-value 1 2', 'Bad directive or wrong number of arguments'],
    ['unixsocketperm 999', "argument couldn't be parsed as an octal number"],
    ['unixsocketperm 7777', 'argument must be between 0 and 777 inclusive'],
    ['unixsocketperm -1', 'argument must be between 0 and 777 inclusive'],
    ['replicaof a', 'wrong number of arguments'],
    ['replicaof a b', 'Invalid master port'],
    ['replicaof a 99999', 'Invalid master port'],
    ['dbfilename a/b', "dbfilename can't be a path, just a filename"],
    ['appendfilename a/b', "appendfilename can't be a path, just a filename"],
    ['appendfilename ""', "appendfilename can't be empty"],
    ['appenddirname a/b', "appenddirname can't be a path, just a dirname"],
    ['appenddirname ""', "appenddirname can't be empty"],
    ['save 1 2 ""', 'Invalid save parameters'],
    ['save "1 2" "3 4"', 'Invalid save parameters'],
    ['client-output-buffer-limit ""', 'Wrong number of arguments in buffer limit configuration.'],
    [
      'oom-score-adj-values "1 2 3" 4 5',
      'Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
    ],
    ['shutdown-on-sigint', 'argument(s) must be one of the following: default, save, nosave, now, force'],
    ['notify-keyspace-events K E', 'wrong number of arguments'],
  ])('%s is refused', (line, reason) => {
    expect(errorOf(`# x\n\n  ${line}  \nport 1\n`)).toEqual(fault(3, line, reason))
  })

  test('what older versions knew is still passed over', () => {
    expect(errorOf('list-max-ziplist-entries 5\nlua-replicate-commands yes\nsentinel\n')).toBeUndefined()
  })

  test('a replica cannot be a cluster node', () => {
    expect(errorOf('cluster-enabled yes\nreplicaof a 1\n')).toEqual(
      new ConfigFileError(
        '\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\nreplicaof directive not allowed in cluster mode\n',
      ),
    )
  })

  test('watchers hear the loaded value', () => {
    const config = new Config()
    const heard: number[] = []
    config.watch('timeout', (value) => heard.push(value))
    loadConfigText(config, 'timeout 1\ntimeout 2\n', WORLD)
    expect(heard).toEqual([0, 2])
  })

  test('no bytes whatever do more than raise a configuration error', () => {
    let seed = 1
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647
      return seed % below
    }
    const pieces = [
      'save ',
      'bind ',
      '"',
      "'",
      '\\x',
      ' ',
      '\n',
      '-1',
      '9'.repeat(25),
      'user ',
      'dir ',
      '\0',
      '\xff',
      'oom-score-adj-values ',
      '%',
      'maxmemory-clients ',
      'client-output-buffer-limit ',
      'normal ',
      '{',
      'proc-title-template ',
      'latency-tracking-info-percentiles ',
      'unixsocketperm ',
      'gb',
      'maxmemory ',
      'e',
      '.',
      'replicaof ',
    ]
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join('')
      const error = errorOf(text)
      if (error !== undefined) expect(error).toBeInstanceOf(ConfigFileError)
    }
  })
})

describe('options of several words and lines', () => {
  test.each([
    ['', '3600 1 300 100 60 10000'],
    ['save 1 2\nsave 3 4 5 6', '1 2 3 4 5 6'],
    ['save 1 2\nsave ""\nsave 3 4', '3 4'],
    ['save', ''],
    ['save ""', ''],
    ['save "1 2 3 4"', '1 2 3 4'],
    ['save " 1  2"', '1 2'],
  ])('%j makes the save points %j', (text, save) => {
    expect(load(text).text('save')).toBe(save)
  })

  test.each([
    ['bind', 'bind "1.1.1.1 2.2.2.2"', '1.1.1.1 2.2.2.2'],
    ['bind', 'bind -1.1.1.1\nbind -2.2.2.2 ::1', '-2.2.2.2 ::1'],
    ['bind', 'bind ""', ''],
    ['bind', 'bind', ''],
    ['bind', `bind "'127.0.0.1' ::1"`, '127.0.0.1 ::1'],
    [
      'client-output-buffer-limit',
      'client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit pubsub 4 5 6',
      'normal 1 2 3 slave 268435456 67108864 60 pubsub 4 5 6',
    ],
    ['shutdown-on-sigint', 'shutdown-on-sigint save now', 'save now'],
    ['shutdown-on-sigint', 'shutdown-on-sigint "save  now"', 'save now'],
    ['oom-score-adj-values', 'oom-score-adj-values 1 +2 " 3"', '1 2 3'],
    ['oom-score-adj-values', 'oom-score-adj-values 1 2 ""', '1 2 0'],
    [
      'latency-tracking-info-percentiles',
      'latency-tracking-info-percentiles 50 99\nlatency-tracking-info-percentiles 10',
      '10',
    ],
    ['latency-tracking-info-percentiles', 'latency-tracking-info-percentiles', ''],
    ['replicaof', 'slaveof 1.1.1.1 1\nreplicaof 2.2.2.2 2', '2.2.2.2 2'],
    ['replicaof', 'replicaof 1.1.1.1 1\nreplicaof NO one', ''],
    ['replicaof', 'replicaof a ""', 'a 0'],
    ['unixsocketperm', 'unixsocketperm 0700', '700'],
    ['unixsocketperm', 'unixsocketperm ""', '0'],
  ] as const)('%s: %j gives %j', (name, text, value) => {
    expect(load(text).text(name)).toBe(value)
  })

  test('lines that are no options are kept for those whom they concern', () => {
    const config = load('rename-command GET ""\nuser bob on >pw\nloadmodule /m.so a b\nfoo.bar 1\n')
    expect(config.renamedCommands).toEqual([['GET', '']])
    expect(config.users).toEqual([['bob', 'on', '>pw']])
    expect(config.modules).toEqual([['/m.so', 'a', 'b']])
    expect(config.moduleOptions).toEqual([['foo.bar', '1']])
  })

  test('and judged by them', () => {
    const world = {
      renameCommand: (from: string) => (from === 'NOSUCH' ? 'No such command in rename-command' : undefined),
      defineUser: () => "Error in user declaration 'bob': Syntax error",
    }
    expect(errorOf('rename-command GET x\nrename-command NOSUCH x', world)).toEqual(
      fault(2, 'rename-command NOSUCH x', 'No such command in rename-command'),
    )
    expect(errorOf('user bob on nosuchrule', world)).toEqual(
      fault(1, 'user bob on nosuchrule', "Error in user declaration 'bob': Syntax error"),
    )
  })
})

describe('include', () => {
  test('puts the texts in its place, one after the other', () => {
    const world = files({ '*.conf': ['maxclients 9\nmaxmemory 1', 'maxclients 8'] })
    expect(load('maxclients 7\ninclude *.conf\n', world).number('maxclients')).toBe(8)
    expect(load('include *.conf\nmaxclients 7\n', world).number('maxclients')).toBe(7)
  })

  test('save points add up across files', () => {
    expect(load('save 1 2\ninclude a\nsave 5 6', files({ a: 'save 3 4' })).text('save')).toBe('1 2 3 4 5 6')
  })

  test('an error tells the line of the included text', () => {
    expect(errorOf('# x\ninclude a\n', files({ a: '\n#\nmaxclients y\n' }))).toEqual(
      fault(3, 'maxclients y', "argument couldn't be parsed into an integer"),
    )
  })

  test('a file that cannot be read ends the start', () => {
    expect(errorOf('include nosuch\n', files({}))).toEqual(
      new UnreadableConfigFile('nosuch', 'No such file or directory'),
    )
    const include = () => {
      throw new UnreadableConfigFile('conf.d/a.conf', 'Permission denied')
    }
    expect(errorOf('include conf.d/*\n', { include })).toEqual(
      new UnreadableConfigFile('conf.d/a.conf', 'Permission denied'),
    )
    expect((errorOf('include x\n') as UnreadableConfigFile).message).toContain("can't open config file 'x'")
  })

  test('a file that includes itself is an error, not a crash', () => {
    expect(errorOf('include a', files({ a: 'include a' }))).toBeInstanceOf(UnreadableConfigFile)
  })
})
