// Who listens to which names: channels, patterns or shard channels. Names are bytes. Knows no message.

import { NAME_BYTES, type Session } from '../command/session.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import { KeyMap } from '../memory/key-map.ts'

export interface Topic {
  readonly name: Uint8Array
  /** In the order in which they came. Invariant: never empty. */
  readonly subscribers: Set<Session>
}

export class Topics {
  /** Every topic that somebody listens to. */
  readonly all = new Set<Topic>()
  readonly #topics = new KeyMap<Topic>()
  readonly #byClient = new Map<Session, Set<Topic>>()
  readonly #key: Key

  constructor(seed: HashSeed) {
    this.#key = new Key(seed)
  }

  find(name: Key): Topic | undefined {
    return this.#topics.get(name)
  }

  /** How many the client listens to. */
  countOf(client: Session): number {
    return this.#byClient.get(client)?.size ?? 0
  }

  /** What the client listens to; a copy. */
  of(client: Session): Topic[] {
    const own = this.#byClient.get(client)
    return own === undefined ? [] : [...own]
  }

  add(client: Session, name: Key): void {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { name: name.copy(), subscribers: new Set() }
      this.#topics.set(name, topic)
      this.all.add(topic)
    }
    topic.subscribers.add(client)
    let own = this.#byClient.get(client)
    if (own === undefined) {
      own = new Set()
      this.#byClient.set(client, own)
    }
    if (own.has(topic)) return
    own.add(topic)
    client.namesBytes += topic.name.length + NAME_BYTES
  }

  remove(client: Session, topic: Topic): void {
    const own = this.#byClient.get(client)
    if (own === undefined || !own.delete(topic)) return
    client.namesBytes -= topic.name.length + NAME_BYTES
    if (own.size === 0) this.#byClient.delete(client)
    topic.subscribers.delete(client)
    if (topic.subscribers.size > 0) return
    this.all.delete(topic)
    this.#topics.delete(this.#key.point(topic.name, 0, topic.name.length))
  }

  removeAll(client: Session): void {
    for (const topic of this.of(client)) this.remove(client, topic)
  }
}
