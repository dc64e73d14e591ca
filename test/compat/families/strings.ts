// Plain strings: reading, writing, cutting and comparing them. Numbers in strings: counters.ts; bits: bits.ts.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Step, step } from '../step.ts'

/** Options that set a deadline, with the argument each takes. */
const DEADLINES: Record<string, (draw: Draw) => string> = {
  EX: (draw) => draw.lifetime('seconds'),
  PX: (draw) => draw.lifetime('milliseconds'),
  EXAT: (draw) => draw.moment('seconds'),
  PXAT: (draw) => draw.moment('milliseconds'),
}

/** Between none and three options, contradictory, doubled or without their argument as chance has it. */
function options(draw: Draw, flags: readonly string[]): string[] {
  const list: string[] = []
  const count = draw.pick([0, 0, 1, 1, 1, 2, 2, 3])
  for (let i = 0; i < count; i++) {
    if (draw.chance(0.04)) list.push(draw.junk())
    else if (draw.chance(0.5)) list.push(draw.word(draw.pick(flags)))
    else {
      const name = draw.pick(Object.keys(DEADLINES))
      list.push(draw.word(name))
      if (!draw.chance(0.04)) list.push(DEADLINES[name]!(draw))
    }
  }
  return list
}

function set(draw: Draw): Step[] {
  const key = draw.key()
  const call = step(['SET', key, draw.value(), ...options(draw, ['NX', 'XX', 'GET', 'KEEPTTL'])])
  // A deadline in the past leaves a key that is gone as soon as someone looks: look, so that counts are certain.
  return [call, step(['EXISTS', key])]
}

function pairs(draw: Draw, name: string): Step {
  const args = draw.several(1, 5, () => [draw.key(), draw.value()]).flat()
  if (draw.chance(0.05)) args.pop()
  return step([name, ...args])
}

function setrange(draw: Draw): Step {
  const value = draw.chance(0.2) ? '' : draw.value()
  if (draw.chance(0.05))
    return step(['SETRANGE', draw.bigKey(), String(draw.between(60_000, 100_000)), value])
  // Valid offsets are kept small; 512 MB and more only as refusals.
  const bad = [
    '536870912',
    '536870911',
    '9223372036854775807',
    '-1',
    '-9223372036854775808',
    draw.notInteger(),
  ]
  const isRefused = draw.chance(0.1)
  const offset = isRefused ? draw.pick(bad) : String(draw.pick([0, 1, 5, 43, 44, draw.below(300)]))
  return step(['SETRANGE', draw.key(), offset, offset === '536870911' ? `x${value}y` : value])
}

/** Often on two fresh texts, for what keys hold by chance has little in common. */
function lcs(draw: Draw): Step[] {
  const [a, b] = [draw.smallKey(), draw.smallKey()]
  const text = () => draw.text(draw.between(0, 60))
  const args = ['LCS', a, b]
  for (const option of draw.several(0, 3, () => draw.pick(['LEN', 'IDX', 'MINMATCHLEN', 'WITHMATCHLEN']))) {
    args.push(draw.word(option))
    if (option === 'MINMATCHLEN' && !draw.chance(0.05))
      args.push(draw.chance(0.8) ? String(draw.below(6)) : draw.integer())
  }
  if (draw.chance(0.03)) args.push(draw.junk())
  return draw.chance(0.5) ? [step(['MSET', a, text(), b, text()]), step(args)] : [step(args)]
}

function lifetimeSetter(name: string, unit: 'seconds' | 'milliseconds'): Maker {
  const make = (draw: Draw) => step([name, draw.key(), draw.lifetime(unit), draw.value()])
  return { name, arity: 4, weight: 10, make }
}

/** NAME key, and nothing else. */
function onKey(name: string, weight: number): Maker {
  return { name, arity: 2, weight, make: (draw) => step([name, draw.key()]) }
}

/** NAME key value. */
function onKeyAndValue(name: string, weight: number): Maker {
  return { name, arity: 3, weight, make: (draw) => step([name, draw.key(), draw.value()]) }
}

function range(name: string): Maker {
  return { name, arity: 4, weight: 8, make: (draw) => step([name, draw.key(), draw.index(), draw.index()]) }
}

export const strings: Family = {
  name: 'strings',
  makers: [
    { name: 'SET', arity: -3, weight: 60, make: set },
    onKey('GET', 20),
    {
      name: 'GETEX',
      arity: -2,
      weight: 20,
      make: (draw) => step(['GETEX', draw.key(), ...options(draw, ['PERSIST'])]),
    },
    onKey('GETDEL', 8),
    onKeyAndValue('GETSET', 10),
    onKeyAndValue('SETNX', 10),
    lifetimeSetter('SETEX', 'seconds'),
    lifetimeSetter('PSETEX', 'milliseconds'),
    onKeyAndValue('APPEND', 15),
    onKey('STRLEN', 10),
    { name: 'SETRANGE', arity: 4, weight: 20, make: setrange },
    range('GETRANGE'),
    range('SUBSTR'),
    { name: 'MSET', arity: -3, weight: 8, make: (draw) => pairs(draw, 'MSET') },
    { name: 'MSETNX', arity: -3, weight: 8, make: (draw) => pairs(draw, 'MSETNX') },
    {
      name: 'MGET',
      arity: -2,
      weight: 10,
      make: (draw) => step(['MGET', ...draw.several(1, 6, () => draw.smallKey())]),
    },
    { name: 'LCS', arity: -3, weight: 10, make: lcs },
  ],
}
