// MEMORY DOCTOR and MEMORY MALLOC-STATS: the figures of memory in words, and what the store has taken from the system.

import type { Keyspace } from '../keyspace/keyspace.ts'
import { humanBytes } from './fields.ts'
import type { MemoryFigures } from './memory-gauge.ts'

const MEGABYTE = 1024 * 1024
/** Below this much data there is nothing to say. */
const SMALL_BYTES = 5 * MEGABYTE
/** From these proportions on, and if more than so many bytes are concerned, something is worth saying. */
const HIGH_PEAK = 1.5
const HIGH_FRAGMENTATION = 1.4
const FEW_BYTES = 10 * MEGABYTE
const LARGE_BUFFERS = 200 * 1024
/** What Node takes by itself, about. */
const NODE_BYTES = 100 * MEGABYTE

export function memoryReport(figures: MemoryFigures, clientCount: number): string {
  if (figures.dataset < SMALL_BYTES) {
    return `There is nothing to examine: the dataset takes ${humanBytes(figures.dataset)} only.\n`
  }
  const findings = findingsIn(figures, clientCount)
  if (findings.length === 0) return 'Memory is in good order.\n'
  return `This is worth a look:\n\n${findings.map((text) => ` * ${text}\n`).join('')}`
}

function findingsIn(figures: MemoryFigures, clientCount: number): string[] {
  const { used, peak, store, clients, resident } = figures
  const findings: string[] = []
  if (peak / used > HIGH_PEAK) {
    findings.push(
      `Peak: ${humanBytes(peak)} were in use once, ${humanBytes(used)} are now. Pages that still hold a few entries each can't go back to the system, so the process may be larger than its data; new data will use that room first.`,
    )
  }
  if (isHigh(store.touched, store.used)) {
    findings.push(
      `Fragmentation: ${humanBytes(store.touched - store.used)} lie unused between entries, left by entries of other sizes.`,
    )
  }
  if (isHigh(resident, store.touched + NODE_BYTES)) {
    findings.push(
      `Process: ${humanBytes(resident - store.touched)} of resident memory are not the store's: buffers of clients, code, and garbage that is not collected yet.`,
    )
  }
  if (clientCount > 0 && clients / clientCount > LARGE_BUFFERS) {
    findings.push(
      `Clients: ${clientCount} connections take ${humanBytes(clients)}. CLIENT LIST shows who does not read replies (omem) or sends large requests (qbuf).`,
    )
  }
  return findings
}

function isHigh(taken: number, needed: number): boolean {
  return taken > needed * HIGH_FRAGMENTATION && taken - needed > FEW_BYTES
}

/** The store's state, database by database. */
export function storeReport(keyspace: Keyspace): string {
  const lines = [
    'respite-arena: blocks in runs of one size, in pages of 16 MiB; larger values in buffers of their own',
  ]
  for (const db of keyspace.databases) {
    const { arena, large } = db.table.entries
    if (db.size === 0 && arena.quarantinedBytes === 0) continue
    lines.push(
      `db${db.index}: keys=${db.size} blocks=${arena.usedBytes} runs=${arena.openBytes} pages=${arena.reservedBytes} ` +
        `quarantine=${arena.quarantinedBytes} table=${db.tableBytes} large-values=${large.count} large-bytes=${large.usedBytes}`,
    )
  }
  if (lines.length === 1) lines.push('all databases are empty')
  return `${lines.join('\n')}\n`
}
