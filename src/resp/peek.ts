// A look at requests that have not been parsed yet, for their first keys. Only at those in the usual form: up to nine
// arguments, short ones. Whatever else comes is left to the parser.

import type { UpcomingKeys } from '../memory/upcoming-keys.ts'
import { shortBulk, shortLength } from './parser.ts'

const CR = 13
const STAR = 42
const ZERO = 48

/**
 * Adds the first argument behind the name, of requests from `at` on, until there are keys enough. Returns where the
 * first request is that was not looked at; `end` if there is no point in looking on.
 */
export function peekKeys(bytes: Uint8Array, at: number, end: number, keys: UpcomingKeys): number {
  let request = at
  while (!keys.isFull) {
    if (request + 4 > end || bytes[request] !== STAR || bytes[request + 2] !== CR) return end
    const count = bytes[request + 1]! - ZERO
    let next = request + 4
    let key = 0
    let keyLength = 0
    for (let i = 0; i < count; i++) {
      const start = shortBulk(bytes, next, end)
      if (start === 0) return end
      const length = shortLength(bytes, next, start)
      if (i === 1) {
        key = start
        keyLength = length
      }
      next = start + length + 2
    }
    if (key > 0) keys.add(bytes, key, keyLength)
    request = next
  }
  return request
}
