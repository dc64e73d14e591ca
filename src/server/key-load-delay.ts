// Makes loading slow, for tests that want to do something meanwhile: `key-load-delay`.

export class KeyLoadDelay {
  /** Microseconds after each key; if negative, one after so many keys. */
  #delay = 0
  #count = 0
  readonly #cell = new Int32Array(new SharedArrayBuffer(4))

  set(delay: number): void {
    this.#delay = delay
    this.#count = 0
  }

  /** Whether it has taken any time. */
  wait(): boolean {
    if (this.#delay === 0) return false
    if (this.#delay < 0 && ++this.#count < -this.#delay) return false
    this.#count = 0
    // Nothing ever wakes it: it waits for the time-out.
    Atomics.wait(this.#cell, 0, 0, Math.max(this.#delay, 1) / 1000)
    return true
  }
}
