// Respite inside a Node process: a server without a process of its own, for tests and tools.

import { systemClock } from './base/clock.ts'
import { Config } from './config/config.ts'
import { Log } from './server/log.ts'
import { Server } from './server/server.ts'

/** Settings by their names in redis.conf; several words as CONFIG SET takes them. */
export type RespiteOptions = Record<string, string | number | boolean>

export interface RespiteServer {
  /** The port that clients connect to; 0 if it listens on a unix socket only. */
  readonly port: number
  /** Ends all connections and leaves no handle behind. */
  close(): Promise<void>
}

/**
 * Starts a server on a free port of the loopback interface, or wherever `options` say. It logs nothing unless given a
 * `logfile` or `loglevel`, and saves nothing.
 */
export async function createServer(options: RespiteOptions = {}): Promise<RespiteServer> {
  const config = new Config({ directory: process.cwd() })
  const all: RespiteOptions = { port: 0, bind: '127.0.0.1', save: '', ...options }
  for (const [name, value] of Object.entries(all)) {
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
    const isList = config.find(name)?.multiArgument === true
    const known = config.load(name, isList ? text.split(' ') : [text], false)
    if (!known) throw new Error(`Respite has no option '${name}'`)
  }
  config.finishLoading()
  const log = new Log(() => systemClock.now(), options.loglevel === undefined ? () => {} : undefined)
  const server = new Server({ config, log })
  await server.listen()
  return {
    get port() {
      return server.listeners.port
    },
    close: () => server.close(),
  }
}
