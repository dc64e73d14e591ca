// How far V8 goes in putting functions into those that call them. A request runs through some thirty small functions, and
// the usual limits are reached half way. With these, in alternating runs at P=100, LPUSH takes 13-20 % less CPU, HSET
// 0-13, GET 4, LRANGE of 100 17-20; messages to a thousand subscribers 8 more. For a whole process: a program's choice,
// not a library's.

import { setFlagsFromString } from 'node:v8'

const LIMITS = [
  // Bytecode of all that is put into one function: 920 by default.
  '--max-inlined-bytecode-size-cumulative=3000',
  // Of one function that is put into another: 460.
  '--max-inlined-bytecode-size=1000',
]

/** To be called before anything has become hot. */
export function inlineMore(): void {
  for (const limit of LIMITS) setFlagsFromString(limit)
}
