// The longest pause a bystander sees: one connection pings while others fill the server and then overwrite keys at
// random as fast as it takes them. Knows no table and no chart.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Random } from '../src/base/random.ts'
import { tie } from './children.ts'
import { eachOnce, fillWords, OK_REPLY, runLoad } from './load.ts'
import { VALUE_BYTES } from './memory.ts'
import type { Options } from './options.ts'
import type { PingerOrder, PingerReport, PingSummary } from './pinger.ts'
import type { Progress } from './progress.ts'
import type { ServerProcess } from './servers.ts'
import { type Side, withServer } from './sides.ts'

/** What the pinger saw during one phase, and how hard the server worked meanwhile. */
export interface PhaseResult extends PingSummary {
  commandsPerSecond: number
  /** Share of one core that the server used; undefined where the system does not tell. */
  busy: number | undefined
}

export interface PauseResult {
  phase: 'fill' | 'overwrite'
  /** In the order of the servers. */
  servers: PhaseResult[]
}

/** Enough that the server, not the load, is what the rest waits for; with 50 clients a queue of 2,500 commands. */
const DEPTH = 50
const SEED = 20_240_229

export function pauseSteps(sides: number): number {
  return 2 * sides
}

export async function measurePauses(
  sides: Side[],
  options: Options,
  progress: Progress,
): Promise<PauseResult[]> {
  const fill: PauseResult = { phase: 'fill', servers: [] }
  const overwrite: PauseResult = { phase: 'overwrite', servers: [] }
  for (const side of sides) {
    await withServer(side, async (server) => {
      const pinger = await Pinger.start(server)
      try {
        progress.step(`pauses while ${options.pauseKeys} keys are filled in: ${side.command.name}`)
        fill.servers.push(await measure(server, pinger, options.clients, eachOnce(options.pauseKeys)))
        progress.step(`pauses during ${options.pauses} s of overwrites: ${side.command.name}`)
        const next = randomUntil(options.pauseKeys, options.pauses)
        overwrite.servers.push(await measure(server, pinger, options.clients, next))
      } finally {
        pinger.stop()
      }
    })
  }
  return [fill, overwrite]
}

async function measure(server: ServerProcess, pinger: Pinger, connections: number, next: () => number) {
  await pinger.ask('begin')
  const cpuBefore = await server.cpuSeconds()
  const start = performance.now()
  const load = { port: server.port, connections, depth: DEPTH, signal: server.gone }
  const commands = await runLoad({ ...load, words: fillWords(VALUE_BYTES), reply: OK_REPLY, next })
  const seconds = (performance.now() - start) / 1000
  const cpuAfter = await server.cpuSeconds()
  const summary = (await pinger.ask('end')) as PingSummary
  const busy =
    cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / seconds
  return { ...summary, commandsPerSecond: commands / seconds, busy }
}

/** Random keys for so many seconds. The clock is read every 1,024 keys: it is not free. */
export function randomUntil(keys: number, seconds: number): () => number {
  const random = new Random(SEED)
  const end = performance.now() + seconds * 1000
  let count = 0
  let isOver = false
  return () => {
    if ((++count & 1023) === 0) isOver = performance.now() >= end
    return isOver ? -1 : random.below(keys)
  }
}

/** The pinging process seen from here. */
export class Pinger {
  #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(server: ServerProcess): Promise<Pinger> {
    const file = fileURLToPath(new URL('./pinger.ts', import.meta.url))
    // fork hands this process's own flags on, and with them the loader that reads TypeScript.
    const pinger = new Pinger(tie(fork(file, [`${server.port}`, `${server.pid}`])))
    await pinger.#report()
    return pinger
  }

  async ask(order: PingerOrder): Promise<PingerReport> {
    this.#child.send(order)
    return this.#report()
  }

  stop(): void {
    this.#child.removeAllListeners('exit')
    this.#child.kill('SIGKILL')
  }

  #report(): Promise<PingerReport> {
    return new Promise((resolve, reject) => {
      const failed = () => reject(new Error('the pinging connection was lost'))
      this.#child.once('exit', failed)
      this.#child.once('message', (message) => {
        this.#child.off('exit', failed)
        resolve(message as PingerReport)
      })
    })
  }
}
