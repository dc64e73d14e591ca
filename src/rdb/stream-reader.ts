// Reads streams in the RDB format, of all its versions, and says what they are. Checks what is read by itself; whether it
// refers to something is found by whoever makes a stream of it.

import { Element } from '../memory/element.ts'
import { Slice } from '../memory/slice.ts'
import { StreamId } from '../types/stream-id.ts'
import { StreamNodeCheck } from '../types/stream-node-check.ts'
import type { ValueFacts } from './facts.ts'
import { FORM } from './format.ts'
import type { RdbInput } from './input.ts'
import { FAILED } from './rdb-error.ts'

const ID_BYTES = 16
/** Redis: a consumer of whom it isn't known when it got something. */
const NEVER = -1

export class StreamReader {
  readonly #input: RdbInput
  readonly #check = new StreamNodeCheck()
  readonly #id = new StreamId()
  readonly #last = new StreamId()
  readonly #name = new Element()
  readonly #block = new Slice()

  constructor(input: RdbInput) {
    this.#input = input
  }

  /** Returns how many nodes there were. */
  read(form: number, facts: ValueFacts): number {
    const input = this.#input
    const tellsCounts = form !== FORM.stream
    facts.stream()
    const nodes = this.#nodes(facts)
    const length = input.size()
    const lastId = this.#readId(new StreamId())
    const deletedId = new StreamId()
    let added: bigint | undefined
    if (tellsCounts) {
      // The first id is that of the first entry.
      this.#readId(new StreamId())
      this.#readId(deletedId)
      added = this.#counter()
    }
    if (lastId.compare(this.#last) < 0) input.fail('last id of a stream less than an entry')
    if (!facts.streamState({ length, lastId, deletedId, added })) input.fail('wrong length of a stream')
    const groups = input.size()
    for (let i = 0; i < groups; i++) this.#group(facts, form)
    return nodes
  }

  #nodes(facts: ValueFacts): number {
    const input = this.#input
    const id = this.#id
    const count = input.size()
    this.#last.set(0, 0, 0, 0)
    for (let i = 0; i < count; i++) {
      const name = input.string(this.#name)
      if (name.length !== ID_BYTES) input.fail(`Stream listpack ${FAILED}: an id of another length`)
      loadId(name, id)
      const { bytes, start, length } = input.string(this.#name)
      const block = this.#block.set(bytes, start, length)
      if (!this.#check.isNode(block, id, this.#last, i === 0)) input.fail(`Stream listpack ${FAILED}`)
      facts.node(id, block)
    }
    return count
  }

  #group(facts: ValueFacts, form: number): void {
    const input = this.#input
    const name = input.string(this.#name)
    const lastId = this.#readId(this.#id)
    const read = form === FORM.stream ? undefined : BigInt.asIntN(64, this.#counter())
    if (!facts.group(name, lastId, read)) input.fail('two consumer groups of the same name')
    const pending = input.size()
    for (let i = 0; i < pending; i++) {
      const id = this.#rawId()
      const deliveredMs = input.milliseconds()
      if (!facts.pending(id, deliveredMs, BigInt.asIntN(64, this.#counter()))) {
        input.fail('an entry is pending twice')
      }
    }
    const consumers = input.size()
    for (let i = 0; i < consumers; i++) this.#consumer(facts, form === FORM.activeStream)
    if (!facts.groupEnd()) input.fail('a pending entry without consumer')
  }

  #consumer(facts: ValueFacts, tellsActivity: boolean): void {
    const input = this.#input
    const name = input.string(this.#name)
    const seenMs = input.milliseconds()
    // Redis: what an older format doesn't say was when it was seen.
    const activeMs = tellsActivity ? input.milliseconds() : seenMs
    if (!facts.consumer(name, seenMs, Math.max(activeMs, NEVER))) {
      input.fail('Duplicate stream consumer detected')
    }
    const owned = input.size()
    for (let i = 0; i < owned; i++) {
      if (!facts.owned(this.#rawId())) input.fail('an entry is with two consumers, or not pending')
    }
  }

  #rawId(): StreamId {
    return loadId(this.#input.raw(ID_BYTES), this.#id)
  }

  #readId(id: StreamId): StreamId {
    const input = this.#input
    input.size64()
    const { high, low } = input
    input.size64()
    return id.set(high, low, input.high, input.low)
  }

  #counter(): bigint {
    const input = this.#input
    input.size64()
    return (BigInt(input.high >>> 0) << 32n) | BigInt(input.low >>> 0)
  }
}

function loadId({ bytes, start }: Slice, id: StreamId): StreamId {
  const word = (at: number) =>
    (bytes[start + at]! << 24) |
    (bytes[start + at + 1]! << 16) |
    (bytes[start + at + 2]! << 8) |
    bytes[start + at + 3]!
  return id.set(word(0), word(4), word(8), word(12))
}
