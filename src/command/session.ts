// A client as commands see it: who it is and which modes it has set. Knows no socket; what only the connection can do
// or tell is behind Peer.

import type { Protocol } from '../resp/writer.ts'

/** The connection behind a session. */
export interface Peer {
  /** `ip:port`, or the path of the unix socket with `:0`. */
  readonly address: string
  readonly localAddress: string
  readonly fileDescriptor: number
  readonly isUnix: boolean
  readonly isTls: boolean
  /** Bytes received but not yet read, arguments of a request that is not whole, and room in the buffer they are in. */
  readonly queryBytes: number
  readonly argumentBytes: number
  readonly queryFreeBytes: number
  /** Reply bytes that the socket has not taken yet, and the number of pieces they are in. */
  readonly outputBytes: number
  readonly outputPieces: number
  readonly totalBytesIn: number
  readonly totalBytesOut: number
  readonly totalCommands: number
  /** What is written into dispatch's reply buffer from here on, and up to here, is for this client. */
  beginReplies(): void
  endReplies(): void
  /** Its command, which waited, has been answered: those behind it can be run. */
  wake(): void
  /**
   * Sends bytes that answer no request, after the command that is running. They must not change any more: many may be
   * sent the same.
   */
  send(bytes: Buffer): void
  /**
   * Whether so many bytes, of the reply that is being written, may be added to those that wait. If not, the client has
   * been cut: its limits are told to those only who write more than can be told in advance.
   */
  allowsReply(bytes: number): boolean
  /** Ends the connection; replies, the one being written included, are sent first if asked. */
  close(afterReplies: boolean): void
}

/** The peer of whoever runs commands without a connection. */
export const NOBODY: Peer = {
  address: '',
  localAddress: '',
  fileDescriptor: -1,
  isUnix: false,
  isTls: false,
  queryBytes: 0,
  argumentBytes: 0,
  queryFreeBytes: 0,
  outputBytes: 0,
  outputPieces: 0,
  totalBytesIn: 0,
  totalBytesOut: 0,
  totalCommands: 0,
  beginReplies() {},
  endReplies() {},
  wake() {},
  send() {},
  allowsReply: () => true,
  close() {},
}

// Bits of `gates`: what keeps this client's commands from running.
export const NEEDS_AUTHENTICATION = 1
export const HAS_SUBSCRIPTIONS = 2
export const QUEUES_COMMANDS = 4
export const IS_MONITOR = 8
export const IS_RESTRICTED = 16

// Bits of `afterwards`: what is to be done after each command of this client.
export const MUTES_REPLIES = 1
export const TRACKS_READS = 2

/**
 * CLIENT REPLY: all replies, none, or none for the command that is running (`skip`) or the one after it (`skip-next`).
 */
export type ReplyMode = 'on' | 'off' | 'skip-next' | 'skip'

/** What a name that somebody remembers of a client takes beside its own bytes, about: places in maps and sets. */
export const NAME_BYTES = 160

/** What limits and filters tell clients apart by. */
export type ClientKind = 'normal' | 'master' | 'replica' | 'pubsub'

export class Session {
  readonly id: number
  readonly peer: Peer
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  lastInteraction: number
  database = 0
  protocol: Protocol = 2
  /** See NEEDS_AUTHENTICATION and its neighbours; 0 for most clients at most times. */
  gates = 0
  user = 'default'
  name = ''
  libraryName = ''
  libraryVersion = ''
  /** See MUTES_REPLIES and its neighbours; 0 for most clients at most times. */
  afterwards = 0
  isEvictable = true
  touchesKeys = true
  isReadonly = false
  isMonitor = false
  /** The other end of a replication link, seen from here. */
  link: 'none' | 'replica' | 'master' = 'none'
  /** Channels, patterns and shard channels it is subscribed to. */
  channels = 0
  patterns = 0
  shardChannels = 0
  /** Commands queued since MULTI, -1 outside of it; and the bytes that they take. */
  queuedCommands = -1
  queuedBytes = 0
  /** What they are kept in: transactions/ knows more. A Map's entry for each transaction would cost more than a SET. */
  transaction: object | undefined = undefined
  watchedKeys = 0
  /** Bytes of what others remember of it by name: watched keys, subscriptions, prefixes that it tracks. */
  namesBytes = 0
  /** A watched key has changed: the next EXEC runs nothing. */
  isWatchBroken = false
  /** CLIENT TRACKING: whether it is told of changes to what it reads, or of all changes to some keys. */
  tracking: 'off' | 'reads' | 'broadcast' = 'off'
  /** The client that is told in its place: 0 if it is told itself, -1 if it does not track. */
  redirect = -1
  /** That client has gone. */
  isRedirectBroken = false
  /** Waiting for a key, or held by CLIENT PAUSE. */
  isBlocked = false
  /** How much had been appended to the log when its last change was: what WAITAOF waits for. */
  appendedTo = 0
  /** Going away: nothing it sends is run any more. */
  isClosing = false
  /** The last command's name, in lower case. */
  lastCommand = 'NULL'
  /** What acl/ knows of its user; undefined: it is the default user. */
  account: object | undefined = undefined
  /** It has said who it is, or did not have to when it came. */
  isLoggedIn = true
  #replyMode: ReplyMode = 'on'

  constructor(id: number, peer: Peer, now: number) {
    this.id = id
    this.peer = peer
    this.createdAt = now
    this.lastInteraction = now
  }

  get replyMode(): ReplyMode {
    return this.#replyMode
  }

  set replyMode(mode: ReplyMode) {
    this.#replyMode = mode
    if (mode === 'on') this.afterwards &= ~MUTES_REPLIES
    else this.afterwards |= MUTES_REPLIES
  }

  /** In the middle of MULTI. */
  get isQueueing(): boolean {
    return this.queuedCommands >= 0
  }

  get kind(): ClientKind {
    if (this.link !== 'none') return this.link
    return this.channels + this.patterns + this.shardChannels > 0 ? 'pubsub' : 'normal'
  }

  get isAuthenticated(): boolean {
    return (this.gates & NEEDS_AUTHENTICATION) === 0
  }

  /** Whether it comes from this machine: `local` in settings such as enable-debug-command. */
  get isLocal(): boolean {
    return this.peer.isUnix || this.peer.address.startsWith('127.') || this.peer.address.startsWith('[::1]')
  }
}
