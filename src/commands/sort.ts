// SORT and SORT_RO: the elements of a list, a set or a sorted set in an order of their own or of other keys' values, or
// those values in their place. How elements are sorted is types/sorter.ts; what patterns find, sort-pattern.ts.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context, type Entry } from '../command/context.ts'
import type { CommandDefinition, CommandFamily, KeySpec } from '../command/definition.ts'
import { type FoundKeys, type KeyFlag, keyFlagBits } from '../command/found-keys.ts'
import { keyAt } from '../command/key-specs.ts'
import { copyBytes, type Slice } from '../memory/slice.ts'
import { EMPTY_LIST_BYTES, type ListValue } from '../types/list.ts'
import { LIST, LIST_LISTPACK, SET } from '../types/value-type.ts'
import { SortPattern } from './sort-pattern.ts'
import { readElements } from './sort-source.ts'

const OPTIONS = '[BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]'

const COMMON = {
  arity: -2,
  syntax: `key ${OPTIONS}`,
  complexity:
    'O(N+M*log(M)) where N is the number of elements and M that of elements returned; O(N) where nothing is sorted.',
  categories: ['set', 'sortedset', 'list', 'dangerous'],
} as const satisfies Partial<CommandDefinition>

/** `readsAllKeys`: whether the client may read any key, as patterns name keys that nobody knows beforehand. */
export function sortCommands(readsAllKeys: ReadsAllKeys = () => true): CommandFamily {
  return {
    group: 'generic',
    commands: [
      {
        ...COMMON,
        name: 'SORT',
        flags: ['write', 'denyoom'],
        keys: [keyAt(1, 'RO', 'access'), unknown('RO', 'access'), unknown('OW', 'update')],
        syntax: `key ${OPTIONS} [STORE destination]`,
        notes: {
          'BY pattern': { keySpec: 1 },
          'GET pattern': { keySpec: 1 },
          'STORE destination': { keySpec: 2 },
        },
        summary: 'Sorts the elements of a list, a set or a sorted set, and returns or stores them.',
        since: '1.0.0',
        run: (context) => sort(context, { mayStore: true, readsAllKeys }),
        findKeys: findSortKeys,
      },
      {
        ...COMMON,
        name: 'SORT_RO',
        flags: ['readonly'],
        keys: [keyAt(1, 'RO', 'access'), unknown('RO', 'access')],
        notes: { 'BY pattern': { keySpec: 1 }, 'GET pattern': { keySpec: 1 } },
        summary: 'Sorts the elements of a list, a set or a sorted set, and returns them.',
        since: '7.0.0',
        run: (context) => sort(context, { mayStore: false, readsAllKeys }),
        findKeys: (_args, found) => found.add(1, READ),
      },
    ],
  }
}

/** Keys that patterns name: nobody knows before the elements are known. */
function unknown(...flags: KeyFlag[]): KeySpec {
  return { flags, begin: 'unknown', find: 'unknown' }
}

const READ = keyFlagBits(['RO', 'access'])
const WRITTEN = keyFlagBits(['OW', 'update'])

const NOT_NUMBERS = new ReplyError("ERR One or more scores can't be converted into double")

const BY_DENIED = new ReplyError('ERR BY option of SORT denied due to insufficient ACL permissions.')
const GET_DENIED = new ReplyError('ERR GET option of SORT denied due to insufficient ACL permissions.')

export type ReadsAllKeys = (context: Context) => boolean

/** How SORT and SORT_RO differ, and what both are handed. */
interface SortRequest {
  readonly mayStore: boolean
  readonly readsAllKeys: ReadsAllKeys
}

interface SortOptions {
  by: SortPattern | undefined
  /** Redis: a BY without a star means not to sort at all, whatever other BY there is. */
  isUnsorted: boolean
  gets: SortPattern[]
  isDescending: boolean
  isAlphabetic: boolean
  offset: number
  /** Negative: all. */
  count: number
  /** The argument that is the destination; 0: none. */
  storeAt: number
}

function sort(context: Context, request: SortRequest): void {
  const { db, sorting } = context
  const options = parseOptions(context, request)
  const { sorter } = sorting
  sorter.clear()
  const key = context.key(1)
  const entry = db.find(key)
  if (entry !== ABSENT) readElements(context, key, entry)
  const { offset, count, storeAt } = options
  const first = Math.min(Math.max(offset, 0), sorter.count)
  const end = count < 0 ? sorter.count : Math.min(first + count, sorter.count)
  if (entry !== ABSENT) order(context, options, end, isUnordered(context, options, entry))
  if (storeAt === 0) tell(context, options.gets, first, end)
  else store(context, options, first, end)
  sorter.clear()
}

/** Redis: what is stored of a set must not depend on the order in which it happens to have its members. */
function isUnordered({ db }: Context, options: SortOptions, entry: Entry): boolean {
  return options.isUnsorted && options.storeAt > 0 && db.typeOf(entry) === SET
}

/** Puts the elements in order, at least as far as `end`. */
function order(context: Context, options: SortOptions, end: number, isForced: boolean): void {
  const { sorter } = context.sorting
  const { isDescending } = options
  if (options.isUnsorted && !isForced) {
    sorter.keepOrder(isDescending)
    return
  }
  const by = isForced ? undefined : options.by
  const isAlphabetic = options.isAlphabetic || isForced
  sorter.begin({ isAlphabetic, isDescending, hasWeights: by !== undefined })
  if (!(by === undefined ? sorter.weighElements() : weigh(context, by))) throw NOT_NUMBERS
  sorter.sort(end)
}

/** Finds the weights of all elements; false if one is no number but should be. */
function weigh(context: Context, by: SortPattern): boolean {
  const { sorter } = context.sorting
  for (let i = 0; i < sorter.count; i++) {
    if (!sorter.addWeight(i, by.find(context, sorter.elements.read(i, context.element)))) return false
  }
  return true
}

function tell(context: Context, gets: readonly SortPattern[], first: number, end: number): void {
  const { reply, sorting } = context
  const { sorter } = sorting
  reply.array((end - first) * Math.max(gets.length, 1))
  if (gets.length === 0) {
    for (let i = first; i < end; i++) reply.bulk(sorter.elementAt(i))
    return
  }
  for (let i = first; i < end; i++) {
    const element = sorter.elementAt(i)
    for (const get of gets) {
      const found = get.find(context, element)
      if (found === undefined) reply.null()
      else reply.bulk(found)
    }
  }
}

function store(context: Context, { gets, storeAt }: SortOptions, first: number, end: number): void {
  const { db, list, reply, sorting } = context
  const { draft, sorter } = sorting
  list.create(draft.begin(db.table.entries, LIST_LISTPACK, EMPTY_LIST_BYTES))
  for (let i = first; i < end; i++) {
    const element = sorter.elementAt(i)
    if (gets.length === 0) append(context, list, element)
    // Redis: what is not there is stored as no text.
    for (const get of gets) append(context, list, get.find(context, element))
  }
  const { count } = list
  const key = context.otherKey(storeAt)
  const entry = db.findForWrite(key)
  if (count > 0) {
    const place = db.put(key, entry, LIST, draft.encoding, draft.length)
    copyBytes(draft.bytes, draft.start, place.bytes, place.start, draft.length)
    db.changed(key, 'sortstore', count)
  } else if (entry !== ABSENT) db.remove(key, entry)
  reply.integer(count)
}

function append({ element }: Context, list: ListValue, text: Slice | undefined): void {
  if (text === undefined) element.pointText(element.bytes, 0, 0)
  else element.point(text.bytes, text.start, text.length)
  list.expect(element.length, 1)
  list.pushLast(element)
}

function parseOptions(context: Context, { mayStore, readsAllKeys }: SortRequest): SortOptions {
  const { args } = context
  const options: SortOptions = {
    by: undefined,
    isUnsorted: false,
    gets: [],
    isDescending: false,
    isAlphabetic: false,
    offset: 0,
    count: -1,
    storeAt: 0,
  }
  for (let i = 2; i < args.count; i++) {
    const left = args.count - 1 - i
    if (args.is(i, 'ASC')) options.isDescending = false
    else if (args.is(i, 'DESC')) options.isDescending = true
    else if (args.is(i, 'ALPHA')) options.isAlphabetic = true
    else if (left >= 2 && args.is(i, 'LIMIT')) {
      options.offset = args.integer(++i)
      options.count = args.integer(++i)
    } else if (left >= 1 && mayStore && args.is(i, 'STORE')) options.storeAt = ++i
    else if (left >= 1 && args.is(i, 'BY')) {
      options.by = new SortPattern(args.view(++i))
      if (!options.by.hasStar) options.isUnsorted = true
      else if (!readsAllKeys(context)) throw BY_DENIED
    } else if (left >= 1 && args.is(i, 'GET')) {
      // Redis: even if it is the element itself that is asked for.
      if (!readsAllKeys(context)) throw GET_DENIED
      options.gets.push(new SortPattern(args.view(++i)))
    } else throw SYNTAX_ERROR
  }
  return options
}

/** Besides the first key the destination, if there is one: as Redis, the last of several. */
function findSortKeys(args: Arguments, found: FoundKeys): void {
  found.add(1, READ)
  let storeAt = 0
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'LIMIT')) i += 2
    else if (args.is(i, 'GET') || args.is(i, 'BY')) i++
    else if (args.is(i, 'STORE') && i + 1 < args.count) storeAt = ++i
  }
  if (storeAt > 0) found.add(storeAt, WRITTEN)
}
