// Reads values in the RDB format, in all forms that were ever written, and says what they are. Whatever the bytes are: an
// error with the offset, or facts. Streams are stream-reader.ts's.

import { parseDouble } from '../base/doubles.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import { Element } from '../memory/element.ts'
import { Intset, isIntset } from '../memory/intset.ts'
import { isListpack, Listpack, NONE } from '../memory/listpack.ts'
import type { Slice } from '../memory/slice.ts'
import type { PackedType, ValueFacts } from './facts.ts'
import { FORM, PACKED_NODE, PLAIN_NODE } from './format.ts'
import type { RdbInput } from './input.ts'
import { FAILED } from './rdb-error.ts'
import { StreamReader } from './stream-reader.ts'
import { Ziplist } from './ziplist.ts'
import { Zipmap } from './zipmap.ts'

/** Lengths of scores as text that stand for what has none. */
const NOT_A_NUMBER = 253
const INFINITE = 254
const MINUS_INFINITE = 255
/** Redis: no field's deadline is later. */
const LATEST_FIELD_DEADLINE = 2 ** 48 - 2

export class ValueReader {
  readonly #input: RdbInput
  readonly #stream: StreamReader
  readonly #list = new Listpack()
  readonly #ziplist = new Ziplist()
  #ziplistName = ''
  readonly #zipmap = new Zipmap()
  readonly #block = new Element()
  readonly #first = new Element()
  readonly #second = new Element()
  /** Elements that the value has. */
  #count = 0
  /** Packed blocks that were looked through so far. */
  checkedBlocks = 0

  constructor(input: RdbInput) {
    this.#input = input
    this.#stream = new StreamReader(input)
  }

  /** Reads a value in a form. False: it has no elements, which Redis never writes. */
  read(form: number, facts: ValueFacts): boolean {
    this.#count = 0
    if (form === FORM.string) {
      facts.string(this.#input.string(this.#first))
      this.#count = 1
    } else if (this.#readList(form, facts) || this.#readSet(form, facts)) {
      // That was it.
    } else if (this.#readSortedSet(form, facts) || this.#readHash(form, facts)) {
      // Likewise.
    } else if (form === FORM.stream || form === FORM.countedStream || form === FORM.activeStream) {
      this.checkedBlocks += this.#stream.read(form, facts)
      this.#count = 1
    } else this.#input.fail(`unknown form of value ${form}`)
    if (this.#count > 0) facts.end()
    return this.#count > 0
  }

  // ---- lists

  #readList(form: number, facts: ValueFacts): boolean {
    const input = this.#input
    if (form === FORM.ziplistList) {
      facts.list()
      this.#pushZiplist(facts)
      return true
    }
    if (form !== FORM.list && form !== FORM.ziplistNodes && form !== FORM.listNodes) return false
    const count = input.size()
    const isOneNode = form === FORM.listNodes && count === 1
    if (!isOneNode) facts.list()
    for (let i = 0; i < count; i++) {
      if (form === FORM.ziplistNodes) this.#pushZiplist(facts)
      else if (form === FORM.listNodes) this.#pushNode(facts, isOneNode)
      else this.#push(facts, input.string(this.#first))
    }
    return true
  }

  #push(facts: ValueFacts, element: Element): void {
    facts.push(element)
    this.#count++
  }

  /** `isOnly`: the list has no other node, and was not begun. */
  #pushNode(facts: ValueFacts, isOnly: boolean): void {
    const input = this.#input
    const kind = input.size()
    if (kind === PLAIN_NODE) {
      if (isOnly) facts.list()
      const element = input.string(this.#first)
      // No writer makes a node of its own for an element without bytes.
      if (element.length === 0) input.fail(`List node ${FAILED}`)
      this.#push(facts, element)
    } else if (kind === PACKED_NODE) this.#pushPacked(facts, isOnly)
    else input.fail('unknown kind of list node')
  }

  #pushPacked(facts: ValueFacts, isOnly: boolean): void {
    if (isOnly && this.#packed('list', facts)) return
    const list = isOnly ? this.#list : this.#openListpack()
    if (isOnly) facts.list()
    else if (!list.isEmpty && facts.pushPacked(list)) {
      this.#count += list.count
      return
    }
    for (let at = list.first; at !== NONE; at = list.next(at)) this.#push(facts, this.#read(at, this.#first))
  }

  #pushZiplist(facts: ValueFacts): void {
    this.#openZiplist('List')
    while (this.#ziplist.next(this.#first)) this.#push(facts, this.#first)
    this.#endZiplist()
  }

  // ---- sets

  #readSet(form: number, facts: ValueFacts): boolean {
    const input = this.#input
    if (form === FORM.intset) {
      const block = input.string(this.#block)
      const { bytes, start, length } = block
      this.checkedBlocks++
      if (!isIntset(bytes, start, length)) input.fail(`Intset ${FAILED}`)
      this.#count = new Intset().open(bytes, start).count
      if (this.#count > 0) facts.intset(block, this.#count)
    } else if (form === FORM.listpackSet) {
      if (this.#packed('set', facts)) return true
      const list = this.#list
      facts.set(list.count)
      for (let at = list.first; at !== NONE; at = list.next(at)) {
        this.#member(facts, this.#read(at, this.#first))
      }
    } else if (form === FORM.set) {
      const count = input.size()
      facts.set(this.#atMost(count))
      for (let i = 0; i < count; i++) this.#member(facts, input.string(this.#first))
    } else return false
    return true
  }

  /** Room is made for so many: not for more than can follow. */
  #atMost(count: number): number {
    return Math.min(count, this.#input.remaining)
  }

  #member(facts: ValueFacts, member: Element): void {
    if (!facts.member(member)) this.#input.fail(`Set ${FAILED}: a member twice`)
    this.#count++
  }

  // ---- sorted sets

  #readSortedSet(form: number, facts: ValueFacts): boolean {
    const input = this.#input
    const member = this.#first
    if (form === FORM.sortedSet || form === FORM.textSortedSet) {
      const count = input.size()
      facts.sortedSet(this.#atMost(count))
      for (let i = 0; i < count; i++) {
        input.string(member)
        this.#scored(facts, form === FORM.sortedSet ? input.double() : this.#textScore())
      }
    } else if (form === FORM.listpackSortedSet) {
      if (this.#packed('sorted set', facts)) return true
      const list = this.#list
      facts.sortedSet(list.count / 2)
      for (let at = list.first; at !== NONE; at = list.next(at)) {
        this.#read(at, member)
        at = this.#follow(at)
        this.#scored(facts, scoreOf(this.#read(at, this.#second)))
      }
    } else if (form === FORM.ziplistSortedSet) {
      this.#openZiplist('Zset')
      facts.sortedSet(0)
      while (this.#ziplist.next(member) && this.#ziplist.next(this.#second)) {
        this.#scored(facts, scoreOf(this.#second))
      }
      this.#endZiplist()
      if (this.#ziplist.count !== 2 * this.#count)
        input.fail(`Zset ziplist ${FAILED}: a member without a score`)
    } else return false
    return true
  }

  #scored(facts: ValueFacts, score: number): void {
    if (Number.isNaN(score)) this.#input.fail('a score that is no number')
    if (!facts.scored(this.#first, score)) this.#input.fail(`Zset ${FAILED}: a member twice`)
    this.#count++
  }

  #textScore(): number {
    const input = this.#input
    const length = input.byte()
    if (length === NOT_A_NUMBER) return Number.NaN
    if (length === INFINITE) return Number.POSITIVE_INFINITY
    return length === MINUS_INFINITE ? Number.NEGATIVE_INFINITY : scoreOf(input.raw(length))
  }

  // ---- hashes

  #readHash(form: number, facts: ValueFacts): boolean {
    switch (form) {
      case FORM.hash:
        this.#fields(facts)
        return true
      case FORM.hashWithDeadlines:
        this.#fieldsWithDeadlines(facts, this.#input.milliseconds() - 1)
        return true
      case FORM.earlyHashWithDeadlines:
        this.#fieldsWithDeadlines(facts, 0)
        return true
      case FORM.listpackHash:
        this.#packedFields(facts, 2)
        return true
      case FORM.listpackHashWithDeadlines:
        // The earliest is what the fields say.
        this.#input.milliseconds()
        this.#packedFields(facts, 3)
        return true
      case FORM.earlyListpackHashWithDeadlines:
        this.#packedFields(facts, 3)
        return true
      case FORM.ziplistHash:
        this.#ziplistFields(facts)
        return true
      case FORM.zipmapHash:
        this.#zipmapFields(facts)
        return true
      default:
        return false
    }
  }

  #fields(facts: ValueFacts): void {
    const input = this.#input
    const count = input.size()
    facts.hash(this.#atMost(count))
    for (let i = 0; i < count; i++) {
      input.string(this.#first)
      input.string(this.#second)
      this.#field(facts, NO_DEADLINE)
    }
  }

  /** Deadlines are told as differences from a moment; 0: none. */
  #fieldsWithDeadlines(facts: ValueFacts, from: number): void {
    const input = this.#input
    const count = input.size()
    facts.hash(this.#atMost(count))
    for (let i = 0; i < count; i++) {
      const difference = input.size()
      input.string(this.#first)
      input.string(this.#second)
      this.#field(facts, difference === 0 ? NO_DEADLINE : this.#deadline(from + difference))
    }
  }

  #packedFields(facts: ValueFacts, stride: 2 | 3): void {
    if (this.#packed(stride === 3 ? 'hash with deadlines' : 'hash', facts)) return
    const list = this.#list
    facts.hash(Math.floor(list.count / stride))
    for (let at = list.first; at !== NONE; at = list.next(at)) {
      this.#read(at, this.#first)
      at = this.#follow(at)
      this.#read(at, this.#second)
      let deadline = NO_DEADLINE
      if (stride === 3) {
        at = this.#follow(at)
        const said = list.integerAt(at)
        if (said !== 0) deadline = this.#deadline(said)
      }
      this.#field(facts, deadline)
    }
  }

  #deadline(said: number): number {
    if (!(said >= 0 && said <= LATEST_FIELD_DEADLINE)) this.#input.fail('a deadline out of range')
    return said
  }

  #ziplistFields(facts: ValueFacts): void {
    this.#openZiplist('Hash')
    facts.hash(0)
    while (this.#ziplist.next(this.#first) && this.#ziplist.next(this.#second)) {
      this.#field(facts, NO_DEADLINE)
    }
    this.#endZiplist()
    if (this.#ziplist.count !== 2 * this.#count)
      this.#input.fail(`Hash ziplist ${FAILED}: a field without a value`)
  }

  #zipmapFields(facts: ValueFacts): void {
    const zipmap = this.#zipmap
    this.checkedBlocks++
    if (!zipmap.open(this.#input.string(this.#block))) this.#input.fail(`Zipmap ${FAILED}`)
    facts.hash(0)
    while (zipmap.next(this.#first, this.#second)) this.#field(facts, NO_DEADLINE)
    // Redis: an empty one is none.
    if (!zipmap.isWhole || this.#count === 0) this.#input.fail(`Zipmap ${FAILED}`)
  }

  #field(facts: ValueFacts, deadline: number): void {
    if (!facts.field(this.#first, this.#second, deadline)) this.#input.fail(`Hash ${FAILED}: a field twice`)
    this.#count++
  }

  // ---- packed blocks

  #openListpack(): Listpack {
    this.checkedBlocks++
    const { bytes, start, length } = this.#input.string(this.#block)
    if (!isListpack(bytes, start, length)) this.#input.fail(`Listpack ${FAILED}`)
    return this.#list.open(bytes, start)
  }

  /** Opens a listpack; true if it was taken as a whole. */
  #packed(type: PackedType, facts: ValueFacts): boolean {
    const list = this.#openListpack()
    if (list.isEmpty || !facts.packed(type, list)) return false
    this.#count = list.count
    return true
  }

  /** The place behind an element, where another one must be. */
  #follow(at: number): number {
    const next = this.#list.next(at)
    if (next === NONE) this.#input.fail(`Listpack ${FAILED}: an element too few`)
    return next
  }

  /** The element at a place. Text that spells an integer is one, whoever wrote it as text. */
  #read(at: number, into: Element): Element {
    this.#list.read(at, into)
    return into.isInteger ? into : into.point(into.bytes, into.start, into.length)
  }

  /** `of`: what type's, as Redis calls it. */
  #openZiplist(of: string): void {
    this.checkedBlocks++
    this.#ziplistName = `${of} ziplist`
    if (!this.#ziplist.open(this.#input.string(this.#block))) this.#failZiplist()
  }

  #endZiplist(): void {
    if (!this.#ziplist.isWhole) this.#failZiplist()
  }

  #failZiplist(): never {
    this.#input.fail(`${this.#ziplistName} ${FAILED}`)
  }
}

function scoreOf({ bytes, start, length }: Slice): number {
  return parseDouble(bytes, start, length) ?? Number.NaN
}
