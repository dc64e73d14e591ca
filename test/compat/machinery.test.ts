// The differential test's own parts: would it find a difference, and does it find none where there is none?
import { describe, expect, test } from 'vitest'
import type { Reply } from '../support/reply.ts'
import { BrokenPipeline } from '../support/resp-client.ts'
import { differential, formatDifference, type RunOptions } from './differential.ts'
import type { Family } from './family.ts'
import { FAMILIES, Generator } from './generator.ts'
import { knownDifference } from './known-differences.ts'
import type { Party } from './pair.ts'
import { shrink } from './shrink.ts'
import { agree, approx, EXACT, KIND, type Step, step, UNORDERED } from './step.ts'

const OK: Reply = { type: 'simple', text: 'OK' }
const bulk = (text: string): Reply => ({ type: 'bulk', text })
const integer = (value: number): Reply => ({ type: 'integer', value })
const array = (...items: Reply[]): Reply => ({ type: 'array', items })
const error = (text: string): Reply => ({ type: 'error', text })

describe('agree', () => {
  test('exact tells apart bytes, types and kinds of nothing', () => {
    expect(agree(bulk('a'), bulk('a'), EXACT)).toBe(true)
    expect(agree(bulk('a'), bulk('A'), EXACT)).toBe(false)
    expect(agree(bulk('OK'), OK, EXACT)).toBe(false)
    expect(agree({ type: 'nil-bulk' }, { type: 'nil-array' }, EXACT)).toBe(false)
    expect(agree({ type: 'null' }, { type: 'nil-bulk' }, EXACT)).toBe(false)
    expect(agree(array(bulk('1')), array(integer(1)), EXACT)).toBe(false)
    expect(agree(array(bulk('a'), bulk('b')), array(bulk('b'), bulk('a')), EXACT)).toBe(false)
  })

  test('unordered forgets order, not how often something occurs', () => {
    expect(agree(array(bulk('a'), bulk('b')), array(bulk('b'), bulk('a')), UNORDERED)).toBe(true)
    expect(agree(array(bulk('a'), bulk('a')), array(bulk('a')), UNORDERED)).toBe(false)
  })

  test('approx allows a small distance, but not between times and refusals', () => {
    expect(agree(integer(100), integer(103), approx(3))).toBe(true)
    expect(agree(integer(100), integer(104), approx(3))).toBe(false)
    expect(agree(integer(-1), integer(-2), approx(3))).toBe(false)
    expect(agree(integer(0), integer(-1), approx(3))).toBe(false)
    expect(agree(error('ERR a'), error('ERR b'), approx(3))).toBe(false)
  })

  test('kind compares types, and the text of errors', () => {
    expect(agree(integer(1), integer(2), KIND)).toBe(true)
    expect(agree(integer(1), { type: 'nil-bulk' }, KIND)).toBe(false)
    expect(agree(error('ERR a'), error('ERR b'), KIND)).toBe(false)
  })
})

describe('Generator', () => {
  test('gives the same steps for the same seed and others for another', () => {
    // How replies are compared may be a function, and no two functions are equal.
    const drawn = (seed: number) => new Generator(seed).take(500).map(({ args }) => args)
    expect(drawn(5)).toEqual(drawn(5))
    expect(drawn(6)).not.toEqual(drawn(5))
  })

  test('draws every command of every family, in bytes only', () => {
    const steps = new Generator(1).take(40_000)
    const called = new Set(
      steps.flatMap(({ args }) => [args[0], args.slice(0, 2).join(' ')]).map((name) => name!.toUpperCase()),
    )
    const names = FAMILIES.flatMap(({ makers }) => makers.map(({ name }) => name))
    expect(names.filter((name) => !called.has(name))).toEqual([])
    const beyond = steps.filter(({ args }) => args.some((arg) => /[^\0-\xff]/.test(arg)))
    expect(beyond).toEqual([])
  })
})

describe('knownDifference', () => {
  const badRange = error('ERR value is not an integer or out of range')

  test('explains a range that only 7.2 and later check', () => {
    expect(knownDifference(['bitcount', 'k', 'x', '1'], badRange, integer(0))).toContain('7.2')
    expect(knownDifference(['BITPOS', 'k', '1', 'x'], badRange, integer(-1))).toContain('7.2')
  })

  test('explains what 7.4 takes for a cursor', () => {
    const badCursor = error('ERR invalid cursor')
    expect(knownDifference(['SCAN', ''], badCursor, array())).toContain('7.4')
    expect(knownDifference(['SCAN', ' 0'], array(), badCursor)).toContain('7.4')
    expect(knownDifference(['SCAN', ' 0'], badCursor, array())).toBeUndefined()
    expect(knownDifference(['SCAN', '0'], badCursor, array())).toBeUndefined()
  })

  test('explains nothing else', () => {
    expect(knownDifference(['BITCOUNT', 'k'], badRange, integer(0))).toBeUndefined()
    expect(knownDifference(['BITCOUNT', 'k', 'x', '1'], badRange, integer(1))).toBeUndefined()
    expect(knownDifference(['BITCOUNT', 'k', 'x', '1'], integer(0), badRange)).toBeUndefined()
    expect(knownDifference(['GETRANGE', 'k', 'x', '1'], badRange, integer(0))).toBeUndefined()
  })
})

describe('shrink', () => {
  const numbers = Array.from({ length: 300 }, (_, i) => i)

  test('finds the few items that matter, wherever they are', async () => {
    const fails = async (list: readonly number[]) =>
      list.includes(17) && list.includes(203) && list.includes(299)
    expect(await shrink(numbers, fails)).toEqual([17, 203, 299])
  })

  test('keeps an order that matters', async () => {
    const fails = async (list: readonly number[]) =>
      list.indexOf(40) >= 0 && list.indexOf(41) > list.indexOf(40)
    expect(await shrink(numbers, fails)).toEqual([40, 41])
  })
})

describe('differential', () => {
  /** A family with two commands on one key: PUT stores, TAKE reads. */
  const tiny: Family = {
    name: 'tiny',
    makers: [
      { name: 'PUT', arity: 3, weight: 10, make: (draw) => step(['PUT', 'a', String(draw.below(50))]) },
      { name: 'TAKE', arity: 2, weight: 10, make: () => step(['TAKE', 'a']) },
    ],
  }

  type Answering = (args: readonly string[]) => Reply

  /** A server in a function: knows PUT and TAKE, and asks `bug` first. */
  function store(
    bug: (args: readonly string[], value: string) => Reply | undefined = () => undefined,
  ): Answering {
    let value = ''
    return (args) => {
      const name = args[0]!.toUpperCase()
      const wrong = bug([name, ...args.slice(1)], value)
      if (wrong !== undefined) return wrong
      if (name === 'FLUSHALL') value = ''
      if (name === 'PUT') value = args[2] ?? ''
      if (name === 'TAKE') return bulk(value)
      return name === 'DEBUG' ? bulk(`digest of ${value}`) : OK
    }
  }

  function party(answer: Answering): Party {
    const pipeline = async (commands: readonly string[][]) => {
      const replies: Reply[] = []
      for (const args of commands) {
        try {
          replies.push(answer(args))
        } catch (thrown) {
          throw new BrokenPipeline(thrown as Error, replies)
        }
      }
      return replies
    }
    return { connect: async () => ({ pipeline, destroy: async () => {} }), answerWithinMs: 1000 }
  }

  const run = (ours: Answering, options: Partial<RunOptions> = {}) =>
    differential({
      ours: party(ours),
      theirs: party(store()),
      seed: 1,
      count: 1000,
      families: [tiny],
      ...options,
    })

  const commands = (steps: Step[] | undefined) => steps?.map(({ args }) => args.join(' ').toUpperCase())

  test('finds nothing between two that agree', async () => {
    expect(await run(store())).toMatchObject({ steps: 1000, differences: [], lost: undefined })
  })

  test('finds a wrong reply, tells where and what led to it, and shrinks it', async () => {
    const ours = store(([name], value) => (name === 'TAKE' && value === '42' ? bulk('oops') : undefined))
    const { differences } = await run(ours, { shrink: true })
    expect(differences).toHaveLength(1)
    const [difference] = differences
    expect(difference).toMatchObject({ ours: '"oops"', theirs: '"42"', seed: 1 })
    expect(commands(difference!.shortest)).toEqual(['PUT A 42', 'TAKE A'])
    const page = formatDifference(difference!)
    expect(page).toContain(`step ${difference!.index}`)
    expect(page).toMatch(/put a 42/i)
  })

  test('finds a dataset that differs though all replies agree', async () => {
    const ours = store(([name, , text]) => (name === 'PUT' && text === '7' ? OK : undefined))
    const { differences } = await run(ours, {
      families: [{ name: 'put', makers: [tiny.makers[0]!] }],
      batch: 1,
    })
    expect(differences[0]!.step.args).toEqual(['DEBUG', 'DIGEST'])
    expect(differences[0]!.theirs).toBe('"digest of 7"')
  })

  test('reports a connection that breaks at the command that broke it, and goes on', async () => {
    const ours = store(([name], value) => {
      if (name === 'TAKE' && value === '13') throw new Error('connection lost')
      return undefined
    })
    const { differences, repeated, steps, lost } = await run(ours, { stopAfter: 5, batch: 20 })
    expect(differences).toHaveLength(1)
    expect(differences[0]!.step.args[0]!.toUpperCase()).toBe('TAKE')
    expect(differences[0]!.ours).toBe('no reply: connection lost')
    expect(repeated).toBeGreaterThan(0)
    expect({ steps, lost }).toEqual({ steps: 1000, lost: undefined })
  })

  test('ends the run, and keeps what it found, when a server is gone for good', async () => {
    let isGone = false
    const answer = store()
    const { differences, lost } = await run(
      (args) => {
        if (args[2] === '13') isGone = true
        if (isGone) throw new Error('gone')
        return answer(args)
      },
      { stopAfter: 5 },
    )
    expect(differences).toHaveLength(1)
    expect(lost).toContain('gone')
  })
})
