// What DEBUG OBJECT and DEBUG HTSTATS say, in the lines that tools look for.

import { parseSafeInteger } from '../base/integers.ts'
import type { Entry } from '../command/context.ts'
import type { AccessClock } from '../keyspace/access.ts'
import type { Database } from '../keyspace/database.ts'
import type { Slice } from '../memory/slice.ts'
import type { Table } from '../memory/table.ts'
import { encodingName } from '../types/value-type.ts'
import { referencesOf } from './object.ts'

export function describeObject(db: Database, entry: Entry, access: AccessClock): string {
  const address = (entry >>> 0).toString(16).padStart(8, '0')
  const clock = db.accessOf(entry)
  const facts = [
    `Value at:0x${address}`,
    `refcount:${referencesOf(db, entry)}`,
    `encoding:${encodingName(db.typeOf(entry), db.encodingOf(entry))}`,
    `serializedlength:${savedLength(db.value(entry))}`,
    `lru:${clock}`,
    `lru_seconds_idle:${access.isFrequency ? 0 : access.idleSeconds(clock)}`,
  ]
  return facts.join(' ')
}

/** The longest text that RDB may save as a binary integer. */
const INTEGER_TEXT = 11

/** Bytes that a string takes in an RDB file, without compression. */
function savedLength({ bytes, start, length }: Slice): number {
  const number = length <= INTEGER_TEXT ? parseSafeInteger(bytes, start, length) : Number.NaN
  if (number >= -(2 ** 7) && number < 2 ** 7) return 2
  if (number >= -(2 ** 15) && number < 2 ** 15) return 3
  if (number >= -(2 ** 31) && number < 2 ** 31) return 5
  if (length < 2 ** 6) return 1 + length
  if (length < 2 ** 14) return 2 + length
  return 5 + length
}

export function describeTables(table: Table): string {
  return `[Dictionary HT]\n${describeTable(table.slotCount, table.count)}[Expires HT]\n${
    // Deadlines stand in the entries: there is no second table, only a number to tell.
    describeTable(table.deadlineCount === 0 ? 0 : table.slotCount, table.deadlineCount)
  }`
}

function describeTable(slots: number, count: number): string {
  const head = 'Hash table 0 stats (main hash table):\n'
  if (count === 0) return `${head}No stats available for empty dictionaries\n`
  return `${head} table size: ${slots}\n number of elements: ${count}\n`
}
