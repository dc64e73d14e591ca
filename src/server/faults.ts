// Faults that an embedder lets happen: a request that waits, fails or costs the connection. One more gate, which is open
// while there are none, so that they cost nothing then. Knows no command.

import type { Clock } from '../base/clock.ts'
import { ReplyError } from '../base/reply-error.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { Session } from '../command/session.ts'
import { FAULTS, type Gates, HOLD } from './gates.ts'
import type { Held, Pause } from './pause.ts'

/** What goes wrong: the request waits so many milliseconds; or is refused; or the connection ends, without the reply. */
export type PlannedFault =
  | { readonly delay: number }
  | { readonly error: string }
  | { readonly drop: 'request' | 'reply' }

/** Decides about a request; undefined lets it pass. */
export type FaultPlan = (context: Context, command: Command) => PlannedFault | undefined

/** The longest time that a timer can run. */
const MAX_TIMER = 2 ** 31 - 1
/** Sent to nobody. */
const DROPPED = new ReplyError('ERR dropped')

/** Where connections put requests that have to wait. */
export type WaitingRoom = Pick<Pause, 'hold' | 'forget'>

/** Two in one: what is not held by a fault is held by a pause. */
export function waitingRoomOf(faults: Faults, pause: Pause): WaitingRoom {
  return {
    hold(held) {
      if (!faults.hold(held)) pause.hold(held)
    },
    forget(held) {
      faults.forget(held)
      pause.forget(held)
    },
  }
}

export class Faults {
  readonly #gates: Gates
  readonly #clock: Clock
  #plan: FaultPlan | undefined = undefined
  /** Whose request is going to be held, and until when: dispatch refuses first, then its connection asks to wait. */
  #delayed: { session: Session; until: number } | undefined = undefined
  readonly #held = new Map<Held, { session: Session; until: number }>()
  /** Clients whose request has waited: it is not asked about again. */
  readonly #excused = new Set<Session>()
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(gates: Gates, clock: Clock) {
    this.#gates = gates
    this.#clock = clock
    gates.fault = (context, command) => this.#decide(context, command)
  }

  set plan(plan: FaultPlan | undefined) {
    this.#plan = plan
    this.#excused.clear()
    if (plan !== undefined) this.#gates.close(FAULTS)
    else this.#gates.open(FAULTS)
  }

  #decide(context: Context, command: Command): ReplyError | typeof HOLD | undefined {
    const { client, blocked } = context
    // What has waited for a key was asked about when it came.
    if (this.#excused.delete(client) || blocked.retried !== undefined) return undefined
    const fault = this.#plan?.(context, command)
    if (fault === undefined) return undefined
    if ('error' in fault) return new ReplyError(fault.error)
    if ('delay' in fault) {
      this.#delayed = { session: client, until: this.#clock.now() + fault.delay }
      return HOLD
    }
    if (fault.drop === 'request') {
      client.peer.close(false)
      return DROPPED
    }
    // It runs, and then the client is gone: it will never know.
    client.replyMode = 'skip'
    client.isClosing = true
    return undefined
  }

  /** Takes a request that has been refused with HOLD; false: by another gate. */
  hold(held: Held): boolean {
    const delayed = this.#delayed
    if (delayed === undefined) return false
    this.#delayed = undefined
    this.#held.set(held, delayed)
    this.#setTimer()
    return true
  }

  /** One who waited has gone away. */
  forget(held: Held): void {
    const waiting = this.#held.get(held)
    if (waiting === undefined) return
    this.#held.delete(held)
    this.#excused.delete(waiting.session)
  }

  /** Lets those go on whose time has come. */
  check(): void {
    const now = this.#clock.now()
    for (const [held, { session, until }] of [...this.#held]) {
      if (until > now) continue
      this.#held.delete(held)
      if (this.#plan !== undefined) this.#excused.add(session)
      held.resume()
    }
    this.#setTimer()
  }

  /** No timer stays behind. */
  close(): void {
    clearTimeout(this.#timer)
    this.#held.clear()
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    let earliest = Number.POSITIVE_INFINITY
    for (const { until } of this.#held.values()) earliest = Math.min(earliest, until)
    if (earliest === Number.POSITIVE_INFINITY) return
    const left = Math.max(earliest - this.#clock.now(), 0)
    this.#timer = setTimeout(() => this.check(), Math.min(left, MAX_TIMER))
    this.#timer.unref()
  }
}
