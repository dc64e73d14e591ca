import { beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { digestOfValue } from '../../src/keyspace/digest.ts'
import { DigestBuilder } from '../../src/keyspace/digest-builder.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { kindOf } from '../../src/keyspace/kinds.ts'
import { copyEntry } from '../../src/keyspace/transfer.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Key } from '../../src/memory/key.ts'
import { FrozenTable } from '../../src/memory/table-view.ts'
import { Member } from '../../src/types/member.ts'
import { bytesFor, SetValue } from '../../src/types/set.ts'
import { SetChoice } from '../../src/types/set-choice.ts'
import { encodingName, SET } from '../../src/types/value-type.ts'

const SEED = { low: 11, high: 22 }

let keyspace: Keyspace
let set: SetValue
let member: Member

beforeEach(() => {
  keyspace = new Keyspace(2, SEED, new Random(3))
  set = new SetValue(keyspace.types)
  member = new Member(SEED)
})

function keyOf(name: string): Key {
  const bytes = Buffer.from(name, 'latin1')
  return new Key(SEED).point(bytes, 0, bytes.length)
}

function memberOf(text: string): Member {
  const bytes = Buffer.from(text, 'latin1')
  return member.point(bytes, 0, bytes.length)
}

function create(name: string, first: string, count = 1): SetValue {
  const db = keyspace.databases[0]!
  const encoding = set.encodingFor(count, memberOf(first))
  return set.create(db.putCell(new Cell(), keyOf(name), SET, encoding, bytesFor(encoding, member)))
}

function open(name: string, index = 0): SetValue {
  const db = keyspace.databases[index]!
  const key = keyOf(name)
  return set.open(db.hold(new Cell(), key, db.peek(key)))
}

function encoding(): string {
  return encodingName(SET, set.encoding)
}

function textOf({ bytes, start, length }: { bytes: Uint8Array; start: number; length: number }): string {
  return Buffer.from(bytes.subarray(start, start + length)).toString('latin1')
}

function content(): string[] {
  const members: string[] = []
  set.rewind()
  while (set.next()) members.push(textOf(set.member))
  return members
}

/** What a model set digests to, member by member. */
function digestOf(members: Iterable<string>): string {
  const digest = new DigestBuilder()
  digest.mix(Uint8Array.of(0, 0, 0, SET))
  for (const text of members) digest.xor(Buffer.from(text, 'latin1'))
  return digest.hex
}

const INTEGERS = (random: Random) => String(random.below(400) - 200)
const TEXTS = (random: Random) => `m${random.below(80)}`
const ALL = (random: Random) => {
  const dice = random.below(40)
  if (dice === 0) return '9223372036854775807'
  if (dice === 1) return 'long'.repeat(random.below(40_000) >> random.below(15))
  return dice < 20 ? String(random.below(3000)) : `member:${random.below(3000)}`
}

interface Case {
  what: string
  draw: (random: Random) => string
  ends: string
}

const CASES: Case[] = [
  { what: 'integers', draw: INTEGERS, ends: 'intset' },
  { what: 'few texts', draw: TEXTS, ends: 'listpack' },
  { what: 'everything', draw: ALL, ends: 'hashtable' },
]

/** Adds and removes at random, in the set and in the model. */
function churn(model: Set<string>, random: Random, draw: Case['draw'], adding: number, steps = 4000): void {
  open('s')
  for (let i = 0; i < steps; i++) {
    const text = draw(random)
    if (random.below(100) < adding) {
      expect(set.add(memberOf(text))).toBe(!model.has(text))
      model.add(text)
    } else if (random.below(10) > 0 || model.size === 0) {
      expect(set.remove(memberOf(text))).toBe(model.delete(text))
    } else {
      set.choose()
      expect(model.delete(textOf(set.member))).toBe(true)
      set.removeChosen()
    }
  }
}

function check(model: Set<string>, random: Random, draw: Case['draw']): void {
  open('s')
  expect(set.count).toBe(model.size)
  expect(content().sort()).toEqual([...model].sort())
  for (let i = 0; i < 200; i++) {
    const text = draw(random)
    expect(set.has(memberOf(text))).toBe(model.has(text))
    const bytes = Buffer.from(text, 'latin1')
    expect(set.scoreOf(bytes, 0, bytes.length)).toBe(model.has(text) ? 1 : Number.NaN)
  }
  expect(digestOfValue(keyspace.databases[0]!, keyOf('s')).hex).toBe(digestOf(model))
}

describe.each(CASES)('a set of $what', ({ draw, ends }) => {
  test('is what a model is, while it grows and shrinks', () => {
    const random = new Random(7)
    const model = new Set<string>()
    create('s', '1')
    for (const adding of [90, 30, 95, 60]) {
      churn(model, random, draw, adding)
      check(model, random, draw)
    }
    expect(encoding()).toBe(ends)
  })

  test('stays what it was for whoever reads the frozen pages, and nothing leaks', () => {
    const db = keyspace.databases[0]!
    const empty = db.table.entries.usedBytes
    const random = new Random(8)
    const model = new Set<string>()
    create('s', '1')
    churn(model, random, draw, 85)
    const frozen = new FrozenTable(db.table.freeze())
    const then = digestOf(model)
    for (const adding of [20, 90, 50]) churn(model, random, draw, adding)
    check(model, random, draw)
    frozen.each((entry) => {
      const { entries } = frozen
      const digest = new DigestBuilder()
      digest.mix(Uint8Array.of(0, 0, 0, SET))
      kindOf(entries.typeOf(entry), entries.encodingOf(entry)).mix(digest, entries, entry)
      expect(digest.hex).toBe(then)
    })
    db.table.entries.thaw()
    db.remove(keyOf('s'), db.peek(keyOf('s')))
    while (!keyspace.reclaim());
    expect(db.table.entries.usedBytes).toBe(empty)
  })

  test('is copied as a whole, to another database too', () => {
    const random = new Random(9)
    const model = new Set<string>()
    create('s', '1')
    churn(model, random, draw, 90)
    const [db, other] = keyspace.databases
    copyEntry(db!, db!.peek(keyOf('s')), other!, keyOf('t'))
    const copied = digestOf(model)
    churn(model, random, draw, 10)
    expect(digestOfValue(other!, keyOf('t')).hex).toBe(copied)
    check(model, random, draw)
  })

  test('is scanned without missing what is there throughout', () => {
    const random = new Random(10)
    const model = new Set<string>()
    create('s', '1')
    churn(model, random, draw, 90)
    const kept = [...model]
    const seen = new Set<string>()
    let cursor = 0
    do {
      open('s')
      cursor = set.scan(cursor, 5)
      while (set.nextFound()) seen.add(textOf(set.member))
      for (let i = 0; i < 20; i++) set.add(memberOf(draw(random)))
    } while (cursor !== 0)
    for (const text of kept) expect(seen.has(text)).toBe(true)
  })

  test('lets each member be chosen', () => {
    create('s', '1')
    const model = new Set<string>()
    churn(model, new Random(11), draw, 95, 60)
    open('s')
    const chosen = new Set<string>()
    for (let i = 0; i < model.size * 30; i++) {
      set.choose()
      chosen.add(textOf(set.member))
    }
    expect([...chosen].sort()).toEqual([...model].sort())
  })
})

describe('the encoding', () => {
  function fill(from: number, to: number): void {
    for (let i = from; i < to; i++) set.add(memberOf(String(i)))
  }

  test('is an intset up to set-max-intset-entries, then a hash table', () => {
    create('s', '0')
    fill(0, 512)
    expect(encoding()).toBe('intset')
    fill(512, 513)
    expect(encoding()).toBe('hashtable')
    expect(set.count).toBe(513)
  })

  test('is a listpack as soon as there is text, if all that is there fits', () => {
    create('s', '0')
    fill(0, 127)
    set.add(memberOf('text'))
    expect(encoding()).toBe('listpack')
    set.add(memberOf('more'))
    expect(encoding()).toBe('hashtable')
    create('t', '0')
    fill(0, 128)
    set.add(memberOf('text'))
    expect(encoding()).toBe('hashtable')
  })

  test('leaves the listpack for long text', () => {
    create('s', 'a')
    set.add(memberOf('x'.repeat(64)))
    expect(encoding()).toBe('listpack')
    set.add(memberOf('x'.repeat(65)))
    expect(encoding()).toBe('hashtable')
    expect(set.count).toBe(2)
  })

  test('counts the digits of integers against the limit of text', () => {
    keyspace.types.limits.setListpackValue = 3
    create('s', '1000')
    set.add(memberOf('1000'))
    set.add(memberOf('abc'))
    expect(encoding()).toBe('hashtable')
    expect(content().sort()).toEqual(['1000', 'abc'])
  })

  test('is that of so many members, where they are announced', () => {
    for (const [first, count, name] of [
      ['1', 512, 'intset'],
      ['1', 513, 'hashtable'],
      ['a', 128, 'listpack'],
      ['a', 129, 'hashtable'],
    ] as const) {
      create(`${first}${count}`, first, count)
      expect(encoding()).toBe(name)
    }
    create('s', 'a')
    set.add(memberOf('a'))
    set.expect(128)
    expect(encoding()).toBe('listpack')
    set.expect(129)
    expect(encoding()).toBe('hashtable')
    expect(content()).toEqual(['a'])
  })

  test('never goes back', () => {
    create('s', '0')
    fill(0, 513)
    for (let i = 1; i < 513; i++) set.remove(memberOf(String(i)))
    open('s')
    expect(encoding()).toBe('hashtable')
    expect(content()).toEqual(['0'])
  })
})

describe('choosing several', () => {
  /** How often each member is chosen. */
  function histogram(count: number, rounds: number): Map<string, number> {
    const choice = new SetChoice(keyspace.types)
    const times = new Map<string, number>()
    for (let round = 0; round < rounds; round++) {
      const seen = new Set<string>()
      choice.begin(set, count)
      while (choice.next()) seen.add(textOf(set.member))
      expect(seen.size).toBe(Math.min(count, set.count))
      for (const text of seen) times.set(text, (times.get(text) ?? 0) + 1)
    }
    return times
  }

  test.each([
    { what: 'integers', total: 60, count: 20, first: '' },
    { what: 'texts', total: 60, count: 20, first: 'x' },
    { what: 'a large set, few', total: 700, count: 40, first: 'x' },
    { what: 'a large set, many', total: 700, count: 400, first: 'x' },
  ])('$what gives different ones, each as often as any other', ({ total, count, first }) => {
    create('s', `${first}0`)
    for (let i = 0; i < total; i++) set.add(memberOf(`${first}${i}`))
    const rounds = 1500
    const times = histogram(count, rounds)
    expect(times.size).toBe(total)
    const mean = (rounds * count) / total
    // Seven standard deviations.
    const most = 7 * Math.sqrt(mean * (1 - count / total))
    for (const n of times.values()) expect(Math.abs(n - mean)).toBeLessThan(most)
  })

  test('of more than there are gives all', () => {
    create('s', '0')
    for (let i = 0; i < 10; i++) set.add(memberOf(String(i)))
    expect([...histogram(99, 1).keys()].sort()).toEqual([...'0123456789'])
    expect(histogram(0, 1).size).toBe(0)
  })
})
