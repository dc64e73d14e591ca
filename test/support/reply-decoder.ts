// RESP2 and RESP3 replies from a stream of bytes cut anywhere. Written for tests, on purpose apart from src/resp:
// what the server's own code misunderstands, this must not misunderstand too. So it is strict: any byte that the
// protocol does not allow is an error. Streamed aggregates are not supported (Redis never sends them).
import type { Reply } from './reply.ts'

/** An aggregate whose items are still arriving. `left` counts items, so a map of n pairs starts with 2n. */
interface OpenAggregate {
  marker: string
  left: number
  items: Reply[]
  /** Only for the frame that waits for the reply behind attributes. */
  attributes: [Reply, Reply][] | undefined
}

const ATTRIBUTED = 'reply with attributes'
const OPENED = Symbol('an aggregate was opened')
const CR = 13
const LF = 10
const DOUBLE = /^([+-]?\d+(\.\d*)?([eE][+-]?\d+)?|[+-]?inf|nan)$/

export class ReplyDecoder {
  #bytes: Buffer = Buffer.alloc(0)
  /** Unread bytes are #bytes[#start..#end). */
  #start = 0
  #end = 0
  /** No use in looking again before #end has reached this: keeps a large bulk in small pieces linear. */
  #wanted = 0
  readonly #open: OpenAggregate[] = []

  /** Takes over more bytes. The chunk may be kept; do not write to it afterwards. */
  push(chunk: Buffer): void {
    if (this.#start === this.#end) {
      this.#wanted = Math.max(0, this.#wanted - this.#start)
      this.#bytes = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    this.#makeRoom(chunk.length)
    chunk.copy(this.#bytes, this.#end)
    this.#end += chunk.length
  }

  /** The next whole reply, or undefined until more bytes have come. Throws an Error on bytes that are no RESP. */
  next(): Reply | undefined {
    while (this.#end > this.#start && this.#end >= this.#wanted) {
      const value = this.#value()
      if (value === undefined) return undefined
      if (value === OPENED) continue
      const whole = this.#deliver(value)
      if (whole !== undefined) return whole
    }
    return undefined
  }

  /** True if bytes of an unfinished reply are waiting. */
  get isInsideReply(): boolean {
    return this.#end > this.#start || this.#open.length > 0
  }

  #makeRoom(length: number): void {
    const unread = this.#end - this.#start
    if (this.#end + length <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(2 * (unread + length), this.#wanted - this.#start))
    this.#bytes.copy(grown, 0, this.#start, this.#end)
    this.#wanted = Math.max(0, this.#wanted - this.#start)
    this.#bytes = grown
    this.#start = 0
    this.#end = unread
  }

  /** Reads one scalar, or the head of an aggregate. */
  #value(): Reply | typeof OPENED | undefined {
    const lineEnd = this.#bytes.indexOf(LF, this.#start)
    if (lineEnd < 0 || lineEnd >= this.#end) return undefined
    if (this.#bytes[lineEnd - 1] !== CR) return this.#refuse('a line without CR')
    const marker = String.fromCharCode(this.#bytes[this.#start]!)
    const line = this.#bytes.toString('latin1', this.#start + 1, lineEnd - 1)
    const next = lineEnd + 1
    if (marker === '$' || marker === '=' || marker === '!') return this.#bulk(marker, line, next)
    this.#start = next
    return '*~>%|'.includes(marker) ? this.#aggregate(marker, line) : this.#scalar(marker, line)
  }

  #scalar(marker: string, line: string): Reply {
    switch (marker) {
      case '+':
        return { type: 'simple', text: line }
      case '-':
        return { type: 'error', text: line }
      case ':':
        if (/^[+-]?\d+$/.test(line)) return { type: 'integer', value: integer(line) }
        break
      case ',':
        if (DOUBLE.test(line)) return { type: 'double', text: line }
        break
      case '(':
        if (/^[+-]?\d+$/.test(line)) return { type: 'big-number', text: line }
        break
      case '#':
        if (line === 't' || line === 'f') return { type: 'boolean', value: line === 't' }
        break
      case '_':
        if (line === '') return { type: 'null' }
        break
    }
    return this.#refuse(`the line ${JSON.stringify(marker + line)}`)
  }

  #bulk(marker: string, line: string, at: number): Reply | undefined {
    if (marker === '$' && line === '-1') {
      this.#start = at
      return { type: 'nil-bulk' }
    }
    const end = at + this.#count(line)
    if (this.#end < end + 2) {
      this.#wanted = end + 2
      return undefined
    }
    if (this.#bytes[end] !== CR || this.#bytes[end + 1] !== LF) return this.#refuse('a bulk without CRLF')
    const text = this.#bytes.toString('latin1', at, end)
    this.#start = end + 2
    if (marker === '$') return { type: 'bulk', text }
    if (marker === '!') return { type: 'bulk-error', text }
    if (text[3] !== ':') return this.#refuse('a verbatim string without a format')
    return { type: 'verbatim', format: text.slice(0, 3), text: text.slice(4) }
  }

  #aggregate(marker: string, line: string): Reply | typeof OPENED {
    if (marker === '*' && line === '-1') return { type: 'nil-array' }
    const pairs = marker === '%' || marker === '|'
    const left = this.#count(line) * (pairs ? 2 : 1)
    const aggregate = { marker, left, items: [], attributes: undefined }
    if (left === 0 && marker !== '|') return finished(aggregate)
    this.#open.push(left === 0 ? waitingForReply([]) : aggregate)
    return OPENED
  }

  /** Hands a finished value to the aggregate around it, which may finish that one too. Returns a whole reply. */
  #deliver(value: Reply): Reply | undefined {
    for (;;) {
      const around = this.#open.at(-1)
      if (around === undefined) return value
      around.items.push(value)
      around.left--
      if (around.left > 0) return undefined
      this.#open.pop()
      if (around.marker === '|') {
        this.#open.push(waitingForReply(inPairs(around.items)))
        return undefined
      }
      value = finished(around)
    }
  }

  #count(line: string): number {
    return /^\d{1,10}$/.test(line) ? Number(line) : this.#refuse(`the length ${JSON.stringify(line)}`)
  }

  #refuse(what: string): never {
    throw new Error(`not a RESP reply: ${what}`)
  }
}

function integer(text: string): number | bigint {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text.replace('+', ''))
}

function waitingForReply(attributes: [Reply, Reply][]): OpenAggregate {
  return { marker: ATTRIBUTED, left: 1, items: [], attributes }
}

function finished({ marker, items, attributes }: OpenAggregate): Reply {
  if (attributes !== undefined) return { type: 'attributed', attributes, reply: items[0]! }
  if (marker === '%') return { type: 'map', entries: inPairs(items) }
  return { type: marker === '*' ? 'array' : marker === '~' ? 'set' : 'push', items }
}

function inPairs(items: Reply[]): [Reply, Reply][] {
  const pairs: [Reply, Reply][] = []
  for (let i = 0; i < items.length; i += 2) pairs.push([items[i]!, items[i + 1]!])
  return pairs
}
