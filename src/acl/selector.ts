// A selector: commands, keys and channels that go together. A user has one at least; a request has to be allowed in full
// by one of them. Knows no user.

import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'
import type { FoundKeys } from '../command/found-keys.ts'
import { keyFlagBits } from '../command/found-keys.ts'
import { CommandSet } from './command-set.ts'
import { Patterns, READ, WRITE } from './patterns.ts'

const READS = keyFlagBits(['access'])
const WRITES = keyFlagBits(['update', 'insert', 'delete'])
const ALL = READ | WRITE

export class Selector {
  readonly commands = new CommandSet()
  readonly keys = new Patterns()
  readonly channels = new Patterns()
  allowsAllKeys = false
  allowsAllChannels = false

  /** Nothing is forbidden. */
  get isUnrestricted(): boolean {
    return this.commands.allowsAll && this.allowsAllKeys && this.allowsAllChannels
  }

  get readsAllKeys(): boolean {
    return this.allowsAllKeys || this.keys.matchesAll(READ)
  }

  /** The index of the first argument that is a key out of bounds; 0: there is none. */
  deniedKey(args: Arguments, found: FoundKeys): number {
    if (this.allowsAllKeys) return 0
    for (let i = 0; i < found.count; i++) {
      const index = found.indexes[i]!
      const flags = found.flags[i]!
      // Redis: who asks only whether a key is there, or what it is, needs no more than any permission for it.
      const needed = ((flags & READS) !== 0 ? READ : 0) | ((flags & WRITES) !== 0 ? WRITE : 0)
      if (!this.keys.match(args.bytes, args.starts[index]!, args.lengths[index]!, needed)) return index
    }
    return 0
  }

  /** The index of the first argument that is a channel out of bounds; 0: there is none. */
  deniedChannel(command: Command, args: Arguments): number {
    const { channels } = command.definition
    if (channels === undefined || this.allowsAllChannels) return 0
    const end = channels.which === 'first' ? Math.min(args.count, 2) : args.count
    for (let i = 1; i < end; i++) {
      const { bytes, starts, lengths } = args
      const isAllowed = channels.arePatterns
        ? this.channels.hasBytes(bytes, starts[i]!, lengths[i]!)
        : this.channels.match(bytes, starts[i]!, lengths[i]!, 0)
      if (!isAllowed) return i
    }
    return 0
  }

  allowAllKeys(): void {
    this.allowsAllKeys = true
    this.keys.clear()
  }

  resetKeys(): void {
    this.allowsAllKeys = false
    this.keys.clear()
  }

  allowAllChannels(): void {
    this.allowsAllChannels = true
    this.channels.clear()
  }

  resetChannels(): void {
    this.allowsAllChannels = false
    this.channels.clear()
  }

  /** Its keys as rules. */
  describeKeys(): string {
    if (this.allowsAllKeys) return '~*'
    const rules: string[] = []
    for (const [text, permissions] of this.keys.entries()) {
      rules.push(permissions === ALL ? `~${text}` : `%${permissions === READ ? 'R' : 'W'}~${text}`)
    }
    return rules.join(' ')
  }

  /** Its channels as rules. */
  describeChannels(): string {
    if (this.allowsAllChannels) return '&*'
    return Array.from(this.channels.texts(), (text) => `&${text}`).join(' ')
  }

  /** The rules that make it out of a new one. */
  describe(): string {
    const parts = [this.describeKeys()]
    // New users may have been given all channels: see `acl-pubsub-default`.
    if (!this.allowsAllChannels) parts.push('resetchannels')
    parts.push(this.describeChannels(), this.commands.describe())
    return parts.filter((part) => part !== '').join(' ')
  }

  copyFrom(other: Selector): void {
    this.commands.copyFrom(other.commands)
    this.keys.copyFrom(other.keys)
    this.channels.copyFrom(other.channels)
    this.allowsAllKeys = other.allowsAllKeys
    this.allowsAllChannels = other.allowsAllChannels
  }
}
