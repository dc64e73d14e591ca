// The registry of subscriptions, and the delivery of messages: each is encoded once per protocol, and all receivers are
// given the same bytes. A receiver that does not read is the connection's business: the publisher never waits.

import { globMatch } from '../base/glob.ts'
import { HAS_SUBSCRIPTIONS, type Session } from '../command/session.ts'
import type { HashSeed, Key } from '../memory/key.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { type Protocol, ReplyWriter } from '../resp/writer.ts'
import { type Topic, Topics } from './topics.ts'

/** What can be subscribed to. */
export type TopicKind = 'channels' | 'patterns' | 'shardChannels'

export class Pubsub {
  readonly channels: Topics
  readonly patterns: Topics
  readonly shardChannels: Topics
  readonly #writer = new ReplyWriter()

  constructor(seed: HashSeed) {
    this.channels = new Topics(seed)
    this.patterns = new Topics(seed)
    this.shardChannels = new Topics(seed)
  }

  subscribe(client: Session, kind: TopicKind, name: Key): void {
    this[kind].add(client, name)
    this.#count(client, kind)
  }

  unsubscribe(client: Session, kind: TopicKind, topic: Topic): void {
    this[kind].remove(client, topic)
    this.#count(client, kind)
  }

  /** The client listens to nothing any more. */
  unsubscribeAll(client: Session): void {
    if ((client.gates & HAS_SUBSCRIPTIONS) === 0) return
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      this[kind].removeAll(client)
      this.#count(client, kind)
    }
  }

  /** Sends a message to whoever listens to the channel; returns how many that are. */
  publish(channel: Key, message: Slice): number {
    const topic = this.channels.find(channel)
    let receivers = topic === undefined ? 0 : this.#deliver(topic, 'message', channel, message)
    if (this.patterns.all.size === 0) return receivers
    for (const pattern of this.patterns.all) {
      const { name } = pattern
      if (globMatch(name, 0, name.length, channel.bytes, channel.start, channel.length, false)) {
        receivers += this.#deliver(pattern, 'pmessage', channel, message)
      }
    }
    return receivers
  }

  /** Likewise, for a shard channel. */
  publishToShard(channel: Key, message: Slice): number {
    const topic = this.shardChannels.find(channel)
    return topic === undefined ? 0 : this.#deliver(topic, 'smessage', channel, message)
  }

  #deliver(topic: Topic, kind: string, channel: Key, message: Slice): number {
    let resp2: Buffer | undefined
    let resp3: Buffer | undefined
    for (const { protocol, peer } of topic.subscribers) {
      if (protocol === 2) {
        resp2 ??= this.#encode(2, topic, kind, channel, message)
        peer.send(resp2)
      } else {
        resp3 ??= this.#encode(3, topic, kind, channel, message)
        peer.send(resp3)
      }
    }
    return topic.subscribers.size
  }

  #encode(protocol: Protocol, topic: Topic, kind: string, channel: Key, message: Slice): Buffer {
    const writer = this.#writer
    writer.protocol = protocol
    const isPattern = kind === 'pmessage'
    writer.push(isPattern ? 4 : 3)
    writer.text(kind)
    if (isPattern) writer.buffer(topic.name)
    writer.bulk(channel)
    writer.bulk(message)
    const encoded = Buffer.allocUnsafe(writer.length)
    copyBytes(writer.bytes, 0, encoded, 0, writer.length)
    writer.length = 0
    writer.trim()
    return encoded
  }

  #count(client: Session, kind: TopicKind): void {
    client[kind] = this[kind].countOf(client)
    if (client.channels + client.patterns + client.shardChannels > 0) client.gates |= HAS_SUBSCRIPTIONS
    else client.gates &= ~HAS_SUBSCRIPTIONS
  }
}
