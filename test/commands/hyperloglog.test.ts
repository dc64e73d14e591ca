import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { hyperloglogCommands } from '../../src/commands/hyperloglog.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { LIST } from '../../src/types/value-type.ts'
import { Draw } from '../compat/draw.ts'
import { hyperloglog } from '../compat/families/hyperloglog.ts'
import { Harness } from '../support/harness.ts'
import { contentOf, encodingOf, lifetimeOf, placeOf, putOtherType, recordEvents } from './stored.ts'

const NOT_ONE = '(error) WRONGTYPE Key is not a valid HyperLogLog string value.'
const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'
const CORRUPTED = '(error) INVALIDOBJ Corrupted HLL object detected'
const EMPTY_HEADER = 'HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80'

const settings = { sparseBytes: 3000 }
let server: Harness
const show = (...command: string[]) => server.show(command.length === 1 ? command[0]! : command)

function newServer(seed = 1): Harness {
  return new Harness([stringCommands, keyCommands, hyperloglogCommands(settings)], seed, 1)
}

function bytesOf(key: string): Buffer {
  return Buffer.from(contentOf(server).get(key)!.value, 'latin1')
}

function hashOf(key: string): string {
  return createHash('sha1').update(bytesOf(key)).digest('hex')
}

beforeEach(() => {
  settings.sparseBytes = 3000
  server = newServer()
})

describe('PFADD', () => {
  test('says whether a register has been raised, or the key made', () => {
    expect(show('PFADD h a b c')).toBe('(integer) 1')
    expect(show('PFADD h a c')).toBe('(integer) 0')
    expect(show('PFADD h a d')).toBe('(integer) 1')
    expect(show('PFADD new')).toBe('(integer) 1')
    expect(show('PFADD new')).toBe('(integer) 0')
    expect(show('PFCOUNT new')).toBe('(integer) 0')
    expect(encodingOf(server, 'h')).toBe('raw')
  })

  test('counts elements that made a difference as changes, with one event', () => {
    const events = recordEvents(server)
    const { dirty } = server.keyspace
    show('PFADD h a b')
    expect(server.keyspace.dirty).toBe(dirty + 3)
    show('PFADD h a b')
    expect(server.keyspace.dirty).toBe(dirty + 3)
    show('PFADD h a c d')
    expect(server.keyspace.dirty).toBe(dirty + 5)
    expect(events).toEqual(['pfadd h', 'pfadd h'])
  })

  test('keeps the deadline', () => {
    show('PFADD h a')
    show('GETEX h EX 10')
    show('PFADD h b')
    expect(lifetimeOf(server, 'h')).toBe(10_000)
  })

  // Counted and hashed by redis-server 7.0.15.
  test('makes the bytes that Redis makes, sparse and dense', () => {
    const expected = new Map<number, [count: number, length: number, hash: string]>([
      [1, [1, 21, '45e708e4d5648a60c8cbc54e236cee0f7079b217']],
      [10, [10, 47, '3c04bc8c924ae3033c003529a181338552812d52']],
      [100, [99, 285, '208dfd9d787fd2a4fd5ea3f712b2ddfd1e6f40ce']],
      [1000, [997, 1898, 'b5171073459badeadac46097c707984839780e29']],
      [1400, [1397, 2559, '86cd7d99426a445e0c8ba39474ac14c7fbf4223e']],
      [2000, [2004, 12_304, '86fc87457dbdba51a8222f7fd07bde6e42bccfcd']],
      [20_000, [19_987, 12_304, 'be24c9c017fa5216a909476bd036b544c0500f82']],
    ])
    for (let i = 1; i <= 20_000; i++) {
      server.run(['PFADD', 'k', `element:${i}`])
      const known = expected.get(i)
      if (known === undefined) continue
      const [count, length, hash] = known
      expect(show('PFCOUNT k')).toBe(`(integer) ${count}`)
      expect([bytesOf('k').length, hashOf('k')]).toEqual([length, hash])
    }
  })

  test('changes to dense where the limit is passed, however it is set', () => {
    settings.sparseBytes = 20
    show('PFADD h')
    expect(show('PFDEBUG ENCODING h')).toBe('+sparse')
    show('PFADD h a')
    expect(show('PFDEBUG ENCODING h')).toBe('+dense')
    expect(show('PFCOUNT h')).toBe('(integer) 1')
    settings.sparseBytes = 21
    show('PFADD exact a')
    expect(show('PFDEBUG ENCODING exact')).toBe('+sparse')
  })

  test('leaves what a snapshot sees as it was', () => {
    const { table } = server.keyspace.databases[0]!
    for (const dense of [false, true]) {
      show('DEL h')
      show('PFADD h a b c')
      if (dense) show('PFDEBUG TODENSE h')
      show('PFCOUNT h')
      const before = bytesOf('h')
      const seen = placeOf(server, 'h')
      table.freeze()
      show('PFADD h d e f')
      show('PFCOUNT h')
      expect(Buffer.compare(seen.view(), before)).toBe(0)
      expect(show('PFCOUNT h')).toBe('(integer) 6')
      table.entries.thaw()
    }
  })
})

describe('PFCOUNT', () => {
  test('notes the count in the header, which is a change without an event', () => {
    show('PFADD h a b c')
    const events = recordEvents(server)
    const { dirty } = server.keyspace
    expect(bytesOf('h')[15]).toBe(0x80)
    expect(show('PFCOUNT h')).toBe('(integer) 3')
    expect([...bytesOf('h').subarray(8, 16)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0])
    expect(server.keyspace.dirty).toBe(dirty + 1)
    expect(show('PFCOUNT h')).toBe('(integer) 3')
    expect(server.keyspace.dirty).toBe(dirty + 1)
    expect(events).toEqual([])
  })

  test('believes the count in the header', () => {
    server.run(['SET', 'h', Buffer.from('HYLL\x01\0\0\0\x07\0\0\0\0\0\0\0\x7f\xff', 'latin1')])
    expect(show('PFCOUNT h')).toBe('(integer) 7')
    server.run(['SET', 'h', Buffer.from(`HYLL\x01\0\0\0${'\xff'.repeat(7)}\x7f\x7f\xff`, 'latin1')])
    expect(show('PFCOUNT h')).toBe('(integer) 9223372036854775807')
  })

  test('of several keys is that of their union, and notes nothing', () => {
    show('PFADD a 1 2 3')
    show('PFADD b 3 4')
    show('PFDEBUG TODENSE b')
    const { dirty } = server.keyspace
    expect(show('PFCOUNT a b nothing')).toBe('(integer) 4')
    expect(show('PFCOUNT nothing')).toBe('(integer) 0')
    expect(show('PFCOUNT nothing nothing')).toBe('(integer) 0')
    expect(server.keyspace.dirty).toBe(dirty)
  })
})

describe('PFMERGE', () => {
  test('adds sources to a destination, which may be new or among them', () => {
    show('PFADD a 1 2 3')
    show('PFADD b 3 4')
    const events = recordEvents(server)
    expect(show('PFMERGE d a b')).toBe('+OK')
    expect(show('PFMERGE a a b nothing')).toBe('+OK')
    expect(show('PFMERGE empty')).toBe('+OK')
    expect(show('PFCOUNT d')).toBe('(integer) 4')
    expect(show('PFCOUNT a')).toBe('(integer) 4')
    expect(show('PFCOUNT empty')).toBe('(integer) 0')
    expect(events).toEqual(['pfadd d', 'pfadd a', 'pfadd empty'])
  })

  // Hashed by redis-server 7.0.15.
  test('of sparse values makes the bytes that Redis makes', () => {
    for (let i = 0; i < 300; i++) {
      server.run(['PFADD', 'a', `x${i}`])
      server.run(['PFADD', 'b', `x${i * 2}`])
    }
    show('PFMERGE m a b')
    expect(hashOf('m')).toBe('eec8c8a5ad437ceec9584db7e23f632b4199d32d')
    expect(show('PFCOUNT m')).toBe('(integer) 448')
  })

  test('with a dense value gives a dense one', () => {
    show('PFADD a 1')
    show('PFADD b 2')
    show('PFDEBUG TODENSE b')
    show('PFMERGE a b')
    expect(show('PFDEBUG ENCODING a')).toBe('+dense')
    expect(show('PFCOUNT a')).toBe('(integer) 2')
  })
})

describe('values that are none', () => {
  test('are refused by every command', () => {
    putOtherType(server, 'list', LIST)
    show('SET text x')
    for (const command of [
      'PFADD k',
      'PFADD k a',
      'PFCOUNT k',
      'PFCOUNT nothing k',
      'PFMERGE k',
      'PFMERGE d k',
    ]) {
      expect(show(command.replace('k', 'list'))).toBe(WRONG_TYPE)
      expect(show(command.replace('k', 'text'))).toBe(NOT_ONE)
    }
    expect(show('PFDEBUG FOO list')).toBe(WRONG_TYPE)
    expect(show('PFDEBUG FOO text')).toBe(NOT_ONE)
    expect(show('EXISTS d')).toBe('(integer) 0')
  })

  test('are noticed where their registers are looked at', () => {
    const spoil = () => server.run(['SET', 'k', Buffer.from(`${EMPTY_HEADER}\x7f\x00`, 'latin1')])
    for (const command of ['PFCOUNT k', 'PFCOUNT k k', 'PFMERGE k', 'PFMERGE d k', 'PFDEBUG GETREG k']) {
      spoil()
      expect(show(command)).toBe(CORRUPTED)
      expect(bytesOf('k').length).toBe(18)
    }
    spoil()
    expect(show('PFADD k')).toBe('(integer) 0')
    // The register of `a`, 12711, is there.
    expect(show('PFADD k a')).toBe('(integer) 1')
  })

  test('keep what was added before the damage shows, and say that they have changed', () => {
    server.run(['SET', 'k', Buffer.from(`${EMPTY_HEADER}\x72\x00`, 'latin1')])
    const events = recordEvents(server)
    expect(show('PFADD k a b')).toBe(CORRUPTED)
    expect(show('PFDEBUG DECODE k')).toBe('"Z:12711 v:2,1 Z:89"')
    expect(events).toEqual(['pfadd k'])
  })
})

describe('PFDEBUG', () => {
  test('shows registers, opcodes and the encoding', () => {
    show('PFADD h a')
    expect(show('PFDEBUG DECODE h')).toBe('"Z:12711 v:2,1 Z:3672"')
    expect(show('PFDEBUG encoding h')).toBe('+sparse')
    expect(show('PFDEBUG TODENSE h')).toBe('(integer) 1')
    expect(show('PFDEBUG TODENSE h')).toBe('(integer) 0')
    expect(show('PFDEBUG ENCODING h')).toBe('+dense')
    expect(show('PFDEBUG DECODE h')).toBe('(error) ERR HLL encoding is not sparse')
  })

  test('GETREG makes the value dense', () => {
    show('PFADD h a')
    const reply = server.run('PFDEBUG GETREG h')
    if (reply.type !== 'array') throw new Error(reply.type)
    const set = reply.items.flatMap((item, register) =>
      item.type === 'integer' && item.value !== 0 ? [[register, item.value]] : [],
    )
    expect(reply.items).toHaveLength(16_384)
    expect(set).toEqual([[12_711, 2]])
    expect(show('PFDEBUG ENCODING h')).toBe('+dense')
  })

  test('needs a key and a subcommand that exist', () => {
    expect(show('PFDEBUG FOO nothing')).toBe('(error) ERR The specified key does not exist')
    show('PFADD h')
    expect(show('PFDEBUG FOO h')).toBe("(error) ERR Unknown PFDEBUG subcommand 'FOO'")
  })
})

test('PFSELFTEST finds nothing', () => {
  expect(show('PFSELFTEST')).toBe('+OK')
})

test.each([1, 2])('what is propagated makes the same content elsewhere (seed %i)', (seed) => {
  server.recordPropagation()
  const draw = new Draw(seed)
  for (let i = 0; i < 600; i++) {
    for (const { args } of [draw.pick(hyperloglog.makers).make(draw)].flat()) {
      if (args[0] !== 'CONFIG') server.run(args)
    }
  }
  const replica = newServer(2)
  for (const { command } of server.propagated) replica.run(command)
  expect(contentOf(replica)).toEqual(contentOf(server))
})
