// A whole reply as a JavaScript value, for callers in the same process: strings are UTF-8, sets are Sets, maps are objects.
// Trusts the bytes, which our own writer has made; a socket's would have to be checked.

const LF = 10
const CRLF_BYTES = 2

/** `Failure` stands for errors. */
export type Value<Failure> =
  | string
  | number
  | bigint
  | boolean
  | null
  | Failure
  | Value<Failure>[]
  | Set<Value<Failure>>
  | { [field: string]: Value<Failure> }

export class ReplyValues<Failure> {
  readonly #bytes: Buffer
  readonly #failure: (message: string) => Failure
  #at = 0

  /** `failure` makes of an error's text what stands for it. */
  constructor(bytes: Buffer, failure: (message: string) => Failure) {
    this.#bytes = bytes
    this.#failure = failure
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next whole reply. */
  next(): Value<Failure> {
    const end = this.#bytes.indexOf(LF, this.#at) - 1
    const mark = String.fromCharCode(this.#bytes[this.#at]!)
    const line = this.#bytes.toString('utf8', this.#at + 1, end)
    this.#at = end + CRLF_BYTES
    switch (mark) {
      case '+':
        return line
      case '-':
        return this.#failure(line)
      case ':':
        return wholeNumber(line)
      case '_':
        return null
      case ',':
        return double(line)
      case '#':
        return line === 't'
      case '(':
        return BigInt(line)
      default:
        return this.#long(mark, Number(line))
    }
  }

  /** What has a length: that of its bytes, or how many replies it is made of. */
  #long(mark: string, count: number): Value<Failure> {
    switch (mark) {
      case '$':
        return count < 0 ? null : this.#text(count)
      case '=':
        return this.#text(count).slice('txt:'.length)
      case '!':
        return this.#failure(this.#text(count))
      case '~':
        return new Set(this.#several(count))
      case '%':
        return this.#object(count)
      case '|':
        // What is said about the reply that follows.
        this.#object(count)
        return this.next()
      default:
        return count < 0 ? null : this.#several(count)
    }
  }

  #text(length: number): string {
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length)
    this.#at += length + CRLF_BYTES
    return text
  }

  #several(count: number): Value<Failure>[] {
    const values: Value<Failure>[] = []
    for (let i = 0; i < count; i++) values.push(this.next())
    return values
  }

  #object(pairs: number): { [field: string]: Value<Failure> } {
    const entries: [string, Value<Failure>][] = []
    for (let i = 0; i < pairs; i++) entries.push([String(this.next()), this.next()])
    // An assignment to `__proto__` would not be an entry.
    return Object.fromEntries(entries)
  }
}

function wholeNumber(line: string): number | bigint {
  const value = Number(line)
  return Number.isSafeInteger(value) ? value : BigInt(line)
}

function double(line: string): number {
  if (line === 'inf') return Number.POSITIVE_INFINITY
  return line === '-inf' ? Number.NEGATIVE_INFINITY : Number(line)
}
