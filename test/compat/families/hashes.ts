// Hashes: fields that meet each other, names and values on the edges of the compact encoding, and now and then more
// fields than it holds. Not what redis-server 7.0 lacks: deadlines of fields, HGETDEL and the like.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { KIND, type Step, step, UNORDERED } from '../step.ts'

const FIELDS = ['a', 'b', 'c', 'name', 'field:1', '1', '-5', '01', '9223372036854775807', '', 'bin\r\n\0\xff']
/** Redis keeps fields and values up to this length in a listpack. */
const LONGEST_PACKED = 64

function field(draw: Draw): string {
  const dice = draw.below(40)
  if (dice === 0) return draw.text(draw.pick([LONGEST_PACKED, LONGEST_PACKED + 1, 300]))
  if (dice < 6) return draw.integer()
  return draw.pick(FIELDS)
}

function pairs(draw: Draw, name: string): Step {
  const args = draw.several(1, 6, () => [field(draw), draw.value()]).flat()
  if (draw.chance(0.04)) args.pop()
  return step([name, draw.key(), ...args])
}

/** Often more fields than a listpack holds. */
function many(draw: Draw): Step[] {
  const key = draw.bigKey()
  const first = draw.below(600)
  const count = draw.pick([20, 100, 300])
  const args = Array.from({ length: count }, (_, i) => [`field:${first + i}`, draw.integer()]).flat()
  const encoding = step(['OBJECT', 'ENCODING', key])
  return draw.chance(0.3)
    ? [step(['DEL', key]), step(['HSET', key, ...args]), encoding]
    : [step(['HSET', key, ...args]), encoding]
}

function fields(draw: Draw, name: string): Step {
  return step([name, draw.key(), ...draw.several(1, 5, () => field(draw))])
}

function hdel(draw: Draw): Step {
  if (!draw.chance(0.1)) return fields(draw, 'HDEL')
  const first = draw.below(600)
  return step(['HDEL', draw.bigKey(), ...Array.from({ length: 150 }, (_, i) => `field:${first + i}`)])
}

/** Often on a field that holds a number: most values in the pool are none. */
function counting(draw: Draw, name: string, number: () => string): Step[] {
  const key = draw.key()
  const target = field(draw)
  const call = step([name, key, target, number()])
  return draw.chance(0.5) ? [step(['HSET', key, target, number()]), call] : [call]
}

function hrandfield(draw: Draw): Step {
  const key = draw.key()
  const dice = draw.below(10)
  if (dice < 3) return step(['HRANDFIELD', key], { how: 'member', ask: (name) => ['HEXISTS', key, name] })
  const values = draw.chance(0.5) ? [draw.word('WITHVALUES')] : []
  if (draw.chance(0.05)) values.push(draw.junk())
  // More than there are is all that there are; else it is chance which, but not how many.
  if (dice < 7) return step(['HRANDFIELD', key, String(draw.between(2000, 3000)), ...values], UNORDERED)
  const count = draw.pick([
    '0',
    '1',
    '-1',
    '3',
    '-3',
    '-20',
    '9223372036854775808',
    '-9223372036854775808',
    'x',
  ])
  return step(['HRANDFIELD', key, count, ...values], KIND)
}

function hscan(draw: Draw): Step {
  const args = ['HSCAN', draw.key(), draw.chance(0.95) ? '0' : draw.pick(['x', '18446744073709551616'])]
  if (draw.chance(0.5)) args.push(draw.word('MATCH'), draw.glob())
  if (draw.chance(0.5))
    args.push(draw.word('COUNT'), draw.chance(0.9) ? String(draw.between(1, 50)) : draw.integer())
  if (draw.chance(0.03)) args.push(draw.junk())
  return step(args, { how: 'scan', cursorAt: 2 })
}

function onField(
  name: string,
  arity: number,
  weight: number,
  rest: (draw: Draw) => string[] = () => [],
): Maker {
  return { name, arity, weight, make: (draw) => step([name, draw.key(), field(draw), ...rest(draw)]) }
}

function onKey(name: string, weight: number): Maker {
  return { name, arity: 2, weight, make: (draw) => step([name, draw.key()], UNORDERED) }
}

export const hashes: Family = {
  name: 'hashes',
  makers: [
    {
      name: 'HSET',
      arity: -4,
      weight: 50,
      make: (draw) => (draw.chance(0.03) ? many(draw) : pairs(draw, 'HSET')),
    },
    { name: 'HMSET', arity: -4, weight: 10, make: (draw) => pairs(draw, 'HMSET') },
    onField('HSETNX', 4, 15, (draw) => [draw.value()]),
    onField('HGET', 3, 20),
    { name: 'HMGET', arity: -3, weight: 10, make: (draw) => fields(draw, 'HMGET') },
    onKey('HGETALL', 10),
    onKey('HKEYS', 6),
    onKey('HVALS', 6),
    onKey('HLEN', 10),
    onField('HSTRLEN', 3, 8),
    onField('HEXISTS', 3, 8),
    { name: 'HDEL', arity: -3, weight: 25, make: hdel },
    {
      name: 'HINCRBY',
      arity: 4,
      weight: 20,
      make: (draw) => counting(draw, 'HINCRBY', () => draw.integer()),
    },
    {
      name: 'HINCRBYFLOAT',
      arity: 4,
      weight: 20,
      make: (draw) => counting(draw, 'HINCRBYFLOAT', () => draw.float()),
    },
    { name: 'HRANDFIELD', arity: -2, weight: 10, make: hrandfield },
    { name: 'HSCAN', arity: -3, weight: 10, make: hscan },
  ],
}
