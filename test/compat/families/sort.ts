// SORT and SORT_RO, of data that is put there just before: what sorting leaves to chance (the members of a set in no order,
// equal weights under a LIMIT) is not asked for.
import type { Draw } from '../draw.ts'
import type { Family } from '../family.ts'
import { type Step, step, UNORDERED } from '../step.ts'

/** Names of keys too, so that patterns find something. */
const NAMES = ['a', 'b', 'c', 'foo', 'key:1', 'key:2', '12', '-1']
const NUMBERS = [
  '0',
  '-0',
  '1',
  '01',
  '1.0',
  '1e3',
  '.5',
  '5.',
  '-inf',
  'inf',
  ' 7',
  '',
  '0x10',
  '3.14',
  '10',
  '9',
]
/** But none beyond a double's range: after one, redis-server 7.0 refuses what is all right until something resets errno. */
const NO_NUMBERS = ['x', 'nan', '1 ', '--1', ' ', '1,5', '0x']
const PATTERNS = ['*', 'key:*', '*->f', '*->g', 'f*', '*->', 'nothing:*', '#', 'a', '*oo', '*->f->g', '**']

function number(draw: Draw): string {
  if (draw.chance(0.02)) return draw.pick(NO_NUMBERS)
  return draw.chance(0.3) ? draw.pick(NUMBERS) : String(draw.between(-30, 300) / draw.pick([1, 1, 1, 10]))
}

function word(draw: Draw): string {
  return draw.chance(0.5) ? draw.text(draw.between(0, 10)) : draw.pick(NAMES)
}

function getOptions(draw: Draw): string[] {
  return draw.several(0, 3, () => [draw.word('GET'), draw.pick(PATTERNS)]).flat()
}

function limit(draw: Draw): string[] {
  if (draw.chance(0.6)) return []
  const offset = draw.chance(0.9) ? String(draw.between(-2, 12)) : draw.integer()
  return [draw.word('LIMIT'), offset, draw.chance(0.9) ? String(draw.between(-2, 12)) : draw.integer()]
}

function direction(draw: Draw): string[] {
  return draw.several(0, 2, () => draw.word(draw.pick(['ASC', 'DESC'])))
}

function shuffled(draw: Draw, words: string[][]): string[] {
  const left = [...words]
  const all: string[] = []
  while (left.length > 0) all.push(...left.splice(draw.below(left.length), 1)[0]!)
  return all
}

function call(draw: Draw, key: string, options: string[][], storing = 0.25): Step {
  const store = draw.chance(storing) ? [draw.word('STORE'), draw.smallKey()] : []
  const junk = draw.chance(0.03) ? [draw.pick(['BY', 'GET', 'LIMIT', 'STORE', 'FOO', ''])] : []
  const name = draw.chance(0.2) ? 'SORT_RO' : 'SORT'
  return step([name, key, ...shuffled(draw, [...options, store]), ...junk])
}

/** Strings and hashes under the names that patterns make. */
function surroundings(draw: Draw): Step[] {
  const key = draw.pick(NAMES)
  if (draw.chance(0.4))
    return [step(['DEL', key]), step(['HSET', key, 'f', number(draw), 'g', word(draw), '', word(draw)])]
  return [step(['SET', key, draw.chance(0.5) ? number(draw) : word(draw)])]
}

/** Elements with scores that all differ, in an order that is not that of the elements. */
function scored(elements: readonly string[]): string[] {
  return elements.flatMap((element, i) => [String((i * 7919) % 10_007), element])
}

function fill(draw: Draw, key: string, one: (draw: Draw) => string, most: number): Step[] {
  const elements = draw.several(1, most, () => one(draw))
  if (draw.chance(0.2)) return [step(['DEL', key]), step(['ZADD', key, ...scored(elements)])]
  return [step(['DEL', key]), step([draw.pick(['RPUSH', 'SADD']), key, ...elements])]
}

function byNumber(draw: Draw): Step[] {
  const key = draw.smallKey()
  const by = draw.chance(0.4)
    ? [draw.word('BY'), draw.pick(PATTERNS.filter((pattern) => pattern.includes('*')))]
    : []
  const one = by.length > 0 ? (draw: Draw) => draw.pick(NAMES) : number
  const most = draw.chance(0.03) ? 3000 : 20
  return [
    ...surroundings(draw),
    ...fill(draw, key, one, most),
    // Not stored: redis-server may refuse it for an errno of long ago, and then the two would have different data.
    call(draw, key, [by, getOptions(draw), limit(draw), direction(draw)], 0),
  ]
}

function byText(draw: Draw): Step[] {
  const key = draw.smallKey()
  const options = [[draw.word('ALPHA')], getOptions(draw), limit(draw), direction(draw)]
  return [...surroundings(draw), ...fill(draw, key, word, 30), call(draw, key, options)]
}

/** Equal weights leave elements where they are: so it is a list, and all of it. */
function byWeight(draw: Draw): Step[] {
  const key = draw.smallKey()
  const weights = NAMES.map((name) => step(['SET', name, draw.text(draw.between(0, 2))]))
  const elements = draw.several(1, 20, () => draw.pick([...NAMES, 'nobody']))
  const options = [[draw.word('ALPHA')], [draw.word('BY'), '*'], getOptions(draw), direction(draw)]
  return [...weights, step(['DEL', key]), step(['RPUSH', key, ...elements]), call(draw, key, options)]
}

/** In the order of a list, or of a set, which is any. */
function unsorted(draw: Draw): Step[] {
  const key = draw.smallKey()
  const by = [draw.word('BY'), draw.pick(['nosort', '', '#', 'a->b'])]
  const elements = draw.several(1, 20, () => word(draw))
  if (draw.chance(0.7)) {
    const options = [by, getOptions(draw), limit(draw), direction(draw)]
    const words = draw.chance(0.7) ? ['RPUSH', key, ...elements] : ['ZADD', key, ...scored(elements)]
    return [step(['DEL', key]), step(words), call(draw, key, options)]
  }
  const sort = draw.chance(0.5)
    ? step(['SORT', key, ...by], UNORDERED)
    : step(['SORT', key, ...by, ...limit(draw), 'STORE', draw.smallKey()])
  return [step(['DEL', key]), step(['SADD', key, ...elements]), sort]
}

/** Redis-server turns a small sorted set into a large one as it sorts it, which OBJECT ENCODING would tell. */
function withoutTrace(make: (draw: Draw) => Step[]): (draw: Draw) => Step[] {
  return (draw) => {
    const steps = make(draw)
    const added = steps.find(({ args }) => args[0] === 'ZADD')
    return added === undefined ? steps : [...steps, step(['DEL', added.args[1]!])]
  }
}

export const sort: Family = {
  name: 'sort',
  makers: [
    { name: 'SORT', arity: -2, weight: 30, make: withoutTrace(byNumber) },
    { name: 'SORT', arity: -2, weight: 20, make: withoutTrace(byText) },
    { name: 'SORT', arity: -2, weight: 15, make: byWeight },
    { name: 'SORT_RO', arity: -2, weight: 15, make: withoutTrace(unsorted) },
    {
      name: 'SORT',
      arity: -2,
      weight: 5,
      make: (draw) => step(['SORT', draw.key(), 'ALPHA', 'LIMIT', '0', '0']),
    },
  ],
}
