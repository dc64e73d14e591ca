// What is derived from the counters by looking at them regularly: rates of the last moments, and the largest buffers
// that clients have had lately. Looks when told to; knows no timer.

import type { Clock } from '../base/clock.ts'
import type { ClientFigures, WorkFigures } from './figures.ts'
import type { LoopTimes, ProcessUsage } from './process-usage.ts'
import { Rate } from './rate.ts'

/** For so many seconds the largest buffers are remembered. */
const RECENT_SECONDS = 8

export interface StatisticsSources {
  readonly clock: Clock
  readonly clients: ClientFigures
  readonly work: WorkFigures
  readonly usage: ProcessUsage
}

export class ServerStatistics {
  readonly #commands = new Rate()
  readonly #input = new Rate()
  readonly #output = new Rate()
  readonly #turns = new Rate()
  readonly #turnTimes = new Rate()
  readonly #largestInputs: number[] = new Array(RECENT_SECONDS).fill(0)
  readonly #largestOutputs: number[] = new Array(RECENT_SECONDS).fill(0)
  #second = -1
  /** The event loop's figures at the last reset, or when the server began: Node counts on, and has begun earlier. */
  #turnsBefore = 0
  #busyBefore = 0
  #hasBegun = false

  /** Takes a sample of everything; to be called about ten times a second. */
  sample(sources: StatisticsSources): void {
    const { clients, work, clock } = sources
    const milliseconds = clock.monotonic()
    const loop = sources.usage.loop()
    if (!this.#hasBegun) this.#beginLoop(loop)
    this.#commands.sample(work.executed, milliseconds)
    this.#input.sample(clients.bytesIn, milliseconds)
    this.#output.sample(clients.bytesOut, milliseconds)
    this.#turns.sample(loop.turns, milliseconds)
    this.#turnTimes.sample(loop.busyMicroseconds, loop.turns)
    const second = Math.floor(milliseconds / 1000)
    if (second === this.#second) return
    this.#second = second
    this.#noteBuffers(clients)
  }

  get commandsPerSecond(): number {
    return this.#commands.average * 1000
  }

  get inputBytesPerSecond(): number {
    return this.#input.average * 1000
  }

  get outputBytesPerSecond(): number {
    return this.#output.average * 1000
  }

  /** Turns of the event loop. */
  get turnsPerSecond(): number {
    return this.#turns.average * 1000
  }

  get microsecondsPerTurn(): number {
    return this.#turnTimes.average
  }

  /** The largest buffers of any client in the last seconds, in bytes. */
  get largestInput(): number {
    return Math.max(...this.#largestInputs)
  }

  get largestOutput(): number {
    return Math.max(...this.#largestOutputs)
  }

  /** Turns of the event loop, and the time that was not spent waiting, since the last reset. */
  loop({ usage }: StatisticsSources): { turns: number; busyMicroseconds: number } {
    const { turns, busyMicroseconds } = usage.loop()
    return { turns: turns - this.#turnsBefore, busyMicroseconds: busyMicroseconds - this.#busyBefore }
  }

  reset({ usage }: StatisticsSources): void {
    this.#beginLoop(usage.loop())
    for (const rate of [this.#commands, this.#input, this.#output, this.#turns, this.#turnTimes]) rate.reset()
  }

  #beginLoop({ turns, busyMicroseconds }: LoopTimes): void {
    this.#hasBegun = true
    this.#turnsBefore = turns
    this.#busyBefore = busyMicroseconds
  }

  /** Once a second, since it looks at every client. */
  #noteBuffers(clients: ClientFigures): void {
    let input = 0
    let output = 0
    for (const { peer } of clients.all()) {
      input = Math.max(input, peer.queryBytes + peer.argumentBytes + peer.queryFreeBytes)
      output = Math.max(output, peer.outputBytes)
    }
    const slot = this.#second % RECENT_SECONDS
    this.#largestInputs[slot] = input
    this.#largestOutputs[slot] = output
  }
}
