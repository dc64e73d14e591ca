// An endless, seeded stream of steps from the command families. The same seed and families give the same stream.
import { Draw } from './draw.ts'
import { access } from './families/access.ts'
import { bits } from './families/bits.ts'
import { counters } from './families/counters.ts'
import { databases } from './families/databases.ts'
import { expiry } from './families/expiry.ts'
import { geo } from './families/geo.ts'
import { hashes } from './families/hashes.ts'
import { hyperloglog } from './families/hyperloglog.ts'
import { introspection } from './families/introspection.ts'
import { keys } from './families/keys.ts'
import { lists } from './families/lists.ts'
import { malformed } from './families/malformed.ts'
import { sets } from './families/sets.ts'
import { sort } from './families/sort.ts'
import { sortedSets } from './families/sorted-sets.ts'
import { streams } from './families/streams.ts'
import { strings } from './families/strings.ts'
import type { Family, Maker } from './family.ts'
import type { Step } from './step.ts'

/** A new family is a file under families/ and an entry here. */
const ON_DATA: readonly Family[] = [
  strings,
  counters,
  bits,
  hashes,
  hyperloglog,
  lists,
  keys,
  expiry,
  databases,
  introspection,
  sets,
  sortedSets,
  sort,
  streams,
  geo,
]

export const FAMILIES: readonly Family[] = [...ON_DATA, access(ON_DATA)]

export class Generator {
  readonly #draw: Draw
  readonly #makers: readonly Maker[]
  /** #bounds[i] is the sum of the weights of makers 0..i. */
  readonly #bounds: number[] = []
  readonly #total: number

  constructor(seed: number, families: readonly Family[] = FAMILIES) {
    this.#draw = new Draw(seed)
    const makers = families.flatMap((family) => family.makers)
    this.#makers = [...makers, ...malformed(makers).makers]
    let total = 0
    for (const { weight } of this.#makers) {
      total += weight
      this.#bounds.push(total)
    }
    this.#total = total
  }

  /**
   * At least so many steps. What one call made together stays together: the steps after the first are there because
   * without them the state would be uncertain for a moment.
   */
  take(count: number): Step[] {
    const steps: Step[] = []
    while (steps.length < count) steps.push(...this.#make())
    return steps
  }

  #make(): Step[] {
    const maker = this.#pick()
    const made = maker.make(this.#draw)
    const steps = Array.isArray(made) ? made : [made]
    // Names are recognised in any case; what a family wrote in a case of its own stays so.
    for (const step of steps) step.args[0] = this.#draw.word(step.args[0]!)
    return steps
  }

  #pick(): Maker {
    const at = this.#draw.below(this.#total)
    let low = 0
    let high = this.#bounds.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#bounds[middle]! > at) high = middle
      else low = middle + 1
    }
    return this.#makers[low]!
  }
}
