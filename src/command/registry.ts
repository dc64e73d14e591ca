// All commands by name. Looks a name up by its bytes, folding case while hashing: no string is made for a request.

import type { Request } from '../resp/request.ts'
import { Command } from './command.ts'
import type { CommandFamily } from './definition.ts'

const SLOTS = 2048
const LONGEST_NAME = 64

export class Registry {
  readonly #commands = new Map<string, Command>()
  readonly #slots: (Command | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #families: CommandFamily[] = []

  add(family: CommandFamily): void {
    this.#families.push(family)
    for (const definition of family.commands) {
      const command = new Command(definition, family.group)
      if (this.#commands.has(command.name)) throw new Error(`${command.name} is defined twice`)
      this.#commands.set(command.name, command)
      this.#place(command)
    }
  }

  // The name that was found last, as it was sent: a pipeline repeats it, and most connections say little else.
  #last: Command | undefined = undefined
  #lastLength = 0
  readonly #lastName = new Uint8Array(LONGEST_NAME)

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
    if (length > LONGEST_NAME) return undefined
    let hash = length
    for (let i = start; i < start + length; i++) hash = (Math.imul(hash, 31) + (bytes[i]! | 0x20)) | 0
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const command = this.#slots[slot]
      if (command === undefined) return undefined
      if (isNamed(command.name, bytes, start, length)) {
        this.#last = command
        this.#lastLength = length
        for (let i = 0; i < length; i++) this.#lastName[i] = bytes[start + i]!
        return command
      }
    }
  }

  #place(command: Command): void {
    const { name } = command
    let hash = name.length
    for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + (name.charCodeAt(i) | 0x20)) | 0
    let slot = hash & (SLOTS - 1)
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & (SLOTS - 1)
    this.#slots[slot] = command
  }
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
