import { expect, test } from 'vitest'
import { NO_REF } from '../../src/memory/arena.ts'
import { Entries } from '../../src/memory/entries.ts'
import { Key } from '../../src/memory/key.ts'
import { Slice } from '../../src/memory/slice.ts'
import { Table } from '../../src/memory/table.ts'
import { TableCursor } from '../../src/memory/table-cursor.ts'
import { TableDisposal } from '../../src/memory/table-disposal.ts'
import { TABLE_ROOT_BYTES } from '../../src/memory/table-root.ts'
import { numberedKeys, SEED } from './store-model.ts'
import { checkTable } from './table-invariants.ts'

const KEYS = numberedKeys(40_000)
const key = new Key(SEED)

interface Saved {
  table: Table
  root: Uint8Array
}

/** A table with the keys from one number to another. */
function tableOf(entries: Entries, from: number, to: number): Saved {
  const table = Table.unattached(SEED).create(entries)
  for (const bytes of KEYS.slice(from, to)) table.add(key.point(bytes, 0, bytes.length), 0, 0, 0, 0)
  const root = new Uint8Array(TABLE_ROOT_BYTES)
  table.save(root, 0)
  return { table, root }
}

function textOf(entries: Entries, ref: number): string {
  return Buffer.from(entries.key(ref, new Slice()).copy()).toString()
}

test.each([
  // The first table as large as the second, smaller, and larger, so that its tags know enough of the hashes or too little.
  [0, 12, 6, 18],
  [0, 700, 350, 1100],
  [0, 9000, 4500, 13_500],
  [0, 3000, 2000, 40_000],
  [0, 40_000, 30_000, 33_000],
  [0, 200, 0, 40_000],
])('of keys %i to %i those of %i to %i are found, and the others added', (from, to, otherFrom, otherTo) => {
  const entries = new Entries()
  const one = tableOf(entries, from, to)
  const other = tableOf(entries, otherFrom, otherTo)
  const grown = Table.unattached(SEED).create(entries)
  const roomy = Table.unattached(SEED).create(entries)
  roomy.expect(to - from)
  const walk = new TableCursor()
  const found: string[] = []
  const added: string[] = []
  walk.begin(entries, one.root, 0)
  for (let ref = walk.next(); ref !== NO_REF; ref = walk.next()) {
    if (other.table.hasSame(walk)) found.push(textOf(entries, ref))
    else {
      grown.addSame(walk)
      roomy.addSame(walk)
      added.push(textOf(entries, ref))
    }
  }
  const expected = KEYS.slice(Math.max(from, otherFrom), Math.min(to, otherTo)).map(String)
  expect(found.sort()).toEqual(expected.sort())
  expect(added.length).toBe(to - from - expected.length)
  for (const table of [grown, roomy]) {
    expect(table.count).toBe(added.length)
    for (const text of added) {
      const bytes = Buffer.from(text)
      expect(table.find(key.point(bytes, 0, bytes.length))).not.toBe(NO_REF)
    }
  }
  // What is left must be one table and nothing else.
  const root = new Uint8Array(TABLE_ROOT_BYTES)
  grown.save(root, 0)
  for (const saved of [one.root, other.root, root]) {
    new TableDisposal(entries, saved, 0).run(Number.POSITIVE_INFINITY)
  }
  checkTable(roomy)
})
