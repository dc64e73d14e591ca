// Looking through the keys of a database: KEYS at once, SCAN bit by bit, RANDOMKEY by chance. Keys that are due are
// never shown. SCAN's cursor is a place in the order of hashes: nothing is kept between calls, and growth does not
// matter to it (memory/table.ts).

import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import type { Database } from '../keyspace/database.ts'
import { matches, parseCursor, parseScanOptions, patternAt } from './scan-options.ts'

export const scanCommands: CommandFamily = {
  group: 'generic',
  commands: [
    {
      name: 'KEYS',
      arity: 2,
      flags: ['readonly'],
      syntax: 'pattern',
      summary: 'Lists all keys that match a pattern.',
      since: '1.0.0',
      complexity: 'O(N) where N is the number of keys in the database, for patterns of limited length.',
      categories: ['keyspace', 'dangerous'],
      tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
      run: keys,
    },
    {
      name: 'SCAN',
      arity: -2,
      flags: ['readonly', 'touches_arbitrary_keys'],
      syntax: 'cursor [MATCH pattern] [COUNT count] [TYPE type]',
      notes: { 'TYPE type': { since: '6.0.0' } },
      summary: 'Goes through the keys of the database in steps.',
      since: '2.8.0',
      complexity:
        'O(1) for each call, O(N) for going through all, where N is the number of keys in the database.',
      categories: ['keyspace'],
      tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
      history: [['6.0.0', 'The option TYPE.']],
      run: scan,
    },
    {
      name: 'RANDOMKEY',
      arity: 1,
      flags: ['readonly', 'touches_arbitrary_keys'],
      syntax: '',
      summary: 'Picks one of the keys of the database at random.',
      since: '1.0.0',
      complexity: 'O(1)',
      categories: ['keyspace'],
      tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
      run: randomkey,
    },
  ],
}

function keys(context: Context): void {
  const { db, reply } = context
  const pattern = patternAt(context.args, 1)
  let count = 0
  // One pass over the table: the head is written when the count is known.
  const array = reply.openArray()
  db.table.each((entry) => {
    // Redis: KEYS hides keys that are due, but does not remove them.
    if (db.isDue(entry)) return
    const key = db.keyOf(entry)
    if (!matches(pattern, key)) return
    reply.bulk(key)
    count++
  })
  reply.closeArray(array, count)
}

function randomkey(context: Context): void {
  const { db, reply } = context
  const entry = db.random()
  if (entry === ABSENT) reply.null()
  else reply.bulk(db.keyOf(entry))
}

function scan(context: Context): void {
  const { args, db, keyspace, reply } = context
  const cursor = parseCursor(args.view(1))
  const options = parseScanOptions(args, 2, 'TYPE')
  const found: Entry[] = []
  const due: Entry[] = []
  const next = db.table.scan(cursor, options.count, (entry) => {
    if (!matches(options.pattern, db.keyOf(entry))) return
    if (db.isDue(entry)) due.push(entry)
    else if (options.type === undefined || db.typeOf(entry) === options.type) found.push(entry)
  })
  reply.array(2)
  reply.bulkInteger(next)
  reply.array(found.length)
  for (const entry of found) reply.bulk(db.keyOf(entry))
  if (keyspace.mayExpire) removeDue(db, due)
}

function removeDue(db: Database, due: readonly Entry[]): void {
  for (const entry of due) db.expireEntry(entry)
}
