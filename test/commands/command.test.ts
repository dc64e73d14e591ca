import { describe, expect, test } from 'vitest'
import type { CommandDefinition, CommandFamily } from '../../src/command/definition.ts'
import { keyFlagBits } from '../../src/command/found-keys.ts'
import { allKeys, countedKeys, keyAt, keysFrom, oneKey } from '../../src/command/key-specs.ts'
import { commandCommands } from '../../src/commands/command.ts'
import { Harness } from '../support/harness.ts'
import type { Reply } from '../support/reply.ts'

const BASIC = { since: '1.0.0', complexity: 'O(1)', summary: 'Does it.', syntax: '', run() {} }

const SAMPLES: CommandFamily = {
  group: 'string',
  commands: [
    {
      ...BASIC,
      name: 'GETEX',
      arity: -2,
      flags: ['write', 'fast'],
      categories: ['string'],
      keys: oneKey('RW', 'access', 'update'),
      syntax: 'key [EX seconds | PERSIST]',
      notes: { 'EX seconds | PERSIST': 'expiration', PERSIST: { since: '6.2.0' } },
      history: [['7.0.0', 'Something changed.']],
    },
    {
      ...BASIC,
      name: 'MSET',
      arity: -3,
      flags: ['denyoom', 'write'],
      keys: [keysFrom(1, 2, 'OW', 'update')],
      tips: ['request_policy:multi_shard'],
      deprecated: { since: '7.2.0', replacedBy: '`SET`' },
    },
    {
      ...BASIC,
      name: 'MGET',
      arity: -2,
      flags: ['readonly', 'may_replicate'],
      keys: allKeys('RO', 'access'),
    },
    {
      ...BASIC,
      name: 'EVAL',
      arity: -3,
      flags: ['no_mandatory_keys'],
      categories: ['scripting'],
      keys: [countedKeys(2, 'RW')],
    },
    {
      ...BASIC,
      name: 'SORT',
      arity: -2,
      flags: ['write'],
      isInternal: true,
      keys: [keyAt(1, 'RO'), { flags: ['OW'], begin: 'unknown', find: 'unknown' }],
      findKeys: (args, found) => {
        found.add(1, keyFlagBits(['RO', 'access']))
        if (args.is(2, 'STORE')) found.add(3, keyFlagBits(['OW', 'update']))
      },
    },
    { ...BASIC, name: 'PING', arity: -1, flags: ['fast'] },
    container('OBJECT', [{ ...BASIC, name: 'FREQ', arity: 3, flags: ['readonly'], keys: [keyAt(2, 'RO')] }]),
  ],
}

function container(name: string, subcommands: CommandDefinition[]): CommandDefinition {
  const { run: _, ...basic } = BASIC
  return { ...basic, name, arity: -2, flags: [], subcommands }
}

function harness(): Harness {
  const made = new Harness([SAMPLES])
  made.registry.add(commandCommands(made.registry))
  return made
}

function textsOf(reply: Reply): string[] {
  return reply.type === 'array' ? reply.items.map((item) => ('text' in item ? item.text : item.type)) : []
}

describe('COMMAND', () => {
  test('tells of all commands, as COMMAND INFO does', () => {
    const made = harness()
    const all = made.run('command')
    expect(all.type === 'array' && all.items.length).toBe(8)
    expect(made.run('command info')).toEqual(all)
    expect(made.run('COMMAND COUNT')).toEqual({ type: 'integer', value: 8 })
  })

  test('refuses an unknown subcommand, though it runs without one', () => {
    expect(harness().show('command nosuch')).toBe(
      "(error) ERR unknown subcommand 'nosuch'. Try COMMAND HELP.",
    )
  })
})

describe('COMMAND INFO', () => {
  test('tells ten facts in RESP2', () => {
    expect(harness().show('command info getex')).toBe(
      '[["getex", (integer) -2, [+write, +fast], (integer) 1, (integer) 1, (integer) 1, [+@write, +@string, +@fast], [], ' +
        '[["flags", [+RW, +access, +update], "begin_search", ["type", "index", "spec", ["index", (integer) 1]], ' +
        '"find_keys", ["type", "range", "spec", ["lastkey", (integer) 0, "keystep", (integer) 1, "limit", (integer) 0]]]], []]]',
    )
  })

  test('tells them in sets and maps in RESP3', () => {
    const made = harness()
    made.client.protocol = 3
    expect(made.show('command info eval')).toBe(
      '[["eval", (integer) -3, set[+no_mandatory_keys, +movablekeys], (integer) 0, (integer) 0, (integer) 0, ' +
        'set[+@slow, +@scripting], set[], set[{"flags" => set[+RW], "begin_search" => {"type" => "index", "spec" => ' +
        '{"index" => (integer) 2}}, "find_keys" => {"type" => "keynum", "spec" => {"keynumidx" => (integer) 0, ' +
        '"firstkey" => (integer) 1, "keystep" => (integer) 1}}}], set[]]]',
    )
  })

  test('says of an unknown place that it is unknown', () => {
    expect(harness().show('command info sort')).toContain(
      '["flags", [+OW], "begin_search", ["type", "unknown", "spec", []], "find_keys", ["type", "unknown", "spec", []]]',
    )
  })

  test('keeps to itself the flags that are nobody’s business', () => {
    expect(harness().show('command info mget')).toContain('["mget", (integer) -2, [+readonly], ')
  })

  test('lists flags in a fixed order', () => {
    expect(harness().show('command info mset')).toContain(
      '[+write, +denyoom], (integer) 1, (integer) -1, (integer) 2,',
    )
  })

  test('nests subcommands', () => {
    const reply = harness().show('command info object')
    expect(reply).toMatch(/^\[\["object", \(integer\) -2, .* \[\["object\|freq", \(integer\) 3, /)
  })

  test('answers each name, with nil for the unknown', () => {
    const reply = harness().run('command info PING nosuch object|FREQ object|freq|x ping|x')
    expect(reply.type === 'array' && reply.items.map((item) => item.type)).toEqual([
      'array',
      'nil-bulk',
      'array',
      'nil-bulk',
      'nil-bulk',
    ])
  })
})

describe('COMMAND DOCS', () => {
  test('tells what a command is for, its history and its arguments', () => {
    const made = harness()
    made.client.protocol = 3
    expect(made.show('command docs getex')).toBe(
      '{"getex" => {"summary" => "Does it.", "since" => "1.0.0", "group" => "string", "complexity" => "O(1)", ' +
        '"history" => set[["7.0.0", "Something changed."]], "arguments" => [' +
        '{"name" => "key", "type" => "key", "display_text" => "key", "key_spec_index" => (integer) 0}, ' +
        '{"name" => "expiration", "type" => "oneof", "flags" => set[+optional], "arguments" => [' +
        '{"name" => "seconds", "type" => "integer", "display_text" => "seconds", "token" => "EX"}, ' +
        '{"name" => "persist", "type" => "pure-token", "display_text" => "persist", "token" => "PERSIST", "since" => "6.2.0"}]}]}}',
    )
  })

  test('marks what is deprecated and what is internal', () => {
    expect(harness().show('command docs mset sort')).toBe(
      '["mset", ["summary", "Does it.", "since", "1.0.0", "group", "string", "complexity", "O(1)", ' +
        '"doc_flags", [+deprecated], "deprecated_since", "7.2.0", "replaced_by", "`SET`"], ' +
        '"sort", ["summary", "Does it.", "since", "1.0.0", "group", "string", "complexity", "O(1)", "doc_flags", [+syscmd]]]',
    )
  })

  test('nests subcommands', () => {
    expect(harness().show('command docs object')).toContain(
      '"subcommands", ["object|freq", ["summary", "Does it."',
    )
  })

  test('leaves out what it does not know, and tells of all commands without a name', () => {
    const made = harness()
    expect(made.show('command docs nosuch')).toBe('[]')
    const all = made.run('command docs')
    expect(all.type === 'array' && all.items.length).toBe(16)
  })
})

describe('COMMAND LIST', () => {
  test('names commands and subcommands', () => {
    const names = textsOf(harness().run('command list'))
    expect(names.slice(0, 8)).toEqual([
      'getex',
      'mset',
      'mget',
      'eval',
      'sort',
      'ping',
      'object',
      'object|freq',
    ])
  })

  test.each([
    ['pattern m*', ['mset', 'mget']],
    ['PATTERN OBJECT|*', ['object|freq']],
    ['aclcat SCRIPTING', ['eval']],
    ['aclcat nosuch', []],
    ['aclcat ""', []],
    ['module x', []],
  ])('filters by %s', (filter, names) => {
    expect(textsOf(harness().run(`command list filterby ${filter}`))).toEqual(names)
  })

  test.each([
    'x',
    'filterby',
    'filterby pattern',
    'filterby nosuch x',
    'filterby pattern x y',
    'x pattern y',
  ])('does not understand %s', (words) => {
    expect(harness().show(`command list ${words}`)).toBe('(error) ERR syntax error')
  })
})

describe('COMMAND GETKEYS', () => {
  test.each([
    ['mset a 1 b 2', ['a', 'b']],
    ['MGET a a "\\xff"', ['a', 'a', '\xff']],
    ['eval x 2 a b c', ['a', 'b']],
    ['object freq k', ['k']],
    ['sort k store d', ['k', 'd']],
  ])('finds the keys of %s', (request, keys) => {
    expect(textsOf(harness().run(`command getkeys ${request}`))).toEqual(keys)
  })

  test.each(['eval x 0', 'eval x 1', 'eval x one', 'eval x -1 a'])(
    'finds none in %s, which may have none',
    (request) => {
      expect(harness().show(`command getkeys ${request}`)).toBe('[]')
    },
  )

  test.each([
    ['nosuch a', 'ERR Invalid command specified'],
    ['object nosuch k', 'ERR Invalid command specified'],
    ['ping', 'ERR The command has no key arguments'],
    ['command getkeys', 'ERR The command has no key arguments'],
    ['mset a', 'ERR Invalid number of arguments specified for command'],
    ['object freq', 'ERR Invalid number of arguments specified for command'],
    ['object freq k k', 'ERR Invalid number of arguments specified for command'],
  ])('refuses %s', (request, error) => {
    expect(harness().show(`command getkeys ${request}`)).toBe(`(error) ${error}`)
  })

  test('refuses a request without keys that needs some', () => {
    const made = harness()
    const keys = [countedKeys(1, 'RO')]
    made.registry.add({ group: 'set', commands: [{ ...BASIC, name: 'ZUNION', arity: -3, flags: [], keys }] })
    expect(made.show('command getkeys zunion 0 a')).toBe(
      '(error) ERR Invalid arguments specified for command',
    )
  })
})

describe('COMMAND GETKEYSANDFLAGS', () => {
  test('tells what would be done with each key', () => {
    expect(harness().show('command getkeysandflags sort k store d')).toBe(
      '[["k", [+RO, +access]], ["d", [+OW, +update]]]',
    )
  })

  test('does so in sets in RESP3', () => {
    const made = harness()
    made.client.protocol = 3
    expect(made.show('command getkeysandflags getex k')).toBe('[["k", set[+RW, +access, +update]]]')
  })
})

describe('COMMAND HELP', () => {
  test('tells of every subcommand', () => {
    const lines = textsOf(harness().run('command help'))
    for (const name of ['COUNT', 'LIST', 'INFO', 'DOCS', 'GETKEYS', 'GETKEYSANDFLAGS', 'HELP']) {
      expect(lines.some((line) => line.split(' ')[0] === name)).toBe(true)
    }
    expect(lines[1]).toBe('(no subcommand)')
  })
})
