// What was denied: counted, and the latest of it kept for ACL LOG (https://redis.io/docs/latest/commands/acl-log/).
// Denials that are alike within a minute share an entry. Knows no client.

/** Denials within so much time of the last one like them are counted in its entry. */
const GROUPING_MS = 60_000
/** Redis: looks for one like it only among the latest so many. */
const COMPARED_ENTRIES = 10

export type DenialReason = 'auth' | 'command' | 'key' | 'channel'
export type DenialContext = 'toplevel' | 'multi' | 'lua' | 'module'

export interface Denial {
  readonly reason: DenialReason
  readonly context: DenialContext
  /** The command, key or channel. Bytes as latin1, as all texts here. */
  readonly object: string
  readonly username: string
  readonly clientInfo: string
}

export interface DenialEntry extends Denial {
  readonly id: number
  count: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  updatedAt: number
  clientInfo: string
}

export class DenialLog {
  /** Follows `acllog-max-len`. */
  maxLength = 128
  /** All denials, by reason. */
  readonly counts: Record<DenialReason, number> = { auth: 0, command: 0, key: 0, channel: 0 }
  /** The newest first. */
  #entries: DenialEntry[] = []
  #nextId = 0

  note(denial: Denial, now: number): void {
    this.counts[denial.reason]++
    const like = this.#findLike(denial, now)
    if (like >= 0) {
      const [entry] = this.#entries.splice(like, 1)
      entry!.count++
      entry!.updatedAt = now
      entry!.clientInfo = denial.clientInfo
      this.#entries.unshift(entry!)
      return
    }
    this.#entries.unshift({ ...denial, id: this.#nextId++, count: 1, createdAt: now, updatedAt: now })
    if (this.#entries.length > this.maxLength) this.#entries.length = this.maxLength
  }

  /** The newest so many, newest first. */
  newest(count: number): readonly DenialEntry[] {
    return this.#entries.slice(0, Math.max(count, 0))
  }

  reset(): void {
    this.#entries = []
  }

  resetCounts(): void {
    Object.assign(this.counts, { auth: 0, command: 0, key: 0, channel: 0 })
  }

  #findLike(denial: Denial, now: number): number {
    const end = Math.min(this.#entries.length, COMPARED_ENTRIES)
    for (let i = 0; i < end; i++) {
      const entry = this.#entries[i]!
      if (
        entry.reason === denial.reason &&
        entry.context === denial.context &&
        now - entry.updatedAt <= GROUPING_MS &&
        entry.object === denial.object &&
        entry.username === denial.username
      ) {
        return i
      }
    }
    return -1
  }
}
