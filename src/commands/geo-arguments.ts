// Places, distances and units as commands are told them, and how they are told in replies.

import { parseDouble } from '../base/doubles.ts'
import { writeDecimal } from '../base/integers.ts'
import { NOT_A_FLOAT, ReplyError } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import type { Context } from '../command/context.ts'
import { isPlace, type Place } from '../types/geohash.ts'

const NO_UNIT = new ReplyError('ERR unsupported unit provided. please use M, KM, FT, MI')
const NEGATIVE_RADIUS = new ReplyError('ERR radius cannot be negative')
const NEGATIVE_SIZE = new ReplyError('ERR height or width cannot be negative')
const NO_RADIUS = new ReplyError('ERR need numeric radius')
const NO_WIDTH = new ReplyError('ERR need numeric width')
const NO_HEIGHT = new ReplyError('ERR need numeric height')

/** Redis shows distances with so many digits after the point, and coordinates with so many at most. */
const DISTANCE_DIGITS = 4
const DISTANCE_UNITS = 10 ** DISTANCE_DIGITS
const SAFELY_SCALED = 2 ** 40
const COORDINATE_DIGITS = 17
const POINT = 0x2e
const ZERO = 0x30
const scratch = new Uint8Array(32)
/** More than any double has behind its sixth digit if that lies in the middle between two. */
const TAIL_DIGITS = 34
const TIE = `5${'0'.repeat(TAIL_DIGITS - 1)}`

/** Six digits behind the point, as C's printf rounds: what lies in the middle goes to the even digit, not up. */
function roundedToEven(value: number): string {
  const exact = value.toFixed(6 + TAIL_DIGITS)
  const cut = exact.slice(0, -TAIL_DIGITS)
  const isTie = exact.endsWith(TIE) && Number(cut.at(-1)) % 2 === 0
  return isTie ? cut : value.toFixed(6)
}

/** From here on toFixed is of no use. */
const TOO_LARGE = 1e21

export function doubleAt({ bytes, starts, lengths }: Arguments, index: number, error = NOT_A_FLOAT): number {
  const value = parseDouble(bytes, starts[index]!, lengths[index]!)
  if (value === undefined) throw error
  return value
}

/** Reads `longitude latitude` into a place. */
export function readPlace(args: Arguments, index: number, place: Place): void {
  const longitude = doubleAt(args, index)
  const latitude = doubleAt(args, index + 1)
  if (!isPlace(longitude, latitude)) {
    const pair = `${likePrintf(longitude)},${likePrintf(latitude)}`
    throw new ReplyError(`ERR invalid longitude,latitude pair ${pair}`)
  }
  place.longitude = longitude
  place.latitude = latitude
}

/** As printf's %f. */
function likePrintf(value: number): string {
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return value > 0 ? 'inf' : '-inf'
  if (Math.abs(value) >= TOO_LARGE) return `${BigInt(value)}.000000`
  return Object.is(value, -0) ? '-0.000000' : roundedToEven(value)
}

/** Metres of a unit. */
export function unitAt(args: Arguments, index: number): number {
  if (args.is(index, 'M')) return 1
  if (args.is(index, 'KM')) return 1000
  if (args.is(index, 'FT')) return 0.3048
  if (args.is(index, 'MI')) return 1609.34
  throw NO_UNIT
}

/** A radius, in whatever unit follows. */
export function radiusAt(args: Arguments, index: number): number {
  const radius = doubleAt(args, index, NO_RADIUS)
  if (radius < 0) throw NEGATIVE_RADIUS
  return radius
}

/** `width height`, in whatever unit follows. */
export function sizesAt(args: Arguments, index: number): [width: number, height: number] {
  const width = doubleAt(args, index, NO_WIDTH)
  const height = doubleAt(args, index + 1, NO_HEIGHT)
  if (width < 0 || height < 0) throw NEGATIVE_SIZE
  return [width, height]
}

/** As printf's %.4f. */
export function replyDistance({ reply }: Context, distance: number): void {
  const scaled = distance * DISTANCE_UNITS
  const rounded = Math.round(scaled)
  // Too large, or so near to the middle between two that the product may have been rounded across it.
  if (!(scaled < SAFELY_SCALED) || Math.abs(Math.abs(scaled - rounded) - 0.5) < 0.001) {
    reply.text(distance.toFixed(DISTANCE_DIGITS))
    return
  }
  const fraction = rounded % DISTANCE_UNITS
  let at = writeDecimal(scratch, 0, (rounded - fraction) / DISTANCE_UNITS)
  // A one in front keeps the zeros; the point takes its place.
  writeDecimal(scratch, at, DISTANCE_UNITS + fraction)
  scratch[at] = POINT
  at += 1 + DISTANCE_DIGITS
  reply.bulkBytes(scratch, 0, at)
}

export function replyPlace({ reply }: Context, { longitude, latitude }: Place): void {
  reply.array(2)
  reply.doubleText(coordinateText(longitude))
  reply.doubleText(coordinateText(latitude))
}

function coordinateText(degrees: number): string {
  const text = degrees.toFixed(COORDINATE_DIGITS)
  let end = text.length
  while (text.charCodeAt(end - 1) === ZERO) end--
  if (text.charCodeAt(end - 1) === POINT) end--
  return text.slice(0, end)
}
