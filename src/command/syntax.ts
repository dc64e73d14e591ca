// Reads the arguments of a command as documentation writes them (`key [EX seconds | KEEPTTL]`) into the tree that
// COMMAND DOCS shows. What a word means is looked up in vocabulary.ts; this file knows the notation only.
//
//   TOKEN         in capitals, or a sign: stands for itself           [a]        may be left out
//   value         to be replaced                                      [a | b]    one of them, or none
//   TOKEN value   a value announced by a token                        <a | b>    one of them
//   a b [a b ...] repeated together; `TOKEN a [TOKEN a ...]` with the token each time

import type { ArgumentNote, ArgumentNotes, ArgumentType, KeySpec } from './definition.ts'
import { isToken, noteOn, typeOf } from './vocabulary.ts'

/** A node of the tree: one argument, or several that belong together. */
export interface Argument {
  readonly name: string
  readonly type: ArgumentType
  /** What documentation shows in place of the name. */
  readonly displayText: string
  readonly token: string | undefined
  readonly isOptional: boolean
  readonly isMultiple: boolean
  /** Repeated together with its token. */
  readonly repeatsToken: boolean
  /** Which of the command's key specs finds it. */
  readonly keySpecIndex: number | undefined
  readonly since: string | undefined
  readonly deprecatedSince: string | undefined
  /** Of `oneof` and `block`. */
  readonly arguments: readonly Argument[]
}

/** A piece of the notation: a word, a bracket with its alternatives, or something repeated. */
type Piece =
  | { readonly kind: 'word'; readonly text: string }
  | {
      readonly kind: 'choice'
      readonly text: string
      readonly options: Piece[][]
      readonly isOptional: boolean
    }
  | { readonly kind: 'repeat'; readonly text: string; readonly pieces: Piece[] }

type Mutable<T> = { -readonly [P in keyof T]: T[P] }

/** The argument tree of a command. Throws Error if the syntax can't be read: definitions are tested. */
export function readSyntax(syntax: string, keys: readonly KeySpec[], notes: ArgumentNotes = {}): Argument[] {
  const words = syntax.match(/[[\]<>|]|[^\s[\]<>|]+/g) ?? []
  const reader = new NotationReader(words)
  return new Interpreter(keys, notes).argumentsOf(reader.read(), false)
}

/** From words to pieces. */
class NotationReader {
  readonly #words: readonly string[]
  #at = 0

  constructor(words: readonly string[]) {
    this.#words = words
  }

  read(): Piece[] {
    const options = this.#options('')
    if (options.length > 1) throw new Error('a choice needs brackets')
    return options[0]!
  }

  /** Alternatives up to a closing bracket. */
  #options(close: string): Piece[][] {
    const options: Piece[][] = [[]]
    for (;;) {
      const word = this.#words[this.#at++]
      if (word === undefined || word === close) {
        if (word === undefined && close !== '') throw new Error(`${close} is missing`)
        return options
      }
      if (word === '|') options.push([])
      else if (word === '[') this.#bracket(options)
      else if (word === '<') options.at(-1)!.push(choice(this.#options('>'), false))
      else options.at(-1)!.push({ kind: 'word', text: word })
    }
  }

  /** What stands in `[ ]`: something optional, or the repetition of what stands before it. */
  #bracket(before: Piece[][]): void {
    const options = this.#options(']')
    const last = options.at(-1)!.at(-1)
    if (last?.text !== '...') {
      before.at(-1)!.push(choice(options, true))
      return
    }
    options.at(-1)!.pop()
    const repeated = textOfOptions(options)
    if (textOfOptions(before) === repeated && before.length > 1) {
      // `a | b [a | b ...]`: the whole choice is repeated.
      before.splice(0, before.length, [
        { kind: 'repeat', text: repeated, pieces: [choice(before.slice(), false)] },
      ])
      return
    }
    repeatTail(before.at(-1)!, repeated)
  }
}

/** Marks the last pieces, which read like the repetition, as repeated. */
function repeatTail(pieces: Piece[], repeated: string): void {
  for (let start = pieces.length - 1; start >= 0; start--) {
    const tail = pieces.slice(start)
    if (textOf(tail) !== repeated) continue
    pieces.splice(start, tail.length, { kind: 'repeat', text: repeated, pieces: tail })
    return
  }
  throw new Error(`nothing before [${repeated} ...] reads like it`)
}

function choice(options: Piece[][], isOptional: boolean): Piece {
  const text = textOfOptions(options)
  return { kind: 'choice', text: isOptional ? `[${text}]` : `<${text}>`, options, isOptional }
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join(' ')
}

function textOfOptions(options: readonly (readonly Piece[])[]): string {
  return options.map(textOf).join(' | ')
}

/** From pieces to arguments. */
class Interpreter {
  readonly #keys: readonly KeySpec[]
  readonly #notes: ArgumentNotes
  /** How often a text has occurred: notes on a text may differ from one occurrence to the next. */
  readonly #occurrences = new Map<string, number>()
  #keySpec = 0
  #keysOfSpec = 0

  constructor(keys: readonly KeySpec[], notes: ArgumentNotes) {
    this.#keys = keys
    this.#notes = notes
  }

  /** `isInside`: within brackets, where optional arguments after `TOKEN a b` belong to the token's block. */
  argumentsOf(pieces: readonly Piece[], isInside: boolean): Argument[] {
    const found: Argument[] = []
    let at = 0
    while (at < pieces.length) {
      const piece = pieces[at]!
      if (piece.kind !== 'word' || !isToken(piece.text)) {
        found.push(this.#argument(piece))
        at++
        continue
      }
      const end = endOfToken(pieces, at, isInside)
      found.push(this.#withToken(piece.text, pieces.slice(at + 1, end)))
      at = end
    }
    return found
  }

  #withToken(token: string, values: readonly Piece[]): Argument {
    const text = values.length === 0 ? token : `${token} ${textOf(values)}`
    const name = token.toLowerCase()
    const note = this.#note(text)
    if (values.length === 0) return this.#make({ name, type: 'pure-token', token }, note)
    if (values.length > 1) {
      return this.#make({ name, type: 'block', token, arguments: this.argumentsOf(values, true) }, note)
    }
    const value = this.#argument(values[0]!)
    const named = value.type === 'oneof' ? { ...value, name } : value
    return this.#make({ ...named, token }, note)
  }

  #argument(piece: Piece): Argument {
    if (piece.kind === 'repeat') return this.#repeated(piece.pieces)
    if (piece.kind === 'word') return this.#value(piece.text)
    return this.#choice(piece.options, piece.isOptional)
  }

  #choice(options: readonly Piece[][], isOptional: boolean): Argument {
    const only = this.#oneArgument(options[0]!)
    if (options.length === 1) return { ...only, isOptional }
    const all = [only, ...options.slice(1).map((option) => this.#oneArgument(option))]
    const note = this.#note(textOfOptions(options))
    return this.#make({ name: joinedName(all), type: 'oneof', arguments: all, isOptional }, note)
  }

  #repeated(pieces: readonly Piece[]): Argument {
    const argument = this.#oneArgument(pieces)
    return { ...argument, isMultiple: true, repeatsToken: argument.token !== undefined }
  }

  /** Pieces as one argument: as they are, or as a block. */
  #oneArgument(pieces: readonly Piece[]): Argument {
    const found = this.argumentsOf(pieces, true)
    if (found.length === 1) return found[0]!
    return this.#make(
      { name: joinedName(found), type: 'block', arguments: found },
      this.#note(textOf(pieces)),
    )
  }

  #value(text: string): Argument {
    const type = typeOf(text, this.#keys.length > 0)
    const made = this.#make({ name: text, type }, this.#note(text))
    return made.type === 'key' ? { ...made, keySpecIndex: this.#nextKeySpec() } : made
  }

  /** Keys and key specs come in the same order; a spec may cover several keys in a row. */
  #nextKeySpec(): number {
    const index = this.#keySpec
    const find = this.#keys[index]?.find
    const covered = typeof find === 'object' && 'last' in find && find.last > 0 ? find.last + 1 : 1
    this.#keysOfSpec++
    if (this.#keysOfSpec >= covered && index < this.#keys.length - 1) {
      this.#keySpec++
      this.#keysOfSpec = 0
    }
    return index
  }

  #note(text: string): ArgumentNote | undefined {
    const occurrence = this.#occurrences.get(text) ?? 0
    this.#occurrences.set(text, occurrence + 1)
    return noteOn(text, occurrence, this.#notes)
  }

  #make(parts: Partial<Argument> & { name: string; type: ArgumentType }, note?: ArgumentNote): Argument {
    const made: Mutable<Argument> = {
      displayText: parts.name,
      token: undefined,
      isOptional: false,
      isMultiple: false,
      repeatsToken: false,
      keySpecIndex: undefined,
      since: undefined,
      deprecatedSince: undefined,
      arguments: [],
      ...parts,
    }
    if (note === undefined) return made
    if (note.name !== undefined) {
      made.name = note.name
      if (made.type === 'pure-token') made.displayText = note.name
    }
    if (note.type !== undefined) made.type = note.type
    if (note.keySpec !== undefined) made.keySpecIndex = note.keySpec
    if (note.since !== undefined) made.since = note.since
    if (note.deprecatedSince !== undefined) made.deprecatedSince = note.deprecatedSince
    return made
  }
}

/** Where the values of the token at `at` end. */
function endOfToken(pieces: readonly Piece[], at: number, isInside: boolean): number {
  let end = at + 1
  while (end < pieces.length && isValue(pieces[end]!)) end++
  // Redis: with a choice among the values (BYBOX width height <m | km>), the token is the first value's.
  if (end - at > 2 && pieces.slice(at, end).some((piece) => piece.kind === 'choice')) return at + 2
  if (isInside && end - at > 2) {
    while (end < pieces.length && pieces[end]!.kind === 'choice') end++
  }
  return end
}

function isValue(piece: Piece): boolean {
  if (piece.kind === 'word') return !isToken(piece.text)
  if (piece.kind === 'choice') return !piece.isOptional
  return isValue(piece.pieces[0]!)
}

function joinedName(parts: readonly Argument[]): string {
  return parts.map((part) => part.name).join('-')
}
