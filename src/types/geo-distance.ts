// Distances on earth as Redis reckons them: along great circles of a sphere, by the haversine formula. Knows no geohash.

/** In metres, as Redis has it. */
export const EARTH_RADIUS = 6372797.560856
const RADIANS = Math.PI / 180

export function toRadians(degrees: number): number {
  return degrees * RADIANS
}

export function toDegrees(radians: number): number {
  return radians / RADIANS
}

/** Metres between two places. */
export function distanceBetween(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
): number {
  const north1 = toRadians(latitude1)
  const north2 = toRadians(latitude2)
  const v = Math.sin((toRadians(longitude2) - toRadians(longitude1)) / 2)
  // Redis: on one meridian no formula is needed, and none is used.
  if (v === 0) return latitudeDistance(latitude1, latitude2)
  const u = Math.sin((north2 - north1) / 2)
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(u * u + Math.cos(north1) * Math.cos(north2) * v * v))
}

/** Metres between two places on one meridian. */
export function latitudeDistance(latitude1: number, latitude2: number): number {
  return EARTH_RADIUS * Math.abs(toRadians(latitude2) - toRadians(latitude1))
}
