import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { distanceBetween } from '../../src/types/geo-distance.ts'
import { encodeGeohash, geohashText, isPlace, Place } from '../../src/types/geohash.ts'

/** The definition: halve the map in turns, and note which half it is. */
function model(longitude: number, latitude: number): bigint {
  let [west, east, south, north] = [-180, 180, -85.05112878, 85.05112878]
  let bits = 0n
  for (let i = 0; i < 52; i++) {
    if (i % 2 === 0) {
      const middle = (west + east) / 2
      bits = (bits << 1n) | (longitude >= middle ? 1n : 0n)
      if (longitude >= middle) west = middle
      else east = middle
    } else {
      const middle = (south + north) / 2
      bits = (bits << 1n) | (latitude >= middle ? 1n : 0n)
      if (latitude >= middle) south = middle
      else north = middle
    }
  }
  return bits
}

function decoded(score: number): [longitude: number, latitude: number] {
  const place = new Place()
  place.decode(score)
  return [place.longitude, place.latitude]
}

function textOf(longitude: number, latitude: number): string {
  const place = new Place()
  place.decode(encodeGeohash(longitude, latitude))
  return geohashText(place)
}

describe('a geohash', () => {
  test('is what halving the map again and again gives', () => {
    const random = new Random(1)
    for (let i = 0; i < 3000; i++) {
      const longitude = (random.fraction() - 0.5) * 360
      const latitude = (random.fraction() - 0.5) * 170.1
      const bits = encodeGeohash(longitude, latitude)
      // Where a place lies on a line to the last bit, rounding may put it on the other side.
      if (BigInt(bits) !== model(longitude, latitude)) throw new Error(`${longitude},${latitude}`)
    }
  })

  test('stands for the middle of its cell', () => {
    const random = new Random(2)
    for (let i = 0; i < 1000; i++) {
      const longitude = (random.fraction() - 0.5) * 360
      const latitude = (random.fraction() - 0.5) * 170.1
      const [lon, lat] = decoded(encodeGeohash(longitude, latitude))
      expect(Math.abs(lon - longitude)).toBeLessThan(360 / 2 ** 26)
      expect(Math.abs(lat - latitude)).toBeLessThan(171 / 2 ** 26)
      expect(encodeGeohash(lon, lat)).toBe(encodeGeohash(longitude, latitude))
    }
  })

  // All of these by redis-server 7.0.15.
  test('is the one that Redis makes', () => {
    expect(encodeGeohash(13.361389, 38.115556)).toBe(3_479_099_956_230_698)
    expect(decoded(3_479_099_956_230_698)).toEqual([13.361389338970184, 38.1155563954963])
    expect(encodeGeohash(-180, -85.05112878)).toBe(0)
    expect(encodeGeohash(180, 85.05112878)).toBe(13_510_798_882_111_488)
    expect(decoded(13_510_798_882_111_488)).toEqual([180, 85.05112878])
    expect(textOf(13.361389, 38.115556)).toBe('sqc8b49rny0')
    expect(textOf(180, 85.05112878)).toBe('bp05b5048p0')
    expect(textOf(-180, -85.05112878)).toBe('00bh0hbj200')
  })

  // Likewise.
  test('of a score that is none is at the edge of the map, or anywhere on it', () => {
    const low = [-179.999997317791, -85.0511275126394]
    const cases: [score: number, place: number[]][] = [
      [-1, [180, 85.05112878]],
      [1.5, [-179.999997317791, -85.0511249779182]],
      [1e15, [-31.0123416781425, -32.1991496750311]],
      [1e18, [180, 85.05112878]],
      [1e19, [180, 85.05112878]],
      [Number.POSITIVE_INFINITY, low],
      [Number.NEGATIVE_INFINITY, [180, low[1]!]],
      [-1e300, [180, low[1]!]],
    ]
    for (const [score, [longitude, latitude]] of cases) {
      const [lon, lat] = decoded(score)
      expect(lon).toBeCloseTo(longitude!, 12)
      expect(lat).toBeCloseTo(latitude!, 12)
    }
  })

  test('is of places on the map alone', () => {
    expect([isPlace(180, 85.05112878), isPlace(-180, -85.05112878), isPlace(0, 0)]).toEqual([
      true,
      true,
      true,
    ])
    expect([isPlace(180.1, 0), isPlace(0, 85.0512), isPlace(0, -86), isPlace(Number.NaN, 0)]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

describe('the distance', () => {
  test('is that of great circles', () => {
    const quarter = (Math.PI / 2) * 6_372_797.560856
    expect(distanceBetween(0, 0, 90, 0)).toBeCloseTo(quarter, 5)
    expect(distanceBetween(0, 0, 0, 90)).toBeCloseTo(quarter, 5)
    expect(distanceBetween(0, 0, 180, 0)).toBeCloseTo(2 * quarter, 5)
    expect(distanceBetween(-179, 0, 179, 0)).toBeCloseTo(quarter / 45, 5)
    expect(distanceBetween(12, 34, 12, 34)).toBe(0)
  })

  test('from Palermo to Catania is 166 km', () => {
    const [lon1, lat1] = decoded(3_479_099_956_230_698)
    const [lon2, lat2] = decoded(3_479_447_370_796_909)
    expect(distanceBetween(lon1, lat1, lon2, lat2).toFixed(4)).toBe('166274.1516')
  })
})
