// Entries put into a table several at a time, and tables told how many will come: as if each had been added by itself.
import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { NO_DEADLINE } from '../../src/memory/deadline.ts'
import { EntryBatch } from '../../src/memory/entry-batch.ts'
import { Key } from '../../src/memory/key.ts'
import { Table } from '../../src/memory/table.ts'
import { SEED } from './store-model.ts'
import { checkTable } from './table-invariants.ts'

class Filler {
  readonly table = new Table(SEED)
  readonly batch = new EntryBatch()
  readonly key = new Key(SEED)

  point(name: string): Key {
    const bytes = Buffer.from(name)
    return this.key.point(bytes, 0, bytes.length)
  }

  /** False: one of those that waited is there already. */
  add(name: string, deadline = NO_DEADLINE): boolean {
    const { batch, table } = this
    const key = this.point(name)
    const isTaken = !batch.isFull || table.adopt(batch)
    if (isTaken) batch.add(key.hash, table.entries.create(key, 0, 0, 0, 0, deadline), deadline)
    return isTaken
  }
}

test('a table has all that was put in, whatever number was expected', () => {
  const random = new Random(1)
  for (const count of [0, 1, 13, 14, 15, 100, 863, 864, 865, 5000]) {
    for (const expected of [0, 1, Math.floor(count / 2), count, count * 3]) {
      const filler = new Filler()
      const { table, batch } = filler
      table.expect(expected)
      for (let i = 0; i < count; i++) filler.add(`key ${i}`, random.below(4) === 0 ? 1000 + i : NO_DEADLINE)
      expect(table.adopt(batch)).toBe(true)
      expect(table.count).toBe(count)
      checkTable(table)
      for (let i = 0; i < count; i++) expect(table.find(filler.point(`key ${i}`))).not.toBe(0)
      for (let i = 0; i < count; i++) {
        const key = filler.point(`key ${i}`)
        table.remove(key, table.find(key))
      }
      expect([table.count, table.deadlineCount]).toEqual([0, 0])
      checkTable(table)
    }
  }
})

test('a table that is expected to be large has the segments that it would have come to by itself', () => {
  const grown = new Filler()
  for (let i = 0; i < 6000; i++) grown.add(`key ${i}`)
  grown.table.adopt(grown.batch)
  const told = new Filler()
  told.table.expect(6000)
  expect(told.table.slotCount).toBe(grown.table.slotCount)
})

test('a key that is there already, or twice in a batch, ends it; what was not put in is given back', () => {
  for (const twin of [0, 5, 20, 39]) {
    const filler = new Filler()
    const { table, batch } = filler
    for (let i = 0; i < 40; i++) filler.add(`key ${i}`)
    filler.add(`key ${twin}`)
    let isTaken = true
    for (let i = 40; i < 60 && isTaken; i++) isTaken = filler.add(`key ${i}`)
    expect(isTaken).toBe(false)
    expect(table.entries.isKey(batch.ref, filler.point(`key ${twin}`))).toBe(true)
    batch.discard(table.entries)
    expect(table.count).toBe(40)
    checkTable(table)
  }
})
