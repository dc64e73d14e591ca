// Makes saving and loading slow, for tests that want to do something meanwhile: `rdb-key-save-delay`, `key-load-delay`.

import { sleep } from '../base/sleep.ts'

export class KeyDelay {
  /** Microseconds after each key; if negative, one after so many keys. */
  #delay: number
  #count = 0

  constructor(delay = 0) {
    this.#delay = delay
  }

  set(delay: number): void {
    this.#delay = delay
    this.#count = 0
  }

  get isSet(): boolean {
    return this.#delay !== 0
  }

  /** Whether it has taken any time. */
  wait(): boolean {
    if (this.#delay === 0) return false
    if (this.#delay < 0 && ++this.#count < -this.#delay) return false
    this.#count = 0
    sleep(Math.max(this.#delay, 1) / 1000)
    return true
  }
}
