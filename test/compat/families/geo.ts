// Places: GEOADD, searches in all forms, and what is stored of them. Members of few names, at the edges of the map, close
// together and far apart; but no two at the same place: which of two equally far ones COUNT takes is chance in Redis.
import type { Draw } from '../draw.ts'
import type { Family } from '../family.ts'
import { DOUBLES, type Step, step } from '../step.ts'

const UNITS = ['m', 'km', 'ft', 'mi']
const BAD_NUMBERS = ['abc', '', 'nan', '-1', 'inf', '-inf', '1e400', '181', '86', ' 1', '0x10', '1e30']
const EDGES = [
  '180',
  '-180',
  '0',
  '-0',
  '90',
  '179.999999',
  '1e-7',
  '85.05112878',
  '-85.05112878',
  '66',
  '-80.5',
]

/** A key of places alone: other scores would be at places of their own, many of them at the same. */
function key(draw: Draw): string {
  return draw.pick(['geo1', 'geo2', 'geo3', 'geo4'])
}

/** Seldom a key that may be of another type. */
function anyKey(draw: Draw): string {
  return draw.chance(0.95) ? key(draw) : draw.smallKey()
}

function member(draw: Draw): string {
  return draw.chance(0.9) ? `place ${draw.below(60)}` : draw.value()
}

/** A coordinate up to a limit, as text. */
function coordinate(draw: Draw, limit: number): string {
  if (draw.chance(0.3)) return String(1 + draw.below(100_000) / 10_000_000)
  return String((draw.below(2_000_001) / 1_000_000 - 1) * limit)
}

function place(draw: Draw): string[] {
  const both = [coordinate(draw, 180), coordinate(draw, 85)]
  // Not both at an edge, or many places would be the same.
  if (draw.chance(0.06)) both[draw.below(2)] = draw.pick(EDGES)
  if (draw.chance(0.01)) both[draw.below(2)] = draw.pick(BAD_NUMBERS)
  return both
}

function unit(draw: Draw): string {
  return draw.chance(0.98) ? draw.word(draw.pick(UNITS)) : draw.junk()
}

/** A size from a metre to more than the earth. */
function size(draw: Draw): string {
  if (draw.chance(0.02)) return draw.pick(BAD_NUMBERS)
  return String(Number((10 ** (draw.below(800) / 100)).toPrecision(6)))
}

function geoadd(draw: Draw): Step {
  const options = draw.chance(0.3)
    ? draw.several(0, 3, () => draw.word(draw.pick(['NX', 'XX', 'CH', 'CH'])))
    : []
  const most = draw.pick([1, 3, 10, 200])
  const places = draw.several(1, most, () => [...place(draw), member(draw)]).flat()
  if (draw.chance(0.02)) places.pop()
  return step(['GEOADD', key(draw), ...options, ...places])
}

function members(name: string): (draw: Draw) => Step {
  return (draw) => step([name, anyKey(draw), ...draw.several(0, 4, () => member(draw))])
}

function geodist(draw: Draw): Step {
  const rest = draw.chance(0.6) ? [unit(draw)] : draw.chance(0.05) ? ['m', 'm'] : []
  return step(['GEODIST', anyKey(draw), member(draw), member(draw), ...rest])
}

/** COUNT and order, in any order and sometimes in a senseless one. */
function choice(draw: Draw): string[] {
  const words: string[] = []
  if (draw.chance(0.3)) words.push(draw.word(draw.pick(['ASC', 'DESC'])))
  if (draw.chance(0.3)) {
    words.push(draw.word('COUNT'), draw.chance(0.9) ? String(1 + draw.below(20)) : draw.integer())
    if (draw.chance(0.4)) words.push(draw.word('ANY'))
  }
  if (draw.chance(0.01)) words.push('ANY')
  if (draw.chance(0.1)) words.push(draw.word(draw.pick(['ASC', 'DESC'])))
  return words
}

function parts(draw: Draw): string[] {
  return ['WITHCOORD', 'WITHDIST', 'WITHHASH'].filter(() => draw.chance(0.2)).map((word) => draw.word(word))
}

function centre(draw: Draw): string[] {
  return draw.chance(0.3)
    ? [draw.word('FROMMEMBER'), member(draw)]
    : [draw.word('FROMLONLAT'), ...place(draw)]
}

function shape(draw: Draw): string[] {
  if (draw.chance(0.5)) return [draw.word('BYRADIUS'), size(draw), unit(draw)]
  return [draw.word('BYBOX'), size(draw), size(draw), unit(draw)]
}

function clauses(draw: Draw): string[] {
  const all = [centre(draw), shape(draw), choice(draw)]
  if (draw.chance(0.02)) all.push(centre(draw))
  if (draw.chance(0.02)) all.push(shape(draw))
  if (draw.chance(0.02)) all.splice(draw.below(2), 1)
  if (draw.chance(0.02)) all.push([draw.junk()])
  if (draw.chance(0.5)) all.reverse()
  return all.flat()
}

function geosearch(draw: Draw): Step {
  return step(['GEOSEARCH', key(draw), ...clauses(draw), ...parts(draw)])
}

function geosearchstore(draw: Draw): Step[] {
  const target = key(draw)
  const rest = draw.chance(0.3) ? [draw.word('STOREDIST')] : draw.chance(0.02) ? parts(draw) : []
  return [
    step(['GEOSEARCHSTORE', target, key(draw), ...clauses(draw), ...rest]),
    ...after(draw, target, rest.length > 0),
  ]
}

/** A look at what has been stored. Distances must not stay: their last digit is as the sines of the machine are. */
function after(draw: Draw, target: string, isDistance: boolean): Step[] {
  const steps: Step[] = []
  if (isDistance) steps.push(step(['ZRANGE', target, '0', '-1']), step(['DEL', target]))
  else if (draw.chance(0.5)) steps.push(step(['ZRANGE', target, '0', '-1', 'WITHSCORES'], DOUBLES))
  return steps
}

function georadius(name: string, isByMember: boolean): (draw: Draw) => Step[] {
  return (draw) => {
    const from = isByMember ? [member(draw)] : place(draw)
    const target = key(draw)
    const words = [name, key(draw), ...from, size(draw), unit(draw), ...choice(draw)]
    if (draw.chance(0.2)) {
      const word = draw.pick(['STORE', 'STOREDIST'])
      words.push(draw.word(word), target)
      if (draw.chance(0.03)) words.push(...parts(draw))
      return [step(words), ...after(draw, target, word === 'STOREDIST')]
    }
    if (draw.chance(0.02)) words.push(draw.junk())
    return [step([...words, ...parts(draw)])]
  }
}

export const geo: Family = {
  name: 'geo',
  makers: [
    { name: 'GEOADD', arity: -5, weight: 30, make: geoadd },
    { name: 'GEODIST', arity: -4, weight: 10, make: geodist },
    { name: 'GEOHASH', arity: -2, weight: 8, make: members('GEOHASH') },
    { name: 'GEOPOS', arity: -2, weight: 8, make: members('GEOPOS') },
    { name: 'GEOSEARCH', arity: -7, weight: 40, make: geosearch },
    { name: 'GEOSEARCHSTORE', arity: -8, weight: 15, make: geosearchstore },
    { name: 'GEORADIUS', arity: -6, weight: 10, make: georadius('GEORADIUS', false) },
    { name: 'GEORADIUS_RO', arity: -6, weight: 5, make: georadius('GEORADIUS_RO', false) },
    { name: 'GEORADIUSBYMEMBER', arity: -5, weight: 10, make: georadius('GEORADIUSBYMEMBER', true) },
    { name: 'GEORADIUSBYMEMBER_RO', arity: -5, weight: 5, make: georadius('GEORADIUSBYMEMBER_RO', true) },
    { name: 'DEL', arity: -2, weight: 2, make: (draw) => step(['DEL', key(draw)]) },
  ],
}
