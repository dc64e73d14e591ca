// Geohashes: places on earth as whole numbers, for a sorted set to order, so that places near each other mostly have
// numbers near each other. The map is halved again and again, in turns by longitude and by latitude; 26 times each:
//
//   bit     51    50    49    48         1     0
//           lon   lat   lon   lat  ...   lon   lat
//
// Latitudes end where the web's maps do. Knows no distance, no key and no reply.

export const MAX_LONGITUDE = 180
export const MAX_LATITUDE = 85.05112878
/** How often the map is halved each way. */
export const FINEST_STEP = 26

const LONGITUDES = 2 * MAX_LONGITUDE
const LATITUDES = 2 * MAX_LATITUDE
/** Columns and rows of the finest grid. */
const FINEST = 2 ** FINEST_STEP
const TWO_32 = 2 ** 32
const TWO_53 = 2 ** 53
const TWO_63 = 2 ** 63
const TWO_64 = 2 ** 64

export function isPlace(longitude: number, latitude: number): boolean {
  return Math.abs(longitude) <= MAX_LONGITUDE && Math.abs(latitude) <= MAX_LATITUDE
}

/** The column of a longitude where the map has 2^step columns. The far east is one column beyond the last. */
export function columnOf(longitude: number, step: number): number {
  return Math.floor(((longitude + MAX_LONGITUDE) / LONGITUDES) * 2 ** step)
}

/** The row of a latitude where the map has 2^step rows, from the south. The far north is one row beyond the last. */
export function rowOf(latitude: number, step: number): number {
  return Math.floor(((latitude + MAX_LATITUDE) / LATITUDES) * 2 ** step)
}

export function westOf(column: number, step: number): number {
  return -MAX_LONGITUDE + (column / 2 ** step) * LONGITUDES
}

export function southOf(row: number, step: number): number {
  return -MAX_LATITUDE + (row / 2 ** step) * LATITUDES
}

/** The number of a cell: bits of the column and the row in turns. */
export function cellNumber(column: number, row: number): number {
  const low = (spread(column & 0xffff) << 1) | spread(row & 0xffff)
  const high = (spread(column >>> 16) << 1) | spread(row >>> 16)
  return (high >>> 0) * TWO_32 + (low >>> 0)
}

export function encodeGeohash(longitude: number, latitude: number): number {
  return cellNumber(columnOf(longitude, FINEST_STEP), rowOf(latitude, FINEST_STEP))
}

/** The place that a number stands for: the middle of its cell. Reused by the next `decode`. */
export class Place {
  longitude = 0
  latitude = 0

  /** Takes any number: what is no geohash comes to lie at the edge of the map. */
  decode(score: number): void {
    if (score >= 0 && score < TWO_53) this.#decode(score >>> 0, Math.floor(score / TWO_32))
    else {
      const bits = toUnsigned(score)
      this.#decode(Number(bits & 0xffffffffn), Number(bits >> 32n))
    }
  }

  #decode(low: number, high: number): void {
    const column = (gather(low >>> 1) | (gather(high >>> 1) << 16)) >>> 0
    const row = (gather(low) | (gather(high) << 16)) >>> 0
    const west = -MAX_LONGITUDE + (column / FINEST) * LONGITUDES
    const east = -MAX_LONGITUDE + ((column + 1) / FINEST) * LONGITUDES
    const south = -MAX_LATITUDE + (row / FINEST) * LATITUDES
    const north = -MAX_LATITUDE + ((row + 1) / FINEST) * LATITUDES
    this.longitude = Math.min((west + east) / 2, MAX_LONGITUDE)
    this.latitude = Math.min((south + north) / 2, MAX_LATITUDE)
  }
}

/** Redis: a score becomes an unsigned number of 64 bits as its processors do it, whatever that makes of large ones. */
function toUnsigned(score: number): bigint {
  if (score >= TWO_64) return 0n
  if (score < -TWO_63) return 2n ** 63n
  return BigInt.asUintN(64, BigInt(Math.trunc(score)))
}

/** Moves 16 bits apart, so that others fit in between. */
function spread(bits: number): number {
  let apart = (bits | (bits << 8)) & 0x00ff00ff
  apart = (apart | (apart << 4)) & 0x0f0f0f0f
  apart = (apart | (apart << 2)) & 0x33333333
  return (apart | (apart << 1)) & 0x55555555
}

/** Takes every other bit, from the lowest on: 16 of 32. */
function gather(bits: number): number {
  let near = bits & 0x55555555
  near = (near | (near >>> 1)) & 0x33333333
  near = (near | (near >>> 2)) & 0x0f0f0f0f
  near = (near | (near >>> 4)) & 0x00ff00ff
  return (near | (near >>> 8)) & 0xffff
}

// ---- text

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'
const POLE = 90
/** Ten letters of five bits; an eleventh, for which there are not bits enough, is always 0. */
const LETTERS = 10

/** The geohash as geohash.org writes it, where latitudes go to the poles: 11 letters. */
export function geohashText({ longitude, latitude }: Place): string {
  const row = Math.floor(((latitude + POLE) / (2 * POLE)) * FINEST)
  const bits = BigInt(cellNumber(columnOf(longitude, FINEST_STEP), row))
  let text = ''
  for (let letter = 0; letter < LETTERS; letter++) {
    text += ALPHABET[Number((bits >> BigInt(47 - 5 * letter)) & 31n)]
  }
  return `${text}0`
}
