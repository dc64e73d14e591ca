// Arguments on one line of text: inline requests and configuration lines are split here, and bytes are written so
// that splitting gives them back. Knows neither what the arguments mean nor what an unbalanced line is answered.
//
//   word                 up to a blank; a quote inside starts a quoted piece: a"b c" is one argument
//   "…"                  \n \r \t \a \b, \xHH, and \ before any other byte for that byte
//   '…'                  as it stands, but for \'
//
// A closing quote must be followed by a blank or the end. A zero byte ends the line, for Redis's lines are C strings.

const BACKSLASH = 0x5c
const DOUBLE_QUOTE = 0x22
const SINGLE_QUOTE = 0x27
const SPACE = 0x20
const LETTER_X = 0x78

/** What follows a backslash in double quotes, by the byte it stands for. */
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0d, 'r'],
  [DOUBLE_QUOTE, '"'],
  [BACKSLASH, '\\'],
])
const ESCAPED: ReadonlyMap<number, number> = new Map(
  Array.from(ESCAPES, ([byte, letter]) => [letter.charCodeAt(0), byte]),
)

/**
 * The arguments of a line, none for a blank one; undefined if a quote is not closed or is followed by more text.
 * They are copies. A string is taken as UTF-8.
 */
export function splitArguments(line: Uint8Array | string): Uint8Array[] | undefined {
  const splitter = new Splitter(typeof line === 'string' ? Buffer.from(line) : line)
  const found: Uint8Array[] = []
  while (splitter.skipBlanks()) {
    const argument = splitter.readArgument()
    if (argument === undefined) return undefined
    found.push(argument)
  }
  return found
}

/** The bytes in double quotes, everything but printable ASCII escaped: one line, safe in logs and in a configuration. */
export function quote(bytes: Uint8Array): string {
  let text = '"'
  for (const byte of bytes) {
    const letter = ESCAPES.get(byte)
    if (letter !== undefined) text += `\\${letter}`
    else if (isPrintable(byte)) text += String.fromCharCode(byte)
    else text += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `${text}"`
}

/** Whether the bytes need quote: as a bare word they would be split, be lost, or be hard to read. */
export function needsQuoting(bytes: Uint8Array): boolean {
  return bytes.length === 0 || bytes.some((byte) => !isPlain(byte))
}

/** Reads one line from left to right. */
class Splitter {
  readonly #line: Uint8Array
  readonly #end: number
  #at = 0
  /** The argument being read: never longer than the line. */
  readonly #argument: Uint8Array
  #length = 0

  constructor(line: Uint8Array) {
    const zero = line.indexOf(0)
    this.#line = line
    this.#end = zero === -1 ? line.length : zero
    this.#argument = new Uint8Array(this.#end)
  }

  /** Goes to the next argument; false at the end of the line. */
  skipBlanks(): boolean {
    while (this.#at < this.#end && isBlank(this.#line[this.#at]!)) this.#at++
    return this.#at < this.#end
  }

  /** undefined if a quote is wrong. */
  readArgument(): Uint8Array | undefined {
    this.#length = 0
    while (this.#at < this.#end) {
      const byte = this.#line[this.#at++]!
      if (endsWord(byte)) break
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
        const isClosed = byte === DOUBLE_QUOTE ? this.#readDoubleQuoted() : this.#readSingleQuoted()
        if (!isClosed || !this.#isAtBlank()) return undefined
        break
      }
      this.#push(byte)
    }
    return this.#argument.slice(0, this.#length)
  }

  #readDoubleQuoted(): boolean {
    while (this.#at < this.#end) {
      const byte = this.#line[this.#at++]!
      if (byte === DOUBLE_QUOTE) return true
      if (byte === BACKSLASH && this.#at < this.#end) this.#push(this.#readEscape())
      else this.#push(byte)
    }
    return false
  }

  #readSingleQuoted(): boolean {
    while (this.#at < this.#end) {
      const byte = this.#line[this.#at++]!
      if (byte === SINGLE_QUOTE) return true
      const isEscaped = byte === BACKSLASH && this.#at < this.#end && this.#line[this.#at] === SINGLE_QUOTE
      this.#push(isEscaped ? this.#line[this.#at++]! : byte)
    }
    return false
  }

  /** What follows a backslash; there is at least one byte. */
  #readEscape(): number {
    const letter = this.#line[this.#at++]!
    if (letter === LETTER_X && this.#at + 1 < this.#end) {
      const high = hexDigit(this.#line[this.#at]!)
      const low = hexDigit(this.#line[this.#at + 1]!)
      if (high >= 0 && low >= 0) {
        this.#at += 2
        return high * 16 + low
      }
    }
    return ESCAPED.get(letter) ?? letter
  }

  #isAtBlank(): boolean {
    return this.#at === this.#end || isBlank(this.#line[this.#at]!)
  }

  #push(byte: number): void {
    this.#argument[this.#length++] = byte
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= 0x0d)
}

/** Redis: a form feed or vertical tab is skipped between arguments, but does not end a bare word. */
function endsWord(byte: number): boolean {
  return isBlank(byte) && byte !== 0x0b && byte !== 0x0c
}

function isPrintable(byte: number): boolean {
  return byte >= SPACE && byte <= 0x7e
}

function isPlain(byte: number): boolean {
  return byte > SPACE && byte <= 0x7e && byte !== DOUBLE_QUOTE && byte !== SINGLE_QUOTE && byte !== BACKSLASH
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
