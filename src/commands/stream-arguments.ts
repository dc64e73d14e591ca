// How clients write the ids of streams, and what is to be trimmed. Says what is wrong in Redis's words; finds no key.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { Trimming } from '../types/stream.ts'
import { StreamId } from '../types/stream-id.ts'

export const INVALID_ID = new ReplyError('ERR Invalid stream ID specified as stream command argument')
const INVALID_START = new ReplyError('ERR invalid start ID for the interval')
const INVALID_END = new ReplyError('ERR invalid end ID for the interval')
const NEGATIVE_LENGTH = new ReplyError('ERR The MAXLEN argument must be >= 0.')
const NEGATIVE_LIMIT = new ReplyError('ERR The LIMIT argument must be >= 0.')
const TWO_STRATEGIES = new ReplyError(
  'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
)
const LIMIT_OF_NOTHING = new ReplyError(
  'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
)
const LIMIT_OF_EXACT = new ReplyError('ERR syntax error, LIMIT cannot be used without the special ~ option')

const MINUS = 0x2d
const PLUS = 0x2b
const STAR = 0x2a
const OPEN = 0x28
const TILDE = 0x7e
const EQUALS = 0x3d
const ZERO = 0x30
const NINE = 0x39
/** Redis: whoever doesn't say how much may be trimmed at once gets so many nodes, but not more entries than a million. */
const LIMIT_NODES = 100
const LIMIT_WITHOUT_NODES = 10_000
const MOST_LIMIT = 1_000_000

/** Whether an argument is this one character. */
export function isSign({ bytes, starts, lengths }: Arguments, index: number, sign: number): boolean {
  return lengths[index] === 1 && bytes[starts[index]!] === sign
}

/** An id, `ms-seq` or `ms` with the sequence number 0, into `id`. */
export function readId({ bytes, starts, lengths }: Arguments, index: number, id: StreamId): StreamId {
  if (!id.parse(bytes, starts[index]!, lengths[index]!, 0)) throw INVALID_ID
  return id
}

/** Where a range begins: an id, `-`, `+`, or `(` and an id that is no part of it. */
export function readRangeStart(args: Arguments, index: number, id: StreamId): StreamId {
  if (!readBound(args, index, id, 0)) return id
  if (id.isLargest) throw INVALID_START
  id.increment()
  return id
}

/** Where a range ends, likewise; an id without a sequence number has the largest. */
export function readRangeEnd(args: Arguments, index: number, id: StreamId): StreamId {
  if (!readBound(args, index, id, -1)) return id
  if (id.isZero) throw INVALID_END
  id.decrement()
  return id
}

/** Says whether the id itself is no part of the range. */
function readBound(args: Arguments, index: number, id: StreamId, missingSequence: 0 | -1): boolean {
  const { bytes, starts, lengths } = args
  if (isSign(args, index, MINUS)) id.set(0, 0, 0, 0)
  else if (isSign(args, index, PLUS)) id.set(-1, -1, -1, -1)
  else {
    const start = starts[index]!
    const length = lengths[index]!
    const isExclusive = length > 1 && bytes[start] === OPEN
    const skipped = isExclusive ? 1 : 0
    if (!id.parse(bytes, start + skipped, length - skipped, missingSequence)) throw INVALID_ID
    return isExclusive
  }
  return false
}

/** How XADD is to choose an id. */
export type IdChoice = 'given' | 'auto' | 'partial'

export interface AddOptions {
  isIdChosen: IdChoice
  /** The id as far as it was given. */
  readonly id: StreamId
  makesStream: boolean
  trimming: Trimming | undefined
  /** The index of the first field. */
  firstField: number
}

/** What stands between XADD's key and its fields. */
export function readAddOptions(context: Context, id: StreamId): AddOptions {
  const { args } = context
  const options: AddOptions = {
    isIdChosen: 'given',
    id,
    makesStream: true,
    trimming: undefined,
    firstField: 0,
  }
  const trimming = new TrimmingReader(args)
  let i = 2
  for (; i < args.count; i++) {
    if (isPlainId(args, i)) break
    const next = trimming.read(i)
    if (next > i) i = next - 1
    else if (args.is(i, 'NOMKSTREAM')) options.makesStream = false
    else break
  }
  options.isIdChosen = readChosenId(args, i, id)
  options.firstField = i + 1
  options.trimming = trimming.finish(context)
  return options
}

/** Whether an argument is no option for sure: most XADDs have none. */
export function isPlainId(args: Arguments, index: number): boolean {
  const first = args.bytes[args.starts[index]!]!
  return args.lengths[index]! > 0 && ((first >= ZERO && first <= NINE) || isSign(args, index, STAR))
}

/** The id that an entry is to get: `*`, `ms-*` or all of it. */
export function readChosenId(args: Arguments, index: number, id: StreamId): IdChoice {
  if (index >= args.count) throw INVALID_ID
  const { bytes, starts, lengths } = args
  const start = starts[index]!
  const length = lengths[index]!
  if (length === 1 && bytes[start] === STAR) return 'auto'
  if (bytes[start + length - 1] === STAR && id.parsePartial(bytes, start, length)) return 'partial'
  readId(args, index, id)
  return 'given'
}

/** XTRIM's options. */
export function readTrimming(context: Context): Trimming {
  const { args } = context
  const reader = new TrimmingReader(args)
  for (let i = 2; i < args.count; ) {
    const next = reader.read(i)
    if (next === i) throw SYNTAX_ERROR
    i = next
  }
  const trimming = reader.finish(context)
  if (trimming === undefined) throw SYNTAX_ERROR
  return trimming
}

/** Reads MAXLEN, MINID and LIMIT. */
class TrimmingReader {
  readonly #args: Arguments
  #trimming: Trimming | undefined = undefined
  #limit: number | undefined = undefined

  constructor(args: Arguments) {
    this.#args = args
  }

  /** Reads the option at an index, with what belongs to it; returns the index behind, or the same if it is another one. */
  read(index: number): number {
    const args = this.#args
    if (index + 1 >= args.count) return index
    if (args.is(index, 'LIMIT')) {
      this.#limit = args.integer(index + 1)
      if (this.#limit < 0) throw NEGATIVE_LIMIT
      return index + 2
    }
    const isByLength = args.is(index, 'MAXLEN')
    if (!isByLength && !args.is(index, 'MINID')) return index
    if (this.#trimming !== undefined) throw TWO_STRATEGIES
    const isApproximate = index + 2 < args.count && isSign(args, index + 1, TILDE)
    const isExact = index + 2 < args.count && isSign(args, index + 1, EQUALS)
    const at = isApproximate || isExact ? index + 2 : index + 1
    const minId = new StreamId()
    let maxLength: number | undefined
    if (isByLength) {
      maxLength = args.integer(at)
      if (maxLength < 0) throw NEGATIVE_LENGTH
    } else readId(args, at, minId)
    this.#trimming = { maxLength, minId, isApproximate, limit: 0 }
    return at + 1
  }

  finish({ db }: Context): Trimming | undefined {
    const trimming = this.#trimming
    const limit = this.#limit
    if (trimming === undefined) {
      if (limit !== undefined) throw LIMIT_OF_NOTHING
      return undefined
    }
    if (limit !== undefined && !trimming.isApproximate) throw LIMIT_OF_EXACT
    if (trimming.isApproximate) {
      const { streamNodeEntries } = db.types.limits
      const usual = streamNodeEntries > 0 ? streamNodeEntries * LIMIT_NODES : LIMIT_WITHOUT_NODES
      trimming.limit = limit ?? Math.min(usual, MOST_LIMIT)
    }
    return trimming
  }
}
