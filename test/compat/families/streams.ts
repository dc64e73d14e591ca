// Streams and their consumer groups. Ids are explicit and few, so that they meet; times are blurred before replies are
// compared, and idle times asked for are 0 or longer than any run. What a redis-server before 7.4 counts otherwise (who
// is a consumer, what a group has read) is kept out of sight or made equal first.
import type { Reply } from '../../support/reply.ts'
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Compare, type Step, step } from '../step.ts'

const GROUPS = ['g', 'h', '']
const CONSUMERS = ['alice', 'bob', 'carol', '']
const LARGEST = '18446744073709551615'
/** Longer than any run. */
const LONG_IDLE = '100000000'
/** Values of these names depend on time, or on the version. */
const BLURRED = new Set(['idle', 'seen-time', 'radix-tree-nodes', 'entries-read', 'lag'])
/** These are not there before 7.2. */
const NEW_FIELDS = new Set(['inactive', 'active-time'])
const YEAR_2001_MS = 1e12

/** Times, and what versions count differently, become zeros. */
const TOLD: Compare = { how: 'blurred', blur: blurFields }
/** The third of four in each line is an idle time. */
const LISTED: Compare = { how: 'blurred', blur: blurIdle }

function nameOf(reply: Reply | undefined): string {
  return reply?.type === 'bulk' ? reply.text : ''
}

function blurFields(reply: Reply): Reply {
  if (reply.type === 'integer')
    return Number(reply.value) > YEAR_2001_MS ? { type: 'integer', value: 0 } : reply
  if (reply.type === 'map') {
    const items = reply.entries.flat()
    return blurFields({ type: 'array', items })
  }
  if (reply.type !== 'array') return reply
  const items: Reply[] = []
  for (let i = 0; i < reply.items.length; i++) {
    const name = nameOf(reply.items[i])
    if (NEW_FIELDS.has(name)) i++
    else if (BLURRED.has(name)) {
      items.push(reply.items[i]!, { type: 'integer', value: 0 })
      i++
    } else items.push(blurFields(reply.items[i]!))
  }
  return { type: 'array', items }
}

function blurIdle(reply: Reply): Reply {
  if (reply.type !== 'array') return reply
  const items = reply.items.map((line): Reply => {
    if (line.type !== 'array' || line.items.length !== 4 || line.items[2]!.type !== 'integer') return line
    return { type: 'array', items: line.items.with(2, { type: 'integer', value: 0 }) }
  })
  return { type: 'array', items }
}

function id(draw: Draw): string {
  const dice = draw.below(40)
  if (dice === 0)
    return draw.pick(['', '-', '+', '$', '>', '1-', '-1', '1-1-1', 'abc', '1-x', ' 1', '+2-03', '1-\0'])
  if (dice === 1)
    return draw.pick([LARGEST, `0-${LARGEST}`, `${LARGEST}-0`, '18446744073709551616', '0', '0-0'])
  if (dice < 8) return String(draw.below(7))
  return `${draw.below(7)}-${draw.below(30)}`
}

function bound(draw: Draw): string {
  const dice = draw.below(10)
  if (dice < 3) return draw.pick(['-', '+'])
  if (dice === 3)
    return `(${draw.chance(0.1) ? draw.pick(['-', '+', '0-0', `${LARGEST}-${LARGEST}`]) : id(draw)}`
  return id(draw)
}

function count(draw: Draw): string {
  return draw.chance(0.85) ? String(draw.between(1, 12)) : draw.integer()
}

/** One of few fields, so that entries often have the same. */
function pairs(draw: Draw): string[] {
  const value = () => (draw.chance(0.3) ? String(draw.below(1000)) : draw.value())
  if (draw.chance(0.6)) return ['name', value(), 'age', value()]
  if (draw.chance(0.5)) return ['7', value()]
  return draw.several(1, 4, () => [draw.chance(0.8) ? draw.text(1) : draw.value(), value()]).flat()
}

function trimming(draw: Draw): string[] {
  const isByLength = draw.chance(0.6)
  const args = [draw.word(isByLength ? 'MAXLEN' : 'MINID')]
  const operator = draw.pick(['', '=', '~', '~'])
  if (operator !== '') args.push(operator)
  args.push(isByLength ? (draw.chance(0.9) ? String(draw.below(40)) : draw.integer()) : id(draw))
  if (draw.chance(operator === '~' ? 0.4 : 0.05))
    args.push(draw.word('LIMIT'), draw.chance(0.9) ? String(draw.below(30)) : draw.integer())
  if (draw.chance(0.03)) args.push(draw.pick(['MAXLEN', 'MINID', 'FOO']), '3')
  return args
}

function xadd(draw: Draw): Step {
  const args = ['XADD', draw.key()]
  if (draw.chance(0.06)) args.push(draw.word('NOMKSTREAM'))
  if (draw.chance(0.2)) args.push(...trimming(draw))
  // Mostly ids that are greater than the last, whatever that is.
  if (draw.chance(0.75)) args.push(`${draw.pick([0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6])}-*`)
  else args.push(id(draw))
  args.push(...pairs(draw))
  if (draw.chance(0.03)) args.pop()
  return step(args)
}

/** Many at once, so that a stream has several nodes. */
function xaddMany(draw: Draw): Step[] {
  const key = draw.key()
  return draw.several(20, 60, () => step(['XADD', key, '6-*', ...pairs(draw)]))
}

function range(name: string): Maker {
  const make = (draw: Draw) => {
    const args = [name, draw.key(), bound(draw), bound(draw)]
    if (draw.chance(0.4)) args.push(draw.word('COUNT'), count(draw))
    if (draw.chance(0.03)) args.push(draw.junk())
    return step(args)
  }
  return { name, arity: -4, weight: 25, make }
}

function xread(draw: Draw): Step {
  const args = ['XREAD']
  if (draw.chance(0.5)) args.push(draw.word('COUNT'), count(draw))
  if (draw.chance(0.05)) args.push(draw.word('BLOCK'), draw.pick(['1', '2', '-1', 'abc', '1.5']))
  if (draw.chance(0.02)) args.push(draw.pick(['NOACK', 'FOO']))
  const keys = draw.several(1, 3, () => draw.smallKey())
  args.push(draw.word('STREAMS'), ...keys, ...keys.map(() => (draw.chance(0.1) ? '$' : readableId(draw))))
  return step(args)
}

/** `+` means something since 7.4. */
function readableId(draw: Draw): string {
  const drawn = id(draw)
  return drawn === '+' ? '-' : drawn
}

/** The consumer is made first: since 7.2 it is made in any case, before only if there is something for it. */
function withConsumer(draw: Draw, make: (key: string, group: string, consumer: string) => Step): Step[] {
  const key = draw.key()
  const group = draw.pick(GROUPS)
  const consumer = draw.pick(CONSUMERS)
  return [step(['XGROUP', 'CREATECONSUMER', key, group, consumer]), make(key, group, consumer)]
}

function xreadgroup(draw: Draw): Step[] {
  return withConsumer(draw, (key, group, consumer) => {
    const args = ['XREADGROUP', draw.word('GROUP'), group, consumer]
    if (draw.chance(0.7)) args.push(draw.word('COUNT'), count(draw))
    if (draw.chance(0.04)) args.push(draw.word('BLOCK'), draw.pick(['1', '2', '-1', 'abc']))
    if (draw.chance(0.1)) args.push(draw.word('NOACK'))
    args.push(draw.word('STREAMS'), key, draw.chance(0.75) ? '>' : readableId(draw))
    return step(args)
  })
}

function xack(draw: Draw): Step {
  return step(['XACK', draw.key(), draw.pick(GROUPS), ...draw.several(1, 6, () => id(draw))])
}

function xpending(draw: Draw): Step {
  const args = ['XPENDING', draw.key(), draw.pick(GROUPS)]
  if (draw.chance(0.4)) return step(args)
  if (draw.chance(0.2)) args.push(draw.word('IDLE'), draw.pick(['0', LONG_IDLE, '-5', 'abc']))
  args.push(bound(draw), bound(draw), count(draw))
  if (draw.chance(0.4)) args.push(draw.pick(CONSUMERS))
  if (draw.chance(0.03)) args.push(draw.junk(), draw.junk())
  return step(args, LISTED)
}

function xclaim(draw: Draw): Step[] {
  return withConsumer(draw, (key, group, consumer) => {
    const args = ['XCLAIM', key, group, consumer, draw.pick(['0', '0', '0', LONG_IDLE, '-1', 'abc'])]
    args.push(...draw.several(1, 6, () => id(draw)))
    for (const option of draw.several(0, 3, () =>
      draw.pick(['FORCE', 'FORCE', 'JUSTID', 'RETRYCOUNT', 'IDLE', 'TIME', 'LASTID', 'FOO']),
    )) {
      args.push(draw.word(option))
      if (option === 'LASTID') args.push(id(draw))
      else if (option === 'IDLE' || option === 'TIME')
        args.push(draw.pick(['0', '1', '-1', '9223372036854775807', 'abc']))
      else if (option === 'RETRYCOUNT') args.push(draw.integer())
    }
    return step(args)
  })
}

function xautoclaim(draw: Draw): Step[] {
  return withConsumer(draw, (key, group, consumer) => {
    const args = [
      'XAUTOCLAIM',
      key,
      group,
      consumer,
      draw.pick(['0', '0', '0', LONG_IDLE, '-1', 'abc']),
      bound(draw),
    ]
    if (draw.chance(0.6)) args.push(draw.word('COUNT'), count(draw))
    if (draw.chance(0.3)) args.push(draw.word('JUSTID'))
    if (draw.chance(0.03)) args.push(draw.junk())
    return step(args)
  })
}

function xgroupCreate(draw: Draw): Step {
  const args = ['XGROUP', 'CREATE', draw.key(), draw.pick(GROUPS), draw.pick(['$', '0', '0-0', id(draw)])]
  if (draw.chance(0.4)) args.push(draw.word('MKSTREAM'))
  if (draw.chance(0.1)) args.push(draw.word('ENTRIESREAD'), draw.integer())
  if (draw.chance(0.03)) args.push(draw.junk())
  return step(args)
}

function xgroupSetId(draw: Draw): Step {
  const args = ['XGROUP', 'SETID', draw.key(), draw.pick(GROUPS), draw.pick(['$', '0', id(draw)])]
  if (draw.chance(0.2)) args.push(draw.word('ENTRIESREAD'), draw.integer())
  if (draw.chance(0.03)) args.push('MKSTREAM')
  return step(args)
}

function onConsumer(subcommand: string, weight: number): Maker {
  const make = (draw: Draw) =>
    step(['XGROUP', subcommand, draw.key(), draw.pick(GROUPS), draw.pick(CONSUMERS)])
  return { name: `XGROUP ${subcommand}`, arity: 5, weight, make }
}

/** On a stream that has lost nothing yet: since 7.2 an id below what has been deleted is an error. */
function xsetid(draw: Draw): Step[] {
  const key = draw.smallKey()
  const args = ['XSETID', key, draw.pick(['6-1000', '6-2000', '7', 'abc', '', LARGEST])]
  if (draw.chance(0.4))
    args.push(draw.word('ENTRIESADDED'), draw.chance(0.8) ? String(draw.below(200)) : draw.integer())
  if (draw.chance(0.4)) args.push(draw.word('MAXDELETEDID'), id(draw))
  if (draw.chance(0.03)) args.push(draw.junk())
  const fresh = draw.several(0, 3, () => step(['XADD', key, '6-*', ...pairs(draw)]))
  return [step(['DEL', key]), ...fresh, step(args)]
}

function xinfoStream(draw: Draw): Step {
  const args = ['XINFO', 'STREAM', draw.key()]
  if (draw.chance(0.6)) {
    args.push(draw.word('FULL'))
    if (draw.chance(0.6)) args.push(draw.word('COUNT'), count(draw))
  }
  if (draw.chance(0.03)) args.push(draw.junk())
  return step(args, TOLD)
}

/** From an empty stream on, without holes, all versions agree on what a group has read and what is left. */
function progress(draw: Draw): Step[] {
  const key = draw.smallKey()
  const steps = [
    step(['DEL', key]),
    step(['XGROUP', 'CREATE', key, 'g', '0', 'MKSTREAM']),
    step(['XGROUP', 'CREATECONSUMER', key, 'g', 'alice']),
  ]
  for (let i = draw.between(1, 20); i > 0; i--) {
    if (draw.chance(0.6)) steps.push(step(['XADD', key, '6-*', 'f', 'v']))
    else steps.push(step(['XREADGROUP', 'GROUP', 'g', 'alice', 'COUNT', '2', 'STREAMS', key, '>']))
    if (draw.chance(0.3)) steps.push(step(['XINFO', 'GROUPS', key]))
  }
  return [
    ...steps,
    step(['XGROUP', 'CREATE', key, 'h', draw.pick(['0', '$', '6-1', '6-2', '9'])]),
    step(['XINFO', 'GROUPS', key]),
  ]
}

export const streams: Family = {
  name: 'streams',
  makers: [
    { name: 'XADD', arity: -5, weight: 120, make: xadd },
    { name: 'XADD', arity: -5, weight: 6, make: xaddMany },
    { name: 'XLEN', arity: 2, weight: 10, make: (draw) => step(['XLEN', draw.key()]) },
    range('XRANGE'),
    range('XREVRANGE'),
    {
      name: 'XDEL',
      arity: -3,
      weight: 30,
      make: (draw) => step(['XDEL', draw.key(), ...draw.several(1, 8, () => id(draw))]),
    },
    { name: 'XTRIM', arity: -4, weight: 12, make: (draw) => step(['XTRIM', draw.key(), ...trimming(draw)]) },
    { name: 'XSETID', arity: -3, weight: 4, make: xsetid },
    { name: 'XREAD', arity: -4, weight: 25, make: xread },
    { name: 'XREADGROUP', arity: -7, weight: 60, make: xreadgroup },
    { name: 'XACK', arity: -4, weight: 30, make: xack },
    { name: 'XPENDING', arity: -3, weight: 30, make: xpending },
    { name: 'XCLAIM', arity: -6, weight: 30, make: xclaim },
    { name: 'XAUTOCLAIM', arity: -6, weight: 20, make: xautoclaim },
    { name: 'XGROUP CREATE', arity: -5, weight: 40, make: xgroupCreate },
    { name: 'XGROUP SETID', arity: -5, weight: 10, make: xgroupSetId },
    onConsumer('CREATECONSUMER', 10),
    onConsumer('DELCONSUMER', 10),
    {
      name: 'XGROUP DESTROY',
      arity: 4,
      weight: 6,
      make: (draw) => step(['XGROUP', 'DESTROY', draw.key(), draw.pick(GROUPS)]),
    },
    { name: 'XINFO STREAM', arity: -3, weight: 30, make: xinfoStream },
    {
      name: 'XINFO GROUPS',
      arity: 3,
      weight: 15,
      make: (draw) => step(['XINFO', 'GROUPS', draw.key()], TOLD),
    },
    {
      name: 'XINFO CONSUMERS',
      arity: 4,
      weight: 15,
      make: (draw) => step(['XINFO', 'CONSUMERS', draw.key(), draw.pick(GROUPS)], TOLD),
    },
    { name: 'XGROUP CREATE', arity: -5, weight: 4, make: progress },
    // Ids only grow: now and then a stream has to begin anew, or to be of another type, or somewhere else.
    { name: 'DEL', arity: -2, weight: 14, make: (draw) => step(['DEL', draw.key()]) },
    { name: 'SET', arity: -3, weight: 3, make: (draw) => step(['SET', draw.smallKey(), '1']) },
    {
      name: 'COPY',
      arity: -3,
      weight: 8,
      make: (draw) => step(['COPY', ...draw.keyPair(), ...(draw.chance(0.5) ? ['REPLACE'] : [])]),
    },
    { name: 'RENAME', arity: 3, weight: 4, make: (draw) => step(['RENAME', ...draw.keyPair()]) },
  ],
}
