// What connections take in memory, all together and each; and `maxmemory-clients`: when they take more, the largest of
// them are ended. A connection is counted anew when its buffers may have changed, at most once for each read and write.

import { describeClient, memoryOf } from '../command/client-line.ts'
import type { Config } from '../config/config.ts'
import type { Client, Clients } from './clients.ts'
import type { Log } from './log.ts'

/** Clients of about one size share a bucket: the power of two that they reach. */
const BUCKETS = 48

export class ClientMemory {
  readonly #clients: Clients
  readonly #log: Log
  readonly #now: () => number
  /** 0: no limit. */
  #limit = 0
  /** By size, while there is a limit. */
  readonly #buckets: Set<Client>[] = Array.from({ length: BUCKETS }, () => new Set())
  #immediate: NodeJS.Immediate | undefined = undefined
  /** It has been said that all who may be were ended, and it was not enough. */
  #isHelpless = false

  constructor(clients: Clients, log: Log, now: () => number) {
    this.#clients = clients
    this.#log = log
    this.#now = now
  }

  followSettings(config: Config): void {
    const follow = () => this.#setLimit(limitOf(config))
    config.watch('maxmemory-clients', follow)
    config.watch('maxmemory', follow)
  }

  #setLimit(bytes: number): void {
    const wasLimited = this.#limit > 0
    this.#limit = bytes
    if (bytes === 0) for (const bucket of this.#buckets) bucket.clear()
    else if (!wasLimited) for (const client of this.#clients.connections()) this.#put(client)
    this.enforce()
  }

  /** Takes note of what a client takes now. */
  count(client: Client): void {
    const { session, countedBytes: before } = client
    // What waits for a replica is bounded by other limits, and for the data's sake nothing is evicted. Nor are messages
    // counted before they have had their chance to leave: eviction tells all who track a key that it has gone, and would
    // go on for what it has itself brought up.
    const bytes = session.link === 'none' ? memoryOf(session) - client.turnBytes : 0
    if (bytes === before || !this.#clients.has(client)) return
    client.countedBytes = bytes
    this.#clients.memoryBytes += bytes - before
    if (this.#limit === 0) return
    if (bucketOf(bytes) !== bucketOf(before)) {
      this.#buckets[bucketOf(before)]!.delete(client)
      this.#put(client)
    }
    this.enforce()
  }

  /** Between requests of all clients: who has to go goes now, before anybody's next request. */
  settle(): void {
    if (this.#immediate === undefined) return
    this.close()
    this.#evict()
  }

  forget(client: Client): void {
    this.#clients.memoryBytes -= client.countedBytes
    this.#buckets[bucketOf(client.countedBytes)]!.delete(client)
    client.countedBytes = 0
  }

  close(): void {
    clearImmediate(this.#immediate)
    this.#immediate = undefined
  }

  #put(client: Client): void {
    if (client.session.link === 'none') this.#buckets[bucketOf(client.countedBytes)]!.add(client)
  }

  /**
   * To be called now and then too, as clients may have become evictable. Not at once: the client that is over the limit
   * may be in the middle of its requests.
   */
  enforce(): void {
    if (this.#limit === 0 || this.#clients.memoryBytes <= this.#limit) return
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      this.#evict()
    })
  }

  /** The largest first, as far as buckets tell. */
  #evict(): void {
    for (let i = BUCKETS - 1; i >= 0; i--) {
      for (const client of this.#buckets[i]!) {
        if (this.#clients.memoryBytes <= this.#limit) {
          this.#isHelpless = false
          return
        }
        if (!client.session.isEvictable) continue
        this.#log.notice(`Evicting client: ${describeClient(client.session, this.#now())}`)
        this.#clients.evicted++
        client.close(false)
      }
    }
    if (this.#isHelpless || this.#clients.memoryBytes <= this.#limit) return
    this.#isHelpless = true
    this.#log.warning('Clients take more than maxmemory-clients, though all were evicted that may be')
  }
}

function bucketOf(bytes: number): number {
  // By halves: sizes may be beyond 32 bits.
  return bytes < 2 ** 31 ? 31 - Math.clz32(bytes | 1) : Math.min(BUCKETS - 1, Math.floor(Math.log2(bytes)))
}

/** In bytes, 0 if there is none. A negative value is a percentage of maxmemory. */
function limitOf(config: Config): number {
  const limit = config.number('maxmemory-clients')
  return limit >= 0 ? limit : Math.floor((config.number('maxmemory') * -limit) / 100)
}
