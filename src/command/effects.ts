// What a command wants logs and replicas to repeat instead of itself. Nothing said: the request as it was sent.
// Needed where the outcome depends on time, chance or waiting: SET with EX becomes SET with PXAT, SPOP becomes SREM.

export type Propagated = readonly (string | Uint8Array)[]

export class Effects {
  /** Whether anyone listens: a handler may save itself the work. */
  isWanted = false
  /** undefined: as sent. */
  #commands: Propagated[] | undefined = undefined

  /** Repeat this instead. */
  replaceWith(...command: (string | Uint8Array)[]): void {
    if (this.isWanted) this.#commands = [command]
  }

  /** Repeat this too. Without a `replaceWith` before, what was sent is not repeated. */
  add(...command: (string | Uint8Array)[]): void {
    if (!this.isWanted) return
    this.#commands ??= []
    this.#commands.push(command)
  }

  /** Repeat nothing. */
  none(): void {
    if (this.isWanted) this.#commands = []
  }

  /** What to repeat; undefined: as sent. Forgets it. */
  take(): readonly Propagated[] | undefined {
    const commands = this.#commands
    this.#commands = undefined
    return commands
  }
}
