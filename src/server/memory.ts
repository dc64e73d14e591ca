// All that keeps memory within limits, wired together: maxmemory, maxmemory-clients, and what the system is told
// (oom-score-adj).

import type { Clock } from '../base/clock.ts'
import type { Config } from '../config/config.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import { ClientMemory } from './client-memory.ts'
import type { Clients } from './clients.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Gates } from './gates.ts'
import type { Log } from './log.ts'
import { MemoryLimit } from './memory-limit.ts'
import type { Messaging } from './messaging.ts'
import { OomScore } from './oom-score.ts'

export interface MemoryParts {
  readonly keyspace: Keyspace
  readonly gates: Gates
  readonly latency: LatencyMonitor
  readonly clients: Clients
  readonly messaging: Messaging
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly log: Log
}

export class Memory {
  readonly limit: MemoryLimit
  readonly clients: ClientMemory
  readonly #oomScore: OomScore

  constructor(parts: MemoryParts) {
    const { clients, dispatcher, clock, keyspace, log } = parts
    this.limit = new MemoryLimit({
      ...parts,
      current: dispatcher.context,
      monotonic: () => clock.monotonic(),
    })
    this.clients = new ClientMemory(clients, log, () => keyspace.now)
    this.#oomScore = new OomScore(log)
    clients.onAdded = (client) => this.clients.count(client)
  }

  followSettings(config: Config): void {
    this.limit.followSettings(config)
    this.clients.followSettings(config)
    this.#oomScore.followSettings(config)
  }

  close(): void {
    this.limit.close()
    this.clients.close()
  }
}
