// The kinds of values, and how each may be encoded: the numbers that stand in an entry's first word, and the words that
// TYPE and OBJECT ENCODING say for them.

export const STRING = 0
export const LIST = 1
export const SET = 2
export const SORTED_SET = 3
export const HASH = 4
export const STREAM = 6

/** By type number, the word that TYPE says. */
export const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', '', 'stream'] as const

/** Encodings of strings. Raw and embstr lie in memory alike; Redis tells them apart, and clients can see it. */
export const STRING_RAW = 0
export const STRING_INT = 1
export const STRING_EMBSTR = 2

export const LIST_LISTPACK = 0
export const LIST_QUICKLIST = 1

export const SET_INTSET = 0
export const SET_LISTPACK = 1
export const SET_HASHTABLE = 2

export const SORTED_SET_LISTPACK = 0
export const SORTED_SET_SKIPLIST = 1

export const HASH_LISTPACK = 0
/** Fields with deadlines: in threes, with the deadline. */
export const HASH_LISTPACK_EX = 1
export const HASH_HASHTABLE = 2

export const STREAM_LISTPACKS = 0

/**
 * By type and encoding number, the word that OBJECT ENCODING says. These are Redis's words: our sorted sets have an
 * ordered index where Redis has a skip list, and hash tables are ours.
 */
const ENCODING_NAMES: readonly (readonly string[])[] = [
  ['raw', 'int', 'embstr'],
  ['listpack', 'quicklist'],
  ['intset', 'listpack', 'hashtable'],
  ['listpack', 'skiplist'],
  ['listpack', 'listpackex', 'hashtable'],
  [],
  ['stream'],
]

export function encodingName(type: number, encoding: number): string {
  const name = ENCODING_NAMES[type]?.[encoding]
  if (name === undefined) throw new Error(`no encoding ${encoding} of type ${type}`)
  return name
}
