// What DEBUG OBJECT and DEBUG HTSTATS say, in the lines that tools look for.

import { parseSafeInteger } from '../base/integers.ts'
import type { Entry } from '../command/context.ts'
import type { AccessClock } from '../keyspace/access.ts'
import type { Database } from '../keyspace/database.ts'
import type { Slice } from '../memory/slice.ts'
import type { Table } from '../memory/table.ts'
import type { TableStatistics } from '../memory/table-statistics.ts'
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

export function describeTables(table: Table, isFull: boolean): string {
  // Deadlines stand in the entries: there is no second table, only a number to tell.
  const { deadlineCount } = table
  const deadlines = deadlineCount === 0 ? EMPTY : sizes(table.slotCount, deadlineCount)
  return `[Dictionary HT]\n${describeTable(table, isFull)}[Expires HT]\n${HEAD}${deadlines}`
}

const HEAD = 'Hash table 0 stats (main hash table):\n'
const EMPTY = 'No stats available for empty dictionaries\n'

/** In full: also how many entries share their home slot with how many others. */
export function describeTable(table: Table, isFull: boolean): string {
  if (table.count === 0) return HEAD + EMPTY
  return HEAD + (isFull ? chains(table.statistics) : sizes(table.slotCount, table.count))
}

function sizes(slots: number, count: number): string {
  return ` table size: ${slots}\n number of elements: ${count}\n`
}

function chains({ slots, count, chains }: TableStatistics): string {
  const used = slots - chains[0]!
  const average = (count / used).toFixed(2)
  const lines = [
    ` different slots: ${used}`,
    ` max chain length: ${chains.length - 1}`,
    ` avg chain length (counted): ${average}`,
    ` avg chain length (computed): ${average}`,
    ' Chain length distribution:',
  ]
  chains.forEach((number, length) => {
    if (number > 0) lines.push(`   ${length}: ${number} (${((number / slots) * 100).toFixed(2)}%)`)
  })
  return `${sizes(slots, count)}${lines.join('\n')}\n`
}
