// Append-only logs, loaded: whole ones, torn ones, damaged ones. What is expected of each was asked of redis-server 7.0.15.

import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { LoadError } from '../../src/persistence/load-source.ts'
import { END, MALFORMED, TORN } from '../../src/persistence/log-parser.ts'
import { ManifestError } from '../../src/persistence/manifest.ts'
import { imageOfNow } from '../../src/persistence/snapshot.ts'
import {
  BASE,
  bytesOf,
  type Files,
  INCREMENT,
  LogFiles,
  LogLoader,
  MANIFEST,
  ONE_INCREMENT,
  record,
} from './log-harness.ts'
import { SnapshotHarness } from './snapshot-harness.ts'

const SET = '*3\r\n$3\r\nset\r\n$2\r\nk1\r\n$2\r\nv1\r\n'
const OTHER = '*3\r\n$3\r\nset\r\n$2\r\nk2\r\n$2\r\nv2\r\n'
const MULTI = '*1\r\n$5\r\nmulti\r\n'
const EXEC = '*1\r\n$4\r\nexec\r\n'
const TWO_INCREMENTS = `${ONE_INCREMENT}file second seq 2 type i\n`
const BAD_FORMAT = /^Bad file format reading the append only file appendonly.aof.1.incr.aof: make a backup/
const UNEXPECTED_END =
  /^Unexpected end of file reading the append only file appendonly.aof.1.incr.aof. You can: 1\)/

const loader = new LogLoader(new SnapshotHarness(new Random(1), 0))
let files: LogFiles | undefined
afterEach(() => files?.remove())

/** Loads; returns why not, if it can't be. */
function load(content: Files, mayCut = true): string | undefined {
  files?.remove()
  files = new LogFiles(content)
  loader.lines = []
  try {
    loader.load(files.log, { mayCut, flushes: true })
    return undefined
  } catch (error) {
    if (error instanceof LoadError || error instanceof ManifestError) return error.message
    throw error
  }
}
const loadOne = (content: string | Uint8Array, mayCut = true) =>
  load({ [MANIFEST]: ONE_INCREMENT, [INCREMENT]: content }, mayCut)
const get = (key: string) => loader.harness.show(`GET ${key}`)
const keys = () => loader.harness.show('DBSIZE')
const bytesLeft = () => statSync(files!.log.pathOf(INCREMENT)).size

describe('a log', () => {
  test('is its base, then its increments in order', () => {
    const manifest = `file ${BASE} seq 1 type b\n${TWO_INCREMENTS}`
    expect(
      load({ [MANIFEST]: manifest, [BASE]: SET, [INCREMENT]: OTHER, second: SET.replace('v1', 'v3') }),
    ).toBe(undefined)
    expect([get('k1'), get('k2')]).toEqual(['"v3"', '"v2"'])
    expect(loader.lines).toContain('DB loaded from base file appendonly.aof.1.base.aof: 0.000 seconds')
    expect(loader.lines).toContain('DB loaded from incr file second: 0.000 seconds')
  })

  test('of a file that is missing is refused', () => {
    expect(load({ [MANIFEST]: TWO_INCREMENTS, [INCREMENT]: SET })).toBe(
      'Unable to obtain the AOF file second length. stat: No such file or directory',
    )
  })

  test.each([
    ['notes of the time', `#TS:123\r\n${SET}#hello\r\n${OTHER}#TS:124\r\n`],
    ['lines that end in a line feed alone', `*3\n$3\nset\r\n$2\nk1\r\n$2\nv1\r\n${OTHER}`],
    ['something behind numbers', `*3xyz\r\n$3abc\r\nset\r\n$2\r\nk1\r\n$2\r\nv1\r\n${OTHER}`],
    ['something else behind strings', `*3\r\n$3\r\nsetXX$2\r\nk1--$2\r\nv1..${OTHER}`],
    ['a transaction', `${MULTI}${SET}${OTHER}${EXEC}`],
    ['commands that fail', `${SET}*3\r\n$5\r\nlpush\r\n$2\r\nk1\r\n$1\r\na\r\n*1\r\n$3\r\nset\r\n${OTHER}`],
    ['a database that there is not', `*2\r\n$6\r\nselect\r\n$2\r\n99\r\n${SET}${OTHER}`],
    ['EXEC alone', `${EXEC}${SET}${OTHER}`],
    ['what would wait', `*3\r\n$5\r\nblpop\r\n$1\r\nx\r\n$1\r\n0\r\n${SET}${OTHER}`],
  ])('may have %s', (_, content) => {
    expect(loadOne(content)).toBe(undefined)
    expect([get('k1'), get('k2')]).toEqual(['"v1"', '"v2"'])
  })

  test('tells of commands that fail', () => {
    loadOne(`${SET}*3\r\n$5\r\nlpush\r\n$2\r\nk1\r\n$1\r\na\r\n`)
    expect(loader.lines.join()).toContain(
      "== CRITICAL == This server is sending an error to its AOF-loading-client: '-WRONGTYPE Operation against a key holding the wrong kind of value' after processing the command 'lpush'",
    )
  })

  test.each([
    ['rubbish', `${SET}!!!${SET}`],
    ['an inline command', `${SET}set a b\r\n`],
    ['no arguments', `${SET}*0\r\n${SET}`],
    ['fewer than no arguments', `${SET}*-1\r\n${SET}`],
    ['words for numbers', `${SET}*abc\r\n${SET}`],
    ['a note inside of a command', `*3\r\n$3\r\nset\r\n#TS:123\r\n$2\r\nk1\r\n$2\r\nv1\r\n`],
    ['a string of less than nothing', `${SET}*2\r\n$3\r\nget\r\n$-1\r\n`],
  ])('that has %s is refused', (_, content) => {
    expect(loadOne(content)).toMatch(BAD_FORMAT)
    expect(readFileSync(files!.log.pathOf(INCREMENT), 'latin1')).toBe(content)
  })

  test('that has a command unknown is refused', () => {
    const message = "Unknown command 'bla' reading the append only file appendonly.aof.1.incr.aof"
    expect(loadOne(`${SET}*2\r\n$3\r\nbla\r\n$1\r\na\r\n${SET}`)).toBe(message)
    expect(loadOne(`${MULTI}*2\r\n$3\r\nbla\r\n$1\r\na\r\n${EXEC}`)).toBe(message)
  })

  test('keeps keys whose time has come until it says that they go', () => {
    const push = (value: string) => `*3\r\n$5\r\nrpush\r\n$1\r\nl\r\n$3\r\n${value}\r\n`
    expect(loadOne(`${push('foo')}*3\r\n$9\r\npexpireat\r\n$1\r\nl\r\n$4\r\n1000\r\n${push('bar')}`)).toBe(
      undefined,
    )
    expect(loader.harness.show('LLEN l')).toBe('(integer) 0')
  })
})

describe('a torn end', () => {
  const torn = `${OTHER}*2\r\n$3\r\ndel\r\n$12\r\n012345678901\r\n`

  test('of every length is cut off, if that is allowed, and refused if not', () => {
    for (let length = 1; length < torn.length; length++) {
      const content = `${SET}${torn.slice(0, length)}`
      const whole = length >= OTHER.length ? SET.length + OTHER.length : SET.length
      expect(loadOne(content)).toBe(undefined)
      expect([length, bytesLeft()]).toEqual([length, whole])
      expect(get('k2')).toBe(length >= OTHER.length ? '"v2"' : '(nil-bulk)')
      if (length === OTHER.length) continue
      expect(loader.lines).toContain(`!!! Truncating the AOF ${INCREMENT} at offset ${whole} !!!`)
      expect(loadOne(content, false)).toMatch(UNEXPECTED_END)
      expect(bytesLeft()).toBe(content.length)
    }
  })

  test('of a transaction, of every length, takes all of the transaction', () => {
    const transaction = `${MULTI}${OTHER}${EXEC}`
    for (let length = 1; length < transaction.length; length++) {
      expect(loadOne(`${SET}${transaction.slice(0, length)}`)).toBe(undefined)
      expect([length, bytesLeft(), keys()]).toEqual([length, SET.length, '(integer) 1'])
    }
    expect(loader.lines).toContain(`Revert incomplete MULTI/EXEC transaction in AOF file ${INCREMENT}`)
    expect(loadOne(`${SET}${MULTI}${OTHER}`, false)).toMatch(UNEXPECTED_END)
  })

  test('of a note is cut off in any case, or it would swallow what is appended', () => {
    for (const mayCut of [true, false]) {
      expect(loadOne(`${SET}#TS:12`, mayCut)).toBe(undefined)
      expect(bytesLeft()).toBe(SET.length)
    }
  })

  test('of a file that is not the last is refused', () => {
    expect(load({ [MANIFEST]: TWO_INCREMENTS, [INCREMENT]: `${SET}*3\r\n$3`, second: OTHER })).toBe(
      'Fatal error: the truncated file is not the last file',
    )
  })

  test('may promise more than memory holds', () => {
    for (const size of ['999999999', '99999999999']) {
      expect(loadOne(`${SET}*3\r\n$3\r\nset\r\n$${size}\r\nab\r\n`)).toBe(undefined)
      expect(bytesLeft()).toBe(SET.length)
    }
  })
})

describe('what was propagated', () => {
  const made: LogFiles[] = []
  afterAll(() => {
    for (const each of made) each.remove()
  })

  test.each([1, 2, 3, 4, 5, 6])('makes the same dataset, removals included: seed %i', (seed) => {
    const source = new SnapshotHarness(new Random(seed), 0)
    const log = record(source)
    for (let n = 0; n < 1500; n++) {
      source.write()
      if (n % 50 === 0) source.clock.advance(20_000)
      if (n % 97 === 0) {
        source.raw('SET vanishing 1 PX 10')
        source.raw('HSET hash f 1 g 2')
        source.raw('HPEXPIRE hash 10 FIELDS 1 f')
        source.clock.advance(20)
        source.raw('GET vanishing')
        source.raw('HGETALL hash')
      }
    }
    loader.harness.clock.set(source.clock.now())
    loader.harness.dispatcher.syncClock()
    expect(loadOne(bytesOf(log))).toBe(undefined)
    expect(loader.lines.filter((line) => line.includes('CRITICAL'))).toEqual([])
    expect(loader.digest).toBe(source.digest)
    expect(imageOfNow(loader.harness.keyspace).keys).toBeGreaterThan(0)
  })
})

describe('20,000 damaged logs', () => {
  const source = new SnapshotHarness(new Random(11), 0)
  const log = record(source)
  for (let n = 0; n < 6; n++) source.write()
  for (const command of [
    'MSET a 1 b 22 c 333',
    'RPUSH l a b c',
    'HSET h f 1 g 2',
    'SPOP h',
    'SELECT 3',
    'SADD s x y z',
    'SPOP s 2',
  ]) {
    source.raw(command)
  }
  const whole = bytesOf(log).subarray(0, 2000)

  test('are run to their end or refused, and alike in whatever pieces they come: 20,000 of them', () => {
    const random = new Random(12)
    const outcomes = new Set<number>()
    for (let n = 0; n < 20_000; n++) {
      const bytes = damaged(whole, random)
      const outcome = loader.run(bytes, bytes.length)
      outcomes.add(outcome.result)
      if (n % 4 === 0) expect(loader.run(bytes, 1 + random.below(bytes.length + 1))).toEqual(outcome)
    }
    expect([...outcomes].sort()).toEqual([-1, END, TORN, MALFORMED])
  })

  test('are loaded from files or refused: 500 of them', () => {
    const random = new Random(13)
    const place = new LogFiles({ [MANIFEST]: ONE_INCREMENT })
    const outcomes = { loaded: 0, refused: 0 }
    for (let n = 0; n < 500; n++) {
      place.write(INCREMENT, damaged(whole, random))
      try {
        loader.load(place.log, { mayCut: random.below(2) === 0, flushes: false })
        outcomes.loaded++
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        outcomes.refused++
      }
    }
    place.remove()
    expect(outcomes.loaded).toBeGreaterThan(10)
    expect(outcomes.refused).toBeGreaterThan(10)
  })
})

function damaged(whole: Buffer, random: Random): Buffer {
  const from = random.below(4) === 0 ? 0 : random.below(whole.length)
  const bytes = Buffer.from(whole.subarray(0, from === 0 ? whole.length : from))
  if (bytes.length === 0) return bytes
  for (let changes = random.below(5); changes > 0; changes--) {
    const at = random.below(bytes.length)
    const kind = random.below(3)
    if (kind === 0) bytes[at] = random.below(256)
    else if (kind === 1) bytes[at] = Buffer.from('*$#0123456789-\r\n')[random.below(16)]!
    else bytes.copyWithin(at, random.below(bytes.length))
  }
  return bytes
}
