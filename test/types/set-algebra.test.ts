import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { Cell } from '../../src/memory/cell.ts'
import { Key } from '../../src/memory/key.ts'
import { Member } from '../../src/types/member.ts'
import { bytesFor, SetValue } from '../../src/types/set.ts'
import { SetAlgebra, type SetOperation } from '../../src/types/set-algebra.ts'
import { SET } from '../../src/types/value-type.ts'

const SEED = { low: 11, high: 22 }
const keyspace = new Keyspace(1, SEED, new Random(3))
const db = keyspace.databases[0]!
const set = new SetValue(keyspace.types)
const member = new Member(SEED)
const algebra = new SetAlgebra(keyspace.types)

function keyOf(name: string): Key {
  const bytes = Buffer.from(name, 'latin1')
  return new Key(SEED).point(bytes, 0, bytes.length)
}

function memberOf(text: string): Member {
  const bytes = Buffer.from(text, 'latin1')
  return member.point(bytes, 0, bytes.length)
}

/** Stores a set of any kind and size; says what is in it. */
function store(name: string, random: Random, most: number): Set<string> {
  const prefix = random.below(2) === 0 ? '' : 'x'
  const count = random.below(most)
  const model = new Set<string>()
  const encoding = set.encodingFor(1, memberOf(`${prefix}0`))
  const entry = db.peek(keyOf(name))
  if (entry !== 0) db.remove(keyOf(name), entry)
  set.create(db.putCell(new Cell(), keyOf(name), SET, encoding, bytesFor(encoding, member)))
  for (let i = 0; i < count; i++) {
    // Integers among texts, and often the same in several sets.
    const text = random.below(3) === 0 ? String(random.below(most)) : `${prefix}${random.below(most)}`
    set.add(memberOf(text))
    model.add(text)
  }
  return model
}

const MODELS: Record<SetOperation, (sets: Set<string>[]) => Set<string>> = {
  intersection: ([first, ...others]) =>
    new Set([...first!].filter((text) => others.every((other) => other.has(text)))),
  union: (sets) => new Set(sets.flatMap((one) => [...one])),
  difference: ([first, ...others]) =>
    new Set([...first!].filter((text) => !others.some((other) => other.has(text)))),
}

function begin(operation: SetOperation, names: string[]): void {
  algebra.begin(operation, db.table.entries)
  for (const name of names) {
    const entry = db.peek(keyOf(name))
    if (entry === 0) algebra.includeNothing()
    else {
      db.hold(algebra.nextCell, keyOf(name), entry)
      algebra.include()
    }
  }
}

/** Walks over the result, and makes it; both must be the same. */
function resultOf(operation: SetOperation, names: string[]): string[] {
  begin(operation, names)
  algebra.start()
  const walked: string[] = []
  while (algebra.next()) walked.push(Buffer.from(algebra.member.copy()).toString('latin1'))
  algebra.end()?.run(Number.POSITIVE_INFINITY)
  begin(operation, names)
  const made: string[] = []
  set.open(algebra.toDraft())
  expect(algebra.draftCount).toBe(walked.length)
  set.rewind()
  while (set.next()) made.push(Buffer.from(set.member.copy()).toString('latin1'))
  algebra.end()?.run(Number.POSITIVE_INFINITY)
  expect(made.sort()).toEqual(walked.sort())
  return walked
}

test.each(['intersection', 'union', 'difference'] as const)('%s is what a model says', (operation) => {
  const random = new Random(5)
  for (let round = 0; round < 60; round++) {
    const names = Array.from({ length: 1 + random.below(6) }, (_, i) => `set:${i}`)
    const models = names.map((name) => store(name, random, [4, 60, 200, 900][random.below(4)]!))
    // A set may stand there twice; another may be absent.
    if (random.below(4) === 0) {
      names.push(names[0]!)
      models.push(models[0]!)
    }
    if (random.below(4) === 0) {
      names.splice(random.below(names.length + 1), 0, 'absent')
      models.splice(names.indexOf('absent'), 0, new Set())
    }
    const { usedBytes } = db.table.entries
    expect(resultOf(operation, names)).toEqual([...MODELS[operation](models)].sort())
    expect(db.table.entries.usedBytes).toBe(usedBytes)
  }
})

test.each(['intersection', 'union', 'difference'] as const)(
  '%s of large sets is what a model says',
  (operation) => {
    const random = new Random(8)
    for (const sizes of [
      [20_000, 20_000],
      [2500, 30_000],
      [30_000, 3000],
      [9000, 6000, 12_000],
      [20_000, 300],
      [3000, 3000, 3000, 6000],
    ]) {
      const names = sizes.map((_, i) => `set:${i}`)
      const models = sizes.map((most, i) => store(names[i]!, random, most))
      const { usedBytes } = db.table.entries
      expect(resultOf(operation, names)).toEqual([...MODELS[operation](models)].sort())
      expect(db.table.entries.usedBytes).toBe(usedBytes)
    }
  },
)

test('a difference of a large set and many small ones is made by taking out', () => {
  const random = new Random(6)
  const models = [store('set:0', random, 900)]
  const names = ['set:0']
  for (let i = 1; i < 40; i++) {
    names.push(`set:${i}`)
    models.push(store(names[i]!, random, 10))
  }
  expect(resultOf('difference', names)).toEqual([...MODELS.difference(models)].sort())
  // Nothing is left of the first: the rest is not looked at.
  expect(resultOf('difference', ['set:1', 'set:0', 'set:1', ...names.slice(2)])).toEqual([])
})
