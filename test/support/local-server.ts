// A whole server inside the test's process, so that a test can look at its parts and count its bytes.

import type { Server as NetServer } from 'node:net'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { listen, portOf } from '../../src/server/listener.ts'
import { Log } from '../../src/server/log.ts'
import { Server } from '../../src/server/server.ts'
import type { RespClient } from './resp-client.ts'

export interface LocalServer {
  readonly host: string
  readonly port: number
  readonly server: Server
  /** What it has logged. */
  readonly log: string[]
  /** Clients that `stop` ends. */
  readonly clients: RespClient[]
  stop(): Promise<void>
}

/**
 * `plainStreams`: sockets are read and written through their streams. `settings`: lines of a configuration, before
 * which nothing is saved.
 */
export async function startLocalServer(plainStreams = false, settings = ''): Promise<LocalServer> {
  const config = new Config()
  loadConfigText(config, `save ""\n${settings}`, { product: 'a test', include: () => [] })
  const log: string[] = []
  const server = new Server({ config, log: new Log(Date.now, (line) => log.push(line)), seed: 1 })
  const listener: NetServer = await listen(
    { host: '127.0.0.1', port: 0, backlog: 511, plainStreams },
    (...accepted) => server.reception.accept(...accepted),
  )
  const clients: RespClient[] = []
  const stop = async () => {
    for (const client of clients) await client.destroy()
    const closed = new Promise((resolve) => listener.close(resolve))
    await server.close()
    await closed
  }
  return { host: '127.0.0.1', port: portOf(listener), server, log, clients, stop }
}

/** Waits until something holds; throws after some seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 10_000) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
