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
  complexity: 'O(1), as sizes are known exactly; in Redis O(N) where N is the number of samples.',
  run: usage,
}

function usage(context: Context): void {
  const { args, db, reply } = context
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, 'SAMPLES') || i + 1 === args.count) throw SYNTAX_ERROR
    if (args.integer(i + 1) < 0) throw SYNTAX_ERROR
  }
  // Redis: shows what a key takes as long as it takes it, though it may be due.
  const entry = db.findAnyway(context.key(2))
  if (entry === ABSENT) reply.null()
  else reply.integer(db.memoryOf(entry))
}
