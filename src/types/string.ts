// Strings: which encoding a value gets. Their bytes lie in the entry as they are, whatever the encoding, so reading one
// never decodes anything. Knows no key and no command.

import { isCanonicalInt64 } from '../base/integers.ts'
import { STRING_EMBSTR, STRING_INT, STRING_RAW } from './value-type.ts'

/** Redis: strings up to this length are embedded in their object. */
export const EMBSTR_LIMIT = 44
/** The longest text of a 64-bit integer: its sign and 19 digits. */
const INT_LIMIT = 20

/** The encoding of a value that is stored as a whole, as by SET. */
export function stringEncoding(bytes: Uint8Array, start: number, length: number): number {
  if (length <= INT_LIMIT && isCanonicalInt64(bytes, start, length)) return STRING_INT
  return textEncoding(length)
}

/** The encoding of a value that stays text even if it looks like an integer, as INCRBYFLOAT's. */
export function textEncoding(length: number): number {
  return length <= EMBSTR_LIMIT ? STRING_EMBSTR : STRING_RAW
}
