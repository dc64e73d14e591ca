// How many error replies were sent, by their code: INFO errorstats.

/** Redis: beyond so many codes only one more is reported, as they can be made up by scripts. */
const MAX_CODES = 128

export class ErrorStatistics {
  total = 0
  readonly byCode = new Map<string, number>()

  /** Counts an error reply by its first word. */
  count(message: string): void {
    this.total++
    const space = message.indexOf(' ')
    const code = space < 0 ? message : message.slice(0, space)
    const counted = this.byCode.get(code)
    if (counted !== undefined) this.byCode.set(code, counted + 1)
    else if (this.byCode.size < MAX_CODES) this.byCode.set(code, 1)
  }

  reset(): void {
    this.total = 0
    this.byCode.clear()
  }
}
