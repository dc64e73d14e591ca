// A request that waits, a record of who sent it, what it waits for and how it ends, and the lines that such stand in. No
// promise and no closure: to try again, the request itself is run again. Knows no socket and no timer.

import type { ReplyError } from '../base/reply-error.ts'
import type { Slice } from '../memory/slice.ts'
import type { ReplyWriter } from '../resp/writer.ts'
import type { Arguments } from './arguments.ts'
import type { Session } from './session.ts'

/** What a handler that finds nothing to serve wants to wait for. */
export interface Wait {
  /** The type of value that may serve it (types/value-type.ts). */
  readonly type: number
  /** Its keys, as places of arguments: the first, and how many. None: who knows what it waits for wakes it. */
  readonly firstKey: number
  readonly keyCount: number
  /** Milliseconds since the epoch; 0: it waits for ever. */
  readonly deadline: number
  /** Whether it wants to hear, too, that a key has gone or holds something else: XREADGROUP's consumer group is lost. */
  readonly wakesWithoutKey?: boolean
  /** What is to be run instead of the request as sent, where that will mean something else: XREAD's `$`. */
  readonly request?: readonly Uint8Array[]
  /** Replies when time is up; a null array if absent. */
  readonly onTimeout?: (reply: ReplyWriter) => void
}

/** A waiter's place in the line at one key. */
export interface PlaceInLine {
  readonly waiter: Waiter
  readonly line: WaitingLine
  before: PlaceInLine | undefined
  behind: PlaceInLine | undefined
}

export class Waiter {
  readonly session: Session
  /** The request, in bytes of its own. */
  readonly args: Arguments
  readonly wait: Wait
  /** Infinity: none. */
  readonly deadline: number
  /** Where it stands in the heap of deadlines; -1: nowhere. */
  place = -1
  /** Where it stands in line; nothing while it is being served. */
  places: PlaceInLine[] = []
  /** Time that the command has taken so far, but for waiting. */
  microseconds = 0
  /** How its wait has ended, if not by running again. */
  outcome: 'timeout' | ReplyError | undefined = undefined

  constructor(session: Session, args: Arguments, wait: Wait) {
    this.session = session
    this.args = args
    this.wait = wait
    this.deadline = wait.deadline > 0 ? wait.deadline : Number.POSITIVE_INFINITY
  }
}

/** Those who wait at one key, in order of arrival. */
export class WaitingLine {
  readonly database: number
  readonly key: Uint8Array
  readonly hash: number
  first: PlaceInLine | undefined = undefined
  last: PlaceInLine | undefined = undefined
  count = 0
  /** How many of them want to hear of the key's absence. */
  countWithoutKey = 0
  /** Bits of the types that somebody here has waited for: a value of another type serves nobody. */
  types = 0
  /** Something has happened to the key, and nobody has been served since. */
  isReady = false
  /** The next line whose key has the same hash. */
  next: WaitingLine | undefined = undefined

  constructor(database: number, key: Uint8Array, hash: number) {
    this.database = database
    this.key = key
    this.hash = hash
  }

  isAt(database: number, key: Slice): boolean {
    if (database !== this.database || key.length !== this.key.length) return false
    for (let i = 0; i < key.length; i++) if (key.bytes[key.start + i] !== this.key[i]) return false
    return true
  }

  append(waiter: Waiter): void {
    const place: PlaceInLine = { waiter, line: this, before: this.last, behind: undefined }
    if (this.last === undefined) this.first = place
    else this.last.behind = place
    this.last = place
    this.count++
    if (waiter.wait.wakesWithoutKey) this.countWithoutKey++
    this.types |= 1 << waiter.wait.type
    waiter.places.push(place)
  }

  remove(place: PlaceInLine): void {
    if (place.before === undefined) this.first = place.behind
    else place.before.behind = place.behind
    if (place.behind === undefined) this.last = place.before
    else place.behind.before = place.before
    this.count--
    if (place.waiter.wait.wakesWithoutKey) this.countWithoutKey--
  }

  /** Whether a value of this type, or none, may serve anybody here. */
  interests(type: number | undefined): boolean {
    return this.countWithoutKey > 0 || (type !== undefined && (this.types & (1 << type)) !== 0)
  }
}
