// All commands by name. Looks a name up by its bytes, folding case while hashing: no string is made for a request.

import type { Request } from '../resp/request.ts'
import { Command } from './command.ts'
import type { CommandFamily } from './definition.ts'

const SLOTS = 2048
const LONGEST_NAME = 64

/** Why a command can't be renamed, in Redis's words. */
export type RenameRefusal = 'No such command in rename-command' | 'Target command name already exists'

export class Registry {
  /** By the names that clients use: a command that was renamed still calls itself by its own. */
  readonly #commands = new Map<string, Command>()
  /** By their own names, subcommands as `config|get`: whatever clients may call them. */
  readonly #defined = new Map<string, Command>()
  readonly #slots: (Command | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #slotNames: string[] = new Array(SLOTS).fill('')
  readonly #families: CommandFamily[] = []

  add(family: CommandFamily): void {
    this.#families.push(family)
    for (const definition of family.commands) {
      const command = new Command(definition, family.group)
      if (this.#commands.has(command.name)) throw new Error(`${command.name} is defined twice`)
      this.#commands.set(command.name, command)
      this.#place(command.name, command)
      this.#define(command)
      for (const sub of command.subcommands?.values() ?? []) this.#define(sub)
    }
  }

  #define(command: Command): void {
    command.id = this.#defined.size
    this.#defined.set(command.fullName, command)
  }

  /** From now on clients find a command by another name only; '': not at all. */
  rename(name: string, newName: string): RenameRefusal | undefined {
    const old = foldCase(name)
    const target = foldCase(newName)
    const command = this.#commands.get(old)
    if (command === undefined) return 'No such command in rename-command'
    if (target !== old && this.#commands.has(target)) return 'Target command name already exists'
    this.#commands.delete(old)
    if (target !== '') this.#commands.set(target, command)
    this.#placeAll()
    return undefined
  }

  #placeAll(): void {
    this.#slots.fill(undefined)
    this.#last = undefined
    this.#lastLength = 0
    let longest = LONGEST_NAME
    for (const [name, command] of this.#commands) {
      this.#place(name, command)
      if (name.length > longest) longest = name.length
    }
    if (longest > this.#lastName.length) this.#lastName = new Uint8Array(longest)
  }

  // The name that was found last, as it was sent: a pipeline repeats it, and most connections say little else.
  #last: Command | undefined = undefined
  #lastLength = 0
  /** As long as the longest name. */
  #lastName = new Uint8Array(LONGEST_NAME)

  get families(): readonly CommandFamily[] {
    return this.#families
  }

  /** Top-level commands, in the order of their definition. */
  all(): IterableIterator<Command> {
    return this.#commands.values()
  }

  get size(): number {
    return this.#commands.size
  }

  /** Top-level commands and subcommands. */
  *everyCommand(): IterableIterator<Command> {
    for (const command of this.#commands.values()) {
      yield command
      if (command.subcommands !== undefined) yield* command.subcommands.values()
    }
  }

  /** Likewise, but also those that clients can't call because they were renamed to nothing. */
  defined(): IterableIterator<Command> {
    return this.#defined.values()
  }

  get definedCount(): number {
    return this.#defined.size
  }

  /** By its own name, in any case, whether or not it was renamed. */
  byOwnName(name: string): Command | undefined {
    return this.#defined.get(foldCase(name))
  }

  /** By a name in any case; `config|get` finds a subcommand. */
  byName(name: string): Command | undefined {
    const [container, sub, beyond] = name.toLowerCase().split('|')
    const command = this.#commands.get(container!)
    if (beyond !== undefined) return undefined
    return sub === undefined ? command : command?.subcommands?.get(sub)
  }

  /** The command that a request names. */
  find(request: Request): Command | undefined {
    const { bytes } = request
    const start = request.starts[0]!
    const length = request.lengths[0]!
    if (length === this.#lastLength && isSame(this.#lastName, bytes, start, length)) return this.#last
    if (length > this.#lastName.length) return undefined
    let hash = length
    for (let i = start; i < start + length; i++) hash = (Math.imul(hash, 31) + (bytes[i]! | 0x20)) | 0
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const command = this.#slots[slot]
      if (command === undefined) return undefined
      if (isNamed(this.#slotNames[slot]!, bytes, start, length)) {
        this.#last = command
        this.#lastLength = length
        for (let i = 0; i < length; i++) this.#lastName[i] = bytes[start + i]!
        return command
      }
    }
  }

  #place(name: string, command: Command): void {
    let hash = name.length
    for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + (name.charCodeAt(i) | 0x20)) | 0
    let slot = hash & (SLOTS - 1)
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & (SLOTS - 1)
    this.#slots[slot] = command
    this.#slotNames[slot] = name
  }
}

/** In lower case, byte by byte: a name that a configuration has chosen may hold any. */
function foldCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (name[i] !== bytes[start + i]) return false
  return true
}

function isNamed(name: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (name.length !== length) return false
  for (let i = 0; i < length; i++) {
    let byte = bytes[start + i]!
    if (byte >= 65 && byte <= 90) byte += 32
    if (byte !== name.charCodeAt(i)) return false
  }
  return true
}
