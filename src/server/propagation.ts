// What logs and replicas have to repeat, in units that they repeat as a whole or not at all: the commands of a
// transaction, or of a script, go between MULTI and EXEC, unless there is only one. Knows no file and no socket.

import type { Arguments } from '../command/arguments.ts'
import type { Propagated } from '../command/effects.ts'

/** Receives what has to be repeated elsewhere: the append-only file, replicas. */
export interface PropagationSink {
  propagate(database: number, command: Arguments | Propagated): void
}

const MULTI: Propagated = ['MULTI']
const EXEC: Propagated = ['EXEC']

export class PropagationUnit {
  #isOpen = false
  /** The first command of the unit: it may turn out to be the only one. */
  #first: Propagated | undefined = undefined
  #database = 0
  /** Whether MULTI has been said. */
  #hasBegun = false

  /** What is added from now on belongs together. */
  begin(): void {
    this.#isOpen = true
  }

  add(sink: PropagationSink, database: number, command: Arguments | Propagated): void {
    if (!this.#isOpen || this.#hasBegun) {
      sink.propagate(database, command)
      return
    }
    const first = this.#first
    if (first === undefined) {
      this.#first = 'toArrays' in command ? command.toArrays() : command
      this.#database = database
      return
    }
    this.#hasBegun = true
    sink.propagate(this.#database, MULTI)
    sink.propagate(this.#database, first)
    sink.propagate(database, command)
  }

  end(sink: PropagationSink | undefined): void {
    if (sink !== undefined && this.#first !== undefined) {
      sink.propagate(this.#database, this.#hasBegun ? EXEC : this.#first)
    }
    this.#isOpen = false
    this.#first = undefined
    this.#hasBegun = false
  }
}
