import { beforeEach, describe, expect, test } from 'vitest'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { LIST } from '../../src/types/value-type.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, putOtherType, recordEvents } from './stored.ts'

const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'

let server: Harness
const show = (...command: string[]) => server.show(command.length === 1 ? command[0]! : command)

beforeEach(() => {
  server = new Harness([hashCommands, keyCommands, keyExpiryCommands], 1, 1)
})

test('every command on hashes refuses other types, and leaves them alone', () => {
  putOtherType(server, 'list', LIST)
  const refused = [
    'HSET list f v',
    'HMSET list f v',
    'HSETNX list f v',
    'HGET list f',
    'HMGET list f',
    'HGETALL list',
    'HKEYS list',
    'HVALS list',
    'HLEN list',
    'HSTRLEN list f',
    'HEXISTS list f',
    'HDEL list f',
    'HINCRBY list f 1',
    'HINCRBYFLOAT list f 1',
    'HRANDFIELD list',
    'HRANDFIELD list 1',
    'HSCAN list 0',
    'HEXPIRE list 1 FIELDS 1 f',
    'HPEXPIRE list x FIELDS 1 f',
    'HEXPIREAT list 1 FIELDS 1 f',
    'HPEXPIREAT list 1 FIELDS 1 f',
    'HPERSIST list FIELDS 1 f',
    'HTTL list FIELDS 1 f',
    'HPTTL list FIELDS 1 f',
    'HEXPIRETIME list FIELDS 1 f',
    'HPEXPIRETIME list FIELDS 1 f',
    'HGETDEL list FIELDS 1 f',
    'HGETEX list FIELDS 1 f',
    'HSETEX list FIELDS 1 f v',
  ]
  const { dirty } = server.keyspace
  for (const command of refused) expect([command, show(command)]).toEqual([command, WRONG_TYPE])
  expect(server.keyspace.dirty).toBe(dirty)
})

describe('HSET, HMSET and HSETNX', () => {
  test('count fields that are new, and changes', () => {
    expect(show('HSET h a 1 b 2 a 3')).toBe('(integer) 2')
    expect(show('HSET h a 4 c 5')).toBe('(integer) 1')
    expect(show('HMSET h a 6')).toBe('+OK')
    expect(show('HSETNX h a 7')).toBe('(integer) 0')
    expect(show('HSETNX h d 8')).toBe('(integer) 1')
    expect(show('HGETALL h')).toBe('["a", "6", "b", "2", "c", "5", "d", "8"]')
    expect(server.keyspace.dirty).toBe(7)
  })

  test('want a value for each field', () => {
    expect(show('HSET h a 1 b')).toBe("(error) ERR wrong number of arguments for 'hset' command")
    expect(show('HMSET h a 1 b')).toBe("(error) ERR wrong number of arguments for 'hmset' command")
    expect(show('EXISTS h')).toBe('(integer) 0')
  })

  test('say so once, however many fields there are', () => {
    const events = recordEvents(server)
    show('HSET h a 1 b 2')
    show('HMSET h a 1 b 2')
    show('HSETNX h c 1')
    show('HSETNX h c 1')
    expect(events).toEqual(['hset h', 'hset h', 'hset h'])
  })

  test('leave the deadline of the key', () => {
    show('HSET h a 1')
    show('PEXPIRE h 100')
    show('HSET h b 2 c 3 d 4 e 5 f 6')
    expect(show('PTTL h')).toBe('(integer) 100')
  })

  test('keep many fields in a table, and so when a limit is lowered and a field set', () => {
    const words = Array.from({ length: 513 }, (_, i) => [`f${i}`, 'v']).flat()
    server.run(['HSET', 'h', ...words.slice(0, 1024)])
    expect(encodingOf(server, 'h')).toBe('listpack')
    server.run(['HSET', 'h', ...words.slice(1024)])
    expect(encodingOf(server, 'h')).toBe('hashtable')
    show('HSET small a 1 b 2 c 3')
    server.keyspace.types.limits.hashListpackEntries = 2
    expect(encodingOf(server, 'small')).toBe('listpack')
    show('HSET small a 2')
    expect(encodingOf(server, 'small')).toBe('hashtable')
    expect(show('HGET small a')).toBe('"2"')
  })
})

describe('reading', () => {
  beforeEach(() => {
    show('HSET h a 1 text hello')
  })

  test('gives values, null for what is not there', () => {
    expect(show('HGET h a')).toBe('"1"')
    expect(show('HGET h x')).toBe('(nil-bulk)')
    expect(show('HGET nothing a')).toBe('(nil-bulk)')
    expect(show('HMGET h text x a')).toBe('["hello", (nil-bulk), "1"]')
    expect(show('HMGET nothing a')).toBe('[(nil-bulk)]')
    expect(show('HLEN h')).toBe('(integer) 2')
    expect(show('HLEN nothing')).toBe('(integer) 0')
    expect(show('HSTRLEN h text')).toBe('(integer) 5')
    expect(show('HSTRLEN h x')).toBe('(integer) 0')
    expect(show('HEXISTS h a')).toBe('(integer) 1')
    expect(show('HEXISTS h x')).toBe('(integer) 0')
    expect(show('HKEYS h')).toBe('["a", "text"]')
    expect(show('HVALS h')).toBe('["1", "hello"]')
    expect(show('HKEYS nothing')).toBe('[]')
  })

  test('of everything is a map in RESP3', () => {
    server.client.protocol = 3
    expect(show('HGETALL h')).toBe('{"a" => "1", "text" => "hello"}')
    expect(show('HGETALL nothing')).toBe('{}')
    expect(show('HKEYS h')).toBe('["a", "text"]')
  })

  test.each(['-9223372036854775808', '9223372036854775807', '9223372036854775808', '', '0', '-1', '0123'])(
    'gives %j back as it was',
    (value) => {
      server.run(['HSET', 'h', 'f', value])
      expect(server.run(['HGET', 'h', 'f'])).toEqual({ type: 'bulk', text: value })
      expect(show('HSTRLEN h f')).toBe(`(integer) ${value.length}`)
    },
  )
})

describe('HDEL', () => {
  test('removes fields, and the hash with the last of them', () => {
    show('HSET h a 1 b 2 c 3')
    const events = recordEvents(server)
    expect(show('HDEL h a x a')).toBe('(integer) 1')
    expect(show('HDEL h x')).toBe('(integer) 0')
    expect(show('HDEL nothing a')).toBe('(integer) 0')
    expect(show('HDEL h b c d')).toBe('(integer) 2')
    expect(show('EXISTS h')).toBe('(integer) 0')
    expect(events).toEqual(['hdel h', 'hdel h', 'del h'])
    expect(server.keyspace.dirty).toBe(6)
  })
})

describe('HINCRBY and HINCRBYFLOAT', () => {
  test('count from nothing, and keep on', () => {
    expect(show('HINCRBY h n 5')).toBe('(integer) 5')
    expect(show('HINCRBY h n -7')).toBe('(integer) -2')
    expect(show('HINCRBYFLOAT h n 0.5')).toBe('"-1.5"')
    expect(show('HINCRBYFLOAT h new 1e3')).toBe('"1000"')
    expect(show('HGETALL h')).toBe('["n", "-1.5", "new", "1000"]')
  })

  test('are exact up to 64 bits, and refuse what is beyond', () => {
    show('HSET h n 9007199254740993')
    expect(show('HINCRBY h n 2')).toBe('(integer) 9007199254740995')
    show('HSET h n 9223372036854775806')
    expect(show('HINCRBY h n 1')).toBe('(integer) 9223372036854775807')
    expect(show('HINCRBY h n 1')).toBe('(error) ERR increment or decrement would overflow')
    expect(show('HGET h n')).toBe('"9223372036854775807"')
  })

  test('refuse what is no number, and then leave no hash behind', () => {
    show('HSET h text " 1"')
    expect(show('HINCRBY h text 1')).toBe('(error) ERR hash value is not an integer')
    expect(show('HINCRBYFLOAT h text 1')).toBe('(error) ERR hash value is not a float')
    expect(show('HINCRBY new n x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('HINCRBYFLOAT new n x')).toBe('(error) ERR value is not a valid float')
    expect(show('HINCRBYFLOAT new n inf')).toBe('(error) ERR value is NaN or Infinity')
    expect(show('EXISTS new')).toBe('(integer) 0')
  })

  test('keep the deadline of the field, elsewhere too', () => {
    server.recordPropagation()
    show('HSET h n 1 other 1')
    show('HPEXPIRE h 100 FIELDS 1 n')
    show('HINCRBY h n 1')
    server.propagated = []
    show('HINCRBYFLOAT h n 0.5')
    show('HINCRBYFLOAT h other 0.5')
    expect(show('HPTTL h FIELDS 1 n')).toBe('[(integer) 100]')
    const moment = String(server.clock.now() + 100)
    expect(server.propagated.map(({ command }) => command)).toEqual([
      ['MULTI'],
      ['HSET', 'h', 'n', '2.5'],
      ['HPEXPIREAT', 'h', moment, 'FIELDS', '1', 'n'],
      ['EXEC'],
      ['HSET', 'h', 'other', '1.5'],
    ])
  })
})

describe('HRANDFIELD', () => {
  beforeEach(() => {
    show('HSET h a 1 b 2 c 3')
  })

  test('gives one, several different ones, or so many that may repeat', () => {
    expect(['"a"', '"b"', '"c"']).toContain(show('HRANDFIELD h'))
    expect(show('HRANDFIELD nothing')).toBe('(nil-bulk)')
    expect(show('HRANDFIELD nothing 5')).toBe('[]')
    expect(show('HRANDFIELD h 0')).toBe('[]')
    expect(show('HRANDFIELD h 5')).toBe('["a", "b", "c"]')
    expect(show('HRANDFIELD h 5 WITHVALUES')).toBe('["a", "1", "b", "2", "c", "3"]')
    expect(show('HRANDFIELD h 2')).toMatch(/^\["[abc]", "[abc]"\]$/)
    expect(show('HRANDFIELD h -5')).toMatch(/^\[("[abc]", ){4}"[abc]"\]$/)
    expect(show('HRANDFIELD h -2 WITHVALUES')).toMatch(/^\["[abc]", "[123]", "[abc]", "[123]"\]$/)
  })

  test('has pairs in RESP3', () => {
    server.client.protocol = 3
    expect(show('HRANDFIELD h 5 WITHVALUES')).toBe('[["a", "1"], ["b", "2"], ["c", "3"]]')
    expect(show('HRANDFIELD h -1 withvalues')).toMatch(/^\[\["[abc]", "[123]"\]\]$/)
  })

  test('refuses counts that nobody can want, of a hash that is there', () => {
    expect(show('HRANDFIELD h -9223372036854775808')).toMatch(/^\(error\) ERR value is out of range/)
    expect(show('HRANDFIELD h -9223372036854770000 WITHVALUES')).toBe('(error) ERR value is out of range')
    expect(show('HRANDFIELD h -100000000000')).toMatch(/^\(error\) ERR value is out of range/)
    expect(show('HRANDFIELD nothing -100000000000')).toBe('[]')
    expect(show('HRANDFIELD h x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('HRANDFIELD h 1 VALUES')).toBe('(error) ERR syntax error')
    expect(show('HRANDFIELD h 1 WITHVALUES x')).toBe('(error) ERR syntax error')
  })
})

describe('HSCAN', () => {
  test('gives a small hash at once', () => {
    show('HSET h a 1 b 2 ab 3')
    expect(show('HSCAN h 0')).toBe('["0", ["a", "1", "b", "2", "ab", "3"]]')
    expect(show('HSCAN h 0 COUNT 1 MATCH a*')).toBe('["0", ["a", "1", "ab", "3"]]')
    expect(show('HSCAN h 0 NOVALUES')).toBe('["0", ["a", "b", "ab"]]')
    expect(show('HSCAN h 0 NOVALUES MATCH b')).toBe('["0", ["b"]]')
    expect(show('HSCAN nothing 5')).toBe('["0", []]')
  })

  test('gives a large one in steps, every field once', () => {
    for (let i = 0; i < 1000; i++) show(`HSET h f${i} ${i}`)
    const seen: string[] = []
    let cursor = '0'
    do {
      const reply = server.run(`HSCAN h ${cursor} COUNT 50 NOVALUES`)
      if (reply.type !== 'array') throw new Error('no array')
      const [next, fields] = reply.items
      if (next?.type !== 'bulk' || fields?.type !== 'array') throw new Error('no cursor or no fields')
      cursor = next.text
      for (const field of fields.items) if (field.type === 'bulk') seen.push(field.text)
    } while (cursor !== '0')
    expect(seen.length).toBe(1000)
    expect(new Set(seen).size).toBe(1000)
  })

  test('refuses bad cursors first, and bad options if there is a hash', () => {
    show('HSET h a 1')
    expect(show('HSCAN nothing x')).toBe('(error) ERR invalid cursor')
    expect(show('HSCAN nothing 0 FOO')).toBe('["0", []]')
    expect(show('HSCAN h 0 FOO 1')).toBe('(error) ERR syntax error')
    expect(show('HSCAN h 0 COUNT 0')).toBe('(error) ERR syntax error')
    expect(show('HSCAN h 0 COUNT x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('HSCAN h 0 COUNT')).toBe('(error) ERR syntax error')
  })
})

test('hashes are copied, moved and renamed with all their fields and deadlines', () => {
  for (const [name, count] of [
    ['small', 3],
    ['large', 600],
  ] as const) {
    for (let i = 0; i < count; i++) show(`HSET ${name} f${i} v${i}`)
    show(`HPEXPIRE ${name} 1000 FIELDS 1 f1`)
    expect(show(`COPY ${name} copy`)).toBe('(integer) 1')
    expect(show(`RENAME ${name} renamed`)).toBe('+OK')
    show('HSET renamed f0 changed')
    for (const copy of ['copy', 'renamed']) {
      expect(show(`HLEN ${copy}`)).toBe(`(integer) ${count}`)
      expect(show(`HPTTL ${copy} FIELDS 2 f1 f2`)).toBe('[(integer) 1000, (integer) -1]')
    }
    expect(show('HGET copy f0')).toBe('"v0"')
    expect(server.keyspace.databases[0]!.innerDeadlineCount).toBe(2)
    show('DEL copy renamed')
    expect(server.keyspace.databases[0]!.innerDeadlineCount).toBe(0)
  }
})
