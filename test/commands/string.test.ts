import { beforeEach, describe, expect, test } from 'vitest'
import { bitmapCommands } from '../../src/commands/bitmap.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { LIST } from '../../src/types/value-type.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, lifetimeOf, putOtherType, recordEvents } from './stored.ts'

const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'
const TOO_LONG = '(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)'

let server: Harness
const show = (...command: string[]) => server.show(command.length === 1 ? command[0]! : command)

beforeEach(() => {
  server = new Harness([stringCommands, bitmapCommands], 1, 1)
  putOtherType(server, 'list', LIST)
})

test('every command for strings refuses other types, and leaves them alone', () => {
  const refused = [
    'GET list',
    'STRLEN list',
    'APPEND list x',
    'SETRANGE list 0 x',
    'GETRANGE list 0 1',
    'SUBSTR list 0 1',
    'INCR list',
    'DECRBY list 1',
    'INCRBYFLOAT list 1',
    'GETSET list x',
    'GETDEL list',
    'GETEX list',
    'SET list x GET',
    'SETBIT list 0 1',
    'GETBIT list 0',
    'BITCOUNT list',
    'BITPOS list 1',
    'BITOP NOT d list',
    'BITFIELD list SET u8 0 1',
    'BITFIELD_RO list GET u8 0',
  ]
  const { dirty } = server.keyspace
  for (const command of refused) expect([command, show(command)]).toEqual([command, WRONG_TYPE])
  expect(server.keyspace.dirty).toBe(dirty)
})

describe('GET and MGET', () => {
  test('give back the bytes as they were', () => {
    const bytes = Buffer.from([0, 255, 13, 10, 36])
    server.run(['SET', 'k', bytes])
    expect(server.run('GET k')).toEqual({ type: 'bulk', text: bytes.toString('latin1') })
  })

  test('have null for keys that are not there or have run out', () => {
    show('SET k v PX 5')
    server.clock.advance(5)
    expect(show('GET k')).toBe('(nil-bulk)')
    expect(show('GET nothing')).toBe('(nil-bulk)')
  })

  test('MGET has null for other types too', () => {
    show('MSET a 1 b 2')
    expect(show('MGET a list nothing b a')).toBe('["1", (nil-bulk), (nil-bulk), "2", "1"]')
  })

  test('reads count as hits and misses', () => {
    show('SET k v')
    for (const command of ['GET k', 'MGET k x', 'STRLEN k', 'GETRANGE k 0 1', 'LCS k x']) show(command)
    expect(server.keyspace.stats).toMatchObject({ hits: 5, misses: 2 })
  })
})

describe('MSET and MSETNX', () => {
  test('set all, the last one of equal keys winning, and count every pair', () => {
    const { dirty } = server.keyspace
    expect(show('MSET a 1 b 2 a 3')).toBe('+OK')
    expect(show('MGET a b')).toBe('["3", "2"]')
    expect(server.keyspace.dirty).toBe(dirty + 3)
  })

  test('refuse a key without a value before anything is set', () => {
    expect(show('MSET a 1 b')).toBe("(error) ERR wrong number of arguments for 'mset' command")
    expect(show('MSETNX a 1 b')).toBe("(error) ERR wrong number of arguments for 'msetnx' command")
    expect(show('GET a')).toBe('(nil-bulk)')
  })

  test('MSET takes deadlines away and overwrites other types', () => {
    show('SET a 1 EX 10')
    show('MSET a 2 list x')
    expect(lifetimeOf(server, 'a')).toBeUndefined()
    expect(show('GET list')).toBe('"x"')
  })

  test('MSETNX sets nothing if one of the keys exists, of whatever type', () => {
    expect(show('MSETNX a 1 list 2')).toBe('(integer) 0')
    expect(show('MGET a')).toBe('[(nil-bulk)]')
    expect(show('MSETNX a 1 a 2')).toBe('(integer) 1')
    expect(show('GET a')).toBe('"2"')
  })
})

describe('APPEND', () => {
  test('adds to the end and says how long the string is', () => {
    expect(show('APPEND k abc')).toBe('(integer) 3')
    expect(show('APPEND k def')).toBe('(integer) 6')
    expect(show('GET k')).toBe('"abcdef"')
  })

  test('stores a new key as SET would, and makes any other string raw, even if nothing is added', () => {
    show('APPEND k 123')
    expect(encodingOf(server, 'k')).toBe('int')
    show('APPEND', 'k', '')
    expect(encodingOf(server, 'k')).toBe('raw')
  })

  test('keeps the deadline', () => {
    show('SET k v EX 10')
    show('APPEND k w')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
  })

  test('creates a key for no bytes, and says so', () => {
    const events = recordEvents(server)
    expect(show('APPEND', 'k', '')).toBe('(integer) 0')
    expect(show('STRLEN k')).toBe('(integer) 0')
    expect(events).toEqual(['append k'])
  })

  test('grows a string from a few bytes to a megabyte, step by step', () => {
    const step = 'x'.repeat(1000)
    for (let i = 0; i < 1049; i++) server.run(['APPEND', 'k', step])
    expect(show('APPEND k y')).toBe('(integer) 1049001')
    expect(show('BITCOUNT k')).toBe(`(integer) ${1_049_000 * 4 + 5}`)
  })

  test('stops at proto-max-bulk-len', () => {
    server.keyspace.maxStringBytes = 10
    show('SET k 123456')
    expect(show('APPEND k 7890')).toBe('(integer) 10')
    expect(show('APPEND k 1')).toBe(TOO_LONG)
    expect(show('GET k')).toBe('"1234567890"')
  })
})

describe('SETRANGE', () => {
  test('overwrites, and fills up with zero bytes', () => {
    show('SET k Hello')
    expect(show('SETRANGE k 1 ipp')).toBe('(integer) 5')
    expect(show('GET k')).toBe('"Hippo"')
    expect(show('SETRANGE k 7 x')).toBe('(integer) 8')
    expect(show('GET k')).toBe('"Hippo\\x00\\x00x"')
    expect(show('SETRANGE new 3 x')).toBe('(integer) 4')
    expect(show('GET new')).toBe('"\\x00\\x00\\x00x"')
    expect(encodingOf(server, 'new')).toBe('raw')
  })

  test('fills up with zero bytes where other values have been', () => {
    show('SET', 'k', 'y'.repeat(200))
    show('SET k abc')
    show('SETRANGE k 150 x')
    expect(show('BITCOUNT k 3 149')).toBe('(integer) 0')
    show('SET', 'j', 'y'.repeat(70_000))
    show('SET j abc')
    show('SETRANGE j 69999 x')
    expect(show('BITCOUNT j 3 -2')).toBe('(integer) 0')
  })

  test('of no bytes changes nothing, not even if it is out of bounds', () => {
    show('SET k 10')
    const { dirty } = server.keyspace
    expect(show('SETRANGE', 'k', '600000000', '')).toBe('(integer) 2')
    expect(show('SETRANGE', 'nothing', '5', '')).toBe('(integer) 0')
    expect(show('GET nothing')).toBe('(nil-bulk)')
    expect(encodingOf(server, 'k')).toBe('int')
    expect(server.keyspace.dirty).toBe(dirty)
  })

  test('refuses offsets that are negative, too large or none', () => {
    expect(show('SETRANGE list -1 x')).toBe('(error) ERR offset is out of range')
    expect(show('SETRANGE k x x')).toBe('(error) ERR value is not an integer or out of range')
    for (const offset of ['536870912', '9223372036854775807']) {
      expect(show(`SETRANGE k ${offset} x`)).toBe(TOO_LONG)
    }
    expect(show('SETRANGE k 536870911 xy')).toBe(TOO_LONG)
  })

  test('a setting beyond what memory has in one piece does not help', () => {
    server.keyspace.maxStringBytes = Number.MAX_SAFE_INTEGER
    expect(show('SETRANGE k 9007199254740000 x')).toBe(TOO_LONG)
    expect(show('SETBIT k 99999999999999 1')).toBe('(error) ERR bit offset is not an integer or out of range')
  })
})

describe('GETRANGE', () => {
  test.each([
    [0, 3, 'This'],
    [-3, -1, 'ing'],
    [0, -1, 'This is a string'],
    [10, 100, 'string'],
    [5, 4, ''],
    [16, 20, ''],
    [-1, -3, ''],
    // Redis: an end before the first byte is the first byte, unless both ends are counted from the end the wrong way round.
    [0, -100, 'T'],
    [-100, -100, 'T'],
    [-100, -101, ''],
  ])('from %i to %i is "%s"', (start, end, expected) => {
    show('SET', 'k', 'This is a string')
    expect(show(`GETRANGE k ${start} ${end}`)).toBe(`"${expected}"`)
    expect(show(`SUBSTR k ${start} ${end}`)).toBe(`"${expected}"`)
  })

  test('tells ends apart that are equal as doubles', () => {
    show('SET k abc')
    expect(show('GETRANGE k -9223372036854775807 -9223372036854775808')).toBe('""')
    expect(show('GETRANGE k -9223372036854775808 -9223372036854775807')).toBe('"a"')
  })

  test('of a key that is not there is empty', () => {
    expect(show('GETRANGE nothing 0 -1')).toBe('""')
  })

  test('wants two integers before it looks at the key', () => {
    expect(show('GETRANGE list 0 x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('GETRANGE list x 0')).toBe('(error) ERR value is not an integer or out of range')
  })
})

describe('LCS', () => {
  beforeEach(() => {
    show('MSET a ohmytext b mynewtext')
  })

  test('gives the subsequence, its length or where it is', () => {
    expect(show('LCS a b')).toBe('"mytext"')
    expect(show('LCS a b LEN')).toBe('(integer) 6')
    const ranges = '[[(integer) 4, (integer) 7], [(integer) 5, (integer) 8]]'
    const others = '[[(integer) 2, (integer) 3], [(integer) 0, (integer) 1]]'
    expect(show('LCS a b IDX')).toBe(`["matches", [${ranges}, ${others}], "len", (integer) 6]`)
    expect(show('LCS a b IDX MINMATCHLEN 4')).toBe(`["matches", [${ranges}], "len", (integer) 6]`)
    expect(show('LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN')).toBe(
      '["matches", [[[(integer) 4, (integer) 7], [(integer) 5, (integer) 8], (integer) 4]], "len", (integer) 6]',
    )
  })

  test('answers with a map in RESP3', () => {
    server.client.protocol = 3
    expect(show('LCS a nothing IDX')).toBe('{"matches" => [], "len" => (integer) 0}')
  })

  test('takes a key that is not there as empty', () => {
    expect(show('LCS a nothing')).toBe('""')
    expect(show('LCS nothing nothing LEN')).toBe('(integer) 0')
  })

  test('refuses other types before it looks at options', () => {
    expect(show('LCS list b JUNK')).toBe('(error) ERR The specified keys must contain string values')
  })

  test('refuses options that contradict each other or are none', () => {
    expect(show('LCS a b LEN IDX')).toBe(
      '(error) ERR If you want both the length and indexes, please just use IDX.',
    )
    expect(show('LCS a b MINMATCHLEN')).toBe('(error) ERR syntax error')
    expect(show('LCS a b JUNK')).toBe('(error) ERR syntax error')
    expect(show('LCS a b MINMATCHLEN x')).toBe('(error) ERR value is not an integer or out of range')
  })

  // The bounds are those of redis-server with proto-max-bulk-len 1mb.
  test('refuses strings whose table would be larger than proto-max-bulk-len', () => {
    server.keyspace.maxStringBytes = 1024 * 1024
    show('SETRANGE x 510 x')
    show('SETRANGE y 510 x')
    expect(show('LCS x y LEN')).toBe('(integer) 511')
    show('APPEND x x')
    expect(show('LCS x y LEN')).toBe(
      '(error) ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
    )
  })
})
