// Reads a whole RDB file, from wherever its bytes come, and says record by record what is in it: keys with their deadlines
// and access, notes, functions. Values are value-reader.ts's. What modules have noted is passed over.

import { Element } from '../memory/element.ts'
import type { Slice } from '../memory/slice.ts'
import type { ValueFacts } from './facts.ts'
import { NEWEST_VERSION, RECORD } from './format.ts'
import type { RdbInput } from './input.ts'
import { ValueReader } from './value-reader.ts'

/** The first version with a checksum at the end. */
const FIRST_CHECKED = 5
const MAGIC = 'REDIS'
const VERSION_DIGITS = /^\d{4}$/

/** What is said of a key before its value. One object serves all keys. */
export interface KeyFacts {
  /** Milliseconds since the epoch; undefined: none. */
  deadline: number | undefined
  /** Seconds since the last access, if said. */
  idleSeconds: number | undefined
  frequency: number | undefined
}

export interface FileFacts {
  /** What the writer notes of itself: `redis-ver` and the like. */
  note(name: Element, value: Element): void
  /** The following keys are in this database. */
  database(index: number): void
  /** How many keys the database has, and how many of them have a deadline. */
  sizes(keys: number, deadlines: number): void
  functions(code: Element): void
  /** Says who makes the value of the key. */
  key(name: Slice, facts: KeyFacts): ValueFacts
  /** The last key had a value without elements, which Redis passes over: what was begun of it is to be given up. */
  emptyKey(): void
}

export class FileReader {
  readonly #input: RdbInput
  readonly #values: ValueReader
  readonly #name = new Element()
  readonly #value = new Element()
  readonly #key: KeyFacts = { deadline: undefined, idleSeconds: undefined, frequency: undefined }
  version = 0
  isHeaderRead = false
  /** At the end: there was no checksum to compare. */
  isUnchecked = false

  /** Packed blocks that were looked through so far. */
  get checkedBlocks(): number {
    return this.#values.checkedBlocks
  }

  constructor(input: RdbInput) {
    this.#input = input
    this.#values = new ValueReader(input)
  }

  /** Reads what stands in front. */
  readHeader(): void {
    const { bytes, start } = this.#input.raw(MAGIC.length + 4)
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, MAGIC.length + 4).toString('latin1')
    const digits = text.slice(MAGIC.length)
    if (!text.startsWith(MAGIC) || !VERSION_DIGITS.test(digits))
      this.#input.fail('Wrong signature trying to load DB from file')
    this.version = Number(digits)
    if (this.version < 1 || this.version > NEWEST_VERSION) {
      this.#input.fail(`Can't handle RDB format version ${this.version}`)
    }
    this.isHeaderRead = true
  }

  /** Reads the next record. False: that was the end, and its checksum was right. */
  readRecord(facts: FileFacts): boolean {
    const input = this.#input
    const kind = input.byte()
    switch (kind) {
      case RECORD.end:
        this.#checkSum()
        return false
      case RECORD.database:
        facts.database(input.size())
        return true
      case RECORD.sizes:
        facts.sizes(input.size(), input.size())
        return true
      case RECORD.note:
        input.string(this.#name)
        facts.note(this.#name, input.string(this.#value))
        return true
      case RECORD.functions:
        facts.functions(input.string(this.#value))
        return true
      case RECORD.slot:
        for (let i = 0; i < 3; i++) input.size()
        return true
      case RECORD.moduleNote:
        this.#skipModule()
        return true
      default:
        this.#readKey(kind, facts)
        return true
    }
  }

  #readKey(first: number, facts: FileFacts): void {
    const input = this.#input
    const key = this.#key
    key.deadline = undefined
    key.idleSeconds = undefined
    key.frequency = undefined
    let kind = first
    for (; this.#readKeyFact(kind, key); kind = input.byte());
    const builder = facts.key(input.string(this.#name), key)
    if (!this.#values.read(kind, builder)) facts.emptyKey()
  }

  /** False: the kind is not that of a fact, but the form of the value. */
  #readKeyFact(kind: number, key: KeyFacts): boolean {
    const input = this.#input
    if (kind === RECORD.deadline) key.deadline = input.milliseconds()
    else if (kind === RECORD.deadlineSeconds) key.deadline = input.littleEndian() * 1000
    else if (kind === RECORD.idle) key.idleSeconds = input.size()
    else if (kind === RECORD.frequency) key.frequency = input.byte()
    else return false
    return true
  }

  #checkSum(): void {
    if (this.version < FIRST_CHECKED) return
    const input = this.#input
    const { value } = input.checksum
    const low = input.littleEndian() >>> 0
    const high = input.littleEndian() >>> 0
    const said = (BigInt(high) << 32n) | BigInt(low)
    // Zero: written with `rdbchecksum no`.
    this.isUnchecked = said === 0n
    if (input.isSummed && said !== 0n && said !== value) {
      input.fail(
        `RDB CRC error. Wrong RDB checksum expected: (${value.toString(16)}) but got (${said.toString(16)})`,
      )
    }
  }

  /** A module's id, when it was written, and values that each say what they are. */
  #skipModule(): void {
    const input = this.#input
    input.size64()
    input.size()
    input.size()
    for (let kind = input.size(); kind !== 0; kind = input.size()) {
      if (kind === 1 || kind === 2) input.size64()
      else if (kind === 3) input.raw(4)
      else if (kind === 4) input.raw(8)
      else if (kind === 5) input.string(this.#value)
      else input.fail('unknown kind of module value')
    }
  }
}
