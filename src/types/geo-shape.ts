// The shapes that places are searched in: a circle or a box around a centre. Knows which places are inside. Knows no
// geohash, no key and no reply.

import { distanceBetween, EARTH_RADIUS, latitudeDistance, toRadians } from './geo-distance.ts'

/** How far beyond the edge a place is surely outside, however sines are rounded. */
const SURELY = 1 + 1e-9

export class GeoShape {
  readonly longitude: number
  readonly latitude: number
  /** Metres from the centre to the edges; of a circle both are its radius. */
  readonly halfWidth: number
  readonly halfHeight: number
  /** Metres from the centre to what is farthest. */
  readonly radius: number
  readonly #isBox: boolean
  readonly #cosine: number
  /** A place that is surely outside a circle, because it is so far (radians) or because its haversine is so large. */
  readonly #farNorth: number
  readonly #farHaversine: number

  private constructor(longitude: number, latitude: number, halfWidth: number, halfHeight: number) {
    this.longitude = longitude
    this.latitude = latitude
    this.#isBox = halfHeight >= 0
    this.halfWidth = halfWidth
    this.halfHeight = this.#isBox ? halfHeight : halfWidth
    this.radius = this.#isBox ? Math.sqrt(halfWidth * halfWidth + halfHeight * halfHeight) : halfWidth
    this.#cosine = Math.cos(toRadians(latitude))
    this.#farNorth = (this.radius / EARTH_RADIUS) * SURELY
    const half = this.radius / (2 * EARTH_RADIUS)
    this.#farHaversine = half < Math.PI / 2 ? Math.sin(half) ** 2 * SURELY : Number.POSITIVE_INFINITY
  }

  /** Metres. */
  static circle(longitude: number, latitude: number, radius: number): GeoShape {
    return new GeoShape(longitude, latitude, radius, -1)
  }

  /** Metres. */
  static box(longitude: number, latitude: number, width: number, height: number): GeoShape {
    return new GeoShape(longitude, latitude, width / 2, height / 2)
  }

  /** Metres from the centre to a place; -1 if it is outside. */
  distanceTo(longitude: number, latitude: number): number {
    return this.#isBox
      ? this.#distanceInBox(longitude, latitude)
      : this.#distanceInCircle(longitude, latitude)
  }

  /** As distanceBetween, which see, but without the arc sine where that isn't needed to say no. */
  #distanceInCircle(longitude: number, latitude: number): number {
    const north = toRadians(latitude) - toRadians(this.latitude)
    if (Math.abs(north) > this.#farNorth) return -1
    const v = Math.sin((toRadians(longitude) - toRadians(this.longitude)) / 2)
    let distance: number
    if (v === 0) distance = latitudeDistance(this.latitude, latitude)
    else {
      const u = Math.sin(north / 2)
      const haversine = u * u + this.#cosine * Math.cos(toRadians(latitude)) * v * v
      if (haversine > this.#farHaversine) return -1
      distance = 2 * EARTH_RADIUS * Math.asin(Math.sqrt(haversine))
    }
    return distance > this.radius ? -1 : distance
  }

  #distanceInBox(longitude: number, latitude: number): number {
    if (latitudeDistance(latitude, this.latitude) > this.halfHeight) return -1
    // Along the place's own circle of latitude, not the centre's.
    if (distanceBetween(longitude, latitude, this.longitude, latitude) > this.halfWidth) return -1
    return distanceBetween(this.longitude, this.latitude, longitude, latitude)
  }
}
