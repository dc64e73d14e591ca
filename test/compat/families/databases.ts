// Whole databases: choosing, swapping, counting and emptying them. Emptying is rare, or nothing would ever grow.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Step, step } from '../step.ts'

function flush(name: string): Maker {
  const make = (draw: Draw): Step => {
    const how = draw.pick([[], ['SYNC'], ['ASYNC'], [draw.junk()], ['SYNC', 'ASYNC'], ['LAZY']])
    return step([name, ...how.map((word) => draw.word(word))])
  }
  return { name, arity: -1, weight: 1, make }
}

export const databases: Family = {
  name: 'databases',
  makers: [
    { name: 'SELECT', arity: 2, weight: 6, make: (draw) => step(['SELECT', draw.database()]) },
    {
      name: 'SWAPDB',
      arity: 3,
      weight: 3,
      make: (draw) => step(['SWAPDB', draw.database(), draw.database()]),
    },
    { name: 'DBSIZE', arity: 1, weight: 4, make: () => step(['DBSIZE']) },
    flush('FLUSHDB'),
    flush('FLUSHALL'),
  ],
}
