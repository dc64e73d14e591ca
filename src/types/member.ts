// A member on its way into a set or out of it: its bytes, the integer that they spell, and their hash, which is computed
// when somebody asks for it and then serves all tables it is looked up in. Reused.

import { Element } from '../memory/element.ts'
import { type HashSeed, Key } from '../memory/key.ts'
import type { UpcomingKeys } from '../memory/upcoming-keys.ts'

export class Member extends Element {
  readonly #own: Key
  /** Where the member may have been hashed ahead. */
  readonly #upcoming: UpcomingKeys | undefined
  #key: Key
  #isHashed = false

  constructor(seed: HashSeed, upcoming?: UpcomingKeys) {
    super()
    this.#own = new Key(seed)
    this.#upcoming = upcoming
    this.#key = this.#own
  }

  override set(bytes: Uint8Array, start: number, length: number): this {
    this.#isHashed = false
    return super.set(bytes, start, length)
  }

  /** As a key of a table; valid as long as the bytes stay where they are. */
  get key(): Key {
    if (this.#isHashed) return this.#key
    const { bytes, start, length } = this
    this.#isHashed = true
    this.#key = this.#upcoming?.take(bytes, start, length) ?? this.#own.point(bytes, start, length)
    return this.#key
  }
}
