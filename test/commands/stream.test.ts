import { beforeEach, describe, expect, test } from 'vitest'
import { keyCommands } from '../../src/commands/key.ts'
import { streamCommands } from '../../src/commands/stream.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { entryOf, recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'

let harness: Harness
let events: string[]
const show = (command: string) => harness.show(command)
const run = (...commands: string[]) => commands.map(show)
/** The ids of all entries. */
const ids = (key: string) => [...show(`XRANGE ${key} - +`).matchAll(/\["([^"]*)", \[/g)].map(([, id]) => id)

beforeEach(() => {
  harness = new Harness([streamCommands, stringCommands, keyCommands], 1, 1)
  harness.clock.set(1_700_000_000_000)
  events = recordEvents(harness.keyspace)
})

describe('XADD', () => {
  test('makes a stream, says the id and tells of the change', () => {
    expect(show('XADD s 5-1 f v')).toBe('"5-1"')
    expect(show('XRANGE s - +')).toBe('[["5-1", ["f", "v"]]]')
    expect(events).toEqual(['0 new s', '0 xadd s'])
  })

  test('takes ids from the clock, and goes on counting where that stands still or goes back', () => {
    expect(show('XADD s * f v')).toBe('"1700000000000-0"')
    expect(show('XADD s * f v')).toBe('"1700000000000-1"')
    harness.clock.set(1_600_000_000_000)
    expect(show('XADD s * f v')).toBe('"1700000000000-2"')
    run('XADD t 9999999999999-18446744073709551615 f v')
    expect(show('XADD t * f v')).toBe('"10000000000000-0"')
  })

  test('completes the sequence number of ms-*', () => {
    expect(run('XADD s 0-* f v', 'XADD s 7-* f v', 'XADD s 7-* f v')).toEqual(['"0-1"', '"7-0"', '"7-1"'])
    expect(show('XADD s 6-* f v')).toContain('equal or smaller')
    run('XADD s 7-18446744073709551615 f v')
    expect(show('XADD s 7-* f v')).toContain('equal or smaller')
  })

  test.each([
    ['XADD s 0-0 f v', 'ERR The ID specified in XADD must be greater than 0-0'],
    ['XADD s 1-1 f', "ERR wrong number of arguments for 'xadd' command"],
    ['XADD s MAXLEN 5 1-1 f', "ERR wrong number of arguments for 'xadd' command"],
    ['XADD s x f v', 'ERR Invalid stream ID specified as stream command argument'],
    ['XADD s MAXLEN -1 1-1 f v', 'ERR The MAXLEN argument must be >= 0.'],
    [
      'XADD s MAXLEN 5 MINID 5 1-1 f v',
      'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
    ],
    [
      'XADD s LIMIT 5 1-1 f v',
      'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
    ],
    [
      'XADD s MAXLEN 5 LIMIT 5 1-1 f v',
      'ERR syntax error, LIMIT cannot be used without the special ~ option',
    ],
    ['XADD s MAXLEN ~ 5 LIMIT -1 1-1 f v', 'ERR The LIMIT argument must be >= 0.'],
  ])('%s is refused and makes no key', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
    expect(show('EXISTS s')).toBe('(integer) 0')
  })

  test('refuses ids that are not greater than the last, and any after the largest', () => {
    run('XADD s 5-5 f v')
    for (const id of ['5-5', '5-4', '4-9']) expect(show(`XADD s ${id} f v`)).toContain('equal or smaller')
    run('XADD s 18446744073709551615-18446744073709551615 f v')
    for (const id of ['*', '6-6', '18446744073709551615-*']) {
      expect(show(`XADD s ${id} f v`)).toBe(
        '(error) ERR The stream has exhausted the last possible ID, unable to add more items',
      )
    }
  })

  test('with NOMKSTREAM adds nothing where there is no key', () => {
    expect(show('XADD s NOMKSTREAM 1-1 f v')).toBe('(nil-bulk)')
    expect(show('EXISTS s')).toBe('(integer) 0')
    expect(run('XADD s 1-1 f v', 'XADD s NOMKSTREAM 1-2 f v')[1]).toBe('"1-2"')
  })

  test('keeps what other types hold', () => {
    run('SET s 1')
    expect(show('XADD s 1-1 f v')).toContain('WRONGTYPE')
    expect(show('GET s')).toBe('"1"')
  })

  test('trims exactly, and tells of it after the addition', () => {
    for (let i = 1; i <= 10; i++) run(`XADD s ${i} f v`)
    events.length = 0
    run('XADD s MAXLEN 3 11 f v')
    expect(ids('s')).toEqual(['9-0', '10-0', '11-0'])
    expect(events).toEqual(['0 xadd s', '0 xtrim s'])
    run('XADD s MINID = 11-0 12 f v')
    expect(ids('s')).toEqual(['11-0', '12-0'])
  })

  test('trims whole nodes with ~, and not more entries than LIMIT', () => {
    harness.keyspace.types.limits.streamNodeEntries = 10
    for (let i = 1; i <= 100; i++) run(`XADD s ${i} f v`)
    run('XADD s MAXLEN ~ 55 LIMIT 30 101 f v')
    expect(show('XLEN s')).toBe('(integer) 71')
    run('XADD s MAXLEN ~ 55 102 f v')
    expect(show('XLEN s')).toBe('(integer) 62')
  })

  test('with MAXLEN 0 leaves a stream without entries', () => {
    run('XADD s MAXLEN 0 1-1 f v')
    expect(run('EXISTS s', 'XLEN s')).toEqual(['(integer) 1', '(integer) 0'])
    expect(show('XINFO STREAM s')).toContain('"last-generated-id", "1-1"')
  })

  test('propagates the id it has chosen, and what exactly is to stay', () => {
    harness.keyspace.types.limits.streamNodeEntries = 2
    harness.recordPropagation()
    run(
      'XADD s * f v',
      'XADD s 1800000000000-* g w',
      'XADD s 1800000000001 f v',
      'XADD s MAXLEN ~ 2 NOMKSTREAM 1800000000002 f v',
    )
    run('XADD s MINID 1800000000002 * f v')
    expect(harness.propagated.map(({ command }) => command.join(' '))).toEqual([
      'XADD s 1700000000000-0 f v',
      'XADD s 1800000000000-0 g w',
      'XADD s 1800000000001 f v',
      'XADD s MAXLEN = 2 1800000000002-0 f v',
      'XADD s MINID = 1800000000002-0 1800000000002-1 f v',
    ])
  })
})

describe('XRANGE and XREVRANGE', () => {
  beforeEach(() => {
    for (const id of ['1-1', '1-2', '2-0', '3-7']) run(`XADD s ${id} f ${id}`)
  })

  test.each([
    ['XRANGE s - +', ['1-1', '1-2', '2-0', '3-7']],
    ['XRANGE s 1 1', ['1-1', '1-2']],
    ['XRANGE s (1-1 (3-7', ['1-2', '2-0']],
    ['XRANGE s 1-2 + COUNT 2', ['1-2', '2-0']],
    ['XRANGE s 4 +', []],
    ['XRANGE s + -', []],
    ['XREVRANGE s + -', ['3-7', '2-0', '1-2', '1-1']],
    ['XREVRANGE s (2 1 COUNT 1', ['2-0']],
    ['XREVRANGE s 2 (1-1', ['2-0', '1-2']],
  ])('%s', (command, expected) => {
    expect([...show(command).matchAll(/\["([^"]*)", \[/g)].map(([, id]) => id)).toEqual(expected)
  })

  test('of nothing at all are null arrays if COUNT is not positive, but empty where there is no key', () => {
    expect(run('XRANGE s - + COUNT 0', 'XRANGE s - + COUNT -1')).toEqual(['(nil-array)', '(nil-array)'])
    expect(run('XRANGE none - + COUNT 0', 'XREVRANGE none + -')).toEqual(['[]', '[]'])
  })

  test.each([
    ['XRANGE s (- +', 'ERR Invalid stream ID specified as stream command argument'],
    ['XRANGE s (18446744073709551615-18446744073709551615 +', 'ERR invalid start ID for the interval'],
    ['XRANGE s - (0-0', 'ERR invalid end ID for the interval'],
    ['XRANGE s - + COUNT', 'ERR syntax error'],
    ['XRANGE s - + COUNT x', 'ERR value is not an integer or out of range'],
    ['XRANGE none x +', 'ERR Invalid stream ID specified as stream command argument'],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
  })
})

describe('XDEL and XTRIM', () => {
  beforeEach(() => {
    harness.keyspace.types.limits.streamNodeEntries = 3
    for (let i = 1; i <= 9; i++) run(`XADD s ${i} f v`)
    events.length = 0
  })

  test('delete what is there, once, and count it as changes', () => {
    const { dirty } = harness.keyspace
    expect(show('XDEL s 2 2 5-0 77')).toBe('(integer) 2')
    expect(harness.keyspace.dirty).toBe(dirty + 2)
    expect(ids('s')).toEqual(['1-0', '3-0', '4-0', '6-0', '7-0', '8-0', '9-0'])
    expect(show('XTRIM s MAXLEN 4')).toBe('(integer) 3')
    expect(show('XTRIM s MAXLEN 4')).toBe('(integer) 0')
    expect(events).toEqual(['0 xdel s', '0 xtrim s'])
  })

  test('XDEL with an id that is none deletes nothing', () => {
    expect(show('XDEL s 1 x')).toContain('Invalid stream ID')
    expect(show('XLEN s')).toBe('(integer) 9')
  })

  test('what has lost its last entry stays, and remembers', () => {
    run('XDEL s 1 2 3 4 5 6 7 8 9')
    expect(show('XINFO STREAM s')).toBe(
      '["length", (integer) 0, "radix-tree-keys", (integer) 0, "radix-tree-nodes", (integer) 1, "last-generated-id", "9-0", "max-deleted-entry-id", "9-0", "entries-added", (integer) 9, "recorded-first-entry-id", "0-0", "groups", (integer) 0, "first-entry", (nil-bulk), "last-entry", (nil-bulk)]',
    )
    expect(show('XADD s 9-0 f v')).toContain('equal or smaller')
  })

  test('XTRIM MINID keeps a node whose last entry, though deleted, is not less', () => {
    run('XDEL s 9')
    expect(show('XTRIM s MINID 9')).toBe('(integer) 8')
    expect(show('XINFO STREAM s')).toContain('"length", (integer) 0, "radix-tree-keys", (integer) 1')
    expect(show('XTRIM s MINID 10')).toBe('(integer) 0')
    expect(show('XINFO STREAM s')).toContain('"radix-tree-keys", (integer) 0')
    expect(run('XADD s 10 f v', 'XRANGE s - +')[1]).toBe('[["10-0", ["f", "v"]]]')
  })

  test('XTRIM with ~ propagates how many entries are left', () => {
    harness.recordPropagation()
    expect(show('XTRIM s MINID ~ 6')).toBe('(integer) 3')
    expect(show('XTRIM s MAXLEN ~ 5')).toBe('(integer) 0')
    expect(harness.propagated.map(({ command }) => command.join(' '))).toEqual(['XTRIM s MAXLEN = 6'])
  })
})

describe('XSETID', () => {
  test('sets what a stream remembers', () => {
    run('XADD s 1-1 f v')
    expect(show('XSETID s 9-9 ENTRIESADDED 70 MAXDELETEDID 5-0')).toBe('+OK')
    expect(show('XINFO STREAM s')).toContain(
      '"last-generated-id", "9-9", "max-deleted-entry-id", "5-0", "entries-added", (integer) 70',
    )
    expect(events.at(-1)).toBe('0 xsetid s')
  })

  test.each([
    ['XSETID s 1-0', 'ERR The ID specified in XSETID is smaller than the target stream top item'],
    [
      'XSETID s 9 MAXDELETEDID 10',
      'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
    ],
    [
      'XSETID s 9 ENTRIESADDED 1',
      'ERR The entries_added specified in XSETID is smaller than the target stream length',
    ],
    ['XSETID s 9 ENTRIESADDED -1', 'ERR entries_added must be positive'],
    ['XSETID s 9 ENTRIESADDED', 'ERR syntax error'],
    ['XSETID none 9', 'ERR no such key'],
  ])('%s is refused', (command, text) => {
    run('XADD s 1-1 f v', 'XADD s 2-1 f v')
    expect(show(command)).toBe(`(error) ${text}`)
  })

  test('does not go back behind what was deleted', () => {
    run('XADD s 1-1 f v', 'XADD s 1-3 f v', 'XDEL s 1-3')
    expect(show('XSETID s 1-2')).toBe(
      '(error) ERR The ID specified in XSETID is smaller than current max_deleted_entry_id',
    )
  })

  test('counts beyond 2^53', () => {
    run('XADD s 1-1 f v', 'XSETID s 2 ENTRIESADDED 9223372036854775806', 'XADD s 3 f v')
    expect(show('XINFO STREAM s')).toContain('"entries-added", (integer) 9223372036854775807')
  })
})

describe('a stream as a value', () => {
  test('says what it is, and gives its memory back when the key goes', () => {
    const { entries } = harness.keyspace.databases[0]!.table
    const before = entries.usedBytes
    for (let i = 1; i <= 2000; i++) run(`XADD s ${i} f ${'v'.repeat(50)}`)
    run('XGROUP CREATE s g 0', 'XREADGROUP GROUP g c COUNT 500 STREAMS s >')
    expect(show('TYPE s')).toBe('+stream')
    const db = harness.keyspace.databases[0]!
    const taken = entries.usedBytes - before
    expect(db.memoryOf(entryOf(harness.keyspace, 's'))).toBeGreaterThan(taken * 0.95)
    expect(db.memoryOf(entryOf(harness.keyspace, 's'))).toBeLessThan(taken * 1.05)
    run('DEL s')
    while (!harness.keyspace.reclaim());
    expect(entries.usedBytes).toBe(before)
  })

  test('is copied with its groups', () => {
    run('XADD s 1-1 f v', 'XADD s 1-2 f v', 'XGROUP CREATE s g 0', 'XREADGROUP GROUP g c COUNT 1 STREAMS s >')
    run('COPY s t', 'XADD s 1-3 f v', 'XACK s g 1-1')
    expect(ids('t')).toEqual(['1-1', '1-2'])
    expect(show('XPENDING t g')).toBe('[(integer) 1, "1-1", "1-1", [["c", "1"]]]')
    run('RENAME t u')
    expect(show('XREADGROUP GROUP g d STREAMS u >')).toBe('[["u", [["1-2", ["f", "v"]]]]]')
  })
})
