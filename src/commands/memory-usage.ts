// MEMORY USAGE: what a key costs.

import { SYNTAX_ERROR } from '../base/reply-error.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import { keyAt } from '../command/key-specs.ts'

export const memoryUsageCommand: CommandDefinition = {
  name: 'USAGE',
  arity: -3,
  flags: ['readonly'],
  keys: [keyAt(2, 'RO')],
  syntax: 'key [SAMPLES count]',
  summary: 'Tells how many bytes a key takes, with its value and what the table spends on it.',
  since: '4.0.0',
  complexity: 'O(N) where N is the number of samples.',
  run: usage,
}

/** Redis looks at so many elements of a large value, unless told otherwise. */
const DEFAULT_SAMPLES = 5

function usage(context: Context): void {
  const { args, db, reply } = context
  let samples = DEFAULT_SAMPLES
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, 'SAMPLES') || i + 1 === args.count) throw SYNTAX_ERROR
    samples = args.integer(i + 1)
    if (samples < 0) throw SYNTAX_ERROR
  }
  // Redis: shows what a key takes as long as it takes it, though it may be due.
  const entry = db.findAnyway(context.key(2))
  if (entry === ABSENT) reply.null()
  else reply.integer(db.memoryOf(entry, samples))
}
