// Sets: adding, removing, asking, combining, and what is left to chance. Members are few and often integers, so that sets
// overlap; now and then one is long, or many come at once, so that encodings change.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Compare, type Step, step, UNORDERED } from '../step.ts'

function member(draw: Draw): string {
  const dice = draw.below(12)
  if (dice === 0) return draw.value()
  if (dice === 1) return draw.text(draw.pick([1, 2, 63, 64, 65]))
  if (dice < 5) return draw.pick(['a', 'b', 'c', 'd', 'e', 'f', 'foo', ''])
  return dice === 5 ? draw.integer() : String(draw.below(30))
}

function members(draw: Draw): string[] {
  if (draw.chance(0.04)) {
    const first = draw.between(-1000, 40_000)
    const count = draw.pick([20, 128, 129, 200, 513])
    return Array.from({ length: count }, (_, i) => String(first + i))
  }
  return draw.several(1, 6, () => member(draw))
}

function onMembers(name: string, weight: number): Maker {
  return { name, arity: -3, weight, make: (draw) => step([name, draw.key(), ...members(draw)]) }
}

function combination(name: string, weight: number): Maker {
  const make = (draw: Draw) => step([name, ...draw.several(1, 5, () => draw.smallKey())], UNORDERED)
  return { name, arity: -2, weight, make }
}

function storing(name: string, weight: number): Maker {
  const make = (draw: Draw) => step([name, draw.smallKey(), ...draw.several(1, 5, () => draw.smallKey())])
  return { name, arity: -3, weight, make }
}

function sintercard(draw: Draw): Step {
  const keys = draw.several(1, 4, () => draw.smallKey())
  const count = draw.chance(0.9) ? String(keys.length) : draw.integer()
  const args = ['SINTERCARD', count, ...keys]
  if (draw.chance(0.4))
    args.push(draw.word('LIMIT'), draw.chance(0.8) ? String(draw.below(5)) : draw.integer())
  if (draw.chance(0.04)) args.push(draw.junk())
  return step(args)
}

/** What one server removes by chance the other would not: so it is put back, and the set is all that is compared. */
function spop(draw: Draw): Step[] {
  const key = draw.smallKey()
  const refused = draw.pick(['-1', 'abc', '', '9223372036854775808', '1.5'])
  if (draw.chance(0.15)) return [step(['SPOP', key, refused])]
  if (draw.chance(0.15)) return [step(['SPOP', key, '0']), step(['SPOP', key, '1', '1'])]
  // The whole set, in whatever order: what is left is the same.
  return [step(['SPOP', key, '100000'], UNORDERED), step(['SADD', key, ...members(draw)])]
}

function single(draw: Draw): Step[] {
  const key = draw.smallKey()
  const one = member(draw)
  // A set of one member leaves nothing to chance.
  return [step(['DEL', key]), step(['SADD', key, one]), step(['SPOP', key]), step(['SPOP', key])]
}

function chosenFrom(key: string): Compare {
  return { how: 'member', ask: (element) => ['SISMEMBER', key, element] }
}

/** A count that surely takes the whole set, none, or is refused. */
function srandmember(draw: Draw): Step {
  const key = draw.smallKey()
  if (draw.chance(0.3)) return step(['SRANDMEMBER', key], chosenFrom(key))
  const count = draw.pick(['0', '100000', '9223372036854775807', 'abc', '', '9223372036854775808', '1.5'])
  if (draw.chance(0.05)) return step(['SRANDMEMBER', key, '1', '1'])
  return step(['SRANDMEMBER', key, count], UNORDERED)
}

function sscan(draw: Draw): Step {
  const key = draw.smallKey()
  const options: string[] = []
  if (draw.chance(0.4)) options.push(draw.word('MATCH'), draw.glob())
  if (draw.chance(0.4)) options.push(draw.word('COUNT'), draw.pick(['1', '5', '100']))
  if (draw.chance(0.8)) return step(['SSCAN', key, '0', ...options], { how: 'scan', cursorAt: 2 })
  const bad = draw.pick([
    ['COUNT', '0'],
    ['COUNT', 'x'],
    ['MATCH'],
    ['COUNT'],
    ['TYPE', 'set'],
    [draw.junk()],
  ])
  return step(['SSCAN', key, draw.pick(['0', 'x', '-', '1.5']), ...options, ...bad])
}

export const sets: Family = {
  name: 'sets',
  makers: [
    onMembers('SADD', 60),
    onMembers('SREM', 20),
    onMembers('SMISMEMBER', 8),
    {
      name: 'SISMEMBER',
      arity: 3,
      weight: 10,
      make: (draw) => step(['SISMEMBER', draw.key(), member(draw)]),
    },
    { name: 'SCARD', arity: 2, weight: 10, make: (draw) => step(['SCARD', draw.key()]) },
    { name: 'SMEMBERS', arity: 2, weight: 10, make: (draw) => step(['SMEMBERS', draw.key()], UNORDERED) },
    {
      name: 'SMOVE',
      arity: 4,
      weight: 15,
      make: (draw) => step(['SMOVE', draw.smallKey(), draw.smallKey(), member(draw)]),
    },
    combination('SINTER', 10),
    combination('SUNION', 10),
    combination('SDIFF', 10),
    storing('SINTERSTORE', 8),
    storing('SUNIONSTORE', 8),
    storing('SDIFFSTORE', 8),
    { name: 'SINTERCARD', arity: -3, weight: 10, make: sintercard },
    { name: 'SPOP', arity: -2, weight: 8, make: spop },
    { name: 'SPOP', arity: -2, weight: 4, make: single },
    { name: 'SRANDMEMBER', arity: -2, weight: 6, make: srandmember },
    { name: 'SSCAN', arity: -3, weight: 6, make: sscan },
  ],
}
