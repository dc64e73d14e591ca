// Lists: pushing, popping, moving, searching; small ones of everything, and large ones of thousands of elements. The
// commands that wait are drawn where they don't have to for long: waiting for others is test/compat/blocking.test.ts.
import type { Draw } from '../draw.ts'
import type { Family, Maker } from '../family.ts'
import { type Step, step } from '../step.ts'

/** From few different ones, so that searches find something. */
function element(draw: Draw): string {
  return draw.chance(0.75)
    ? draw.pick(['a', 'b', 'c', '1', '-5', '1234567', 'some longer text', ''])
    : draw.value()
}

function push(name: string, weight: number): Maker {
  const make = (draw: Draw): Step => {
    const key = draw.key()
    if (draw.chance(0.1)) {
      const length = draw.pick([1, 20, 100])
      return step([name, draw.bigKey(), ...draw.several(1, 80, () => draw.text(length))])
    }
    // Seldom a list whose elements are too long to be kept with others.
    const long = draw.chance(0.02) ? [draw.text(draw.pick([4000, 8180, 8193, 9000]))] : []
    return step([
      name,
      long.length > 0 ? draw.bigKey() : key,
      ...draw.several(1, 5, () => element(draw)),
      ...long,
    ])
  }
  return { name, arity: -3, weight, make }
}

function pop(name: string, weight: number): Maker {
  const make = (draw: Draw): Step => {
    const args = [name, draw.key()]
    if (draw.chance(0.4)) args.push(draw.chance(0.8) ? String(draw.below(8)) : draw.integer())
    if (draw.chance(0.02)) args.push('1')
    return step(args)
  }
  return { name, arity: -2, weight, make }
}

function side(draw: Draw): string {
  return draw.chance(0.03) ? draw.junk() : draw.word(draw.pick(['LEFT', 'RIGHT']))
}

function multiplePop(draw: Draw): string[] {
  const keys = draw.several(1, 4, () => draw.key())
  const count = draw.chance(0.9) ? String(keys.length) : draw.integer()
  const args = [count, ...keys, side(draw)]
  if (draw.chance(0.5))
    args.push(draw.word('COUNT'), draw.chance(0.9) ? String(draw.between(1, 8)) : draw.integer())
  if (draw.chance(0.03)) args.push(draw.junk())
  return args
}

/** Time-outs that are over soon, and some that are refused. */
function timeout(draw: Draw): string {
  return draw.chance(0.4) ? '0.001' : draw.pick(['-1', 'abc', '', '1x', '-inf', 'nan', ' 1'])
}

function position(draw: Draw): Step {
  const args = ['LPOS', draw.key(), element(draw)]
  for (const option of draw.several(0, 3, () => draw.pick(['RANK', 'COUNT', 'MAXLEN']))) {
    args.push(draw.word(option))
    // Redis 7.4 refuses the smallest rank, 7.0 took it.
    if (!draw.chance(0.02)) args.push(draw.chance(0.8) ? String(draw.between(-4, 8)) : draw.notInteger())
  }
  return step(args)
}

function insert(draw: Draw): Step {
  const where = draw.chance(0.04) ? draw.junk() : draw.word(draw.pick(['BEFORE', 'AFTER']))
  const inserted = draw.chance(0.03) ? draw.text(draw.pick([500, 8200])) : element(draw)
  return step(['LINSERT', draw.key(), where, element(draw), inserted])
}

/** NAME key index [index] [element]. */
function indexed(
  name: string,
  weight: number,
  indexes: number,
  more: (draw: Draw) => string[] = () => [],
): Maker {
  const index = (draw: Draw) => (draw.chance(0.9) ? String(draw.between(-30, 30)) : draw.integer())
  return {
    name,
    arity: 2 + indexes + (name === 'LSET' || name === 'LREM' ? 1 : 0),
    weight,
    make: (draw) =>
      step([name, draw.key(), ...draw.several(indexes, indexes, () => index(draw)), ...more(draw)]),
  }
}

export const lists: Family = {
  name: 'lists',
  makers: [
    push('LPUSH', 30),
    push('RPUSH', 30),
    push('LPUSHX', 8),
    push('RPUSHX', 8),
    pop('LPOP', 18),
    pop('RPOP', 18),
    { name: 'LLEN', arity: 2, weight: 6, make: (draw) => step(['LLEN', draw.key()]) },
    indexed('LINDEX', 12, 1),
    indexed('LRANGE', 30, 2),
    indexed('LTRIM', 6, 2),
    indexed('LSET', 12, 1, (draw) => [draw.chance(0.03) ? draw.text(8200) : element(draw)]),
    {
      name: 'LREM',
      arity: 4,
      weight: 12,
      make: (draw) =>
        step([
          'LREM',
          draw.key(),
          draw.chance(0.9) ? String(draw.between(-3, 3)) : draw.integer(),
          element(draw),
        ]),
    },
    { name: 'LINSERT', arity: 5, weight: 15, make: insert },
    { name: 'LPOS', arity: -3, weight: 20, make: position },
    { name: 'LMPOP', arity: -4, weight: 12, make: (draw) => step(['LMPOP', ...multiplePop(draw)]) },
    {
      name: 'LMOVE',
      arity: 5,
      weight: 14,
      make: (draw) => step(['LMOVE', ...draw.keyPair(), side(draw), side(draw)]),
    },
    { name: 'RPOPLPUSH', arity: 3, weight: 8, make: (draw) => step(['RPOPLPUSH', ...draw.keyPair()]) },
    {
      name: 'BLPOP',
      arity: -3,
      weight: 2,
      make: (draw) => step(['BLPOP', ...draw.several(1, 4, () => draw.key()), timeout(draw)]),
    },
    {
      name: 'BRPOP',
      arity: -3,
      weight: 2,
      make: (draw) => step(['BRPOP', ...draw.several(1, 4, () => draw.key()), timeout(draw)]),
    },
    {
      name: 'BLMPOP',
      arity: -5,
      weight: 2,
      make: (draw) => step(['BLMPOP', timeout(draw), ...multiplePop(draw)]),
    },
    {
      name: 'BLMOVE',
      arity: 6,
      weight: 2,
      make: (draw) => step(['BLMOVE', ...draw.keyPair(), side(draw), side(draw), timeout(draw)]),
    },
    {
      name: 'BRPOPLPUSH',
      arity: 4,
      weight: 1,
      make: (draw) => step(['BRPOPLPUSH', ...draw.keyPair(), timeout(draw)]),
    },
  ],
}
