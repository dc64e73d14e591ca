// Strings as bits: SETBIT, BITCOUNT, BITPOS, BITOP, BITFIELD. Offsets that would allocate hundreds of megabytes
// occur only where they are refused or only read.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Step, step } from '../step.ts'

const REFUSED_OFFSETS = [
  '4294967296',
  '9223372036854775807',
  '9223372036854775808',
  '-1',
  'abc',
  '',
  '1.5',
  '#1',
  ' 1',
]

/** An offset to write at: small, or one that is refused. */
function writeOffset(draw: Draw): string {
  if (draw.chance(0.05)) return draw.pick(REFUSED_OFFSETS)
  return String(draw.chance(0.7) ? draw.below(100) : draw.below(4000))
}

/** An offset to read at: beyond the end costs nothing. */
function readOffset(draw: Draw): string {
  return draw.chance(0.05) ? draw.pick(['4294967295', '4294967290', '800000']) : writeOffset(draw)
}

function setbit(draw: Draw): Step {
  const bit = draw.chance(0.95) ? String(draw.below(2)) : draw.pick(['2', '-1', '', 'abc', '10', '01'])
  if (draw.chance(0.05)) return step(['SETBIT', draw.bigKey(), String(draw.below(800_000)), bit])
  return step(['SETBIT', draw.key(), writeOffset(draw), bit])
}

/** Nothing, a start, a start and an end, or both with a unit; sometimes one word too many. */
function bitRange(draw: Draw): string[] {
  const count = draw.pick([0, 0, 1, 2, 2, 3, 3, 3])
  const range = draw.several(Math.min(count, 2), Math.min(count, 2), () => draw.index())
  if (count === 3) range.push(draw.word(draw.pick(['BYTE', 'BIT'])))
  if (draw.chance(0.03)) range.push(draw.junk())
  return range
}

function bitpos(draw: Draw): Step {
  const bit = draw.chance(0.95) ? String(draw.below(2)) : draw.pick(['2', '-1', '', 'abc', '01'])
  return step(['BITPOS', draw.key(), bit, ...bitRange(draw)])
}

function bitop(draw: Draw): Step {
  const operation = draw.chance(0.97) ? draw.pick(['AND', 'OR', 'XOR', 'NOT']) : draw.junk()
  const isLarge = draw.chance(0.05)
  const key = () => (isLarge && draw.chance(0.7) ? draw.bigKey() : draw.smallKey())
  const target = isLarge ? draw.bigKey() : draw.smallKey()
  const sources = operation === 'NOT' && draw.chance(0.9) ? [key()] : draw.several(1, 5, key)
  return step(['BITOP', draw.word(operation), target, ...sources])
}

const REFUSED_TYPES = [
  'u64',
  'u0',
  'i0',
  'i65',
  'x8',
  'u',
  '',
  '8',
  'u8 ',
  'U8',
  'i-1',
  'u08',
  'u9999999999999999999',
]

function fieldType(draw: Draw): string {
  if (draw.chance(0.04)) return draw.pick(REFUSED_TYPES)
  if (draw.chance(0.3)) return draw.pick(['u8', 'i8', 'u1', 'i1', 'u63', 'i64', 'u32', 'i32', 'i63', 'u16'])
  return draw.chance(0.5) ? `u${draw.between(1, 63)}` : `i${draw.between(1, 64)}`
}

function fieldOffset(draw: Draw, limit: number): string {
  if (draw.chance(0.03))
    return draw.pick([...REFUSED_OFFSETS.slice(0, 7), '#-1', '#', '##1', '#9223372036854775807', '#abc'])
  // Multiplied by the width, up to 64.
  if (draw.chance(0.4)) return `#${draw.below(Math.ceil(limit / 64))}`
  return String(draw.below(limit))
}

/** A value for SET or INCRBY: near zero, near a power of two, or anything. */
function fieldValue(draw: Draw): string {
  if (draw.chance(0.3)) return draw.integer()
  const power = 1n << BigInt(draw.below(64))
  const value = (draw.chance(0.5) ? power : -power) + BigInt(draw.between(-2, 2))
  return String(value)
}

function fieldOperation(draw: Draw): string[] {
  const limit = draw.chance(0.8) ? 128 : 4000
  switch (draw.pick(['GET', 'GET', 'SET', 'INCRBY', 'INCRBY', 'OVERFLOW'])) {
    case 'GET':
      return [draw.word('GET'), fieldType(draw), fieldOffset(draw, draw.chance(0.05) ? 4_000_000 : limit)]
    case 'SET':
      return [draw.word('SET'), fieldType(draw), fieldOffset(draw, limit), fieldValue(draw)]
    case 'INCRBY':
      return [draw.word('INCRBY'), fieldType(draw), fieldOffset(draw, limit), fieldValue(draw)]
    default:
      return [
        draw.word('OVERFLOW'),
        draw.chance(0.97) ? draw.word(draw.pick(['WRAP', 'SAT', 'FAIL'])) : draw.junk(),
      ]
  }
}

function bitfield(draw: Draw): Step {
  const operations = draw.several(0, 5, () => fieldOperation(draw)).flat()
  if (draw.chance(0.02)) operations.pop()
  if (draw.chance(0.01)) operations.push(draw.junk())
  return step(['BITFIELD', draw.key(), ...operations])
}

function bitfieldRo(draw: Draw): Step {
  const read = () => [draw.word('GET'), fieldType(draw), fieldOffset(draw, 200)]
  const operations = draw.several(0, 4, read).flat()
  if (draw.chance(0.1)) operations.push(...fieldOperation(draw))
  return step(['BITFIELD_RO', draw.key(), ...operations])
}

const getbit: Maker = {
  name: 'GETBIT',
  arity: 3,
  weight: 10,
  make: (draw) => step(['GETBIT', draw.key(), readOffset(draw)]),
}

const bitcount: Maker = {
  name: 'BITCOUNT',
  arity: -2,
  weight: 20,
  make: (draw) => step(['BITCOUNT', draw.key(), ...bitRange(draw)]),
}

export const bits: Family = {
  name: 'bits',
  makers: [
    { name: 'SETBIT', arity: 4, weight: 20, make: setbit },
    getbit,
    bitcount,
    { name: 'BITPOS', arity: -3, weight: 25, make: bitpos },
    { name: 'BITOP', arity: -4, weight: 20, make: bitop },
    { name: 'BITFIELD', arity: -2, weight: 35, make: bitfield },
    { name: 'BITFIELD_RO', arity: -2, weight: 12, make: bitfieldRo },
  ],
}
