// A member on its way into a set or out of it: its bytes, the integer that they spell, and their hash, which is computed
// when somebody asks for it and then serves all tables it is looked up in. Reused.

import { Element } from '../memory/element.ts'
import { type HashSeed, Key } from '../memory/key.ts'

export class Member extends Element {
  readonly #key: Key
  #isHashed = false

  constructor(seed: HashSeed) {
    super()
    this.#key = new Key(seed)
  }

  override set(bytes: Uint8Array, start: number, length: number): this {
    this.#isHashed = false
    return super.set(bytes, start, length)
  }

  /** As a key of a table; valid as long as the bytes stay where they are. */
  get key(): Key {
    if (this.#isHashed) return this.#key
    this.#isHashed = true
    return this.#key.point(this.bytes, this.start, this.length)
  }
}
