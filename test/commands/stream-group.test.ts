import { beforeEach, describe, expect, test } from 'vitest'
import { keyCommands } from '../../src/commands/key.ts'
import { streamCommands } from '../../src/commands/stream.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { recordEvents } from '../support/events.ts'
import { Harness } from '../support/harness.ts'

let harness: Harness
let events: string[]
const show = (command: string) => harness.show(command)
const run = (...commands: string[]) => commands.map(show)
const propagated = () => harness.propagated.map(({ command }) => command.join(' '))

beforeEach(() => {
  harness = new Harness([streamCommands, stringCommands, keyCommands], 1, 1)
  harness.clock.set(1_700_000_000_000)
  for (let i = 1; i <= 5; i++) run(`XADD s ${i} f v`)
  run('XGROUP CREATE s g 0')
  events = recordEvents(harness.keyspace)
})

describe('XGROUP', () => {
  test('CREATE makes a stream if asked, and refuses a name that is taken', () => {
    expect(show('XGROUP CREATE t g $')).toContain('ERR The XGROUP subcommand requires the key to exist.')
    expect(run('XGROUP CREATE t g $ MKSTREAM', 'XGROUP CREATE t g $ MKSTREAM')).toEqual([
      '+OK',
      '(error) BUSYGROUP Consumer Group name already exists',
    ])
    expect(show('TYPE t')).toBe('+stream')
    expect(events).toEqual(['0 new t', '0 xgroup-create t'])
  })

  test.each([
    ['XGROUP CREATE s h x', 'ERR Invalid stream ID specified as stream command argument'],
    ['XGROUP CREATE s h -', 'ERR Invalid stream ID specified as stream command argument'],
    [
      'XGROUP CREATE s h $ FOO',
      "ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.",
    ],
    ['XGROUP CREATE s h $ ENTRIESREAD -2', 'ERR value for ENTRIESREAD must be positive or -1'],
    ['XGROUP SETID s h $', "NOGROUP No such consumer group 'h' for key name 's'"],
    ['XGROUP CREATECONSUMER s h c', "NOGROUP No such consumer group 'h' for key name 's'"],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
    expect(events).toEqual([])
  })

  test('SETID lets a group read again, or pass over', () => {
    run('XREADGROUP GROUP g c STREAMS s >', 'XGROUP SETID s g 3')
    expect(show('XREADGROUP GROUP g c STREAMS s >')).toBe(
      '[["s", [["4-0", ["f", "v"]], ["5-0", ["f", "v"]]]]]',
    )
    run('XGROUP SETID s g - ENTRIESREAD 7')
    expect(show('XINFO GROUPS s')).toContain('"last-delivered-id", "0-0", "entries-read", (integer) 7')
  })

  test('DESTROY and DELCONSUMER take with them what is pending', () => {
    run('XREADGROUP GROUP g c COUNT 2 STREAMS s >', 'XREADGROUP GROUP g d COUNT 1 STREAMS s >')
    expect(run('XGROUP DELCONSUMER s g c', 'XGROUP DELCONSUMER s g c')).toEqual([
      '(integer) 2',
      '(integer) 0',
    ])
    expect(show('XPENDING s g')).toBe('[(integer) 1, "3-0", "3-0", [["d", "1"]]]')
    expect(run('XGROUP DESTROY s g', 'XGROUP DESTROY s g')).toEqual(['(integer) 1', '(integer) 0'])
    expect(show('XINFO GROUPS s')).toBe('[]')
    expect(events.filter((event) => event.includes('xgroup'))).toEqual([
      '0 xgroup-createconsumer s',
      '0 xgroup-createconsumer s',
      '0 xgroup-delconsumer s',
      '0 xgroup-destroy s',
    ])
  })

  test('is no change to who watches or caches the key', () => {
    const changed: string[] = []
    harness.keyspace.observers.tracking = {
      keyChanged: (_db, _key, event) => changed.push(event),
      flushing: () => {},
      swapping: () => {},
    }
    run(
      'XGROUP CREATE s h 0',
      'XREADGROUP GROUP h c STREAMS s >',
      'XACK s h 1',
      'XGROUP DESTROY s h',
      'XDEL s 1',
    )
    expect(changed).toEqual(['xdel'])
  })
})

describe('XREADGROUP', () => {
  test('hands each entry to one consumer', () => {
    expect(show('XREADGROUP GROUP g c COUNT 2 STREAMS s >')).toBe(
      '[["s", [["1-0", ["f", "v"]], ["2-0", ["f", "v"]]]]]',
    )
    expect(show('XREADGROUP GROUP g d COUNT 2 STREAMS s >')).toBe(
      '[["s", [["3-0", ["f", "v"]], ["4-0", ["f", "v"]]]]]',
    )
    run('XREADGROUP GROUP g d STREAMS s >')
    expect(show('XREADGROUP GROUP g d STREAMS s >')).toBe('(nil-array)')
    expect(show('XPENDING s g')).toBe('[(integer) 5, "1-0", "5-0", [["c", "2"], ["d", "3"]]]')
  })

  test('replies with a map in RESP3', () => {
    harness.client.protocol = 3
    expect(show('XREADGROUP GROUP g c COUNT 1 STREAMS s >')).toBe('{"s" => [["1-0", ["f", "v"]]]}')
    expect(show('XREAD STREAMS s 4')).toBe('{"s" => [["5-0", ["f", "v"]]]}')
    expect(show('XREAD STREAMS s 5')).toBe('(null)')
  })

  test('shows what is pending, counts it as delivered again, and marks what is deleted', () => {
    run('XREADGROUP GROUP g c COUNT 3 STREAMS s >', 'XDEL s 2')
    expect(show('XREADGROUP GROUP g c STREAMS s 0')).toBe(
      '[["s", [["1-0", ["f", "v"]], ["2-0", (nil-array)], ["3-0", ["f", "v"]]]]]',
    )
    expect(show('XREADGROUP GROUP g c COUNT 1 STREAMS s 1')).toBe('[["s", [["2-0", (nil-array)]]]]')
    expect(show('XREADGROUP GROUP g d STREAMS s 0')).toBe('[["s", []]]')
    expect(show('XPENDING s g - + 9 c')).toBe(
      '[["1-0", "c", (integer) 0, (integer) 2], ["2-0", "c", (integer) 0, (integer) 1], ["3-0", "c", (integer) 0, (integer) 2]]',
    )
  })

  test('with NOACK leaves nothing pending', () => {
    run('XREADGROUP GROUP g c NOACK STREAMS s >')
    expect(show('XPENDING s g')).toBe('[(integer) 0, (nil-bulk), (nil-bulk), (nil-array)]')
    expect(show('XINFO CONSUMERS s g')).toContain('"inactive", (integer) -1')
  })

  test('makes the consumer even if there is nothing for it', () => {
    run('XGROUP SETID s g $', 'XREADGROUP GROUP g c STREAMS s >')
    expect(show('XINFO GROUPS s')).toContain('"consumers", (integer) 1')
    harness.clock.advance(50)
    expect(show('XINFO CONSUMERS s g')).toBe(
      '[["name", "c", "pending", (integer) 0, "idle", (integer) 50, "inactive", (integer) -1]]',
    )
  })

  test('propagates what has become of groups and entries, and nothing of history', () => {
    harness.recordPropagation()
    run('XREADGROUP GROUP g c COUNT 1 STREAMS s >')
    expect(propagated()).toEqual([
      'MULTI',
      'XGROUP CREATECONSUMER s g c',
      'XCLAIM s g c 0 1-0 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-0',
      'XGROUP SETID s g 1-0 ENTRIESREAD 1',
      'EXEC',
    ])
    harness.propagated.length = 0
    run('XREADGROUP GROUP g c STREAMS s 0', 'XREADGROUP GROUP g c NOACK COUNT 1 STREAMS s >')
    expect(propagated()).toEqual(['XGROUP SETID s g 2-0 ENTRIESREAD 2'])
  })

  test.each([
    [
      'XREADGROUP GROUP g c STREAMS none >',
      "NOGROUP No such key 'none' or consumer group 'g' in XREADGROUP with GROUP option",
    ],
    [
      'XREADGROUP GROUP h c STREAMS s >',
      "NOGROUP No such key 's' or consumer group 'h' in XREADGROUP with GROUP option",
    ],
    [
      'XREADGROUP GROUP g c STREAMS s t >',
      "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.",
    ],
    ['XREADGROUP COUNT 1 NOACK NOACK STREAMS s >', 'ERR Missing GROUP option for XREADGROUP'],
    [
      'XREAD STREAMS s t 0',
      "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.",
    ],
    [
      'XREAD NOACK STREAMS s 0',
      'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.',
    ],
    [
      'XREAD GROUP g c STREAMS s 0',
      'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.',
    ],
    ['XREAD BLOCK x STREAMS s 0', 'ERR timeout is not an integer or out of range'],
    ['XREAD BLOCK -1 STREAMS s 0', 'ERR timeout is negative'],
    ['XREAD STREAMS s x', 'ERR Invalid stream ID specified as stream command argument'],
    ['XREAD COUNT 1 STREAMS', 'ERR syntax error'],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
    expect(show('XINFO GROUPS s')).toContain('"consumers", (integer) 0')
  })
})

describe('XREAD', () => {
  test('shows what comes after an id, of several streams', () => {
    run('XADD t 7 f v')
    expect(show('XREAD COUNT 1 STREAMS s none t 3 0 0')).toBe(
      '[["s", [["4-0", ["f", "v"]]]], ["t", [["7-0", ["f", "v"]]]]]',
    )
    expect(show('XREAD STREAMS s t 5 $')).toBe('(nil-array)')
  })

  test('with + shows the last entry, whatever COUNT says', () => {
    expect(show('XREAD COUNT 3 STREAMS s +')).toBe('[["s", [["5-0", ["f", "v"]]]]]')
    run('XDEL s 5')
    expect(show('XREAD STREAMS s +')).toBe('[["s", [["4-0", ["f", "v"]]]]]')
    run('XTRIM s MAXLEN 0')
    expect(show('XREAD STREAMS s +')).toBe('(nil-array)')
  })
})

describe('XACK and XPENDING', () => {
  test('XACK takes off what is pending, whoever has it', () => {
    run('XREADGROUP GROUP g c COUNT 2 STREAMS s >', 'XREADGROUP GROUP g d COUNT 2 STREAMS s >')
    expect(run('XACK s g 1 3-0 99', 'XACK s g 1', 'XACK s h 1', 'XACK none g 1')).toEqual([
      '(integer) 2',
      '(integer) 0',
      '(integer) 0',
      '(integer) 0',
    ])
    expect(show('XACK s g 2 x')).toContain('Invalid stream ID')
    expect(show('XPENDING s g')).toBe('[(integer) 2, "2-0", "4-0", [["c", "1"], ["d", "1"]]]')
  })

  test('XPENDING lists by range, consumer and idle time', () => {
    run('XREADGROUP GROUP g c COUNT 2 STREAMS s >')
    harness.clock.advance(1000)
    run('XREADGROUP GROUP g d COUNT 2 STREAMS s >')
    const two = '["2-0", "c", (integer) 1000, (integer) 1]'
    const three = '["3-0", "d", (integer) 0, (integer) 1]'
    expect(show('XPENDING s g (1 3 9')).toBe(`[${two}, ${three}]`)
    expect(show('XPENDING s g - + 1 d')).toBe(`[${three}]`)
    expect(show('XPENDING s g IDLE 500 2 + 9')).toBe(`[${two}]`)
    expect(run('XPENDING s g - + -1', 'XPENDING s g - + 9 nobody')).toEqual(['[]', '[]'])
  })

  test.each([
    ['XPENDING s h', "NOGROUP No such key 's' or consumer group 'h'"],
    ['XPENDING s g - +', 'ERR syntax error'],
    ['XPENDING s g IDLE 5 - +', 'ERR syntax error'],
    ['XPENDING s g - + x', 'ERR value is not an integer or out of range'],
    ['XPENDING s g x + 1', 'ERR Invalid stream ID specified as stream command argument'],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
  })
})

describe('XCLAIM', () => {
  beforeEach(() => {
    run('XREADGROUP GROUP g c COUNT 4 STREAMS s >')
    harness.clock.advance(1000)
  })

  test('takes over what has been idle for long, and counts a delivery', () => {
    expect(show('XCLAIM s g d 1000 1 5')).toBe('[["1-0", ["f", "v"]]]')
    expect(show('XCLAIM s g d 1001 2')).toBe('[]')
    expect(show('XPENDING s g - + 9 d')).toBe('[["1-0", "d", (integer) 0, (integer) 2]]')
    expect(show('XCLAIM s g d 0 2 JUSTID')).toBe('["2-0"]')
    expect(show('XPENDING s g - + 9 d')).toContain('["2-0", "d", (integer) 0, (integer) 1]')
  })

  test('sets times and counts, and forces what is not pending but there', () => {
    run(
      'XCLAIM s g d 0 1 IDLE 300 RETRYCOUNT 9 JUSTID',
      'XCLAIM s g d 0 2 TIME 1700000000500',
      'XCLAIM s g d 0 5 99 FORCE',
    )
    expect(show('XPENDING s g - + 9 d')).toBe(
      '[["1-0", "d", (integer) 300, (integer) 9], ["2-0", "d", (integer) 500, (integer) 2], ["5-0", "d", (integer) 0, (integer) 2]]',
    )
    run('XCLAIM s g d 0 1 LASTID 77-7')
    expect(show('XINFO GROUPS s')).toContain('"last-delivered-id", "77-7"')
  })

  test('drops what is deleted, and propagates that', () => {
    run('XDEL s 2')
    harness.recordPropagation()
    expect(show('XCLAIM s g c 0 1 2 JUSTID')).toBe('["1-0"]')
    expect(propagated()).toEqual([
      'MULTI',
      'XCLAIM s g c 0 1-0 TIME 1700000001000 RETRYCOUNT 1 FORCE JUSTID LASTID 4-0',
      'XACK s g 2-0',
      'EXEC',
    ])
    expect(show('XPENDING s g')).toContain('(integer) 3')
  })

  test('keeps its books when what is dropped was its own', () => {
    run('XDEL s 2 4')
    expect(show('XCLAIM s g c 0 1 2 3 4 JUSTID')).toBe('["1-0", "3-0"]')
    run('XREADGROUP GROUP g c STREAMS s >')
    expect(show('XPENDING s g')).toBe('[(integer) 3, "1-0", "5-0", [["c", "3"]]]')
    expect(show('XPENDING s g - + 9 c')).toContain('"5-0"')
    expect(run('XDEL s 1 3 5', 'XAUTOCLAIM s g c 0 0')[1]).toBe('["0-0", [], ["1-0", "3-0", "5-0"]]')
    expect(show('XINFO STREAM s FULL')).toContain('"pel-count", (integer) 0, "pending", []]]')
  })

  test.each([
    ['XCLAIM s g d 0 1 x', "ERR Unrecognized XCLAIM option 'x'"],
    ['XCLAIM s g d 0 1 IDLE', "ERR Unrecognized XCLAIM option 'IDLE'"],
    ['XCLAIM s g d 0 1 TIME x', 'ERR Invalid TIME option argument for XCLAIM'],
    ['XCLAIM s g d x 1', 'ERR Invalid min-idle-time argument for XCLAIM'],
    ['XCLAIM s h d x 1', "NOGROUP No such key 's' or consumer group 'h'"],
  ])('%s is refused and makes no consumer', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
    expect(show('XINFO GROUPS s')).toContain('"consumers", (integer) 1')
  })
})

describe('XAUTOCLAIM', () => {
  beforeEach(() => {
    run('XREADGROUP GROUP g c COUNT 4 STREAMS s >', 'XDEL s 2')
    harness.clock.advance(1000)
  })

  test('goes on where it stopped, and tells of deleted entries', () => {
    expect(show('XAUTOCLAIM s g d 1000 0 COUNT 1')).toBe('["2-0", [["1-0", ["f", "v"]]], []]')
    expect(show('XAUTOCLAIM s g d 1000 2-0 COUNT 2 JUSTID')).toBe('["4-0", ["3-0"], ["2-0"]]')
    expect(show('XAUTOCLAIM s g d 1000 4-0')).toBe('["0-0", [["4-0", ["f", "v"]]], []]')
    expect(show('XAUTOCLAIM s g d 1000 0')).toBe('["0-0", [], []]')
    expect(show('XPENDING s g')).toBe('[(integer) 3, "1-0", "4-0", [["d", "3"]]]')
  })

  test('looks at ten times as many entries as it may claim', () => {
    for (let i = 100; i < 130; i++) run(`XADD s ${i} f v`)
    run('XREADGROUP GROUP g c STREAMS s >', 'XAUTOCLAIM s g d 0 0 COUNT 4')
    harness.clock.advance(500)
    expect(show('XAUTOCLAIM s g e 999 0 COUNT 1')).toBe('["106-0", [], []]')
  })

  test.each([
    ['XAUTOCLAIM s g d 0 0 COUNT 0', 'ERR COUNT must be > 0'],
    [
      'XAUTOCLAIM s g d 0 0 COUNT 9007199254740993',
      'ERR Insufficient memory, failed allocating transient memory, COUNT too high.',
    ],
    ['XAUTOCLAIM s g d x 0', 'ERR Invalid min-idle-time argument for XAUTOCLAIM'],
    [
      'XAUTOCLAIM s g d 0 (18446744073709551615-18446744073709551615',
      'ERR invalid start ID for the interval',
    ],
    ['XAUTOCLAIM s h d 0 0', "NOGROUP No such key 's' or consumer group 'h'"],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
  })
})

describe('XINFO', () => {
  test('tells what a group has read and what is left, as far as that is known', () => {
    const progress = () =>
      /"entries-read", (\(nil-bulk\)|\(integer\) -?\d+), "lag", (\(nil-bulk\)|\(integer\) -?\d+)/
        .exec(show('XINFO GROUPS s'))
        ?.slice(1)
    expect(progress()).toEqual(['(nil-bulk)', '(integer) 5'])
    run('XREADGROUP GROUP g c COUNT 2 STREAMS s >')
    expect(progress()).toEqual(['(integer) 2', '(integer) 3'])
    run('XDEL s 4')
    expect(progress()).toEqual(['(integer) 2', '(nil-bulk)'])
    run('XREADGROUP GROUP g c STREAMS s >')
    expect(progress()).toEqual(['(integer) 5', '(integer) 0'])
    run('XADD s 9 f v', 'XTRIM s MAXLEN 1')
    expect(progress()).toEqual(['(integer) 5', '(integer) 1'])
    run('XTRIM s MAXLEN 0')
    expect(progress()).toEqual(['(integer) 5', '(integer) 0'])
  })

  test('STREAM FULL shows all, up to COUNT of each', () => {
    run('XREADGROUP GROUP g c COUNT 2 STREAMS s >')
    harness.clock.advance(10)
    run('XREADGROUP GROUP g c STREAMS s 2')
    expect(show('XINFO STREAM s FULL COUNT 1')).toBe(
      '["length", (integer) 5, "radix-tree-keys", (integer) 1, "radix-tree-nodes", (integer) 2, "last-generated-id", "5-0", "max-deleted-entry-id", "0-0", "entries-added", (integer) 5, "recorded-first-entry-id", "1-0", ' +
        '"entries", [["1-0", ["f", "v"]]], "groups", [["name", "g", "last-delivered-id", "2-0", "entries-read", (integer) 2, "lag", (integer) 3, "pel-count", (integer) 2, "pending", [["1-0", "c", (integer) 1700000000000, (integer) 1]], ' +
        '"consumers", [["name", "c", "seen-time", (integer) 1700000000010, "active-time", (integer) 1700000000000, "pel-count", (integer) 2, "pending", [["1-0", (integer) 1700000000000, (integer) 1]]]]]]]',
    )
  })

  test.each([
    ['XINFO STREAM none', 'ERR no such key'],
    [
      'XINFO STREAM s FOO',
      "ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.",
    ],
    [
      'XINFO STREAM s FULL COUNT',
      "ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.",
    ],
    ['XINFO CONSUMERS s h', "NOGROUP No such consumer group 'h' for key name 's'"],
  ])('%s is refused', (command, text) => {
    expect(show(command)).toBe(`(error) ${text}`)
  })
})
