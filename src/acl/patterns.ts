// Patterns of keys and of channels that a selector allows. Knows no user and no rule: which patterns make sense is
// decided in rules.ts.

import { globMatch } from '../base/glob.ts'

/** What may be done with keys that match, as bits. */
export const READ = 1
export const WRITE = 2

interface Pattern {
  readonly bytes: Buffer
  /** READ and WRITE; of channels nothing. */
  readonly permissions: number
}

export class Patterns {
  /** By text (latin1), in the order in which they were added. */
  readonly #patterns = new Map<string, Pattern>()

  get count(): number {
    return this.#patterns.size
  }

  /** Adds permissions for what matches a pattern to those that it has. */
  add(text: string, permissions: number): void {
    const had = this.#patterns.get(text)?.permissions ?? 0
    this.#patterns.set(text, { bytes: Buffer.from(text, 'latin1'), permissions: had | permissions })
  }

  /** Whether this very pattern is there. */
  has(text: string): boolean {
    return this.#patterns.has(text)
  }

  clear(): void {
    this.#patterns.clear()
  }

  texts(): IterableIterator<string> {
    return this.#patterns.keys()
  }

  *entries(): IterableIterator<[text: string, permissions: number]> {
    for (const [text, { permissions }] of this.#patterns) yield [text, permissions]
  }

  /** Whether some pattern gives all these permissions for a name. */
  match(bytes: Uint8Array, start: number, length: number, permissions: number): boolean {
    for (const pattern of this.#patterns.values()) {
      if ((pattern.permissions & permissions) !== permissions) continue
      if (globMatch(pattern.bytes, 0, pattern.bytes.length, bytes, start, length, false)) return true
    }
    return false
  }

  /** Whether these very bytes are a pattern; they may be too many for a string. */
  hasBytes(bytes: Uint8Array, start: number, length: number): boolean {
    for (const pattern of this.#patterns.values()) {
      if (pattern.bytes.length === length && isSame(pattern.bytes, bytes, start)) return true
    }
    return false
  }

  /** Whether `*` itself is there with these permissions. */
  matchesAll(permissions: number): boolean {
    const star = this.#patterns.get('*')
    return star !== undefined && (star.permissions & permissions) === permissions
  }

  copyFrom(other: Patterns): void {
    this.clear()
    for (const [text, permissions] of other.entries()) this.add(text, permissions)
  }
}

function isSame(text: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[start + i]) return false
  return true
}
