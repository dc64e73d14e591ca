// Keyspace notifications: what happens to keys, as messages to those who listen. Two channels for each event: one per
// key, told the event, and one per event, told the key
// (https://redis.io/docs/latest/develop/use/keyspace-notifications/).

import type { Database } from '../keyspace/database.ts'
import { KEY_EVENTS, type KeyEvent } from '../keyspace/events.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { KeyNotifier } from '../keyspace/observers.ts'
import { Key } from '../memory/key.ts'
import { Slice } from '../memory/slice.ts'
import type { Pubsub } from './pubsub.ts'

/** What `A` stands for: not the misses, and not the new keys. */
const MOST_CLASSES = 'g$lshzxetd'
const CHANNEL_BYTES = 1024

export class KeyspaceNotifier implements KeyNotifier {
  readonly #pubsub: Pubsub
  readonly #keyspace: Keyspace
  /** Whether there are messages in the channels of keys, and in those of events. */
  #isByKey = false
  #isByEvent = false
  readonly #events = new Map<KeyEvent, boolean>()
  #room = Buffer.alloc(CHANNEL_BYTES)
  readonly #channel: Key
  readonly #name = new Slice()

  constructor(pubsub: Pubsub, keyspace: Keyspace) {
    this.#pubsub = pubsub
    this.#keyspace = keyspace
    this.#channel = new Key(keyspace.seed)
  }

  /** Follows `notify-keyspace-events`, in its canonical form. While nothing is to be told, no write comes here. */
  setClasses(letters: string): void {
    const chosen = letters.includes('A') ? letters + MOST_CLASSES : letters
    this.#isByKey = letters.includes('K')
    this.#isByEvent = letters.includes('E')
    let isAny = false
    for (const [event, letter] of Object.entries(KEY_EVENTS)) {
      const isChosen = chosen.includes(letter)
      this.#events.set(event as KeyEvent, isChosen)
      isAny ||= isChosen
    }
    const isNeeded = isAny && (this.#isByKey || this.#isByEvent)
    this.#keyspace.observers.notifier = isNeeded ? this : undefined
  }

  keyChanged(db: Database, key: Key, event: KeyEvent): void {
    if (this.#events.get(event) !== true) return
    const { channels, patterns } = this.#pubsub
    if (channels.all.size + patterns.all.size === 0) return
    const name = Buffer.from(event)
    this.#name.set(name, 0, name.length)
    if (this.#isByKey) this.#pubsub.publish(this.#channelOf('keyspace', db, key), this.#name)
    if (this.#isByEvent) this.#pubsub.publish(this.#channelOf('keyevent', db, this.#name), key)
  }

  keyAdded(db: Database, key: Key): void {
    this.keyChanged(db, key, 'new')
  }

  keyMissed(db: Database, key: Key): void {
    this.keyChanged(db, key, 'keymiss')
  }

  #channelOf(kind: string, db: Database, subject: Slice): Key {
    const prefix = `__${kind}@${db.index}__:`
    const length = prefix.length + subject.length
    if (this.#room.length < length) this.#room = Buffer.alloc(length * 2)
    this.#room.write(prefix, 'latin1')
    this.#room.set(subject.view(), prefix.length)
    return this.#channel.point(this.#room, 0, length)
  }
}
