// Numbers in strings: INCR and its kin. They overflow, refuse and round; keys here often hold numbers on purpose.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Step, step } from '../step.ts'

/** The command, often right after a value of the kind it wants: most values in the pool are no numbers. */
function counting(draw: Draw, name: string, start: () => string, by: string[]): Step[] {
  const key = draw.key()
  const call = step([name, key, ...by])
  return draw.chance(0.4) ? [step(['SET', key, start()]), call] : [call]
}

function byOne(name: string): Maker {
  return { name, arity: 2, weight: 15, make: (draw) => counting(draw, name, () => draw.integer(), []) }
}

function byInteger(name: string): Maker {
  const make = (draw: Draw) => counting(draw, name, () => draw.integer(), [draw.integer()])
  return { name, arity: 3, weight: 15, make }
}

export const counters: Family = {
  name: 'counters',
  makers: [
    byOne('INCR'),
    byOne('DECR'),
    byInteger('INCRBY'),
    byInteger('DECRBY'),
    {
      name: 'INCRBYFLOAT',
      arity: 3,
      weight: 25,
      make: (draw) => counting(draw, 'INCRBYFLOAT', () => draw.float(), [draw.float()]),
    },
  ],
}
