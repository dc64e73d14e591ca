// Two connections that are always told the same, and the comparison of what they say. Knows steps and replies; where
// the steps come from and what becomes of a difference is differential.ts.
import { BrokenPipeline, format, type Reply } from '../support/resp-client.ts'
import { knownDifference } from './known-differences.ts'
import { agree, EXACT, isInteractive, type Step, step, withShortDoubles } from './step.ts'

/** As much of a client as is needed here. */
export interface Connection {
  pipeline(commands: readonly string[][]): Promise<Reply[]>
  destroy(): Promise<void>
}

export interface Party {
  connect: () => Promise<Connection>
  /** A server that has not answered a batch by then is taken to hang. */
  answerWithinMs: number
}

export interface Mismatch {
  /** Which of the compared steps. */
  at: number
  step: Step
  /** As format() prints the replies; or why there is none. */
  ours: string
  theirs: string
  /** Where replies agreed but datasets do not: the keys it is about. */
  keys: string[]
}

/** A reply, or a message why it stayed away. */
type Answer = Reply | string

const DATABASES = 16
const MAX_SCAN_CALLS = 10_000

/** What the checkpoint asks: one hash over all databases' keys, values and whether they have a deadline. */
const CHECKPOINT = step(['DEBUG', 'DIGEST'])

export class Pair {
  readonly #ours: Side
  readonly #theirs: Side
  /** How often each known difference was met, by its sentence. */
  readonly known = new Map<string, number>()

  constructor(ours: Party, theirs: Party) {
    this.#ours = new Side(ours)
    this.#theirs = new Side(theirs)
  }

  /** Empties both servers and starts in database 0; connects anew where a connection is gone. */
  async reset(): Promise<void> {
    const commands = [['FLUSHALL'], ['SELECT', '0']]
    for (const side of [this.#ours, this.#theirs]) {
      const answers = await side.ask(commands)
      const refusal = answers.find((answer) => typeof answer === 'string' || answer.type === 'error')
      if (refusal !== undefined) throw new Error(`cannot start afresh: ${print(refusal)}`)
    }
  }

  async close(): Promise<void> {
    await this.#ours.close()
    await this.#theirs.close()
  }

  /** Runs the steps on both sides, then compares the datasets. Returns the first difference. */
  async run(steps: readonly Step[]): Promise<Mismatch | undefined> {
    let start = 0
    while (start < steps.length) {
      let end = start
      while (end < steps.length && !isInteractive(steps[end]!)) end++
      const found =
        end > start
          ? await this.#batch(steps.slice(start, end), start)
          : await this.#single(steps[end++]!, start)
      if (found !== undefined) return found
      start = end
    }
    const found = await this.#batch([CHECKPOINT], steps.length)
    return found && { ...found, keys: await this.#differingKeys() }
  }

  async #batch(steps: readonly Step[], offset: number): Promise<Mismatch | undefined> {
    const commands = steps.map(({ args }) => args)
    const [ours, theirs] = await Promise.all([this.#ours.ask(commands), this.#theirs.ask(commands)])
    for (let i = 0; i < steps.length; i++) {
      const found = this.#compare(steps[i]!, ours[i]!, theirs[i]!)
      if (found !== undefined) return { ...found, at: offset + i }
    }
    return undefined
  }

  async #single(step: Step, at: number): Promise<Mismatch | undefined> {
    const { args, compare } = step
    const found =
      compare.how === 'scan'
        ? await this.#scan(step, compare.cursorAt, compare.hasDoubles)
        : await this.#member(step, args)
    return found && { ...found, at }
  }

  #compare(step: Step, ours: Answer, theirs: Answer): Omit<Mismatch, 'at'> | undefined {
    if (typeof ours !== 'string' && typeof theirs !== 'string') {
      if (agree(ours, theirs, step.compare)) return undefined
      const why = knownDifference(step.args, ours, theirs)
      if (why !== undefined) {
        this.known.set(why, (this.known.get(why) ?? 0) + 1)
        return undefined
      }
    }
    return { step, ours: shown(step, ours), theirs: shown(step, theirs), keys: [] }
  }

  async #scan(step: Step, cursorAt: number, hasDoubles = false): Promise<Omit<Mismatch, 'at'> | undefined> {
    const ours = await this.#ours.scan(step.args, cursorAt, hasDoubles)
    const theirs = await this.#theirs.scan(step.args, cursorAt, hasDoubles)
    return this.#compare({ ...step, compare: EXACT }, ours, theirs)
  }

  /** Each side chooses; what it chose must be there on the other side. */
  async #member(step: Step, args: string[]): Promise<Omit<Mismatch, 'at'> | undefined> {
    if (step.compare.how !== 'member') throw new Error(`no interactive comparison: ${step.compare.how}`)
    const ours = await this.#ours.one(args)
    const theirs = await this.#theirs.one(args)
    const isChoice =
      typeof ours !== 'string' && typeof theirs !== 'string' && 'text' in ours && 'text' in theirs
    if (!isChoice || ours.type !== theirs.type || ours.type === 'error')
      return this.#compare(step, ours, theirs)
    const isOursThere = await this.#theirs.one(step.compare.ask(ours.text))
    const isTheirsThere = await this.#ours.one(step.compare.ask(theirs.text))
    if (print(isOursThere) === '(integer) 1' && print(isTheirsThere) === '(integer) 1') return undefined
    return { step, ours: print(ours), theirs: print(theirs), keys: [ours.text, theirs.text] }
  }

  /** Which keys have different values or deadlines, one by one. */
  async #differingKeys(): Promise<string[]> {
    const differing: string[] = []
    for (let db = 0; db < DATABASES; db++) {
      const ours = await this.#ours.summary(db)
      const theirs = await this.#theirs.summary(db)
      for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
        if (ours.get(key) !== theirs.get(key)) differing.push(key)
      }
    }
    return differing
  }
}

/** One of the two servers. A broken connection is an answer here, and is made anew for the next question. */
class Side {
  readonly #party: Party
  #connection: Connection | undefined = undefined

  constructor(party: Party) {
    this.#party = party
  }

  async ask(commands: readonly string[][]): Promise<Answer[]> {
    try {
      this.#connection ??= await this.#party.connect()
    } catch (error) {
      return commands.map(() => `no reply: ${(error as Error).message}`)
    }
    const connection = this.#connection
    const timer = setTimeout(() => void connection.destroy(), this.#party.answerWithinMs)
    try {
      return await connection.pipeline(commands)
    } catch (error) {
      if (!(error instanceof BrokenPipeline)) throw error
      this.#connection = undefined
      await connection.destroy()
      const missing = commands.slice(error.replies.length).map(() => `no reply: ${error.message}`)
      return [...error.replies, ...missing]
    } finally {
      clearTimeout(timer)
    }
  }

  async one(args: string[]): Promise<Answer> {
    return (await this.ask([args]))[0]!
  }

  /** All that an iteration returns, sorted, each element once; or the first answer that is no part of one. */
  async scan(args: readonly string[], cursorAt: number, hasDoubles: boolean): Promise<Answer> {
    const seen = new Map<string, Reply>()
    let cursor = args[cursorAt]!
    for (let calls = 0; calls < MAX_SCAN_CALLS; calls++) {
      const answer = await this.one(args.with(cursorAt, cursor))
      if (typeof answer === 'string' || answer.type !== 'array') return answer
      const [next, page] = answer.items
      if (next?.type !== 'bulk' || page?.type !== 'array') return answer
      for (const given of page.items) {
        const item = hasDoubles ? withShortDoubles(given) : given
        seen.set(format(item), item)
      }
      cursor = next.text
      if (cursor === '0') return { type: 'set', items: [...seen.keys()].sort().map((key) => seen.get(key)!) }
    }
    return `no end after ${MAX_SCAN_CALLS} calls`
  }

  /** Every key of a database with what the server says of it. */
  async summary(db: number): Promise<Map<string, string>> {
    const [, list] = await this.ask([
      ['SELECT', String(db)],
      ['KEYS', '*'],
    ])
    const keys = typeof list === 'object' && list.type === 'array' ? list.items : []
    const names = keys.map((key) => ('text' in key ? key.text : format(key)))
    const answers = await this.ask(
      names.flatMap((key) => [
        ['DEBUG', 'DIGEST-VALUE', key],
        ['PERSIST', key],
      ]),
    )
    return new Map(names.map((key, i) => [key, `${print(answers[2 * i]!)} ${print(answers[2 * i + 1]!)}`]))
  }

  async close(): Promise<void> {
    await this.#connection?.destroy()
    this.#connection = undefined
  }
}

/** As it was compared. */
function shown({ compare }: Step, answer: Answer): string {
  return print(compare.how === 'blurred' && typeof answer !== 'string' ? compare.blur(answer) : answer)
}

function print(answer: Answer): string {
  return typeof answer === 'string' ? answer : format(answer)
}
