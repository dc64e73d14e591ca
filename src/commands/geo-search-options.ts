// What the commands that search places are told: where, what shape, which of the places found, and what is to be said of
// each or stored. Errors come in Redis's order.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { DistanceOrder } from '../types/distance-order.ts'
import { GeoShape } from '../types/geo-shape.ts'
import { Place } from '../types/geohash.ts'
import type { SortedSetValue } from '../types/sorted-set.ts'
import { radiusAt, readPlace, sizesAt, unitAt } from './geo-arguments.ts'

/** Which command is asking. */
export type GeoForm =
  | 'search'
  | 'search and store'
  | 'radius'
  | 'radius, read only'
  | 'radius by member'
  | 'radius by member, read only'

export interface Search {
  /** Undefined if the centre is a member of a set that isn't there. */
  shape: GeoShape | undefined
  /** Metres of the unit that distances are told in. */
  unit: number
  order: DistanceOrder | undefined
  /** So many places at most. */
  count: number
  takesAny: boolean
  withDistance: boolean
  withHash: boolean
  withPlace: boolean
  /** The argument that is the key to store in; -1: to reply instead. */
  destination: number
  storesDistance: boolean
  event: 'geosearchstore' | 'georadiusstore'
}

const NOT_A_MEMBER = new ReplyError('ERR could not decode requested zset member')
const BAD_COUNT = new ReplyError('ERR COUNT must be > 0')
const ANY_ALONE = new ReplyError('ERR the ANY argument requires COUNT argument')

const NO_LIMIT = Number.POSITIVE_INFINITY

/** Reads all arguments. `set` is the source, if there is one. */
export function readSearch(context: Context, form: GeoForm, set: SortedSetValue | undefined): Search {
  const reader = new SearchReader(context, form, set)
  reader.read()
  return reader.search
}

class SearchReader {
  readonly #context: Context
  readonly #form: GeoForm
  readonly #set: SortedSetValue | undefined
  readonly #centre = new Place()
  #centreFrom: 'member' | 'place' | undefined = undefined
  /** Metres. */
  #radius: number | undefined = undefined
  #sizes: readonly [width: number, height: number] | undefined = undefined
  readonly search: Search

  constructor(context: Context, form: GeoForm, set: SortedSetValue | undefined) {
    this.#context = context
    this.#form = form
    this.#set = set
    this.search = {
      shape: undefined,
      unit: 1,
      order: undefined,
      count: NO_LIMIT,
      takesAny: false,
      withDistance: false,
      withHash: false,
      withPlace: false,
      destination: form === 'search and store' ? 1 : -1,
      storesDistance: false,
      event: form === 'search and store' ? 'geosearchstore' : 'georadiusstore',
    }
  }

  get #isSearch(): boolean {
    return this.#form === 'search' || this.#form === 'search and store'
  }

  read(): void {
    const { args } = this.#context
    for (let at = this.#readStart(); at < args.count; at = this.#readOption(at));
    this.#check()
    this.#makeShape()
  }

  /** Reads what the older commands are told without a word in front; returns where options begin. */
  #readStart(): number {
    const { args } = this.#context
    switch (this.#form) {
      case 'search':
        return 2
      case 'search and store':
        return 3
      case 'radius':
      case 'radius, read only':
        readPlace(args, 2, this.#centre)
        this.#centreFrom = 'place'
        this.#readRadius(4)
        return 6
      default:
        this.#centreFrom = 'member'
        // Redis: without a set, what follows the member may be anything.
        if (this.#set !== undefined) {
          this.#findMember(2)
          this.#readRadius(3)
        }
        return 5
    }
  }

  #readRadius(index: number): void {
    const { args } = this.#context
    const radius = radiusAt(args, index)
    this.search.unit = unitAt(args, index + 1)
    this.#radius = radius * this.search.unit
  }

  #findMember(index: number): void {
    const set = this.#set
    if (set === undefined) return
    if (!set.find(this.#context.args.slice(index))) throw NOT_A_MEMBER
    this.#centre.decode(set.score)
  }

  /** Reads the option at an index; returns where the next one is. */
  #readOption(at: number): number {
    const { args } = this.#context
    const { search } = this
    const left = args.count - at - 1
    if (args.is(at, 'WITHDIST')) search.withDistance = true
    else if (args.is(at, 'WITHHASH')) search.withHash = true
    else if (args.is(at, 'WITHCOORD')) search.withPlace = true
    else if (args.is(at, 'ANY')) search.takesAny = true
    else if (args.is(at, 'ASC')) search.order = 'nearest'
    else if (args.is(at, 'DESC')) search.order = 'farthest'
    else if (left > 0 && args.is(at, 'COUNT')) {
      search.count = args.integer(at + 1)
      if (search.count <= 0) throw BAD_COUNT
      return at + 2
    } else if (this.#isSearch) return this.#readShapeOption(at, left)
    else return this.#readStoreOption(at, left)
    return at + 1
  }

  /** Options of GEOSEARCH and GEOSEARCHSTORE alone. */
  #readShapeOption(at: number, left: number): number {
    const { args } = this.#context
    const { search } = this
    if (left >= 1 && this.#centreFrom !== 'place' && args.is(at, 'FROMMEMBER')) {
      this.#findMember(at + 1)
      this.#centreFrom = 'member'
      return at + 2
    }
    if (left >= 2 && this.#centreFrom !== 'member' && args.is(at, 'FROMLONLAT')) {
      readPlace(args, at + 1, this.#centre)
      this.#centreFrom = 'place'
      return at + 3
    }
    if (left >= 2 && this.#sizes === undefined && args.is(at, 'BYRADIUS')) {
      this.#readRadius(at + 1)
      return at + 3
    }
    if (left >= 3 && this.#radius === undefined && args.is(at, 'BYBOX')) {
      const [width, height] = sizesAt(args, at + 1)
      search.unit = unitAt(args, at + 3)
      this.#sizes = [width * search.unit, height * search.unit]
      return at + 4
    }
    if (this.#form !== 'search and store' || !args.is(at, 'STOREDIST')) throw SYNTAX_ERROR
    search.storesDistance = true
    return at + 1
  }

  /** Options of GEORADIUS and GEORADIUSBYMEMBER alone. */
  #readStoreOption(at: number, left: number): number {
    const { args } = this.#context
    const { search } = this
    const canStore = this.#form === 'radius' || this.#form === 'radius by member'
    if (!canStore || left === 0) throw SYNTAX_ERROR
    if (args.is(at, 'STORE')) search.storesDistance = false
    else if (args.is(at, 'STOREDIST')) search.storesDistance = true
    else throw SYNTAX_ERROR
    search.destination = at + 1
    return at + 2
  }

  #check(): void {
    const { search } = this
    const name = this.#context.args.string(0)
    if (search.destination >= 0 && (search.withDistance || search.withHash || search.withPlace)) {
      const who = this.#isSearch ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
      throw new ReplyError(`ERR ${who} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`)
    }
    if (this.#centreFrom === undefined) {
      throw new ReplyError(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`)
    }
    if (this.#isSearch && this.#radius === undefined && this.#sizes === undefined) {
      throw new ReplyError(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`)
    }
    if (search.takesAny && search.count === NO_LIMIT) throw ANY_ALONE
  }

  #makeShape(): void {
    if (this.#set === undefined) return
    const { longitude, latitude } = this.#centre
    if (this.#sizes === undefined) this.search.shape = GeoShape.circle(longitude, latitude, this.#radius!)
    else this.search.shape = GeoShape.box(longitude, latitude, ...this.#sizes)
  }
}
