import { beforeEach, describe, expect, test } from 'vitest'
import { Session } from '../../src/command/session.ts'
import { DEFAULT_PACKED_THRESHOLD, type DebugTargets, debugCommands } from '../../src/commands/debug.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'
import { KEY_FAMILIES } from '../support/key-harness.ts'

let server: Harness
let show: (command: string) => string
let access: string
let done: string[]
let targets: DebugTargets
let problem: string | undefined

beforeEach(() => {
  access = 'yes'
  done = []
  problem = undefined
  targets = {
    enabledFor: () => access,
    sleep: (milliseconds) => done.push(`sleep ${milliseconds}`),
    log: (text) => done.push(`log ${text}`),
    loadLog: () => true,
    setLogDelay: () => {},
    rewriteConfig: () => {
      if (problem !== undefined) throw new Error(problem)
      done.push('rewrite')
    },
    expiry: { isEnabled: true },
    reloading: { isLoading: false, save: () => true, reload: () => true, skipsChecksums: false },
    isCronPaused: false,
    packedThreshold: DEFAULT_PACKED_THRESHOLD,
  }
  server = new Harness([...KEY_FAMILIES, debugCommands(targets)])
  show = (command) => server.show(command)
})

/** What is said of a table of 3,000 elements has to agree with itself, and with chance. */
function checkChains(text: string): void {
  const number = (name: string) => Number(new RegExp(`${name}: ([0-9.]+)`).exec(text)![1])
  const chains = [...text.matchAll(/ {3}(\d+): (\d+) \((\d+\.\d\d)%\)/g)].map((match) =>
    match.slice(1).map(Number),
  )
  const sum = (of: (length: number, slots: number) => number) =>
    chains.reduce((total, [length, slots]) => total + of(length!, slots!), 0)
  expect(sum((_, slots) => slots)).toBe(number('table size'))
  expect(sum((length, slots) => length * slots)).toBe(3000)
  expect(sum((length, slots) => (length > 0 ? slots : 0))).toBe(number('different slots'))
  expect(chains.at(-1)![0]).toBe(number('max chain length'))
  expect(number('different slots')).toBeGreaterThan(2000)
  expect(number('max chain length')).toBeGreaterThan(1)
  expect(number('max chain length')).toBeLessThan(12)
}

const NOT_ALLOWED =
  '(error) ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.'

describe('DEBUG', () => {
  test('is for whom enable-debug-command says', () => {
    access = 'no'
    expect(show('DEBUG DIGEST')).toBe(NOT_ALLOWED)
    expect(show('DEBUG NONSENSE')).toBe(NOT_ALLOWED)
    access = 'local'
    expect(show('DEBUG SLEEP 0')).toBe('+OK')
    const remote = new Session(2, { ...server.client.peer, address: '203.0.113.7:50000' }, 0)
    expect(server.show('DEBUG SLEEP 0', remote)).toBe(NOT_ALLOWED)
  })

  test.each([
    'NONSENSE',
    'SLEEP',
    'SLEEP 1 2',
    'DIGEST x',
    'POPULATE',
    'POPULATE 1 a 2 3',
    'REPLYBUFFER FOO 1',
  ])('DEBUG %s is an unknown subcommand or has the wrong number of arguments', (call) => {
    const word = call.split(' ')[0]
    expect(show(`DEBUG ${call}`)).toBe(
      `(error) ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`,
    )
  })

  test('CONFIG-REWRITE-FORCE-ALL rewrites the configuration, or says why it could not', () => {
    expect(show('DEBUG CONFIG-REWRITE-FORCE-ALL')).toBe('+OK')
    expect(done).toEqual(['rewrite'])
    problem = 'Bad address'
    expect(show('DEBUG CONFIG-REWRITE-FORCE-ALL')).toBe(
      '(error) ERR CONFIG-REWRITE-FORCE-ALL failed: Bad address',
    )
  })

  test('SLEEP stops for so many seconds; what is no number means none', () => {
    for (const time of ['0.25', 'abc', '-1', '1e1', 'inf']) expect(show(`DEBUG SLEEP ${time}`)).toBe('+OK')
    expect(done).toEqual(['sleep 250', 'sleep 0', 'sleep 0', 'sleep 10000', 'sleep 0'])
  })

  test('switches take what atoi reads', () => {
    expect(show('DEBUG SET-ACTIVE-EXPIRE 0')).toBe('+OK')
    expect(targets.expiry.isEnabled).toBe(false)
    expect(show('debug set-active-expire 1x')).toBe('+OK')
    expect(targets.expiry.isEnabled).toBe(true)
    show('DEBUG SET-ACTIVE-EXPIRE x')
    expect(targets.expiry.isEnabled).toBe(false)
    show('DEBUG PAUSE-CRON 1')
    expect(targets.isCronPaused).toBe(true)
    show('DEBUG PAUSE-CRON 0')
    expect(targets.isCronPaused).toBe(false)
  })

  test('LOG writes to the log, ERROR replies with an error', () => {
    expect(show('DEBUG LOG "hello world"')).toBe('+OK')
    expect(done).toEqual(['log hello world'])
    expect(show('DEBUG ERROR "FOO a\\nb"')).toBe('(error) FOO a b')
    expect(show('DEBUG ERROR ""')).toBe('(error) ')
  })

  test('QUICKLIST-PACKED-THRESHOLD takes sizes below 4 GB, 0 for the default', () => {
    expect(show('DEBUG QUICKLIST-PACKED-THRESHOLD 100b')).toBe('+OK')
    expect(targets.packedThreshold).toBe(100)
    expect(show('DEBUG QUICKLIST-PACKED-THRESHOLD 0')).toBe('+OK')
    expect(targets.packedThreshold).toBe(DEFAULT_PACKED_THRESHOLD)
    for (const size of ['abc', '4gb', '-1']) {
      expect(show(`DEBUG QUICKLIST-PACKED-THRESHOLD ${size}`)).toBe(
        '(error) ERR argument must be a memory value bigger than 1 and smaller than 4gb',
      )
    }
    expect(targets.packedThreshold).toBe(DEFAULT_PACKED_THRESHOLD)
  })

  test('REPLYBUFFER checks what it is told', () => {
    for (const call of [
      'PEAK-RESET-TIME never',
      'PEAK-RESET-TIME RESET',
      'PEAK-RESET-TIME 10',
      'RESIZING 0',
    ]) {
      expect(show(`DEBUG REPLYBUFFER ${call}`)).toBe('+OK')
    }
    expect(show('DEBUG REPLYBUFFER PEAK-RESET-TIME x')).toBe(
      '(error) ERR value is not an integer or out of range',
    )
  })

  test('STRINGMATCH-LEN says whether a string matches', () => {
    expect(show('DEBUG STRINGMATCH-LEN a*c abbc')).toBe('(integer) 1')
    expect(show('DEBUG STRINGMATCH-LEN a*c abbd')).toBe('(integer) 0')
    const stars = 'a*'.repeat(2000)
    expect(show(`DEBUG STRINGMATCH-LEN ${stars}b ${'a'.repeat(5000)}`)).toBe('(integer) 0')
  })

  test('OBJECT describes a value, expired or not', () => {
    server.run('SET a 7')
    server.clock.advance(3000)
    expect(show('DEBUG OBJECT a')).toMatch(
      /^\+Value at:0x[0-9a-f]+ refcount:2147483647 encoding:int serializedlength:2 lru:\d+ lru_seconds_idle:3$/,
    )
    server.run('SET b abc PX 1')
    server.clock.advance(1)
    expect(show('DEBUG OBJECT b')).toContain('refcount:1 encoding:embstr serializedlength:4 ')
    expect(show('DEBUG OBJECT nothing')).toBe('(error) ERR no such key')
  })

  test.each([
    // Recorded from redis-server 7.0.15, for values that do not compress.
    ['127', 2],
    ['128', 3],
    ['-32768', 3],
    ['32768', 5],
    ['2147483648', 11],
    ['-2147483648', 5],
    ['abcdefghij', 11],
  ])('OBJECT tells the length in an RDB file: %s', (value, length) => {
    server.run(['SET', 'a', value])
    expect(show('DEBUG OBJECT a')).toContain(` serializedlength:${length} `)
  })

  test('HTSTATS tells about the tables, HTSTATS-KEY about values that are one', () => {
    for (let i = 0; i < 100; i++) server.run(`SET key:${i} x`)
    expect(show('DEBUG HTSTATS 0')).toMatch(/\[Dictionary HT\].*table size: 128.*number of elements: 100/)
    expect(show('DEBUG HTSTATS 0 full')).toContain('No stats available for empty dictionaries')
    expect(show('DEBUG HTSTATS 16')).toBe('(error) ERR Out of range database')
    expect(show('DEBUG HTSTATS x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('DEBUG HTSTATS-KEY nothing')).toBe('(error) ERR no such key')
    expect(show('DEBUG HTSTATS-KEY key:1')).toBe(
      '(error) ERR The value stored at the specified key is not represented using an hash table',
    )
  })

  test('HTSTATS-KEY tells about large sets, hashes and sorted sets, and of no others', () => {
    const server = new Harness([
      ...KEY_FAMILIES,
      setCommands,
      hashCommands,
      sortedSetCommands,
      debugCommands(targets),
    ])
    for (const [add, one] of [
      ['SADD', (i: number) => `m${i}`],
      ['HSET', (i: number) => `m${i} v`],
      ['ZADD', (i: number) => `${i} m${i}`],
    ] as const) {
      const items = Array.from({ length: 3000 }, (_, i) => one(i))
      server.run(`${add} small ${items[0]}`)
      expect(server.show('DEBUG HTSTATS-KEY small')).toContain('not represented using an hash table')
      server.run(`${add} large ${items.join(' ')}`)
      const short = server.show('DEBUG HTSTATS-KEY large')
      expect(short).toContain('number of elements: 3000')
      expect(short).not.toContain('chain')
      checkChains(server.show('DEBUG HTSTATS-KEY large FULL'))
      server.run('DEL small large')
    }
  })

  test('HTSTATS in full counts the chains of the keys', () => {
    server.run('DEBUG POPULATE 3000')
    checkChains(show('DEBUG HTSTATS 0 full'))
  })

  test('DIGEST and DIGEST-VALUE are what redis-server says', () => {
    server.run('SET a 1')
    server.run('SET b 2 PX 10000000')
    server.run('SET c abc')
    expect(show('DEBUG DIGEST')).toBe('+da9c89b8aa214cc2f01a369ca1dcc6330f102498')
    expect(show('DEBUG DIGEST-VALUE b nothing')).toBe(
      '[+2daece6f5f01a9d30bbb5eba5348d1ec0849e44a, +0000000000000000000000000000000000000000]',
    )
    expect(show('DEBUG DIGEST-VALUE')).toBe('[]')
  })

  test('HELP names every subcommand', () => {
    const help = show('DEBUG HELP')
    for (const word of ['DIGEST', 'ERROR', 'HTSTATS-KEY', 'POPULATE', 'PROTOCOL', 'SLEEP', 'HELP']) {
      expect(help).toContain(`+${word}`)
    }
  })
})

describe('DEBUG POPULATE', () => {
  test('makes numbered strings and leaves alone what exists', () => {
    server.run('SET key:1 mine')
    expect(show('DEBUG POPULATE 3')).toBe('+OK')
    expect(show('MGET key:0 key:1 key:2')).toBe('["value:0", "mine", "value:2"]')
    expect(show('DBSIZE')).toBe('(integer) 3')
  })

  test('takes a prefix and a size: values are cut off or filled up with zeros', () => {
    show('DEBUG POPULATE 1 short 3')
    show('DEBUG POPULATE 1 long 50')
    expect(show('GET short:0')).toBe('"val"')
    expect(show('OBJECT ENCODING short:0')).toBe('"embstr"')
    expect(server.run('GET long:0')).toEqual({ type: 'bulk', text: 'value:0'.padEnd(50, '\0') })
    expect(show('OBJECT ENCODING long:0')).toBe('"raw"')
  })

  test('cuts names off at 127 bytes, so that keys may meet', () => {
    show(`DEBUG POPULATE 3 ${'z'.repeat(125)}`)
    expect(show('DBSIZE')).toBe('(integer) 3')
    show(`DEBUG POPULATE 3 ${'y'.repeat(150)}`)
    expect(show('DBSIZE')).toBe('(integer) 4')
  })

  test('is no change to save, log or replicate, but a change to who watches', () => {
    const watched: string[] = []
    server.keyspace.observers.watch = {
      keyChanged: (_db, key) => watched.push(Buffer.from(key.copy()).toString()),
      flushing() {},
      swapping() {},
    }
    const events = recordEvents(server.keyspace)
    server.recordPropagation()
    show('DEBUG POPULATE 2')
    expect(server.keyspace.dirty).toBe(0)
    expect(server.propagated).toEqual([])
    expect(watched).toEqual(['key:0', 'key:1'])
    expect(events).toEqual(['0 new key:0', '0 new key:1'])
  })

  test.each(['abc', '-1', '1 p x', '1 p -1'])('refuses %s', (args) => {
    expect(show(`DEBUG POPULATE ${args}`)).toBe('(error) ERR value is out of range, must be positive')
  })
})

describe('DEBUG PROTOCOL', () => {
  const number = '1234567999999999999999999999999999999'
  // Recorded from redis-server 7.0.15: type, in RESP2, in RESP3.
  test.each([
    ['string', '$11\r\nHello World\r\n', '$11\r\nHello World\r\n'],
    ['integer', ':12345\r\n', ':12345\r\n'],
    ['double', '$5\r\n3.141\r\n', ',3.141\r\n'],
    ['bignum', `$37\r\n${number}\r\n`, `(${number}\r\n`],
    ['null', '$-1\r\n', '_\r\n'],
    ['array', '*3\r\n:0\r\n:1\r\n:2\r\n', '*3\r\n:0\r\n:1\r\n:2\r\n'],
    ['set', '*3\r\n:0\r\n:1\r\n:2\r\n', '~3\r\n:0\r\n:1\r\n:2\r\n'],
    ['map', '*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n', '%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n'],
    [
      'attrib',
      '$39\r\nSome real reply following the attribute\r\n',
      '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n',
    ],
    [
      'push',
      '-ERR RESP2 is not supported by this command\r\n',
      '>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n',
    ],
    ['verbatim', '$25\r\nThis is a verbatim\nstring\r\n', '=29\r\ntxt:This is a verbatim\nstring\r\n'],
    ['true', ':1\r\n', '#t\r\n'],
    ['FALSE', ':0\r\n', '#f\r\n'],
  ])('%s', (type, inResp2, inResp3) => {
    const { dispatcher, client } = server
    for (const [protocol, expected] of [
      [2, inResp2],
      [3, inResp3],
    ] as const) {
      client.protocol = protocol
      dispatcher.request.load(['DEBUG', 'PROTOCOL', type].map((word) => Buffer.from(word)))
      dispatcher.begin(client)
      dispatcher.execute(dispatcher.request)
      dispatcher.end()
      expect(dispatcher.reply.take().toString()).toBe(expected)
    }
  })

  test('another type is an error that names them all', () => {
    expect(show('DEBUG PROTOCOL foo')).toBe(
      '(error) ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
    )
  })
})
