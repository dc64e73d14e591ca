// What clients say to each other through a server: subscriptions, messages, transactions, watched keys, keyspace events
// and client-side caching. Seeded. Each connection has a part to play, as not everything may be said by everybody:
// where redis-server 7.0 puts a message into the middle of the replies of a transaction, the stream cannot be read.

import { Random } from '../../src/base/random.ts'
import type { Utterance } from './conversation.ts'

/** The protocols of the parts below, in their order. */
export const PARTS: readonly (2 | 3)[] = [2, 3, 3, 3, 2, 2, 3]
const LISTENER = 0
const MODERN_LISTENER = 1
const TRACKER = 2
const BROADCAST_TRACKER = 3
const WRITER = 4
/**
 * Tracks from the beginning and does nothing else. When the last client that tracks stops, Respite forgets who has read
 * what; redis-server remembers it for those who begin again.
 */
const SILENT_TRACKER = 6

const KEYS = ['a', 'b', 'aa', 'ab', 'c']
const CHANNELS = ['a', 'b', 'news', '__keyspace@0__:a', '__keyevent@0__:set', '__redis__:invalidate']
const PATTERNS = ['a*', '*', 'n?ws', '__key*', '[ab]']

export class Conversations {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  take(count: number): Utterance[] {
    const begin = { connection: SILENT_TRACKER, args: ['CLIENT', 'TRACKING', 'ON'] }
    return [begin, ...Array.from({ length: count }, () => this.#utterance())]
  }

  #utterance(): Utterance {
    const connection = this.#random.below(SILENT_TRACKER)
    const args = this.#argsOf(connection)
    const name = args[0]!.toUpperCase()
    const isUnordered =
      (/UNSUBSCRIBE$/.test(name) && args.length === 1) ||
      (name === 'PUBSUB' && /CHANNELS$/.test(args[1]!)) ||
      name === 'RESET'
    return { connection, args, isUnordered }
  }

  #argsOf(connection: number): string[] {
    switch (connection) {
      case LISTENER:
        return this.#pick([() => this.#listening(), () => this.#listening(), () => this.#refused()])
      case MODERN_LISTENER:
        return this.#pick([() => this.#listening(), () => this.#speaking(), () => this.#dataOfOne()])
      case TRACKER:
        return this.#pick([
          () => this.#tracking(),
          () => this.#dataKept(),
          () => this.#dataKept(),
          () => this.#transaction(),
        ])
      case BROADCAST_TRACKER:
        return this.#pick([() => this.#broadcast(), () => this.#data(), () => this.#data()])
      case WRITER:
        return this.#pick([() => this.#data(), () => this.#transaction(), () => this.#speaking()])
      default:
        return this.#pick([
          () => this.#data(),
          () => this.#setting(),
          () => this.#speaking(),
          () => this.#asking(),
        ])
    }
  }

  #listening(): string[] {
    const kind = this.#word('', '', 'P', 'S')
    const names = kind === 'P' ? PATTERNS : CHANNELS
    if (this.#random.below(3) === 0) return [`${kind}UNSUBSCRIBE`, ...this.#some(names, 0)]
    return [`${kind}SUBSCRIBE`, ...this.#some(names, 1)]
  }

  #refused(): string[] {
    return this.#choice([
      ['GET', 'a'],
      ['GET'],
      ['SUBSCRIBE'],
      ['PING', 'x'],
      ['RESET'],
      ['PUBLISH', 'a', 'b'],
    ])
  }

  #speaking(): string[] {
    return [
      this.#word('PUBLISH', 'PUBLISH', 'SPUBLISH'),
      this.#choice(CHANNELS),
      this.#word('hello', '', '\0\r\n\xff'),
    ]
  }

  #asking(): string[] {
    return this.#choice([
      ['PUBSUB', 'CHANNELS'],
      ['PUBSUB', 'CHANNELS', this.#choice(PATTERNS)],
      ['PUBSUB', 'NUMSUB', ...this.#some(CHANNELS, 0)],
      ['PUBSUB', 'NUMPAT'],
      ['PUBSUB', 'SHARDCHANNELS'],
      ['PUBSUB', 'SHARDNUMSUB', ...this.#some(CHANNELS, 0)],
    ])
  }

  /** redis-server 7.0 puts a keyspace event into the middle of the list that MGET replies. */
  #dataOfOne(): string[] {
    const args = this.#data()
    return args[0] === 'MGET' ? ['GET', args[1]!] : args
  }

  /** In a transaction that empties the database, redis-server 7.0 tells a client what it did in another order. */
  #dataKept(): string[] {
    const args = this.#data()
    return args[0] === 'FLUSHDB' ? ['PING'] : args
  }

  #data(): string[] {
    const key = this.#choice(KEYS)
    const other = this.#choice(KEYS)
    return this.#choice([
      ['SET', key, this.#word('1', 'x')],
      ['GET', key],
      ['GET', key],
      ['MGET', key, other],
      ['MSET', key, '1', other, '2'],
      ['DEL', key, other],
      ['INCR', key],
      ['APPEND', key, 'x'],
      ['EXPIRE', key, this.#word('1000', '-1')],
      ['PERSIST', key],
      ['RENAME', key, other],
      ['COPY', key, other, 'REPLACE'],
      ['SET', key, '1', 'EX', '1000'],
      ['GETDEL', key],
      ['GETEX', key, 'EX', '100'],
      ['EXISTS', key, other],
      ['STRLEN', key],
      ['FLUSHDB'],
      ['MOVE', key, '1'],
      ['SWAPDB', '0', '1'],
    ])
  }

  #transaction(): string[] {
    const key = this.#choice(KEYS)
    return this.#choice([
      ['MULTI'],
      ['MULTI'],
      ['EXEC'],
      ['EXEC'],
      ['EXEC'],
      ['DISCARD'],
      ['WATCH', key, this.#choice(KEYS)],
      ['WATCH', key],
      ['UNWATCH'],
      ['GET'],
      ['NOSUCHCOMMAND', key],
      ['EXEC', 'x'],
      ['SHUTDOWN', 'NOSAVE', 'NOSUCHOPTION'],
    ])
  }

  #setting(): string[] {
    const classes = ['', 'KEA', 'KEAmn', 'E$', 'Kg', 'AE', 'Kx']
    return ['CONFIG', 'SET', 'notify-keyspace-events', this.#choice(classes)]
  }

  #tracking(): string[] {
    return this.#choice([
      ['CLIENT', 'TRACKING', 'ON'],
      ['CLIENT', 'TRACKING', 'ON', this.#word('OPTIN', 'OPTOUT', 'NOLOOP', 'NOSUCH')],
      ['CLIENT', 'TRACKING', 'ON', 'REDIRECT', this.#word('{id:0}', '{id:1}', '0', '999999')],
      ['CLIENT', 'TRACKING', 'OFF'],
      ['CLIENT', 'CACHING', this.#word('YES', 'NO', 'MAYBE')],
      ['CLIENT', 'CACHING', 'YES'],
      ['CLIENT', 'TRACKINGINFO'],
    ])
  }

  #broadcast(): string[] {
    const prefixes = this.#some(['a', 'b', 'aa', 'c', ''], 0).flatMap((prefix) => ['PREFIX', prefix])
    const noLoop = this.#random.below(3) === 0 ? ['NOLOOP'] : []
    return this.#choice([
      ['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixes, ...noLoop],
      ['CLIENT', 'TRACKING', 'ON', ...prefixes],
      ['CLIENT', 'TRACKING', 'OFF'],
      ['CLIENT', 'TRACKINGINFO'],
    ])
  }

  #pick(makers: readonly (() => string[])[]): string[] {
    return this.#choice(makers)()
  }

  #word(...words: string[]): string {
    return this.#choice(words)
  }

  #choice<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)]!
  }

  /** Up to two of them, at least so many. */
  #some(from: readonly string[], least: number): string[] {
    return Array.from({ length: least + this.#random.below(2) }, () => this.#choice(from))
  }
}
