// Commands as clients send them, word by word, into a buffer that is handed over when it is full. Knows no command.

import { formatDouble } from '../base/doubles.ts'
import { writeDecimal } from '../base/integers.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { ID_TEXT_BYTES, type StreamId } from '../types/stream-id.ts'

const CR = 13
const LF = 10
const DOLLAR = 36
const STAR = 42
const ROOM_BYTES = 262_144
/** From here on the buffer is handed over. */
const FULL_BYTES = 131_072
/** What the header and the end of a word take at most. */
const FRAME_BYTES = 32

export class CommandOutput {
  readonly #onFull: (bytes: Uint8Array) => void
  readonly #digits = new Uint8Array(ID_TEXT_BYTES)
  #bytes = new Uint8Array(ROOM_BYTES)
  #length = 0

  /** The bytes that `onFull` gets are valid during the call. */
  constructor(onFull: (bytes: Uint8Array) => void) {
    this.#onFull = onFull
  }

  flush(): void {
    if (this.#length > 0) this.#onFull(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    if (this.#bytes.length > ROOM_BYTES) this.#bytes = new Uint8Array(ROOM_BYTES)
  }

  /** A line that is no command. */
  note(text: string): void {
    const line = Buffer.from(`${text}\r\n`, 'latin1')
    this.#reserve(line.length)
    this.#bytes.set(line, this.#length)
    this.#length += line.length
  }

  /** So many words follow. */
  begin(words: number): void {
    if (this.#length >= FULL_BYTES) this.flush()
    this.#reserve(FRAME_BYTES)
    this.#header(STAR, words)
  }

  word(text: string): void {
    const { length } = text
    this.#reserve(length + FRAME_BYTES)
    this.#header(DOLLAR, length)
    for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = text.charCodeAt(i)
    this.#end(length)
  }

  text({ bytes, start, length }: Slice): void {
    this.#word(bytes, start, length)
  }

  integer(value: number): void {
    this.#word(this.#digits, 0, writeDecimal(this.#digits, 0, value))
  }

  double(value: number): void {
    this.word(formatDouble(value))
  }

  id(id: StreamId): void {
    this.#word(this.#digits, 0, id.write(this.#digits, 0))
  }

  #word(bytes: Uint8Array, start: number, length: number): void {
    this.#reserve(length + FRAME_BYTES)
    this.#header(DOLLAR, length)
    copyBytes(bytes, start, this.#bytes, this.#length, length)
    this.#end(length)
  }

  #header(kind: number, count: number): void {
    this.#bytes[this.#length] = kind
    this.#length = writeDecimal(this.#bytes, this.#length + 1, count)
    this.#end(0)
  }

  #end(length: number): void {
    const at = this.#length + length
    this.#bytes[at] = CR
    this.#bytes[at + 1] = LF
    this.#length = at + 2
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
