// The differential run: seeded steps to two servers, until as many as asked for agree or enough differences are found.
// Knows no process and no port; run.ts and the test start servers and print.
import { quoteCommand } from '../support/reply.ts'
import { KEY_POOL } from './draw.ts'
import type { Family } from './family.ts'
import { FAMILIES, Generator } from './generator.ts'
import { type Mismatch, Pair, type Party } from './pair.ts'
import { shrink } from './shrink.ts'
import type { Step } from './step.ts'

export interface RunOptions {
  ours: Party
  theirs: Party
  seed: number
  /** How many generated steps, or a few more. Checkpoints between them are not counted. */
  count: number
  /** Steps between two comparisons of the whole datasets; pipelined where they can be. */
  batch?: number
  families?: readonly Family[]
  /** The run ends at this many differences of different kinds; after each, both servers start empty. */
  stopAfter?: number
  /** Replay each difference to find a short list of commands that shows it. */
  shrink?: boolean
  onProgress?: (steps: number, differences: number) => void
}

export interface Difference extends Omit<Mismatch, 'at'> {
  seed: number
  /** Which step of the stream, counted from 0. */
  index: number
  /** What was done before to the same keys, oldest first. */
  before: { index: number; step: Step }[]
  /** A short list that shows the difference on empty servers, if asked for and found. */
  shortest: Step[] | undefined
}

export interface Outcome {
  steps: number
  differences: Difference[]
  /** How often each difference was met whose kind had been reported already. */
  repeated: number
  known: ReadonlyMap<string, number>
  /** Why the run could not go on, if a server went away. */
  lost: string | undefined
}

/** Steps kept for reports and for shrinking. */
const HISTORY = 20_000
const RELATED = 12

/** Commands that touch keys without naming them. */
const GLOBAL = new Set(['FLUSHALL', 'FLUSHDB', 'SWAPDB', 'SELECT'])

export function differential(options: RunOptions): Promise<Outcome> {
  return new Run(options).run()
}

class Run {
  readonly #options: RunOptions
  readonly #pair: Pair
  readonly #generator: Generator
  /** The steps since both servers were last emptied by us, the oldest forgotten. */
  readonly #history: Step[] = []
  readonly #kinds = new Set<string>()
  readonly #outcome: Outcome

  constructor(options: RunOptions) {
    this.#options = options
    this.#pair = new Pair(options.ours, options.theirs)
    this.#generator = new Generator(options.seed, options.families ?? FAMILIES)
    this.#outcome = { steps: 0, differences: [], repeated: 0, known: this.#pair.known, lost: undefined }
  }

  async run(): Promise<Outcome> {
    const { count, stopAfter = 1 } = this.#options
    const outcome = this.#outcome
    await this.#pair.reset()
    try {
      while (outcome.steps < count && outcome.differences.length < stopAfter && outcome.lost === undefined) {
        await this.#batch()
        this.#options.onProgress?.(outcome.steps, outcome.differences.length)
      }
    } finally {
      await this.#pair.close()
    }
    return outcome
  }

  async #batch(): Promise<void> {
    const { count, batch = 200 } = this.#options
    const first = this.#outcome.steps
    const steps = this.#generator.take(Math.min(batch, count - first))
    const found = await this.#pair.run(steps)
    this.#outcome.steps += steps.length
    if (found !== undefined) return this.#note(steps, { ...found, at: first + found.at }, found.at)
    this.#history.push(...steps)
    if (this.#history.length > 2 * HISTORY) this.#history.splice(0, this.#history.length - HISTORY)
  }

  async #note(steps: Step[], found: Mismatch, at: number): Promise<void> {
    const past = [...this.#history, ...steps.slice(0, at + 1)]
    this.#history.length = 0
    const kind = kindOf(found)
    try {
      if (this.#kinds.has(kind)) this.#outcome.repeated++
      else this.#outcome.differences.push(await describe(this.#options, this.#pair, past, found))
      this.#kinds.add(kind)
      await this.#pair.reset()
    } catch (error) {
      // A server that is gone for good ends the run; what was found so far still counts.
      this.#outcome.lost = (error as Error).message
    }
  }
}

async function describe(options: RunOptions, pair: Pair, past: Step[], found: Mismatch): Promise<Difference> {
  const { at: index, ...rest } = found
  const first = index - past.length + 1
  const numbered = past.map((step, i) => ({ index: first + i, step }))
  const before = relatedTo(found, found.keys.length > 0 ? numbered : numbered.slice(0, -1))
  const shortest = options.shrink ? await shortestFor(pair, past, kindOf(found)) : undefined
  return { ...rest, seed: options.seed, index, before, shortest }
}

function relatedTo(found: Mismatch, past: Difference['before']): Difference['before'] {
  const keys = new Set([...found.keys, ...found.step.args.filter((arg) => KEY_POOL.has(arg))])
  const isRelated = ({ step: { args } }: { step: Step }) =>
    GLOBAL.has(args[0]!.toUpperCase()) || args.some((arg) => keys.has(arg))
  return past.filter(isRelated).slice(-RELATED)
}

async function shortestFor(pair: Pair, past: Step[], kind: string): Promise<Step[] | undefined> {
  const fails = async (steps: readonly Step[]) => {
    await pair.reset()
    const found = await pair.run(steps)
    return found !== undefined && kindOf(found) === kind
  }
  try {
    // The history may have lost the step that matters; then there is nothing to shrink.
    return (await fails(past)) ? await shrink(past, fails) : undefined
  } catch {
    // The difference is a crash, and there is no server left to ask again.
    return undefined
  }
}

/** The same for differences that have most likely the same cause: the command and the shape of the replies. */
function kindOf({ step, ours, theirs }: Mismatch): string {
  const name = step.args
    .slice(0, step.args[0]!.toUpperCase() === 'OBJECT' ? 2 : 1)
    .join(' ')
    .toUpperCase()
  return [name, shape(ours), shape(theirs)].join(' | ')
}

/** `(integer`, `"`, `[`, or an error with its numbers blurred. */
function shape(reply: string): string {
  if (/^(\(error\)|no reply)/.test(reply)) return reply.replace(/\d+/g, '0').slice(0, 60)
  return /^[a-z]*[^a-z][a-z-]*/.exec(reply)?.[0] ?? reply
}

const WIDTH = 300

/** A difference as a page of text: where, what, both replies, how it came to be. */
export function formatDifference(difference: Difference): string {
  const { seed, index, step, ours, theirs, keys, before, shortest } = difference
  const lines = [
    `seed ${seed}, step ${index}: ${clip(quoteCommand(step.args), 0)}   (${step.compare.how})`,
    ...sideBySide(ours, theirs),
  ]
  if (keys.length > 0) lines.push(`  keys: ${quoteCommand(keys)}`)
  else if (step.args[1] === 'DIGEST') lines.push('  no key differs when they are looked at one by one')
  lines.push('  before it:')
  for (const past of before) lines.push(`    ${past.index}: ${clip(quoteCommand(past.step.args), 0)}`)
  if (shortest !== undefined) {
    lines.push('  shortest found, on empty servers:')
    for (const { args } of shortest) lines.push(`    ${quoteCommand(args)}`)
  }
  return lines.join('\n')
}

function sideBySide(ours: string, theirs: string): string[] {
  let same = 0
  while (same < ours.length && ours[same] === theirs[same]) same++
  // Long replies are shown from a little before the place where they part.
  const from = Math.max(ours.length, theirs.length) <= WIDTH ? 0 : Math.max(0, same - 40)
  return [`  ours:   ${clip(ours, from)}`, `  theirs: ${clip(theirs, from)}`]
}

function clip(text: string, from: number): string {
  const cut = text.slice(from, from + WIDTH)
  return `${from > 0 ? '…' : ''}${cut}${from + WIDTH < text.length ? `… (${text.length} characters)` : ''}`
}
