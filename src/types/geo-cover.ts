// Which ranges of geohashes can hold the places inside a shape: the cell of its centre, and those around it. How large the
// cells are and in which order they come shows in the order of replies, and so is Redis's. Knows no key and no reply.

import { EARTH_RADIUS, toDegrees, toRadians } from './geo-distance.ts'
import type { GeoShape } from './geo-shape.ts'
import { cellNumber, columnOf, FINEST_STEP, rowOf, southOf, westOf } from './geohash.ts'

/** Half the length of the equator on the web's maps, in metres: a shape that large needs all of it. */
const HALF_MAP = 20_037_726.37

/** Columns and rows from the centre to the cell and its neighbours, in the order in which they are searched. */
const NEIGHBOURS = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const

/** A range of scores: from `first` on, up to but without `end`. */
export interface ScoreRange {
  readonly first: number
  readonly end: number
}

/** The ranges to search for a shape, in order. */
export function coverShape(shape: GeoShape): ScoreRange[] {
  const frame = frameOf(shape)
  let step = stepFor(shape)
  if (step > 1 && !neighboursHold(frame, shape, step)) step--
  const column = columnOf(shape.longitude, step)
  const row = rowOf(shape.latitude, step)
  const leaves = sidesLeft(frame, column, row, step)
  const size = 4 ** (FINEST_STEP - step)
  const ranges: ScoreRange[] = []
  let last: number | undefined
  for (const [east, north] of NEIGHBOURS) {
    if (!leaves.north && north > 0) continue
    if (!leaves.south && north < 0) continue
    if (!leaves.east && east > 0) continue
    if (!leaves.west && east < 0) continue
    const cell = cellNumber(moved(column, east, step), moved(row, north, step))
    // Where there are few cells, one may be the neighbour on either side.
    if (cell === last) continue
    last = cell
    ranges.push({ first: cell * size, end: (cell + 1) * size })
  }
  return ranges
}

/** How often the map can be halved so that a cell and its neighbours still hold the shape. */
function stepFor({ radius, latitude }: GeoShape): number {
  if (radius === 0) return FINEST_STEP
  let step = 1
  for (let reach = radius; reach < HALF_MAP; reach *= 2) step++
  step -= 2
  // Towards the poles columns get narrow.
  if (Math.abs(latitude) > 66) step--
  if (Math.abs(latitude) > 80) step--
  return Math.min(Math.max(step, 1), FINEST_STEP)
}

/** Longitudes and latitudes around a shape; they may lie beyond the edges of the map. */
interface Frame {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

function frameOf({ longitude, latitude, halfWidth, halfHeight }: GeoShape): Frame {
  const height = toDegrees(halfHeight / EARTH_RADIUS)
  const south = latitude - height
  const north = latitude + height
  // The edge nearer to the pole is where the width takes more degrees.
  const edge = latitude < 0 ? south : north
  const width = toDegrees(halfWidth / EARTH_RADIUS / Math.cos(toRadians(edge)))
  return { west: longitude - width, east: longitude + width, south, north }
}

/** Whether nothing of the frame lies beyond the neighbours of the centre's cell. */
function neighboursHold(frame: Frame, { longitude, latitude }: GeoShape, step: number): boolean {
  const column = columnOf(longitude, step)
  const row = rowOf(latitude, step)
  return (
    southOf(moved(row, 1, step) + 1, step) >= frame.north &&
    southOf(moved(row, -1, step), step) <= frame.south &&
    westOf(moved(column, 1, step) + 1, step) >= frame.east &&
    westOf(moved(column, -1, step), step) <= frame.west
  )
}

interface Sides {
  readonly north: boolean
  readonly south: boolean
  readonly east: boolean
  readonly west: boolean
}

const ALL_SIDES: Sides = { north: true, south: true, east: true, west: true }

/** On which sides the frame leaves a cell. Redis: of a map of four cells all are searched. */
function sidesLeft(frame: Frame, column: number, row: number, step: number): Sides {
  if (step < 2) return ALL_SIDES
  return {
    north: southOf(row + 1, step) <= frame.north,
    south: southOf(row, step) >= frame.south,
    east: westOf(column + 1, step) <= frame.east,
    west: westOf(column, step) >= frame.west,
  }
}

/** A column or a row moved by one, beyond the end of the map to its beginning. */
function moved(index: number, by: number, step: number): number {
  return by === 0 ? index : (index + by) & (2 ** step - 1)
}
