// HyperLogLogs. Their bytes are part of the contract, so that GET follows nearly everything. Crafted values are drawn too:
// opcodes that no command would have written, and such as make no sense. (Not among them: an opcode of two bytes that
// lacks the second, where Redis reads the zero with which it ends strings.)
import type { Draw } from '../draw.ts'
import type { Family } from '../family.ts'
import { type Step, step } from '../step.ts'

const REGISTERS = 16_384
const STALE = '\0\0\0\0\0\0\0\x80'
const HEADERS = [
  STALE,
  STALE,
  STALE,
  '\0\0\0\0\0\0\0\0',
  '\x07\0\0\0\0\0\0\0',
  '\xff\xff\xff\xff\xff\xff\xff\x7f',
]

function element(draw: Draw): string {
  if (draw.chance(0.7)) return `e${draw.below(30_000)}`
  return draw.chance(0.5) ? draw.bytes(draw.below(40)) : draw.value()
}

function pfadd(draw: Draw): Step[] {
  const key = draw.key()
  const most = draw.pick([1, 1, 3, 10, 10, 100, 700])
  return [step(['PFADD', key, ...draw.several(0, most, () => element(draw))]), step(['GET', key])]
}

function pfcount(draw: Draw): Step[] {
  const keys = draw.chance(0.6) ? [draw.key()] : draw.several(1, 4, () => draw.key())
  return [step(['PFCOUNT', ...keys]), step(['GET', keys[0]!])]
}

function pfmerge(draw: Draw): Step[] {
  const keys = draw.several(1, 4, () => draw.key())
  return [step(['PFMERGE', ...keys]), step(['GET', keys[0]!])]
}

function pfdebug(draw: Draw): Step {
  const known = draw.chance(0.02)
    ? 'GETREG'
    : draw.pick(['DECODE', 'ENCODING', 'DECODE', 'ENCODING', 'TODENSE'])
  return step(['PFDEBUG', draw.chance(0.95) ? draw.word(known) : draw.junk(), draw.key()])
}

/** A sparse value of random opcodes for all registers, or for almost as many. */
function sparse(draw: Draw): string {
  const longest = draw.pick([4, 40, 400, 4000])
  let left = draw.chance(0.9) ? REGISTERS : draw.between(REGISTERS - 5, REGISTERS + 5)
  let opcodes = ''
  while (left > 0) {
    const isVal = draw.chance(0.5)
    const run = Math.min(left, 1 + draw.below(isVal ? 4 : longest))
    if (isVal) opcodes += String.fromCharCode(0x80 | (draw.below(draw.pick([2, 32])) << 2) | (run - 1))
    else if (run <= 64 && draw.chance(0.8)) opcodes += String.fromCharCode(run - 1)
    else opcodes += String.fromCharCode(0x40 | ((run - 1) >> 8), (run - 1) & 0xff)
    left -= run
  }
  return opcodes
}

function crafted(draw: Draw): Step[] {
  const key = draw.bigKey()
  const encoding = draw.pick(['\x01', '\x01', '\x01', '\0', '\x02'])
  const registers = encoding === '\0' ? draw.bytes(draw.chance(0.9) ? 12_288 : 12_287) : sparse(draw)
  const value = `HYLL${encoding}${draw.bytes(3)}${draw.pick(HEADERS)}${registers}`
  // Almost never longer than what is worth looking at again and again.
  return [step(['SET', key, draw.chance(0.05) ? value.slice(0, draw.below(16)) : value])]
}

function sparseLimit(draw: Draw): Step {
  return step([
    'CONFIG',
    'SET',
    'hll-sparse-max-bytes',
    draw.pick(['0', '20', '100', '3000', '3000', '16000']),
  ])
}

export const hyperloglog: Family = {
  name: 'hyperloglog',
  makers: [
    { name: 'PFADD', arity: -2, weight: 40, make: pfadd },
    { name: 'PFCOUNT', arity: -2, weight: 20, make: pfcount },
    { name: 'PFMERGE', arity: -2, weight: 15, make: pfmerge },
    { name: 'PFDEBUG', arity: 3, weight: 5, make: pfdebug },
    { name: 'SET', arity: -3, weight: 5, make: crafted },
    { name: 'DEL', arity: -2, weight: 8, make: (draw) => step(['DEL', draw.key()]) },
    { name: 'CONFIG SET', arity: -4, weight: 1, make: sparseLimit },
  ],
}
