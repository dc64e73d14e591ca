// Users and what they may do: random rules, and random requests of the other families judged by ACL DRYRUN, which runs
// nothing. What rules are told as is not compared: 7.0 works them out anew, 7.4 repeats them.
import type { Reply } from '../../support/reply.ts'
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Compare, type Step, step } from '../step.ts'

const CATEGORIES = [
  'keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow blocking',
  'dangerous connection transaction all nosuch',
]
  .join(' ')
  .split(' ')

const COMMANDS = [
  'get set mget mset getex sort copy object object|encoding config config|get config|set client client|kill select',
  'select|0 debug|object hget zadd lmove xread publish psubscribe nosuch config|nosuch get|key1 config|get|x',
]
  .join(' ')
  .split(' ')

const PATTERNS = ['*', 'a', 'b', '?', '[a-c]', 'foo*', 'key:*', 'k*', '{tag}*', '-?', '1*', '', 'big*', 'a b']
const CHANNELS = ['news', 'news.1', 'a*', 'x']

function passwordRule(draw: Draw): string {
  const sign = draw.pick(['>', '<', '#', '!'])
  return `${sign}${draw.pick(['', 'a', 'b', 'p w', '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d'])}`
}

function selectorRule(draw: Draw): string {
  switch (draw.below(12)) {
    case 0:
      return draw.word(
        draw.pick(['allkeys', 'resetkeys', 'allchannels', 'resetchannels', 'allcommands', 'nocommands']),
      )
    case 1:
    case 2:
      return `~${draw.pick(PATTERNS)}`
    case 3:
    case 4:
      return `%${draw.pick(['R', 'W', 'RW', 'wr', 'r', 'X', ''])}~${draw.pick(PATTERNS)}`
    case 5:
      return `&${draw.pick([...CHANNELS, '*'])}`
    case 6:
    case 7:
    case 8:
      return `${draw.pick(['+', '+', '-'])}@${draw.word(draw.pick(CATEGORIES))}`
    default:
      return `${draw.pick(['+', '+', '-'])}${draw.word(draw.pick(COMMANDS))}`
  }
}

function rule(draw: Draw): string[] {
  switch (draw.below(14)) {
    case 0:
      return [
        draw.word(
          draw.pick(['on', 'off', 'nopass', 'resetpass', 'clearselectors', 'reset', '', ')', 'what']),
        ),
      ]
    case 1:
      return [passwordRule(draw)]
    case 2: {
      const rules = draw.several(0, 4, () => selectorRule(draw))
      return draw.chance(0.5) ? [`(${rules.join(' ')})`] : `( ${rules.join(' ')} )`.split(' ')
    }
    default:
      return [selectorRule(draw)]
  }
}

function setUser(draw: Draw): Step {
  const start = draw.chance(0.3) ? ['reset'] : []
  return step([
    'ACL',
    draw.word('SETUSER'),
    draw.pick(['u', 'v']),
    ...start,
    ...draw.several(1, 4, () => rule(draw)).flat(),
  ])
}

/** Who it is that has no permissions, 7.0 does not say. */
const JUDGED: Compare = {
  how: 'blurred',
  blur: (reply) =>
    'text' in reply ? { ...reply, text: reply.text.replace(/^(This user|User [uv]) has/, 'One has') } : reply,
}

/** Without the flag that 7.0 shows only after a `reset`, and without rules about commands. */
const SHOWN: Compare = { how: 'blurred', blur: withoutCommands }

function withoutCommands(reply: Reply): Reply {
  if (reply.type === 'map') {
    const entries = reply.entries.filter(([name]) => !('text' in name && name.text === 'commands'))
    return { type: 'map', entries: entries.map(([name, value]) => [name, withoutCommands(value)]) }
  }
  if (reply.type !== 'array' && reply.type !== 'set') return reply
  const items = reply.items.filter((item, i) => {
    const before = reply.items[i - 1]
    const isRule = before !== undefined && 'text' in before && before.text === 'commands'
    return !isRule && !('text' in item && item.text === 'sanitize-payload')
  })
  return { type: reply.type, items: items.map(withoutCommands) }
}

/** `others`: what makes the requests that are judged. */
export function access(others: readonly Family[]): Family {
  const makers: readonly Maker[] = others.flatMap(({ makers }) => makers)
  const dryRun = (draw: Draw): Step[] => {
    const made = draw.pick(makers).make(draw)
    const requests = (Array.isArray(made) ? made : [made]).map(({ args }) => args)
    return requests.map((args) =>
      step(['ACL', draw.word('DRYRUN'), draw.pick(['u', 'v', 'w']), ...args], JUDGED),
    )
  }
  const dryRunOfChannel = (draw: Draw): Step => {
    const name = draw.pick(['PUBLISH', 'SPUBLISH', 'SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'UNSUBSCRIBE'])
    const channels = draw.several(1, 3, () => draw.pick(CHANNELS))
    return step(['ACL', 'DRYRUN', draw.pick(['u', 'v']), draw.word(name), ...channels], JUDGED)
  }
  return {
    name: 'access',
    makers: [
      { name: 'ACL SETUSER', arity: -3, weight: 10, make: setUser },
      { name: 'ACL DRYRUN', arity: -4, weight: 40, make: dryRun },
      { name: 'ACL DRYRUN', arity: -4, weight: 8, make: dryRunOfChannel },
      {
        name: 'ACL GETUSER',
        arity: 3,
        weight: 6,
        make: (draw) => step(['ACL', draw.word('GETUSER'), draw.pick(['u', 'v', 'w'])], SHOWN),
      },
      {
        name: 'ACL DELUSER',
        arity: -3,
        weight: 1,
        make: (draw) =>
          step(['ACL', 'DELUSER', ...draw.several(1, 3, () => draw.pick(['u', 'v', 'w', 'default']))]),
      },
      { name: 'ACL WHOAMI', arity: 2, weight: 1, make: () => step(['ACL', 'WHOAMI']) },
      { name: 'ACL USERS', arity: 2, weight: 1, make: () => step(['ACL', 'USERS']) },
    ],
  }
}
