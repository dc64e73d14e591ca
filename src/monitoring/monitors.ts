// MONITOR: clients that are shown every command that runs, with its time and who sent it. Knows no socket.

import type { Clock } from '../base/clock.ts'
import { quote } from '../base/quoting.ts'
import type { Context } from '../command/context.ts'
import { IS_MONITOR, type Session } from '../command/session.ts'

const REDACTED = '"(redacted)"'

export class Monitors {
  readonly #clock: Clock
  readonly #clients = new Set<Session>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#clients.size
  }

  add(client: Session): void {
    client.isMonitor = true
    client.gates |= IS_MONITOR
    this.#clients.add(client)
  }

  remove(client: Session): void {
    if (!this.#clients.delete(client)) return
    client.isMonitor = false
    client.gates &= ~IS_MONITOR
  }

  /** Shows the command that has run. */
  show({ args, client, db }: Context): void {
    const microseconds = this.#clock.nowMicroseconds()
    const seconds = Math.floor(microseconds / 1_000_000)
    const fraction = String(microseconds % 1_000_000).padStart(6, '0')
    const { isUnix, address } = client.peer
    // Redis: of a unix socket the path alone.
    const from = isUnix ? `unix:${address.slice(0, address.lastIndexOf(':'))}` : address
    let line = `+${seconds}.${fraction} [${db.index} ${from}]`
    for (let i = 0; i < args.count; i++) {
      line += args.isRedacted(i) ? ` ${REDACTED}` : ` ${quote(args.view(i))}`
    }
    const bytes = Buffer.from(`${line}\r\n`, 'latin1')
    for (const { peer } of this.#clients) peer.send(bytes)
  }
}
