// Which commands a selector allows: a bit for each command and subcommand, first arguments that are allowed of commands
// which otherwise are not, and the rules that led there, in their shortest form. Knows no user.

import type { Arguments } from '../command/arguments.ts'
import type { Command } from '../command/command.ts'

const WORD_BITS = 32

export class CommandSet {
  /** Every command, and whatever will be added: no bits are asked. */
  allowsAll = false
  /** What holds of commands that have no bit. */
  #base = false
  /** By the commands' ids; empty until a command differs from the others. */
  #bits = new Uint32Array(0)
  /** By a command's id: first arguments, in capitals. */
  #firstArguments = new Map<number, string[]>()
  /** Each with its sign; the first is about all commands. */
  #rules = ['-@all']

  /** Redis: what opens a connection (AUTH, HELLO and the like) is nobody's to forbid. */
  allows(command: Command, args: Arguments): boolean {
    if (this.allowsAll || command.runsUnauthenticated || this.#has(command.id)) return true
    const words = this.#firstArguments.get(command.id)
    if (words === undefined || args.count < 2) return false
    for (let i = 0; i < words.length; i++) if (args.is(1, words[i]!)) return true
    return false
  }

  /** All commands, or none. */
  setAll(isAllowed: boolean): void {
    this.allowsAll = isAllowed
    this.#base = isAllowed
    this.#bits = new Uint32Array(0)
    this.#firstArguments.clear()
    this.#rules = [isAllowed ? '+@all' : '-@all']
  }

  /** The commands of a category; `count`: how many commands there are at all. */
  setCategory(name: string, commands: Iterable<Command>, count: number, isAllowed: boolean): void {
    for (const command of commands) this.#set(command, count, isAllowed)
    this.#note(`@${name}`, isAllowed)
  }

  /** A command with its subcommands, or a subcommand. */
  setCommand(command: Command, count: number, isAllowed: boolean): void {
    this.#set(command, count, isAllowed)
    this.#note(command.fullName, isAllowed)
  }

  /** A command, if its first argument is this word. */
  allowFirstArgument(command: Command, word: string): void {
    const words = this.#firstArguments.get(command.id) ?? []
    const capitals = word.toUpperCase()
    if (!words.includes(capitals)) this.#firstArguments.set(command.id, [...words, capitals])
    this.#note(`${command.fullName}|${word.toLowerCase()}`, true)
  }

  /** The rules that lead from nothing to here, with blanks between them. */
  describe(): string {
    return this.#rules.join(' ')
  }

  copyFrom(other: CommandSet): void {
    this.allowsAll = other.allowsAll
    this.#base = other.#base
    this.#bits = other.#bits.slice()
    this.#firstArguments = new Map(other.#firstArguments)
    this.#rules = [...other.#rules]
  }

  #has(id: number): boolean {
    const word = id >>> 5
    return word < this.#bits.length ? (this.#bits[word]! & (1 << (id & 31))) !== 0 : this.#base
  }

  #set(command: Command, count: number, isAllowed: boolean): void {
    this.#makeRoom(count)
    this.#setBit(command.id, isAllowed)
    this.#firstArguments.delete(command.id)
    if (command.subcommands === undefined) return
    for (const sub of command.subcommands.values()) this.#setBit(sub.id, isAllowed)
  }

  #setBit(id: number, isAllowed: boolean): void {
    if (isAllowed) this.#bits[id >>> 5]! |= 1 << (id & 31)
    else {
      this.#bits[id >>> 5]! &= ~(1 << (id & 31))
      this.allowsAll = false
    }
  }

  #makeRoom(count: number): void {
    const words = Math.ceil(count / WORD_BITS)
    if (this.#bits.length >= words) return
    const bits = new Uint32Array(words).fill(this.#base ? 0xffffffff : 0)
    bits.set(this.#bits)
    this.#bits = bits
  }

  /** A rule takes the place of those before it that it makes meaningless. */
  #note(what: string, isAllowed: boolean): void {
    const parts = `${what}|`
    const [first, ...others] = this.#rules
    const left = others.filter((rule) => rule.slice(1) !== what && !rule.startsWith(parts, 1))
    this.#rules = [first!, ...left, `${isAllowed ? '+' : '-'}${what}`]
  }
}
