// Rates and averages of the last moments: what grows is sampled by a timer, and the latest samples are averaged, so that
// a burst of a tenth of a second doesn't look like the normal state. Sixteen samples, as Redis takes them.

const SAMPLES = 16

export class Rate {
  readonly #samples = new Float64Array(SAMPLES)
  #next = 0
  #lastValue = 0
  #lastBase = 0
  #isStarted = false

  /**
   * Takes a sample: how much `value` has grown for each unit that `base` has grown. Of bytes and milliseconds it makes
   * bytes per millisecond.
   */
  sample(value: number, base: number): void {
    if (this.#isStarted) {
      const step = base - this.#lastBase
      this.#samples[this.#next] = step > 0 ? Math.max(0, value - this.#lastValue) / step : 0
      this.#next = (this.#next + 1) % SAMPLES
    }
    this.#isStarted = true
    this.#lastValue = value
    this.#lastBase = base
  }

  get average(): number {
    let sum = 0
    for (const sample of this.#samples) sum += sample
    return sum / SAMPLES
  }

  /** Forgets the samples; `value` and `base` start anew. */
  reset(): void {
    this.#samples.fill(0)
    this.#next = 0
    this.#isStarted = false
  }
}
