import { beforeEach, describe, expect, test } from 'vitest'
import { bitmapCommands } from '../../src/commands/bitmap.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, lifetimeOf, recordEvents } from './stored.ts'

const SYNTAX = '(error) ERR syntax error'
const BAD_OFFSET = '(error) ERR bit offset is not an integer or out of range'
const BAD_TYPE =
  '(error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.'

let server: Harness
const show = (...command: string[]) => server.show(command.length === 1 ? command[0]! : command)
/** Replies of integers and nulls, without the words around them. */
const numbers = (command: string) =>
  show(command).replaceAll('(integer) ', '').replaceAll('(nil-bulk)', 'nil')

beforeEach(() => {
  server = new Harness([stringCommands, bitmapCommands], 1, 1)
})

describe('BITFIELD', () => {
  test('runs its operations one after the other and answers each', () => {
    expect(numbers('BITFIELD k SET u8 0 255 GET i8 0 INCRBY i8 0 1 GET u4 4 SET u8 #1 7 GET u16 0')).toBe(
      '[0, -1, 0, 0, 0, 7]',
    )
    expect(show('GET k')).toBe('"\\x00\\a"')
    expect(encodingOf(server, 'k')).toBe('raw')
  })

  test('has numbers of 64 bits', () => {
    expect(numbers('BITFIELD k SET i64 3 -9223372036854775808 GET i64 3 INCRBY i64 3 -1')).toBe(
      '[0, -9223372036854775808, 9223372036854775807]',
    )
    expect(numbers('BITFIELD k SET u63 1 9223372036854775807 GET u63 1')).toBe(
      '[1152921504606846975, 9223372036854775807]',
    )
  })

  test('OVERFLOW holds for what follows it', () => {
    show('BITFIELD k SET u2 0 3 SET u2 2 3 SET u2 4 3 SET u2 6 3')
    expect(
      numbers(
        'BITFIELD k INCRBY u2 0 1 OVERFLOW SAT INCRBY u2 2 1 OVERFLOW FAIL INCRBY u2 4 1 SET u2 4 9 overflow wrap INCRBY u2 6 1',
      ),
    ).toBe('[0, 3, nil, nil, 0]')
    expect(show('GET k')).toBe('"<"')
  })

  test('only reading creates no key and changes nothing', () => {
    expect(numbers('BITFIELD k GET u8 0 GET i64 4294967295')).toBe('[0, 0]')
    expect(show('BITFIELD k')).toBe('[]')
    expect(show('BITFIELD k OVERFLOW SAT')).toBe('[]')
    expect(show('GET k')).toBe('(nil-bulk)')
    show('SET n 123')
    expect(numbers('BITFIELD n GET u8 0')).toBe('[49]')
    expect(encodingOf(server, 'n')).toBe('int')
  })

  test('counts the operations that change something, and says so once', () => {
    const events = recordEvents(server)
    show('BITFIELD k SET u8 0 255 SET u8 0 254')
    expect(server.keyspace.dirty).toBe(2)
    show('BITFIELD k SET u8 0 254 INCRBY u8 0 0 GET u8 0')
    expect(server.keyspace.dirty).toBe(2)
    show('BITFIELD k SET u8 0 1 SET u8 0 1')
    expect(server.keyspace.dirty).toBe(3)
    expect(events).toEqual(['setbit k', 'setbit k'])
  })

  test('grows the string even if the operation then fails, and replicas hear of it', () => {
    server.recordPropagation()
    expect(numbers('BITFIELD k OVERFLOW FAIL INCRBY u1 100 5')).toBe('[nil]')
    expect(show('STRLEN k')).toBe('(integer) 13')
    expect(server.propagated).toHaveLength(1)
  })

  test('keeps the deadline', () => {
    show('SET k v EX 10')
    show('BITFIELD k SET u8 100 1')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
  })

  test.each(['u64', 'i65', 'u0', 'i0', 'U8', 'u08', 'u 8', '8', 'u', '', 'x8', 'u-8', 'u8x', 'u123'])(
    '"%s" is no type',
    (type) => {
      expect(show('BITFIELD', 'k', 'GET', type, '0')).toBe(BAD_TYPE)
    },
  )

  test('a zero byte ends a type, as Redis reads it as a C string', () => {
    expect(show('BITFIELD', 'k', 'GET', 'u8\x00', '0')).toBe('[(integer) 0]')
    expect(show('BITFIELD', 'k', 'GET', 'u\x008', '0')).toBe(BAD_TYPE)
  })

  test('offsets are bits, or with # fields, and end where proto-max-bulk-len does', () => {
    expect(numbers('BITFIELD k GET u8 4294967295 GET u8 #536870911')).toBe('[0, 0]')
    for (const offset of ['-1', '#-1', '#', '##1', 'x', '4294967296', '#536870912', '#9223372036854775807']) {
      expect(show('BITFIELD', 'k', 'GET', 'u8', offset)).toBe(BAD_OFFSET)
    }
    server.keyspace.maxStringBytes = 1024 * 1024
    // Redis: only a field's first bit must lie within the limit.
    expect(numbers('BITFIELD k SET i64 8388607 -1')).toBe('[0]')
    expect(show('STRLEN k')).toBe('(integer) 1048584')
  })

  test('refuses what it does not know, before anything is changed', () => {
    for (const wrong of ['GET u8', 'SET u8 0', 'INCRBY u8 0', 'JUNK u8 0', 'OVERFLOW']) {
      expect(show(`BITFIELD k SET u8 0 1 ${wrong}`)).toBe(SYNTAX)
    }
    expect(show('BITFIELD k SET u8 0 1 OVERFLOW JUNK')).toBe('(error) ERR Invalid OVERFLOW type specified')
    expect(show('BITFIELD k SET u8 0 1 SET u8 0 x')).toBe(
      '(error) ERR value is not an integer or out of range',
    )
    expect(show('GET k')).toBe('(nil-bulk)')
  })
})

describe('BITFIELD_RO', () => {
  test('reads', () => {
    show('SET k abc')
    expect(numbers('BITFIELD_RO k GET u8 0 OVERFLOW SAT GET i24 0')).toBe('[97, 6382179]')
    expect(show('BITFIELD_RO k')).toBe('[]')
  })

  test('does nothing else', () => {
    for (const operation of ['SET u8 0 1', 'INCRBY u8 0 1', 'GET u8 0 SET u8 0 1']) {
      expect(show(`BITFIELD_RO k ${operation}`)).toBe(
        '(error) ERR BITFIELD_RO only supports the GET subcommand',
      )
    }
    expect(show('BITFIELD_RO k SET u99 0 1')).toBe(BAD_TYPE)
  })
})
