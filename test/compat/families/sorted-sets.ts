// Sorted sets: adding, removing, asking by score, rank and member, combining, and what is left to chance. Members are few and
// scores often equal, so that order is decided by both; now and then one is long, or many come at once, so that encodings
// change. Some sets are among the keys too, as inputs.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Compare, DOUBLES, type Step, step, UNORDERED } from '../step.ts'

function member(draw: Draw): string {
  const dice = draw.below(12)
  if (dice === 0) return draw.bytes(draw.pick([0, 1, 3, 8]))
  if (dice === 1) return draw.text(draw.pick([1, 2, 63, 64, 65]))
  if (dice < 6) return draw.pick(['a', 'b', 'c', 'd', 'e', 'f', 'foo', ''])
  return String(draw.below(30))
}

function score(draw: Draw): string {
  const dice = draw.below(24)
  // Minus zero comes back as zero or not depending on how a set was large or small on its way.
  if (dice === 0) return draw.float().replace(/^-0$/, '0')
  if (dice === 1) return draw.pick(['inf', '-inf', '+inf', '+Infinity', 'nan', '', '1e400', '1e17', '0x10'])
  if (dice < 5) return String(draw.between(-40, 40) / 4)
  if (dice < 7) return String(draw.between(-1e6, 1e6))
  return String(draw.between(-3, 5))
}

/** More than a listpack may have; and only different ones, as 7.0 does not count those that repeat. */
function many(draw: Draw): string[] {
  const first = draw.between(0, 40_000)
  const isSame = draw.chance(0.3)
  const count = draw.pick([20, 127, 128, 129, 200, 600])
  return Array.from({ length: count }, (_, i) => [
    isSame ? '0' : String((i * 37) % 101),
    String(first + i),
  ]).flat()
}

function zadd(draw: Draw): Step {
  const args = ['ZADD', draw.key()]
  if (draw.chance(0.04)) return step([...args, ...many(draw)])
  if (draw.chance(0.3)) {
    for (const option of draw.several(1, 2, () => draw.pick(['NX', 'XX', 'GT', 'LT', 'CH'])))
      args.push(draw.word(option))
  }
  if (draw.chance(0.05)) return step([...args, draw.word('INCR'), score(draw), member(draw)], DOUBLES)
  if (draw.chance(0.02)) args.push(draw.junk())
  return step([...args, ...draw.several(1, 5, () => [score(draw), member(draw)]).flat()])
}

function onMember(name: string, weight: number): Maker {
  return { name, arity: -3, weight, make: (draw) => step([name, draw.key(), member(draw)], DOUBLES) }
}

function rank(name: string): Maker {
  // WITHSCORE is not in 7.0.
  return { name, arity: -3, weight: 10, make: (draw) => step([name, draw.key(), member(draw)]) }
}

function onMembers(name: string, weight: number): Maker {
  const make = (draw: Draw) => step([name, draw.key(), ...draw.several(1, 5, () => member(draw))], DOUBLES)
  return { name, arity: -3, weight, make }
}

function scoreBound(draw: Draw): string {
  const dice = draw.below(12)
  if (dice === 0)
    return draw.pick(['', '(', ' 1', '1 ', '(nan', '((1', '1\0', '(1e400', 'abc', '(-inf', '0x2', '[1'])
  if (dice < 4) return draw.pick(['-inf', '+inf', 'inf'])
  return (draw.chance(0.3) ? '(' : '') + String(draw.between(-12, 24) / 4)
}

function lexBound(draw: Draw): string {
  const dice = draw.below(12)
  if (dice === 0) return draw.pick(['', '(', '[', 'a', '-x', '+\0', '-\0a', '++', 'min'])
  if (dice < 5) return draw.pick(['-', '+'])
  return draw.pick(['(', '[']) + member(draw)
}

type Bounds = (draw: Draw) => string

function limit(draw: Draw): string[] {
  const number = () => (draw.chance(0.93) ? String(draw.between(-2, 6)) : draw.integer())
  return draw.chance(0.95) ? [draw.word('LIMIT'), number(), number()] : [draw.word('LIMIT'), number()]
}

/** A range by member is asked of a set whose scores are all the same: else there is no saying what comes. */
function lexKey(draw: Draw, bounds: Bounds): { before: Step[]; key: string } {
  const key = draw.smallKey()
  if (bounds !== lexBound) return { before: [], key }
  const count = draw.pick([3, 10, 250])
  const members = new Set(
    Array.from({ length: count }, () => member(draw) + (count > 20 ? draw.text(1) : '')),
  )
  const given = [...members].flatMap((one) => ['7', one])
  return { before: [step(['DEL', key]), step(['ZADD', key, ...given])], key }
}

function range(name: string, bounds: Bounds, hasLimit: boolean): Maker {
  const make = (draw: Draw) => {
    const { before, key } = lexKey(draw, bounds)
    const args = [name, key, bounds(draw), bounds(draw)]
    if (draw.chance(bounds === lexBound ? 0.02 : 0.4)) args.push(draw.word('WITHSCORES'))
    if (hasLimit ? draw.chance(0.4) : draw.chance(0.02)) args.push(...limit(draw))
    if (draw.chance(0.02)) args.push(draw.junk())
    return [...before, step(args, DOUBLES)]
  }
  return { name, arity: -4, weight: bounds === lexBound ? 5 : 14, make }
}

/** ZRANGE and ZRANGESTORE with all that they take. */
function wideRange(draw: Draw, head: string[], store: boolean): Step[] {
  const kind = draw.pick(['', '', 'BYSCORE', 'BYSCORE', 'BYLEX'])
  const bounds = kind === '' ? (it: Draw) => it.index() : kind === 'BYLEX' ? lexBound : scoreBound
  const { before, key } = lexKey(draw, bounds)
  const args = [...head, key, bounds(draw), bounds(draw)]
  if (kind !== '') args.push(draw.word(kind))
  if (draw.chance(0.4)) args.push(draw.word('REV'))
  if (draw.chance(kind === '' ? 0.03 : 0.4)) args.push(...limit(draw))
  if (draw.chance(store || kind === 'BYLEX' ? 0.02 : 0.4)) args.push(draw.word('WITHSCORES'))
  if (draw.chance(0.02)) args.push(draw.pick(['BYSCORE', 'REV', draw.junk()]))
  return [...before, step(args, DOUBLES)]
}

function span(name: string, bounds: Bounds, weight: number): Maker {
  const make = (draw: Draw) => {
    const { before, key } = lexKey(draw, bounds)
    return [...before, step([name, key, bounds(draw), bounds(draw)])]
  }
  return { name, arity: 4, weight, make }
}

function pop(name: string): Maker {
  const make = (draw: Draw) => {
    const args = [name, draw.smallKey()]
    if (draw.chance(0.6)) args.push(draw.chance(0.9) ? String(draw.below(5)) : draw.integer())
    if (draw.chance(0.02)) args.push('1')
    return step(args, DOUBLES)
  }
  return { name, arity: -2, weight: 8, make }
}

/** A count and so many keys, mostly. */
function counted(draw: Draw): string[] {
  const keys = draw.several(1, 4, () => draw.smallKey())
  return [draw.chance(0.95) ? String(keys.length) : draw.integer(), ...keys]
}

function zmpop(draw: Draw): Step {
  const args = ['ZMPOP', ...counted(draw), draw.word(draw.pick(['MIN', 'MAX']))]
  if (draw.chance(0.5))
    args.push(draw.word('COUNT'), draw.chance(0.9) ? String(draw.between(1, 4)) : draw.integer())
  if (draw.chance(0.03)) args.push(draw.junk())
  return step(args, DOUBLES)
}

/** Time-outs that are over soon, and some that are refused. */
function timeout(draw: Draw): string {
  return draw.chance(0.4) ? '0.001' : draw.pick(['-1', 'abc', '', '-inf', ' 1'])
}

function waiting(): Maker[] {
  const pops = ['BZPOPMIN', 'BZPOPMAX'].map((name) => ({
    name,
    arity: -3,
    weight: 2,
    make: (draw: Draw) => step([name, ...draw.several(1, 4, () => draw.key()), timeout(draw)], DOUBLES),
  }))
  const make = (draw: Draw) => {
    const [name, ...args] = zmpop(draw).args
    return step([`B${name}`, timeout(draw), ...args], DOUBLES)
  }
  return [...pops, { name: 'BZMPOP', arity: -5, weight: 2, make }]
}

function combining(draw: Draw, keys: string[]): string[] {
  const options: string[] = []
  // None below zero, as that would make minus zeros: see `score`.
  const weight = () =>
    draw.pick(['1', '2', '0', '0.5', 'inf', '-inf', '1', '3', draw.float().replace(/^-/, '')])
  const weights = () => Array.from({ length: draw.chance(0.97) ? keys.length - 1 : 1 }, weight)
  if (draw.chance(0.3)) options.push(draw.word('WEIGHTS'), ...weights())
  if (draw.chance(0.4))
    options.push(draw.word('AGGREGATE'), draw.word(draw.pick(['SUM', 'MIN', 'MAX', 'MAX', 'AVG'])))
  return options
}

function combination(name: string): Maker {
  const make = (draw: Draw) => {
    const keys = counted(draw)
    const args = [name, ...keys]
    if (draw.chance(name === 'ZDIFF' ? 0.02 : 0.8)) args.push(...combining(draw, keys))
    if (draw.chance(0.5)) args.push(draw.word('WITHSCORES'))
    if (draw.chance(0.02)) args.push(draw.junk())
    return step(args, DOUBLES)
  }
  return { name, arity: -3, weight: 8, make }
}

function storing(name: string): Maker {
  const make = (draw: Draw) => {
    const keys = counted(draw)
    const args = [name, draw.smallKey(), ...keys]
    if (draw.chance(name === 'ZDIFFSTORE' ? 0.02 : 0.8)) args.push(...combining(draw, keys))
    if (draw.chance(0.02)) args.push(draw.pick(['WITHSCORES', draw.junk()]))
    return step(args)
  }
  return { name, arity: -4, weight: 8, make }
}

function zintercard(draw: Draw): Step {
  const args = ['ZINTERCARD', ...counted(draw)]
  if (draw.chance(0.4))
    args.push(draw.word('LIMIT'), draw.chance(0.8) ? String(draw.below(5)) : draw.integer())
  if (draw.chance(0.04)) args.push(draw.junk())
  return step(args)
}

function chosenFrom(key: string): Compare {
  return { how: 'member', ask: (element) => ['ZLEXCOUNT', key, `[${element}`, `[${element}`] }
}

/** A count that surely takes the whole set, none, or is refused. */
function zrandmember(draw: Draw): Step[] {
  const key = draw.smallKey()
  if (draw.chance(0.2)) {
    const one = member(draw)
    // A set of one member leaves nothing to chance.
    return [
      step(['DEL', key]),
      step(['ZADD', key, '1', one]),
      step(['ZRANDMEMBER', key], chosenFrom(key)),
      step(['ZRANDMEMBER', key, '-3', 'WITHSCORES']),
    ]
  }
  const count = draw.pick(['0', '100000', '9223372036854775807', 'abc', '', '9223372036854775808', '1.5'])
  const options = draw.chance(0.3) ? [draw.word('WITHSCORES')] : draw.chance(0.05) ? ['1'] : []
  // With scores in RESP2 the pairs are flat, and sorting them would lose which is whose: alone they are compared.
  return [step(['ZRANDMEMBER', key, count, ...(count === '100000' ? [] : options)], UNORDERED)]
}

function zscan(draw: Draw): Step {
  const key = draw.smallKey()
  const options: string[] = []
  if (draw.chance(0.4)) options.push(draw.word('MATCH'), draw.glob())
  if (draw.chance(0.4)) options.push(draw.word('COUNT'), draw.pick(['1', '5', '100']))
  if (draw.chance(0.8)) {
    return step(['ZSCAN', key, '0', ...options], { how: 'scan', cursorAt: 2, hasDoubles: true })
  }
  const bad = draw.pick([
    ['COUNT', '0'],
    ['COUNT', 'x'],
    ['MATCH'],
    ['COUNT'],
    ['TYPE', 'set'],
    [draw.junk()],
  ])
  return step(['ZSCAN', key, draw.pick(['0', 'x', '-', '1.5']), ...options, ...bad])
}

const rankBound: Bounds = (draw) => draw.index()

export const sortedSets: Family = {
  name: 'sorted-sets',
  makers: [
    { name: 'ZADD', arity: -4, weight: 110, make: zadd },
    // Sets are inputs too.
    {
      name: 'SADD',
      arity: -3,
      weight: 4,
      make: (draw) => step(['SADD', draw.smallKey(), member(draw), member(draw)]),
    },
    { name: 'DEL', arity: -2, weight: 4, make: (draw) => step(['DEL', draw.key()]) },
    {
      name: 'OBJECT ENCODING',
      arity: 3,
      weight: 10,
      make: (draw) => step(['OBJECT', 'ENCODING', draw.key()]),
    },
    {
      name: 'ZINCRBY',
      arity: 4,
      weight: 20,
      make: (draw) => step(['ZINCRBY', draw.key(), score(draw), member(draw)], DOUBLES),
    },
    onMembers('ZREM', 20),
    { name: 'ZCARD', arity: 2, weight: 6, make: (draw) => step(['ZCARD', draw.key()]) },
    onMember('ZSCORE', 10),
    onMembers('ZMSCORE', 8),
    rank('ZRANK'),
    rank('ZREVRANK'),
    span('ZCOUNT', scoreBound, 10),
    span('ZLEXCOUNT', lexBound, 4),
    { name: 'ZRANGE', arity: -4, weight: 30, make: (draw) => wideRange(draw, ['ZRANGE'], false) },
    {
      name: 'ZRANGESTORE',
      arity: -5,
      weight: 10,
      make: (draw) => wideRange(draw, ['ZRANGESTORE', draw.smallKey()], true),
    },
    range('ZREVRANGE', rankBound, false),
    range('ZRANGEBYSCORE', scoreBound, true),
    range('ZREVRANGEBYSCORE', scoreBound, true),
    range('ZRANGEBYLEX', lexBound, true),
    range('ZREVRANGEBYLEX', lexBound, true),
    span('ZREMRANGEBYRANK', rankBound, 3),
    span('ZREMRANGEBYSCORE', scoreBound, 3),
    span('ZREMRANGEBYLEX', lexBound, 3),
    pop('ZPOPMIN'),
    pop('ZPOPMAX'),
    { name: 'ZMPOP', arity: -4, weight: 8, make: zmpop },
    ...waiting(),
    combination('ZUNION'),
    combination('ZINTER'),
    combination('ZDIFF'),
    storing('ZUNIONSTORE'),
    storing('ZINTERSTORE'),
    storing('ZDIFFSTORE'),
    { name: 'ZINTERCARD', arity: -3, weight: 8, make: zintercard },
    { name: 'ZRANDMEMBER', arity: -2, weight: 5, make: zrandmember },
    { name: 'ZSCAN', arity: -3, weight: 5, make: zscan },
  ],
}
