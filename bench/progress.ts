// One line on stderr about what is under way: rewritten in place on a terminal, now and then elsewhere.

const QUIET_MS = 5000
const TICK_MS = 500

export class Progress {
  #total: number
  #step = 0
  #label = ''
  #start = performance.now()
  #lastLine = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #stream: NodeJS.WriteStream

  constructor(total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total
    this.#stream = stream
    if (stream.isTTY) this.#timer = setInterval(() => this.#show(), TICK_MS).unref()
  }

  /** Says that the next of the steps has begun. */
  step(label: string): void {
    this.#step++
    this.#label = label
    this.#show()
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.#timer)
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K')
  }

  #show(): void {
    const now = performance.now()
    const line = `[${this.#step}/${this.#total}] ${duration(now - this.#start)}  ${this.#label}`
    if (this.#stream.isTTY) {
      this.#stream.write(`\r${line.slice(0, (this.#stream.columns ?? 80) - 1)}\x1b[K`)
    } else if (now - this.#lastLine >= QUIET_MS) {
      this.#lastLine = now
      this.#stream.write(`${line}\n`)
    }
  }
}

/** `4m07s`, `12s`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds}s` : `${minutes}m${String(seconds % 60).padStart(2, '0')}s`
}
