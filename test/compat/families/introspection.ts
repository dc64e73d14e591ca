// What a server says about a key's inside where every server has its own numbers, and the digests that must not
// differ. The digest of everything is asked by the runner after every batch.
import type { Draw } from '../draw.ts'
import type { Family } from '../family.ts'
import { KIND, type Step, step } from '../step.ts'

function memoryUsage(draw: Draw): Step {
  const args = ['MEMORY', draw.word('USAGE'), draw.key()]
  if (draw.chance(0.4))
    args.push(draw.word('SAMPLES'), draw.chance(0.7) ? String(draw.below(10)) : draw.integer())
  if (draw.chance(0.1)) args.push(draw.junk())
  return step(args, KIND)
}

export const introspection: Family = {
  name: 'introspection',
  makers: [
    { name: 'MEMORY USAGE', arity: -3, weight: 4, make: memoryUsage },
    {
      name: 'DEBUG DIGEST-VALUE',
      arity: -2,
      weight: 3,
      make: (draw) => step(['DEBUG', 'DIGEST-VALUE', ...draw.several(1, 4, () => draw.key())]),
    },
  ],
}
