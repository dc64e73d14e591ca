import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { coverShape } from '../../src/types/geo-cover.ts'
import { distanceBetween } from '../../src/types/geo-distance.ts'
import { GeoShape } from '../../src/types/geo-shape.ts'
import { encodeGeohash, Place } from '../../src/types/geohash.ts'

/** Places all over the map, at its edges, and close together. */
function somePlace(random: Random): [longitude: number, latitude: number] {
  switch (random.below(4)) {
    case 0:
      return [1 + random.fraction() / 100, 1 + random.fraction() / 100]
    case 1:
      return [random.below(2) === 0 ? 180 : -180, (random.fraction() - 0.5) * 170]
    default:
      return [(random.fraction() - 0.5) * 360, (random.fraction() - 0.5) * 170.1]
  }
}

function isCovered(score: number, shape: GeoShape): boolean {
  return coverShape(shape).some(({ first, end }) => score >= first && score < end)
}

describe('a circle', () => {
  test('holds what is no farther than its radius', () => {
    const random = new Random(1)
    for (let i = 0; i < 20_000; i++) {
      const [longitude, latitude] = somePlace(random)
      const [otherLongitude, otherLatitude] = somePlace(random)
      const distance = distanceBetween(longitude, latitude, otherLongitude, otherLatitude)
      // Some exactly at the edge.
      const radius = random.below(4) === 0 ? distance : distance * (random.fraction() * 2)
      const found = GeoShape.circle(longitude, latitude, radius).distanceTo(otherLongitude, otherLatitude)
      if (found !== (distance > radius ? -1 : distance)) throw new Error(`${found}, not ${distance}`)
    }
  })

  test('is covered by the ranges, unless it is very large', () => {
    const random = new Random(2)
    const place = new Place()
    let inside = 0
    for (let i = 0; i < 20_000; i++) {
      const [longitude, latitude] = somePlace(random)
      const score = encodeGeohash(...somePlace(random))
      place.decode(score)
      const distance = distanceBetween(longitude, latitude, place.longitude, place.latitude)
      if (Math.abs(latitude) > 60 || distance > 1_000_000) continue
      // Redis: the eastern edge itself is a column of its own, with neighbours to the west alone.
      if (longitude === 180 || place.longitude === 180) continue
      inside++
      if (!isCovered(score, GeoShape.circle(longitude, latitude, distance * 1.0001))) {
        throw new Error(`${longitude},${latitude} misses ${place.longitude},${place.latitude}`)
      }
    }
    expect(inside).toBeGreaterThan(1000)
  })
})

describe('a box', () => {
  test('holds what is within half its height to the north, and half its width along its own latitude', () => {
    const box = GeoShape.box(10, 50, 200_000, 100_000)
    expect(box.distanceTo(10, 50)).toBe(0)
    expect(box.distanceTo(10, 50.44)).toBeGreaterThan(48_000)
    expect(box.distanceTo(10, 50.46)).toBe(-1)
    expect(box.distanceTo(11.39, 50)).toBeGreaterThan(98_000)
    expect(box.distanceTo(11.41, 50)).toBe(-1)
    // Farther north the same width takes more degrees.
    expect(box.distanceTo(11.41, 50.44)).toBeGreaterThan(100_000)
    expect(box.distanceTo(8.6, 49.56)).toBe(-1)
  })
})

describe('the ranges of a shape', () => {
  const inDegrees = (shape: GeoShape) =>
    coverShape(shape).map(({ first, end }) => {
      const place = new Place()
      place.decode(first)
      return [Math.round(place.longitude), Math.round(place.latitude), Math.log2(end - first)]
    })

  // The order of replies of redis-server 7.0.15 comes from these.
  test('are its own cell and those neighbours that it reaches, in a fixed order', () => {
    expect(inDegrees(GeoShape.circle(15, 37, 200_000))).toEqual([
      [11, 35, 40],
      [11, 37, 40],
      [17, 35, 40],
      [17, 37, 40],
    ])
    expect(inDegrees(GeoShape.circle(0, 0, 100_000))).toEqual([
      [0, 0, 38],
      [0, -1, 38],
      [-3, 0, 38],
      [-3, -1, 38],
    ])
    expect(inDegrees(GeoShape.circle(179.9, 10, 50_000)).map(([longitude]) => longitude)).toContain(-180)
    expect(inDegrees(GeoShape.circle(0, 0, 30_000_000))).toHaveLength(4)
    expect(inDegrees(GeoShape.circle(5, 5, 0))).toEqual([[5, 5, 0]])
  })
})
