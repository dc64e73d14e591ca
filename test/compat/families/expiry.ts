// Deadlines of keys. All lie years away or in the past, so it does not matter when the two servers get to a command.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { approx, type Step, step } from '../step.ts'

function conditions(draw: Draw): string[] {
  const count = draw.pick([0, 0, 0, 1, 1, 1, 2])
  return draw.several(count, count, () =>
    draw.chance(0.03) ? draw.junk() : draw.word(draw.pick(['NX', 'XX', 'GT', 'LT'])),
  )
}

function setter(name: string, when: (draw: Draw) => string): Maker {
  const make = (draw: Draw): Step => step([name, draw.key(), when(draw), ...conditions(draw)])
  return { name, arity: -3, weight: 15, make }
}

/** The tolerance is how far apart in time the two servers may have set or asked. */
function getter(name: string, tolerance: number): Maker {
  return { name, arity: 2, weight: 10, make: (draw) => step([name, draw.key()], approx(tolerance)) }
}

const SECONDS = 10
const MILLISECONDS = 10_000

export const expiry: Family = {
  name: 'expiry',
  makers: [
    setter('EXPIRE', (draw) => draw.lifetime('seconds')),
    setter('PEXPIRE', (draw) => draw.lifetime('milliseconds')),
    setter('EXPIREAT', (draw) => draw.moment('seconds')),
    setter('PEXPIREAT', (draw) => draw.moment('milliseconds')),
    getter('TTL', SECONDS),
    getter('PTTL', MILLISECONDS),
    getter('EXPIRETIME', SECONDS),
    getter('PEXPIRETIME', MILLISECONDS),
    { name: 'PERSIST', arity: 2, weight: 10, make: (draw) => step(['PERSIST', draw.key()]) },
  ],
}
