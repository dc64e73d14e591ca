import { describe, expect, test } from 'vitest'
import { ReplyError } from '../../src/base/reply-error.ts'
import { Config, type SetCircumstances } from '../../src/config/config.ts'
import { outputBufferLimits, primaryAddress, savePoints, wordsOf } from '../../src/config/list-values.ts'

/** The message of the ReplyError that a CONFIG SET ends in; names and values in turn. */
function refusal(config: Config, words: readonly string[], circumstances?: SetCircumstances): string {
  try {
    config.set(pairs(words), circumstances)
  } catch (error) {
    if (error instanceof ReplyError) return error.message
    throw error
  }
  return 'OK'
}

function pairs(words: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i < words.length; i += 2) found.push([words[i]!, words[i + 1]!])
  return found
}

function failed(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`
}

/** What CONFIG GET says after a CONFIG SET that must succeed. */
function setAndGet(name: string, value: string): string {
  const config = new Config()
  expect(refusal(config, [name, value])).toBe('OK')
  return config.get([name])[0]![1]
}

describe('reading', () => {
  test('gives values by type', () => {
    const config = new Config()
    expect(config.number('maxclients')).toBe(10000)
    expect(config.number('client-query-buffer-limit')).toBe(2 ** 30)
    expect(config.boolean('protected-mode')).toBe(true)
    expect(config.string('maxmemory-policy')).toBe('noeviction')
    config.set([['maxmemory-clients', '7%']])
    expect(config.number('maxmemory-clients')).toBe(-7)
    config.load('unixsocketperm', ['750'], false)
    expect(config.number('unixsocketperm')).toBe(0o750)
  })

  test('gives the structure of lists', () => {
    const config = new Config()
    expect(savePoints(config.text('save'))).toEqual([
      { seconds: 3600, changes: 1 },
      { seconds: 300, changes: 100 },
      { seconds: 60, changes: 10000 },
    ])
    expect(savePoints('')).toEqual([])
    expect(outputBufferLimits(config.text('client-output-buffer-limit')).pubsub).toEqual({
      hardBytes: 33554432,
      softBytes: 8388608,
      softSeconds: 60,
    })
    expect(wordsOf(config.text('bind'))).toEqual(['*', '-::*'])
    expect(primaryAddress(config.text('replicaof'))).toBeUndefined()
    expect(primaryAddress('::1 6379')).toEqual({ host: '::1', port: 6379 })
  })

  test('a watcher hears the value at once and after each real change', () => {
    const config = new Config()
    const heard: number[] = []
    config.watch('timeout', (value) => heard.push(value))
    config.set([['timeout', '5']])
    config.set([['timeout', '5']])
    expect(heard).toEqual([0, 5])
  })

  test('two configurations do not share anything', () => {
    const one = new Config()
    const other = new Config()
    one.set([['timeout', '5']])
    expect(other.number('timeout')).toBe(0)
  })
})

describe('CONFIG GET', () => {
  const config = new Config({ directory: '/data' })

  test('an exact name comes back as it was written', () => {
    expect(config.get(['MaxClients'])).toEqual([['MaxClients', '10000']])
  })

  test('an alias is a name of its own, also for patterns', () => {
    expect(config.get(['lua-time-limit'])).toEqual([['lua-time-limit', '5000']])
    expect(config.get(['hash-max-*-value']).map(([name]) => name)).toEqual([
      'hash-max-listpack-value',
      'hash-max-ziplist-value',
    ])
  })

  test('patterns ignore case, and several patterns give each name once', () => {
    const names = config.get(['PORT', 'p?rt', '[P]ort', 'DIR']).map(([name]) => name)
    expect(names).toEqual(['PORT', 'DIR'])
  })

  test('hidden options appear by their exact name alone', () => {
    expect(config.get(['use-exit-*', '*panic'])).toEqual([])
    expect(config.get(['USE-EXIT-ON-PANIC'])).toEqual([['USE-EXIT-ON-PANIC', 'no']])
  })

  test('an unknown name or an empty pattern finds nothing', () => {
    expect(config.get(['nosuch', '', 'a[b'])).toEqual([])
  })

  test('the star finds all that is not hidden', () => {
    const names = config.get(['*']).map(([name]) => name)
    expect(names.length).toBeGreaterThan(190)
    expect(names).toContain('slaveof')
    expect(names).not.toContain('watchdog-period')
  })
})

describe('CONFIG SET', () => {
  test('refuses what does not exist, or must not be set, before looking at values', () => {
    const config = new Config()
    const unknown = "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"
    expect(refusal(config, ['nosuch', '1', 'alsonot', '2'])).toBe(unknown)
    expect(refusal(config, ['maxclients', 'abc', 'nosuch', '2'])).toBe(unknown)
    const immutable = failed('databases', "can't set immutable config")
    expect(refusal(config, ['maxclients', 'abc', 'databases', '4'])).toBe(immutable)
    expect(refusal(config, ['databases', '4', 'nosuch', '2'])).toBe(immutable)
    expect(refusal(config, ['port', '1', 'Port', '2'])).toBe(failed('Port', 'duplicate parameter'))
  })

  test('an error is one line whatever the name', () => {
    expect(refusal(new Config(), ['a\r\nb', '1'])).toBe(
      "ERR Unknown option or number of arguments for CONFIG SET - 'a  b'",
    )
  })

  test('an alias and its name in one command are two settings of one option', () => {
    const config = new Config()
    expect(refusal(config, ['hash-max-ziplist-value', '1', 'hash-max-listpack-value', '2'])).toBe('OK')
    expect(config.number('hash-max-listpack-value')).toBe(2)
    expect(refusal(config, ['hash-max-ziplist-value', '8', 'hash-max-listpack-value', '9', 'hz', 'x'])).toBe(
      failed('hz', "argument couldn't be parsed into an integer"),
    )
    expect(config.number('hash-max-listpack-value')).toBe(2)
  })

  test.each([
    ['no', {}, false],
    ['no', { isLocal: true }, false],
    ['local', { isLocal: true }, true],
    ['local', { isLocal: false }, false],
    ['yes', {}, true],
  ])(
    'with enable-protected-configs %s and %o, dbfilename can be set: %s',
    (who, circumstances, isAllowed) => {
      const config = new Config()
      config.load('enable-protected-configs', [who], false)
      const answer = refusal(config, ['dbfilename', 'x.rdb'], circumstances)
      expect(answer).toBe(isAllowed ? 'OK' : failed('dbfilename', "can't set protected config"))
    },
  )

  test('is refused for a few options while the dataset is loading', () => {
    const config = new Config()
    expect(refusal(config, ['timeout', '1', 'appendonly', 'yes'], { isLoading: true })).toBe(
      'LOADING Redis is loading the dataset in memory',
    )
    expect(config.number('timeout')).toBe(0)
    expect(refusal(config, ['timeout', '1'], { isLoading: true })).toBe('OK')
  })

  test('sets all or none', () => {
    const config = new Config()
    const heard: number[] = []
    config.watch('maxclients', (value) => heard.push(value))
    expect(refusal(config, ['maxclients', '9000', 'timeout', 'x'])).toBe(
      failed('timeout', "argument couldn't be parsed into an integer"),
    )
    expect(config.number('maxclients')).toBe(10000)
    expect(heard).toEqual([10000])
  })
})

describe('values', () => {
  const integer = "argument couldn't be parsed into an integer"
  const memory = 'argument must be a memory value'
  const percent = 'argument must be a memory or percent value'
  const limits = 'Error in hard, soft or soft_seconds setting in buffer limit configuration.'
  test.each([
    ['appendonly', 'maybe', "argument must be 'yes' or 'no'"],
    ['appendonly', '', "argument must be 'yes' or 'no'"],
    ['maxclients', 'abc', integer],
    ['maxclients', '0', 'argument must be between 1 and 4294967295 inclusive'],
    ['maxclients', '5000000000', 'argument must be between 1 and 4294967295 inclusive'],
    ['maxclients', '99999999999999999999999', integer],
    ['timeout', ' 1', integer],
    ['timeout', '05', integer],
    ['timeout', '+5', integer],
    ['slowlog-max-len', '-1', 'argument must be between 0 and 9223372036854775807 inclusive'],
    ['slowlog-max-len', '9223372036854775808', integer],
    ['maxmemory', '1xb', memory],
    ['maxmemory', '-1', memory],
    ['maxmemory', '1.5gb', memory],
    ['repl-backlog-size', '0', 'argument must be between 1 and 9223372036854775807 inclusive'],
    [
      'proto-max-bulk-len',
      '100000000000gb',
      'argument must be between 1048576 and 9223372036854775807 inclusive',
    ],
    ['maxmemory-clients', '101%', 'percentage argument must be less or equal to 100'],
    ['maxmemory-clients', '9223372036854775808', 'percentage argument must be less or equal to 100'],
    ['maxmemory-clients', '-5', percent],
    ['maxmemory-clients', '-5%', percent],
    ['maxmemory-clients', '05%', percent],
    ['maxmemory-clients', '%', percent],
    ['appendfsync', 'foo', 'argument(s) must be one of the following: everysec, always, no'],
    [
      'loglevel',
      'notice warning',
      'argument(s) must be one of the following: debug, verbose, notice, warning, nothing',
    ],
    ['shutdown-on-sigint', '', 'argument(s) must be one of the following: default, save, nosave, now, force'],
    [
      'shutdown-on-sigint',
      'now  force',
      'argument(s) must be one of the following: default, save, nosave, now, force',
    ],
    ['shutdown-on-sigint', 'save nosave', "shutdown options SAVE and NOSAVE can't be used simultaneously"],
    ['save', '900 1 300', 'Invalid save parameters'],
    ['save', '900 x', 'Invalid save parameters'],
    ['save', '0 1', 'Invalid save parameters'],
    ['save', '1 -1', 'Invalid save parameters'],
    ['save', ' ', 'Invalid save parameters'],
    ['client-output-buffer-limit', 'normal 1', 'Wrong number of arguments in buffer limit configuration.'],
    [
      'client-output-buffer-limit',
      'foo 1 1 1',
      'Invalid client class specified in buffer limit configuration.',
    ],
    ['client-output-buffer-limit', 'normal x 1 1', limits],
    ['client-output-buffer-limit', 'normal 1 1 -1', limits],
    ['client-output-buffer-limit', 'normal 1 1 99999999999999999999', limits],
    ['oom-score-adj-values', '1 2', 'wrong number of arguments'],
    ['oom-score-adj-values', '', 'wrong number of arguments'],
    [
      'oom-score-adj-values',
      '1 2 2001',
      'Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
    ],
    ['notify-keyspace-events', 'q', "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."],
    ['latency-tracking-info-percentiles', '50 x', 'Invalid latency-tracking-info-percentiles parameters'],
    ['latency-tracking-info-percentiles', '50  99', 'Invalid latency-tracking-info-percentiles parameters'],
    [
      'latency-tracking-info-percentiles',
      '50 101',
      'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
    ],
    [
      'latency-tracking-info-percentiles',
      'inf',
      'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
    ],
    ['bind', 'a b c d e f g h i j k l m n o p q', 'Too many bind addresses specified.'],
    ['proc-title-template', '', 'template format is invalid or contains unknown variables'],
    ['proc-title-template', ' {title} ', 'template format is invalid or contains unknown variables'],
    ['proc-title-template', '{title} {foo}', 'template format is invalid or contains unknown variables'],
    ['proc-title-template', '{title', 'template format is invalid or contains unknown variables'],
    [
      'cluster-announce-hostname',
      'a b',
      'Hostnames may only contain alphanumeric characters, hyphens or dots',
    ],
    ['cluster-announce-hostname', 'a'.repeat(256), 'Hostnames must be less than 256 characters'],
    ['cluster-announce-human-nodename', 'a;b', 'Announced human node name contained invalid character'],
  ])('%s %j is refused', (name, value, reason) => {
    expect(refusal(new Config(), [name, value])).toBe(failed(name, reason))
  })

  test.each([
    ['appendonly', 'YES', 'yes'],
    ['maxmemory', '1kb', '1024'],
    ['maxmemory', '1K', '1000'],
    ['maxmemory', '', '0'],
    ['maxmemory', 'kb', '0'],
    ['maxmemory', '18446744073709551615', '18446744073709551615'],
    ['maxmemory', '18446744073709551616', '18446744073709551615'],
    ['maxmemory', '99999999999gb', '15140462030378500096'],
    ['cluster-node-timeout', '9223372036854775807', '9223372036854775807'],
    ['maxmemory-clients', '0%', '0'],
    ['maxmemory-clients', '10%', '10%'],
    ['maxmemory-clients', '9223372036854775807', '9223372036854775807'],
    ['maxmemory-clients', '18446744073709551615', '1%'],
    ['oom-score-adj', 'relative', 'yes'],
    ['maxmemory-policy', 'ALLKEYS-lru', 'allkeys-lru'],
    ['shutdown-on-sigint', 'force now', 'now force'],
    ['shutdown-on-sigint', 'default save', 'save'],
    ['hz', '0', '1'],
    ['hz', '501', '500'],
    ['repl-backlog-size', '1', '16384'],
    ['repl-backlog-size', '9223372036854775807', '9223372036854775807'],
    ['latency-tracking-info-percentiles', '0x10 -0', '16 -0'],
    ['save', '', ''],
    ['save', '900 1 60 10000', '900 1 60 10000'],
    ['save', '1 +1', '1 1'],
    ['save', '99999999999999999999 1', '9223372036854775807 1'],
    ['save', '900 99999999999', '900 1215752191'],
    [
      'client-output-buffer-limit',
      'NORMAL 1mb 2kb 3',
      'normal 1048576 2048 3 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    ],
    [
      'client-output-buffer-limit',
      'replica 1 2 3 slave 4 5 6',
      'normal 0 0 0 slave 4 5 6 pubsub 33554432 8388608 60',
    ],
    ['oom-score-adj-values', '1 2 ', '1 2 0'],
    ['notify-keyspace-events', 'KEA', 'AKE'],
    ['notify-keyspace-events', 'Kg$lshzxetdn', 'AK'],
    ['notify-keyspace-events', 'mtKd', 'tdKm'],
    ['notify-keyspace-events', 'nK', 'nK'],
    ['latency-tracking-info-percentiles', '1e1 99.99900 100 0 33.333333333333', '10 99.999 100 0 33.333333'],
    ['latency-tracking-info-percentiles', '', ''],
    ['bind', '127.0.0.1 -::1', '127.0.0.1 -::1'],
    ['proc-title-template', 'title}', 'title}'],
    ['requirepass', 'a\xff"', 'a\xff"'],
  ])('%s %j reads back as %j', (name, value, shown) => {
    expect(setAndGet(name, value)).toBe(shown)
  })

  test("the class 'n' stays in force beside 'A', where CONFIG GET does not show it", () => {
    const config = new Config()
    config.set([['notify-keyspace-events', 'KAn']])
    expect(config.string('notify-keyspace-events')).toContain('n')
    expect(config.get(['notify-keyspace-events'])).toEqual([['notify-keyspace-events', 'AK']])
  })

  test('a directory is resolved by the function handed in, whose error is the reason', () => {
    const config = new Config({
      directory: '/data',
      resolveDirectory: (path, current) => {
        if (path === 'nowhere') throw new Error('No such file or directory')
        return `${current}/${path}`
      },
    })
    config.load('enable-protected-configs', ['yes'], false)
    expect(refusal(config, ['dir', 'sub'])).toBe('OK')
    expect(config.string('dir')).toBe('/data/sub')
    expect(refusal(config, ['dir', 'nowhere'])).toBe(failed('dir', 'No such file or directory'))
  })
})

describe('applying', () => {
  test('sees all new values, and is called once for several options', () => {
    const config = new Config()
    const seen: string[] = []
    config.onApply(['tls-port', 'tls-cert-file', 'tls-key-file'], () => {
      seen.push(`${config.number('tls-port')} ${config.string('tls-cert-file')}`)
    })
    config.set(pairs(['tls-port', '7000', 'tls-cert-file', 'a.crt']))
    expect(seen).toEqual(['7000 a.crt'])
  })

  test.each([
    ['returns', () => 'Unable to listen on this port. Check server logs.'],
    [
      'throws',
      () => {
        throw new Error('Unable to listen on this port. Check server logs.')
      },
    ],
  ])('a reason it %s undoes the whole change', (_how, refuse) => {
    const config = new Config()
    const timeouts: unknown[] = []
    const heard: number[] = []
    config.watch('timeout', (value) => heard.push(value))
    config.onApply('timeout', (value) => {
      timeouts.push(value)
    })
    config.onApply('port', (value) => (value === 7000 ? refuse() : undefined))
    expect(refusal(config, ['timeout', '9', 'port', '7000'])).toBe(
      failed('port', 'Unable to listen on this port. Check server logs.'),
    )
    expect([config.number('timeout'), config.number('port')]).toEqual([0, 6379])
    expect(timeouts).toEqual([9, 0])
    expect(heard).toEqual([0])
  })

  test('happens again for a file that may have changed, not for an equal number', () => {
    const config = new Config()
    let calls = 0
    config.onApply(['tls-cert-file', 'tls-port'], () => {
      calls++
    })
    config.set([['tls-cert-file', '']])
    config.set([['tls-port', '0']])
    expect(calls).toBe(1)
  })
})
