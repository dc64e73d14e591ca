// Glob patterns over bytes, with the rules of Redis: KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL use them.
// Knows no keys and no channels.
//
//   *      any bytes, also none          [abc]  one byte of the set         \x  x itself
//   ?      any one byte                  [a-z]  one byte of the range       [^…] one byte not of the set
//
// Every element but '*' takes exactly one byte. So a mismatch need only go back to the last '*': what came before it
// matched as early as it could, and matching it later would leave less text for the rest. Hence no recursion, and at
// most pattern × text steps, where trying every star would take exponentially many.

const STAR = 0x2a
const DASH = 0x2d
const ANY_ONE = 0x3f
const OPEN = 0x5b
const ESCAPE = 0x5c
const CLOSE = 0x5d
const NOT = 0x5e

const NO_MATCH = -1

/** Whether the whole text matches the pattern. ignoreCase folds the ASCII letters only. */
export function globMatch(
  pattern: Uint8Array,
  patternStart: number,
  patternLength: number,
  text: Uint8Array,
  textStart: number,
  textLength: number,
  ignoreCase: boolean,
): boolean {
  const patternEnd = patternStart + patternLength
  const textEnd = textStart + textLength
  // Redis: empty text matches the empty pattern alone, not even '*'. (KEYS * and SCAN MATCH * ask for no match at all.)
  if (textLength === 0) return patternLength === 0
  let p = patternStart
  let t = textStart
  let afterStar = NO_MATCH
  let starText = 0
  while (t < textEnd) {
    if (p < patternEnd && pattern[p] === STAR) {
      p++
      if (p === patternEnd) return true
      afterStar = p
      starText = t
      continue
    }
    const next = p < patternEnd ? matchOne(pattern, p, patternEnd, text[t]!, ignoreCase) : NO_MATCH
    if (next !== NO_MATCH) {
      p = next
      t++
    } else if (afterStar !== NO_MATCH) {
      // Let the last star take one byte more, and try again from there.
      starText++
      p = afterStar
      t = starText
    } else {
      return false
    }
  }
  while (p < patternEnd && pattern[p] === STAR) p++
  return p === patternEnd
}

/** Matches one byte with the element at `at`: the position after the element, or NO_MATCH. */
function matchOne(pattern: Uint8Array, at: number, end: number, byte: number, ignoreCase: boolean): number {
  const element = pattern[at]!
  if (element === ANY_ONE) return at + 1
  if (element === OPEN) return matchClass(pattern, at + 1, end, byte, ignoreCase)
  // A backslash that ends the pattern stands for itself.
  const literal = element === ESCAPE && at + 1 < end ? at + 1 : at
  return isSame(pattern[literal]!, byte, ignoreCase) ? literal + 1 : NO_MATCH
}

/** Like matchOne, for a class whose first byte after '[' is at `at`. A class without ']' lasts to the end. */
function matchClass(pattern: Uint8Array, at: number, end: number, byte: number, ignoreCase: boolean): number {
  let i = at
  const isNegated = i < end && pattern[i] === NOT
  if (isNegated) i++
  let isIn = false
  while (i < end && pattern[i] !== CLOSE) {
    const left = end - i
    if (pattern[i] === ESCAPE && left >= 2) {
      // Redis: an escaped byte in a class is compared as it is, even when case is ignored.
      if (pattern[i + 1] === byte) isIn = true
      i += 2
    } else if (left >= 3 && pattern[i + 1] === DASH) {
      // Redis: whatever follows the dash is the range's end, a ']' as well.
      if (isInRange(pattern[i]!, pattern[i + 2]!, byte, ignoreCase)) isIn = true
      i += 3
    } else {
      if (isSame(pattern[i]!, byte, ignoreCase)) isIn = true
      i++
    }
  }
  if (isIn === isNegated) return NO_MATCH
  return i < end ? i + 1 : end
}

/** Whether a byte lies between two others, which may come in either order. */
function isInRange(from: number, to: number, byte: number, ignoreCase: boolean): boolean {
  const low = Math.min(from, to)
  const high = Math.max(from, to)
  if (!ignoreCase) return byte >= low && byte <= high
  // Redis: the ends are put in order first and folded then, so [Z-a] becomes z-a and holds nothing.
  const folded = lowerCase(byte)
  return folded >= lowerCase(low) && folded <= lowerCase(high)
}

function isSame(a: number, b: number, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && lowerCase(a) === lowerCase(b))
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
