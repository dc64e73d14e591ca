// Commands on keys whatever their values: removing, moving, listing, describing. Deadlines: expiry.ts.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { approx, type Compare, KIND, type Step, step, UNORDERED } from '../step.ts'

function onKeys(name: string, weight: number): Maker {
  const make = (draw: Draw) => step([name, ...draw.several(1, 4, () => draw.key())])
  return { name, arity: -2, weight, make }
}

function onKeyPair(name: string, weight: number): Maker {
  return { name, arity: 3, weight, make: (draw) => step([name, ...draw.keyPair()]) }
}

function copy(draw: Draw): Step {
  const args = ['COPY', ...draw.keyPair()]
  if (draw.chance(0.4)) args.push(draw.word('REPLACE'))
  if (draw.chance(0.4)) args.push(draw.word('DB'), draw.database())
  if (draw.chance(0.05)) args.push(draw.pick(['REPLACE', 'DB', draw.junk()]))
  return step(args)
}

function scanOptions(draw: Draw): string[] {
  const list: string[] = []
  if (draw.chance(0.5)) list.push(draw.word('MATCH'), draw.glob())
  if (draw.chance(0.5)) list.push(draw.word('COUNT'), draw.pick(['1', '2', '5', '10', '1000']))
  if (draw.chance(0.3))
    list.push(draw.word('TYPE'), draw.pick(['string', 'STRING', 'hash', 'list', 'zset', 'nothing', '']))
  return list
}

/** Whole iterations, and single calls that are refused or surely answer with everything at once. */
function scan(draw: Draw): Step {
  if (draw.chance(0.2)) return step(['SCAN', '0', ...scanOptions(draw)], { how: 'scan', cursorAt: 1 })
  if (draw.chance(0.5)) return step(['SCAN', '0', ...scanOptions(draw), 'COUNT', '100000'], UNORDERED)
  const cursor = draw.pick(['', 'abc', '-', '0x', '1.5', ' 0', '18446744073709551616', '0'])
  const count = draw.pick(['0', '-1', 'abc', '', '1.5', '9223372036854775808'])
  const bad = draw.pick([['COUNT', count], ['MATCH'], ['TYPE'], ['COUNT'], ['COUNT', '10', draw.junk()]])
  return step(['SCAN', cursor, ...bad])
}

const CHOSEN_KEY: Compare = { how: 'member', ask: (key) => ['EXISTS', key] }

const randomKey: Maker = {
  name: 'RANDOMKEY',
  arity: 1,
  weight: 1,
  make: () => step(['RANDOMKEY'], CHOSEN_KEY),
}

/** OBJECT SUBCOMMAND key. */
function object(subcommand: string, weight: number): Maker {
  const compare = subcommand === 'IDLETIME' ? approx(10) : undefined
  const make = (draw: Draw) => step(['OBJECT', draw.word(subcommand), draw.key()], compare)
  return { name: `OBJECT ${subcommand}`, arity: 3, weight, make }
}

export const keys: Family = {
  name: 'keys',
  makers: [
    onKeys('DEL', 25),
    onKeys('UNLINK', 5),
    onKeys('EXISTS', 8),
    onKeys('TOUCH', 4),
    { name: 'TYPE', arity: 2, weight: 6, make: (draw) => step(['TYPE', draw.key()]) },
    { name: 'KEYS', arity: 2, weight: 8, make: (draw) => step(['KEYS', draw.glob()], UNORDERED) },
    { name: 'SCAN', arity: -2, weight: 12, make: scan },
    randomKey,
    onKeyPair('RENAME', 12),
    onKeyPair('RENAMENX', 8),
    { name: 'COPY', arity: -3, weight: 15, make: copy },
    { name: 'MOVE', arity: 3, weight: 8, make: (draw) => step(['MOVE', draw.key(), draw.database()]) },
    object('ENCODING', 20),
    object('REFCOUNT', 4),
    object('FREQ', 2),
    object('IDLETIME', 2),
    { name: 'OBJECT HELP', arity: 2, weight: 1, make: (draw) => step(['OBJECT', draw.word('HELP')], KIND) },
  ],
}
