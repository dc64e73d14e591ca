// Commands on places, which are members of sorted sets whose scores are geohashes (types/geohash.ts). Searching is in
// geo-search.ts.

import { SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import type { CommandFamily } from '../command/definition.ts'
import { oneKey } from '../command/key-specs.ts'
import { distanceBetween } from '../types/geo-distance.ts'
import { encodeGeohash, geohashText, Place } from '../types/geohash.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'
import { readPlace, replyDistance, replyPlace, unitAt } from './geo-arguments.ts'
import { geoSearchCommands } from './geo-search.ts'
import { changeSortedSet, createSortedSet, readSortedSet } from './sorted-set-store.ts'

export const geoCommands: CommandFamily = {
  group: 'geo',
  commands: [
    {
      name: 'GEOADD',
      arity: -5,
      flags: ['write', 'denyoom'],
      keys: oneKey('RW', 'update'),
      syntax: 'key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]',
      notes: { 'NX | XX': { since: '6.2.0' }, CH: { since: '6.2.0' } },
      summary:
        'Adds places to a sorted set, or moves those that are there. Creates the key if it does not exist.',
      since: '3.2.0',
      complexity: 'O(log(N)) for each place, where N is the number of members.',
      categories: ['geo'],
      history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
      run: geoadd,
    },
    {
      name: 'GEODIST',
      arity: -4,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key member1 member2 [m | km | ft | mi]',
      summary: 'Returns the distance between two places.',
      since: '3.2.0',
      complexity: 'O(1)',
      categories: ['geo'],
      run: geodist,
    },
    {
      name: 'GEOHASH',
      arity: -2,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key [member [member ...]]',
      summary: 'Returns places as geohash strings.',
      since: '3.2.0',
      complexity: 'O(1) for each place.',
      categories: ['geo'],
      run: geohash,
    },
    {
      name: 'GEOPOS',
      arity: -2,
      flags: ['readonly'],
      keys: oneKey('RO', 'access'),
      syntax: 'key [member [member ...]]',
      summary: 'Returns places as longitudes and latitudes.',
      since: '3.2.0',
      complexity: 'O(1) for each place.',
      categories: ['geo'],
      run: geopos,
    },
    ...geoSearchCommands,
  ],
}

const place = new Place()
const otherPlace = new Place()

/** Arguments of one place: longitude, latitude, member. */
const STRIDE = 3

interface AddOptions {
  readonly onlyNew: boolean
  readonly onlyPresent: boolean
  readonly countsMoved: boolean
  /** Where the first place is. */
  readonly first: number
}

function geoadd(context: Context): void {
  const { args, db, reply, sortedSets } = context
  const options = readAddOptions(args)
  const { first } = options
  const count = (args.count - first) / STRIDE
  const scores = sortedSets.scoresFor(count)
  for (let i = 0; i < count; i++) {
    readPlace(args, first + i * STRIDE, place)
    scores[i] = encodeGeohash(place.longitude, place.latitude)
  }
  const key = context.key(1)
  let set = changeSortedSet(context, key)
  if (set === undefined) {
    if (options.onlyPresent) {
      reply.integer(0)
      return
    }
    set = createSortedSet(context, key)
    // Redis: of the members only the first is looked at here.
    set.expect(count, args.lengths[first + 2]!)
  } else set.expect(count, 0)
  const before = set.count
  const moved = putPlaces(set, args, scores, options)
  const added = set.count - before
  if (added + moved > 0) db.changed(key, 'zadd', added + moved)
  reply.integer(options.countsMoved ? added + moved : added)
}

function readAddOptions(args: Arguments): AddOptions {
  let onlyNew = false
  let onlyPresent = false
  let countsMoved = false
  let first = 2
  for (; first < args.count; first++) {
    if (args.is(first, 'NX')) onlyNew = true
    else if (args.is(first, 'XX')) onlyPresent = true
    else if (args.is(first, 'CH')) countsMoved = true
    else break
  }
  if ((args.count - first) % STRIDE !== 0 || (onlyNew && onlyPresent)) throw SYNTAX_ERROR
  return { onlyNew, onlyPresent, countsMoved, first }
}

/** Adds or moves the places of the arguments; returns how many have moved. */
function putPlaces(set: SortedSetValue, args: Arguments, scores: Float64Array, options: AddOptions): number {
  let moved = 0
  for (let i = options.first + 2, next = 0; i < args.count; i += STRIDE, next++) {
    const member = args.slice(i)
    const score = scores[next]!
    if (!set.find(member)) {
      if (!options.onlyPresent) set.add(member, score)
    } else if (!options.onlyNew && set.score !== score) {
      set.setScore(member, score)
      moved++
    }
  }
  return moved
}

function geodist(context: Context): void {
  const { args, reply } = context
  if (args.count > 5) throw SYNTAX_ERROR
  const unit = args.count === 5 ? unitAt(args, 4) : 1
  const set = readSortedSet(context, context.key(1))
  if (set === undefined || !findPlace(set, args, 2, place) || !findPlace(set, args, 3, otherPlace)) {
    reply.null()
    return
  }
  const { longitude, latitude } = otherPlace
  replyDistance(context, distanceBetween(place.longitude, place.latitude, longitude, latitude) / unit)
}

/** The place of a member; false if it is not there. */
export function findPlace(set: SortedSetValue, args: Arguments, index: number, found: Place): boolean {
  if (!set.find(args.slice(index))) return false
  found.decode(set.score)
  return true
}

function geohash(context: Context): void {
  const { args, reply } = context
  const set = readSortedSet(context, context.key(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    if (set !== undefined && findPlace(set, args, i, place)) reply.text(geohashText(place))
    else reply.null()
  }
}

function geopos(context: Context): void {
  const { args, reply } = context
  const set = readSortedSet(context, context.key(1))
  reply.array(args.count - 2)
  for (let i = 2; i < args.count; i++) {
    if (set !== undefined && findPlace(set, args, i, place)) replyPlace(context, place)
    else reply.nullArray()
  }
}
