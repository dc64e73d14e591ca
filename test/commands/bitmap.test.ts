import { beforeEach, describe, expect, test } from 'vitest'
import { bitmapCommands } from '../../src/commands/bitmap.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { LIST } from '../../src/types/value-type.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, lifetimeOf, putOtherType, recordEvents } from './stored.ts'

const SYNTAX = '(error) ERR syntax error'
const NOT_AN_INTEGER = '(error) ERR value is not an integer or out of range'
const BAD_OFFSET = '(error) ERR bit offset is not an integer or out of range'

let server: Harness
const show = (...command: string[]) => server.show(command.length === 1 ? command[0]! : command)

beforeEach(() => {
  server = new Harness([stringCommands, bitmapCommands], 1, 1)
})

describe('SETBIT and GETBIT', () => {
  test('set and read bits, the string growing as far as it must', () => {
    expect(show('SETBIT k 7 1')).toBe('(integer) 0')
    expect(show('SETBIT k 7 0')).toBe('(integer) 1')
    expect(show('SETBIT k 17 1')).toBe('(integer) 0')
    expect(show('GET k')).toBe('"\\x00\\x00@"')
    expect(show('GETBIT k 17')).toBe('(integer) 1')
    expect(show('GETBIT k 16')).toBe('(integer) 0')
    expect(show('GETBIT k 4294967295')).toBe('(integer) 0')
    expect(show('GETBIT nothing 0')).toBe('(integer) 0')
  })

  test('a bit that is what it is already changes nothing but the encoding', () => {
    show('SET k 5')
    const { dirty } = server.keyspace
    const events = recordEvents(server)
    expect(show('SETBIT k 7 1')).toBe('(integer) 1')
    expect(encodingOf(server, 'k')).toBe('raw')
    expect(server.keyspace.dirty).toBe(dirty)
    expect(show('SETBIT k 8 0')).toBe('(integer) 0')
    expect(show('STRLEN k')).toBe('(integer) 2')
    expect(server.keyspace.dirty).toBe(dirty + 1)
    expect(events).toEqual(['setbit k'])
  })

  test('keeps the deadline', () => {
    show('SET k v EX 10')
    show('SETBIT k 100 1')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
  })

  test('bits beyond 2^31 are within reach', () => {
    expect(show('SETBIT k 2147483655 1')).toBe('(integer) 0')
    expect(show('STRLEN k')).toBe('(integer) 268435457')
    expect(show('GETBIT k 2147483655')).toBe('(integer) 1')
    expect(show('BITPOS k 1')).toBe('(integer) 2147483655')
  })

  test('offsets end where proto-max-bulk-len does', () => {
    for (const offset of ['-1', 'abc', '4294967296', '9223372036854775808', '1.5', '']) {
      expect(show('SETBIT', 'k', offset, '1')).toBe(BAD_OFFSET)
      expect(show('GETBIT', 'k', offset)).toBe(BAD_OFFSET)
    }
    server.keyspace.maxStringBytes = 1024 * 1024
    expect(show('SETBIT k 8388608 1')).toBe(BAD_OFFSET)
    expect(show('SETBIT k 8388607 1')).toBe('(integer) 0')
  })

  test('a bit is 0 or 1', () => {
    for (const bit of ['2', '-1', 'x', '01']) {
      expect(show('SETBIT', 'k', '0', bit)).toBe('(error) ERR bit is not an integer or out of range')
    }
  })
})

describe('BITCOUNT', () => {
  // 01100110 01101111 01101111 01100010 01100001 01110010
  beforeEach(() => {
    show('SET k foobar')
  })

  test.each([
    ['', 26],
    ['0 0', 4],
    ['1 1', 6],
    ['0 -1', 26],
    ['-2 -1', 7],
    ['1 1 BYTE', 6],
    ['5 30 BIT', 17],
    ['-1 -1 bit', 0],
    ['0 100 BIT', 26],
    ['5 4', 0],
    ['100 200', 0],
    ['-1 -2', 0],
    // Redis: an end before the first byte is the first byte, unless both ends are counted from the end the wrong way round.
    ['0 -100', 4],
    ['-100 -100', 4],
    ['-100 -101', 0],
  ])('of "%s" is %i', (range, expected) => {
    expect(show(`BITCOUNT k ${range}`)).toBe(`(integer) ${expected}`)
  })

  test('of a key that is not there is 0, but its range must be right', () => {
    expect(show('BITCOUNT nothing')).toBe('(integer) 0')
    expect(show('BITCOUNT nothing 0 x')).toBe(NOT_AN_INTEGER)
    expect(show('BITCOUNT nothing 0 1 JUNK')).toBe(SYNTAX)
  })

  test('refuses half a range, and anything behind a whole one', () => {
    for (const range of ['0', 'x', '0 1 JUNK', '0 1 BIT x']) expect(show(`BITCOUNT k ${range}`)).toBe(SYNTAX)
    expect(show('BITCOUNT k x 1 JUNK')).toBe(NOT_AN_INTEGER)
  })
})

describe('BITPOS', () => {
  beforeEach(() => {
    server.run(['SET', 'ones', Buffer.from([0xff, 0xf0, 0x00])])
    server.run(['SET', 'zeros', Buffer.from([0x00, 0xff, 0xf0])])
    server.run(['SET', 'full', Buffer.from([0xff, 0xff, 0xff])])
    server.run(['SET', 'empty', ''])
  })

  test.each([
    ['ones 0', 12],
    ['zeros 1', 8],
    ['zeros 1 0', 8],
    ['zeros 1 2', 16],
    ['zeros 1 2 -1 BYTE', 16],
    ['zeros 1 7 15 BIT', 8],
    ['zeros 1 7 -3 BIT', 8],
    ['zeros 1 0 7 BIT', -1],
    ['zeros 1 -2 -1', 8],
    ['zeros 0 9 23 BIT', 20],
    ['zeros 1 3', -1],
    // Redis: where no end is given, zeros follow the string; but not if the range begins behind it.
    ['full 0', 24],
    ['full 0 1', 24],
    ['full 0 0 -1', -1],
    ['full 0 3', -1],
    ['full 0 0 -1 BIT', -1],
    ['empty 0', -1],
    ['empty 1', -1],
    ['nothing 0', 0],
    ['nothing 1', -1],
    ['nothing 0 5 6 BIT', 0],
  ])('%s is at %i', (args, expected) => {
    expect(show(`BITPOS ${args}`)).toBe(`(integer) ${expected}`)
  })

  test('looks for 0 or 1, in a range of integers', () => {
    for (const bit of ['2', '-1']) {
      expect(show(`BITPOS ones ${bit}`)).toBe('(error) ERR The bit argument must be 1 or 0.')
    }
    for (const args of ['x', '1 x', '1 0 x', '1 x x JUNK', '1 0 x BIT']) {
      expect(show(`BITPOS nothing ${args}`)).toBe(NOT_AN_INTEGER)
    }
    for (const args of ['1 0 1 JUNK', '1 0 x JUNK', '1 0 1 BIT x']) {
      expect(show(`BITPOS nothing ${args}`)).toBe(SYNTAX)
    }
  })
})

describe('BITOP', () => {
  beforeEach(() => {
    server.run(['SET', 'a', Buffer.from([0xf0, 0x0f, 0xff])])
    server.run(['SET', 'b', Buffer.from([0x3c])])
  })

  test.each([
    ['AND d a b', '0\\x00\\x00', 3],
    ['or d a b', '\\xfc\\x0f\\xff', 3],
    ['XOR d a b nothing', '\\xcc\\x0f\\xff', 3],
    ['NOT d b', '\\xc3', 1],
    ['AND d a nothing', '\\x00\\x00\\x00', 3],
  ])('%s', (args, expected, length) => {
    expect(show(`BITOP ${args}`)).toBe(`(integer) ${length}`)
    expect(show('GET d')).toBe(`"${expected}"`)
  })

  test('the destination may be among the sources', () => {
    expect(show('BITOP XOR a a b a')).toBe('(integer) 3')
    expect(show('GET a')).toBe('"<\\x00\\x00"')
  })

  test('replaces the destination with a raw string without deadline, whatever it was', () => {
    putOtherType(server, 'd', LIST)
    expect(show('BITOP OR d b')).toBe('(integer) 1')
    show('SET d 1 EX 10')
    show('SET one 1')
    show('BITOP OR d one')
    expect(lifetimeOf(server, 'd')).toBeUndefined()
    expect(encodingOf(server, 'd')).toBe('raw')
  })

  test('without any bits the destination is removed', () => {
    const events = recordEvents(server)
    expect(show('BITOP AND d nothing')).toBe('(integer) 0')
    show('SET d v')
    expect(show('BITOP AND d nothing')).toBe('(integer) 0')
    expect(show('GET d')).toBe('(nil-bulk)')
    show('BITOP OR d b')
    expect(events).toEqual(['set d', 'del d', 'set d'])
  })

  test('refuses what it does not know', () => {
    expect(show('BITOP NAND d a b')).toBe(SYNTAX)
    expect(show('BITOP NOT d a b')).toBe('(error) ERR BITOP NOT must be called with a single source key.')
  })
})
