// How many error replies were sent, by their code: INFO errorstats.

/** Scripts and modules can make codes up: beyond so many they are no longer told apart. */
const MAX_CODES = 128
/** A code ends at a space, which Redis looks for only so far into the message. */
const MAX_CODE_LENGTH = 30
/** The only code that is reported once there have been too many. */
const DISABLED = 'ERRORSTATS_DISABLED'

export class ErrorStatistics {
  total = 0
  /** Replies that no client asked for: what a log or a primary sent was answered with an error. */
  unexpected = 0
  readonly #byCode = new Map<string, number>()
  #isEnabled = true
  /** Hears, once, that codes are no longer told apart, and some of those seen so far. */
  onOverflow: (codes: readonly string[]) => void = () => {}

  /** Counts an error reply by its first word. */
  count(message: string): void {
    this.total++
    if (!this.#isEnabled) return
    const space = message.indexOf(' ')
    const code = space < 0 || space > MAX_CODE_LENGTH ? 'ERR' : message.slice(0, space)
    const counted = this.#byCode.get(code)
    if (counted !== undefined) this.#byCode.set(code, counted + 1)
    else if (this.#byCode.size < MAX_CODES) this.#byCode.set(code, 1)
    else this.#disable()
  }

  /** Codes with their counts, in the order of their bytes. */
  counts(): [code: string, count: number][] {
    return [...this.#byCode].sort(([one], [other]) => (one < other ? -1 : 1))
  }

  reset(): void {
    this.total = 0
    this.unexpected = 0
    this.#byCode.clear()
    this.#isEnabled = true
  }

  // Redis: reports that it has given up, and nothing else until CONFIG RESETSTAT.
  #disable(): void {
    const some = [...this.#byCode.keys()].slice(0, 16)
    this.#byCode.clear()
    this.#byCode.set(DISABLED, 1)
    this.#isEnabled = false
    this.onOverflow(some)
  }
}
