// Commands that search places: in a circle or a box, around a place or a member, in their newer form (GEOSEARCH) and their
// older one (GEORADIUS). What they are told is read by geo-search-options.ts.

import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, KeySpec } from '../command/definition.ts'
import { type FoundKeys, keyFlagBits } from '../command/found-keys.ts'
import { keyAt, oneKey } from '../command/key-specs.ts'
import { orderByDistance } from '../types/distance-order.ts'
import { GeoMatches } from '../types/geo-search.ts'
import { Place } from '../types/geohash.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'
import { replyDistance, replyPlace } from './geo-arguments.ts'
import { type GeoForm, readSearch, type Search } from './geo-search-options.ts'
import { readSortedSet, storeResult } from './sorted-set-store.ts'

const SHAPE = '<BYRADIUS radius <m | km | ft | mi> | BYBOX width height <m | km | ft | mi>>'
const CENTRE = '<FROMMEMBER member | FROMLONLAT longitude latitude>'
const ORDER = '[ASC | DESC] [COUNT count [ANY]]'
const PARTS = '[WITHCOORD] [WITHDIST] [WITHHASH]'
const UNIT = '<m | km | ft | mi>'
const OLD_OPTIONS = `${PARTS} [COUNT count [ANY]] [ASC | DESC]`
const STORING = '[STORE key | STOREDIST key]'
const ANY_LATER = { ANY: { since: '6.2.0' } }
const OF_SEARCHING =
  'O(N+log(M)) where N is the number of places in the cells that cover the shape, and M that of all places.'

export const geoSearchCommands: readonly CommandDefinition[] = [
  {
    name: 'GEOSEARCH',
    arity: -7,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: `key ${CENTRE} ${SHAPE} ${ORDER} ${PARTS}`,
    summary: 'Returns the places inside a circle or a box.',
    since: '6.2.0',
    complexity: OF_SEARCHING,
    categories: ['geo'],
    history: [['7.0.0', 'Distances are measured to the members themselves.']],
    run: (context) => search(context, 'search'),
  },
  {
    name: 'GEOSEARCHSTORE',
    arity: -8,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    syntax: `destination source ${CENTRE} ${SHAPE} ${ORDER} [STOREDIST]`,
    summary: 'Stores the places inside a circle or a box.',
    since: '6.2.0',
    complexity: OF_SEARCHING,
    categories: ['geo'],
    run: (context) => search(context, 'search and store'),
  },
  {
    name: 'GEORADIUS',
    arity: -6,
    flags: ['write', 'denyoom'],
    keys: storingKeys(6),
    findKeys: (args, found) => findKeys(args, 6, found),
    syntax: `key longitude latitude radius ${UNIT} ${OLD_OPTIONS} ${STORING}`,
    notes: ANY_LATER,
    summary: 'Returns the places inside a circle around a place, or stores them.',
    since: '3.2.0',
    complexity: OF_SEARCHING,
    categories: ['geo'],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS`' },
    history: [['6.2.0', 'Added the `ANY` option for `COUNT`.']],
    run: (context) => search(context, 'radius'),
  },
  {
    name: 'GEORADIUS_RO',
    arity: -6,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: `key longitude latitude radius ${UNIT} ${OLD_OPTIONS}`,
    notes: ANY_LATER,
    summary: 'Returns the places inside a circle around a place.',
    since: '3.2.10',
    complexity: OF_SEARCHING,
    categories: ['geo'],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with `BYRADIUS`' },
    history: [['6.2.0', 'Added the `ANY` option for `COUNT`.']],
    run: (context) => search(context, 'radius, read only'),
  },
  {
    name: 'GEORADIUSBYMEMBER',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: storingKeys(5),
    findKeys: (args, found) => findKeys(args, 5, found),
    syntax: `key member radius ${UNIT} ${OLD_OPTIONS} ${STORING}`,
    summary: 'Returns the places inside a circle around a member, or stores them.',
    since: '3.2.0',
    complexity: OF_SEARCHING,
    categories: ['geo'],
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS` and `FROMMEMBER`',
    },
    run: (context) => search(context, 'radius by member'),
  },
  {
    name: 'GEORADIUSBYMEMBER_RO',
    arity: -5,
    flags: ['readonly'],
    keys: oneKey('RO', 'access'),
    syntax: `key member radius ${UNIT} ${OLD_OPTIONS}`,
    summary: 'Returns the places inside a circle around a member.',
    since: '3.2.10',
    complexity: OF_SEARCHING,
    categories: ['geo'],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with `BYRADIUS` and `FROMMEMBER`' },
    run: (context) => search(context, 'radius by member, read only'),
  },
]

/** The source, and the destination after STORE or STOREDIST. */
function storingKeys(startFrom: number): KeySpec[] {
  const after = (keyword: string): KeySpec => ({
    flags: ['OW', 'update'],
    begin: { keyword, startFrom },
    find: { last: 0, step: 1, limit: 0 },
  })
  return [keyAt(1, 'RO', 'access'), after('STORE'), after('STOREDIST')]
}

const READ = keyFlagBits(['RO', 'access'])
const STORED = keyFlagBits(['OW', 'update'])

/** Of several destinations the last is the one. */
function findKeys(args: Arguments, options: number, found: FoundKeys): void {
  found.add(1, READ)
  let destination = 0
  for (let i = options; i < args.count - 1; i++) {
    if (args.is(i, 'COUNT')) i++
    else if (args.is(i, 'STORE') || args.is(i, 'STOREDIST')) destination = ++i
  }
  if (destination > 0) found.add(destination, STORED)
}

const matches = new GeoMatches()
const place = new Place()

function search(context: Context, form: GeoForm): void {
  const { reply } = context
  const set = readSortedSet(context, context.key(form === 'search and store' ? 2 : 1))
  const wanted = readSearch(context, form, set)
  find(set, wanted)
  if (wanted.destination >= 0) store(context, wanted)
  else if (matches.count === 0) reply.array(0)
  else tell(context, wanted)
}

/** Fills `matches`. */
function find(set: SortedSetValue | undefined, { shape, count, takesAny }: Search): void {
  if (set === undefined || shape === undefined) matches.clear()
  else matches.search(set, shape, takesAny ? count : Number.POSITIVE_INFINITY)
}

/** The indexes of the matches to tell of, in order; undefined if it is all, as they were found. */
function chosen({ order, count, takesAny }: Search): Uint32Array | undefined {
  // Redis: COUNT asks for the nearest, in order, even if there are no more; unless any will do.
  const by = order ?? (count < Number.POSITIVE_INFINITY && !takesAny ? 'nearest' : undefined)
  return by === undefined ? undefined : orderByDistance(matches.distances, matches.count, by, count)
}

function tell(context: Context, wanted: Search): void {
  const { reply } = context
  const { withDistance, withHash, withPlace, unit } = wanted
  const parts = Number(withDistance) + Number(withHash) + Number(withPlace)
  const indexes = chosen(wanted)
  const count = indexes?.length ?? matches.count
  reply.array(count)
  for (let i = 0; i < count; i++) {
    const index = indexes === undefined ? i : indexes[i]!
    const score = matches.scores[index]!
    if (parts > 0) reply.array(parts + 1)
    reply.bulk(matches.member(index))
    if (withDistance) replyDistance(context, matches.distances[index]! / unit)
    if (withHash) replyHash(context, score)
    if (withPlace) {
      place.decode(score)
      replyPlace(context, place)
    }
  }
}

/** The score as a whole number. */
function replyHash({ reply }: Context, score: number): void {
  const hash = Math.trunc(score)
  if (Number.isSafeInteger(hash)) reply.integer(hash)
  else reply.bigInteger(BigInt.asIntN(64, BigInt(hash)))
}

function store(context: Context, wanted: Search): void {
  const { db, reply, sortedSets } = context
  const result = sortedSets.result.begin(db.table.entries)
  const indexes = chosen(wanted)
  const count = indexes?.length ?? matches.count
  for (let i = 0; i < count; i++) {
    const index = indexes === undefined ? i : indexes[i]!
    const member = matches.member(index)
    result.find(member)
    result.add(
      member,
      wanted.storesDistance ? matches.distances[index]! / wanted.unit : matches.scores[index]!,
    )
  }
  result.settle()
  const key = context.key(wanted.destination)
  reply.integer(storeResult(context, key, wanted.event, count))
}
