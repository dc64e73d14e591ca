// Random strings in several databases, as the commands that make them: the same for the same seed, in any server.

import { Random } from '../../src/base/random.ts'

export type Command = (string | Uint8Array)[]

/** Beyond any test's time. */
const FAR = 4_102_444_800_000

/** `count` SETs, spread over databases 0..3, about a third of them with a deadline; keys and values are any bytes. */
export function stringDataset(seed: number, count: number): { database: number; command: Command }[] {
  const random = new Random(seed)
  const bytes = (limit: number) => Uint8Array.from({ length: random.below(limit) }, () => random.below(256))
  const number = () => String(random.below(2) === 0 ? random.below(20_000) - 10_000 : random.uint32())
  return Array.from({ length: count }, () => {
    const key = random.below(3) === 0 ? bytes(30) : `key:${random.below(count)}`
    const value = random.below(3) === 0 ? number() : bytes(random.below(50) === 0 ? 20_000 : 80)
    const deadline = random.below(3) === 0 ? ['PXAT', String(FAR + random.below(1e9))] : []
    return { database: random.below(4), command: ['SET', key, value, ...deadline] }
  })
}
