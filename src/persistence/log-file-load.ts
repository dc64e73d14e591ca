// Runs the commands of one file of an append-only log, from some place in it on. Knows how files end that were being
// written when the power went, and not what the commands mean: a runner is handed in.

import fs from 'node:fs'
import { reasonOf } from '../base/system-error.ts'
import { Arguments } from '../command/arguments.ts'
import { LoadError } from './load-source.ts'
import { COMMAND, END, LogParser, MALFORMED, MORE } from './log-parser.ts'

/** Runs what the log says. */
export interface LogRunner {
  /** False: there is no such command. */
  run(args: Arguments): boolean
  /** Between MULTI and EXEC: what was said since is not done yet. */
  readonly isInTransaction: boolean
  /** Forgets the transaction that has been begun. */
  abandon(): void
}

const PIECE_BYTES = 1 << 20
/** Between two looks at the clock. */
const COMMANDS_PER_LOOK = 64

export class LogFileLoad {
  readonly #fd: number
  readonly #name: string
  readonly #runner: LogRunner
  readonly #parser = new LogParser(new Arguments())
  readonly #size: number
  #bytes: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
  #length = 0
  /** Where in the file the first byte of `bytes` is. */
  #offset: number
  /** Where the file may be cut so that only whole things are left. */
  #wholeTo: number
  #isOpen = true

  /** Owns the descriptor from now on. `name` is for error texts. */
  constructor(fd: number, name: string, offset: number, runner: LogRunner) {
    this.#fd = fd
    this.#name = name
    this.#offset = offset
    this.#wholeTo = offset
    this.#runner = runner
    this.#size = fs.fstatSync(fd).size
  }

  get size(): number {
    return this.#size
  }

  get loadedBytes(): number {
    return this.#offset + this.#parser.position
  }

  /** What may stay of the file: less than all of it if its end is torn. */
  get wholeTo(): number {
    return this.#wholeTo
  }

  /**
   * Goes on until `isTimeUp`, or the end: 'more'; 'done'; 'torn' if the file ends in the middle of something. Throws a
   * LoadError.
   */
  step(isTimeUp: () => boolean): 'more' | 'done' | 'torn' {
    const parser = this.#parser
    do {
      for (let i = 0; i < COMMANDS_PER_LOOK; i++) {
        const left = this.#size - this.#offset - this.#length
        const result = parser.next(this.#bytes, this.#length, left)
        if (result === COMMAND) this.#run()
        else if (result === MORE) this.#readMore()
        else if (result === MALFORMED) throw this.#malformed()
        else return this.#ended(result === END)
      }
    } while (!isTimeUp())
    return 'more'
  }

  #run(): void {
    const { args } = this.#parser
    if (!this.#runner.run(args)) {
      const command = args.shown(0, args.lengths[0]!)
      throw new LoadError(`Unknown command '${command}' reading the append only file ${this.#name}`)
    }
    if (!this.#runner.isInTransaction) this.#wholeTo = this.#offset + this.#parser.end
  }

  #ended(isWhole: boolean): 'done' | 'torn' {
    if (this.#runner.isInTransaction) return 'torn'
    this.#wholeTo = this.#offset + this.#parser.end
    return isWhole ? 'done' : 'torn'
  }

  #readMore(): void {
    const parser = this.#parser
    const { position } = parser
    const kept = this.#length - position
    const needed = Math.max(parser.wanted, kept * 2, PIECE_BYTES)
    // What a large command has taken is not kept.
    const isFit = needed <= this.#bytes.length && this.#bytes.length <= 2 * needed
    const target = isFit ? this.#bytes : Buffer.allocUnsafeSlow(needed)
    this.#bytes.copy(target, 0, position, this.#length)
    this.#bytes = target
    this.#length = kept
    this.#offset += position
    parser.shift(position)
    while (this.#length < parser.wanted) this.#length += this.#read()
  }

  #read(): number {
    const at = this.#offset + this.#length
    try {
      const count = fs.readSync(this.#fd, this.#bytes, this.#length, this.#bytes.length - this.#length, at)
      if (count > 0) return count
    } catch (error) {
      throw new LoadError(
        `Unrecoverable error reading the append only file ${this.#name}: ${reasonOf(error)}`,
      )
    }
    // It was longer a moment ago.
    throw new LoadError(`Unrecoverable error reading the append only file ${this.#name}: Input/output error`)
  }

  #malformed(): LoadError {
    return new LoadError(
      `Bad file format reading the append only file ${this.#name}: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>`,
    )
  }

  close(): void {
    if (this.#isOpen) fs.closeSync(this.#fd)
    this.#isOpen = false
  }
}
