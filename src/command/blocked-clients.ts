// Clients whose command waits: for a key to hold something, or for whatever else a subsystem tells. Keeps the lines at
// keys, hears of changes, and says who is to be served next. Runs nothing and sends nothing; what does is
// server/waking.ts.

import type { ReplyError } from '../base/reply-error.ts'
import { ABSENT, type Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { ContentObserver } from '../keyspace/observers.ts'
import { Key } from '../memory/key.ts'
import { Arguments } from './arguments.ts'
import { Deadlines } from './deadlines.ts'
import type { Session } from './session.ts'
import { type PlaceInLine, type Wait, Waiter, WaitingLine } from './waiter.ts'

export class BlockedClients implements ContentObserver {
  /** Whether somebody has begun to wait or may be served since the last `settled`. */
  isPending = false
  /** Whose command is being run again; if it waits once more, it keeps its deadline. */
  retried: Waiter | undefined = undefined
  /** Hears of a deadline before all others. */
  onEarliest: ((deadline: number) => void) | undefined = undefined
  readonly #keyspace: Keyspace
  readonly #waiters = new Map<Session, Waiter>()
  readonly #deadlines = new Deadlines()
  /** By hash of the key. */
  readonly #lines = new Map<number, WaitingLine>()
  #lineCount = 0
  #linesWithoutKey = 0
  /** Lines at whose key something has happened, in that order. */
  readonly #ready: WaitingLine[] = []
  /** Waiters whose wait is over, whatever their keys hold. */
  readonly #released: Waiter[] = []
  /** The line that is being served, where serving has come to, and how many places are still to be visited. */
  #serving: WaitingLine | undefined = undefined
  #cursor: PlaceInLine | undefined = undefined
  #left = 0
  readonly #key: Key

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#key = new Key(keyspace.seed)
  }

  // ---- figures

  get deadlineCount(): number {
    return this.#deadlines.count
  }

  /** Keys that somebody waits at; and those of them whose absence wakes somebody. */
  get keyCount(): number {
    return this.#lineCount
  }

  get keyCountWithoutKey(): number {
    return this.#linesWithoutKey
  }

  has(session: Session): boolean {
    return this.#waiters.has(session)
  }

  // ---- waiting

  /** Lets a request wait. It is copied, unless it is the one that is being run again. */
  park(session: Session, args: Arguments, wait: Wait): void {
    const waiter =
      this.retried?.session === session ? this.retried : new Waiter(session, copyOf(args, wait), wait)
    this.#waiters.set(session, waiter)
    session.isBlocked = true
    this.isPending = true
    this.#queue(waiter)
    if (waiter.deadline === Number.POSITIVE_INFINITY) return
    this.#deadlines.add(waiter)
    if (this.#deadlines.first === waiter) this.onEarliest?.(waiter.deadline)
  }

  #queue(waiter: Waiter): void {
    const { args, session, wait } = waiter
    for (let i = wait.firstKey; i < wait.firstKey + wait.keyCount; i++) {
      const key = this.#key.point(args.bytes, args.starts[i]!, args.lengths[i]!)
      const line = this.#find(session.database, key) ?? this.#open(session.database, key)
      // A key that is named twice is waited at once. The waiter, having just come, would be the last.
      if (line.last?.waiter === waiter) continue
      if (wait.wakesWithoutKey && line.countWithoutKey === 0) this.#linesWithoutKey++
      line.append(waiter)
    }
    this.#observe()
  }

  /** The client has gone: its request is forgotten. */
  forget(session: Session): void {
    const waiter = this.#waiters.get(session)
    if (waiter !== undefined) this.#takeOut(waiter)
  }

  /** Ends a wait with a reply of its own, as far as the client waits. Returns whether it did. */
  release(session: Session, outcome: 'timeout' | ReplyError): boolean {
    const waiter = this.#waiters.get(session)
    if (waiter === undefined) return false
    waiter.outcome = outcome
    this.#dismiss(waiter)
    return true
  }

  /** Ends the waits whose time is up. */
  releaseDue(now: number): void {
    for (
      let due = this.#deadlines.first;
      due !== undefined && due.deadline <= now;
      due = this.#deadlines.first
    ) {
      due.outcome = 'timeout'
      this.#dismiss(due)
    }
  }

  /** The earliest deadline; Infinity if there is none. */
  get earliest(): number {
    return this.#deadlines.first?.deadline ?? Number.POSITIVE_INFINITY
  }

  /** Lets a request run again that waits for something that is no key. */
  wake(session: Session): void {
    const waiter = this.#waiters.get(session)
    if (waiter !== undefined) this.#dismiss(waiter)
  }

  /** Lets a request run again that has been taken out by `next`. */
  retry(waiter: Waiter): void {
    this.#released.push(waiter)
    this.isPending = true
  }

  #dismiss(waiter: Waiter): void {
    this.#takeOut(waiter)
    this.retry(waiter)
  }

  #takeOut(waiter: Waiter): void {
    for (const place of waiter.places) this.#leave(place)
    waiter.places = []
    this.#deadlines.remove(waiter)
    this.#waiters.delete(waiter.session)
    waiter.session.isBlocked = false
    this.#observe()
  }

  #leave(place: PlaceInLine): void {
    const { line, waiter } = place
    if (this.#cursor === place) this.#cursor = place.behind
    line.remove(place)
    if (waiter.wait.wakesWithoutKey && line.countWithoutKey === 0) this.#linesWithoutKey--
    if (line.count === 0) this.#close(line)
  }

  /** Adds to the time that the client's command has taken, if it has waited or is going to. Returns the sum. */
  spend(session: Session, microseconds: number): number {
    const waiter = this.#waiters.get(session) ?? this.retried
    if (waiter === undefined || waiter.session !== session) return microseconds
    waiter.microseconds += microseconds
    return waiter.microseconds
  }

  // ---- serving

  /** The next waiter to be served, who waits no more; undefined: nobody can be. */
  next(): Waiter | undefined {
    const released = this.#released.shift()
    if (released !== undefined) return released
    for (;;) {
      const line = this.#serving ?? this.#nextLine()
      if (line === undefined) return undefined
      const waiter = this.#nextIn(line)
      if (waiter !== undefined) {
        this.#takeOut(waiter)
        return waiter
      }
      this.#serving = undefined
    }
  }

  #nextLine(): WaitingLine | undefined {
    const line = this.#ready.shift()
    if (line === undefined) return undefined
    line.isReady = false
    this.#serving = line
    this.#cursor = line.first
    // Who waits again goes to the end: those who were there at first get one turn each.
    this.#left = line.count
    return line
  }

  /** Nobody is left to be served. */
  settled(): void {
    this.isPending = false
  }

  /** Looks at the key before each: what serves one may be gone for the next. */
  #nextIn(line: WaitingLine): Waiter | undefined {
    const db = this.#keyspace.databases[line.database]!
    const entry = db.peek(this.#key.point(line.key, 0, line.key.length))
    const type = entry === ABSENT ? undefined : db.typeOf(entry)
    if (!line.interests(type)) return undefined
    while (this.#left > 0 && this.#cursor !== undefined) {
      const { waiter, behind } = this.#cursor
      this.#cursor = behind
      this.#left--
      if (waiter.wait.type === type || waiter.wait.wakesWithoutKey) return waiter
    }
    return undefined
  }

  // ---- changes

  keyChanged(db: Database, key: Key): void {
    const line = this.#find(db.index, key)
    if (line !== undefined) this.#markReady(line)
  }

  flushing(databases: readonly Database[]): void {
    if (this.#linesWithoutKey > 0) this.#markAll(databases)
  }

  swapping(one: Database, other: Database): void {
    this.#markAll([one, other])
  }

  #markAll(databases: readonly Database[]): void {
    for (const first of this.#lines.values()) {
      for (let line: WaitingLine | undefined = first; line !== undefined; line = line.next) {
        const { database } = line
        if (databases.some((db) => db.index === database)) this.#markReady(line)
      }
    }
  }

  #markReady(line: WaitingLine): void {
    this.isPending = true
    if (line.isReady) return
    line.isReady = true
    this.#ready.push(line)
  }

  /** While nobody waits at a key, a change costs nothing. */
  #observe(): void {
    this.#keyspace.observers.waiters = this.#lineCount > 0 ? this : undefined
  }

  // ---- the lines

  #find(database: number, key: Key): WaitingLine | undefined {
    let line = this.#lines.get(key.hash)
    while (line !== undefined && !line.isAt(database, key)) line = line.next
    return line
  }

  #open(database: number, key: Key): WaitingLine {
    const line = new WaitingLine(database, key.copy(), key.hash)
    line.next = this.#lines.get(key.hash)
    this.#lines.set(key.hash, line)
    this.#lineCount++
    return line
  }

  #close(line: WaitingLine): void {
    this.#lineCount--
    let other = this.#lines.get(line.hash)
    if (other === line) {
      if (line.next === undefined) this.#lines.delete(line.hash)
      else this.#lines.set(line.hash, line.next)
      return
    }
    while (other !== undefined && other.next !== line) other = other.next
    if (other !== undefined) other.next = line.next
  }
}

function copyOf(args: Arguments, wait: Wait): Arguments {
  const copy = new Arguments(args.count)
  copy.load(wait.request ?? args.toArrays())
  return copy
}
