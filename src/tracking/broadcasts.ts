// Broadcasting: clients are told of every key with a prefix that changes, whether they have read it or not. What has
// changed is collected, and told together. Sends nothing itself.

import { NAME_BYTES, type Session } from '../command/session.ts'
import type { Slice } from '../memory/slice.ts'

export interface Prefix {
  readonly text: string
  readonly clients: Set<Session>
  /** What has changed since it was told last, and who has changed it last. */
  readonly changed: Map<string, Session | undefined>
}

export class Broadcasts {
  readonly #prefixes = new Map<string, Prefix>()
  readonly #byClient = new Map<Session, Set<Prefix>>()
  /** Whether anything has changed since `take`. */
  #isPending = false

  /** Prefixes that somebody wants to hear of. */
  get size(): number {
    return this.#prefixes.size
  }

  /** What the client wants to hear of, in ascending order. */
  prefixesOf(client: Session): string[] {
    const own = this.#byClient.get(client)
    return own === undefined ? [] : [...own].map(({ text }) => text).sort()
  }

  add(client: Session, text: string): void {
    let prefix = this.#prefixes.get(text)
    if (prefix === undefined) {
      prefix = { text, clients: new Set(), changed: new Map() }
      this.#prefixes.set(text, prefix)
    }
    prefix.clients.add(client)
    let own = this.#byClient.get(client)
    if (own === undefined) {
      own = new Set()
      this.#byClient.set(client, own)
    }
    if (own.has(prefix)) return
    own.add(prefix)
    client.namesBytes += text.length + NAME_BYTES
  }

  remove(client: Session): void {
    const own = this.#byClient.get(client)
    if (own === undefined) return
    this.#byClient.delete(client)
    for (const prefix of own) {
      client.namesBytes -= prefix.text.length + NAME_BYTES
      prefix.clients.delete(client)
      if (prefix.clients.size === 0) this.#prefixes.delete(prefix.text)
    }
  }

  /** Notes a change. True: it is the first since `take`. */
  note(key: Slice, changer: Session | undefined): boolean {
    let text: string | undefined
    for (const prefix of this.#prefixes.values()) {
      if (!startsWith(key, prefix.text)) continue
      text ??= Buffer.from(key.bytes.buffer, key.bytes.byteOffset + key.start, key.length).toString('latin1')
      prefix.changed.set(text, changer)
    }
    const isFirst = text !== undefined && !this.#isPending
    if (isFirst) this.#isPending = true
    return isFirst
  }

  /** Calls back for each prefix with changes, in ascending order; the changes are then forgotten. */
  take(onPrefix: (prefix: Prefix) => void): void {
    this.#isPending = false
    const changed = [...this.#prefixes.values()].filter((prefix) => prefix.changed.size > 0)
    for (const prefix of changed.sort((one, other) => (one.text < other.text ? -1 : 1))) {
      onPrefix(prefix)
      prefix.changed.clear()
    }
  }
}

function startsWith({ bytes, start, length }: Slice, prefix: string): boolean {
  if (length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix.charCodeAt(i)) return false
  return true
}
