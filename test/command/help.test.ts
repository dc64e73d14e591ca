import { describe, expect, test } from 'vitest'
import type { CommandDefinition } from '../../src/command/definition.ts'
import { withHelp } from '../../src/command/help.ts'
import { Harness } from '../support/harness.ts'

function subcommand(name: string, syntax: string, summary: string): CommandDefinition {
  return { name, arity: -2, flags: [], syntax, summary, since: '1.0.0', complexity: 'O(1)', run() {} }
}

function help(options: { alone?: string }, subcommands: CommandDefinition[]): Harness {
  const all = withHelp({ of: 'BOX', since: '5.0.0', ...options }, subcommands)
  const box = {
    name: 'BOX',
    arity: -2,
    flags: [],
    syntax: '',
    summary: '',
    since: '',
    complexity: '',
    subcommands: all,
  }
  return new Harness([{ group: 'server', commands: [box] }])
}

describe('HELP', () => {
  test('lists subcommands with their arguments, itself last, in simple strings', () => {
    const harness = help({}, [subcommand('OPEN', '[WIDE]', 'Opens.'), subcommand('SHUT', '', 'Shuts.')])
    expect(harness.show('box help')).toBe(
      '[+BOX <subcommand> [<arg> [value] [opt] ...]. Subcommands are:, +OPEN [WIDE], +    Opens., +SHUT, +    Shuts., +HELP, +    Print this help.]',
    )
  })

  test('tells first what the command does alone', () => {
    const harness = help({ alone: 'Is a box.' }, [])
    expect(harness.show('box help')).toContain('Subcommands are:, +(no subcommand), +    Is a box., +HELP')
  })

  test('breaks long lines', () => {
    const harness = help({}, [subcommand('OPEN', '', 'word '.repeat(40).trim())])
    const reply = harness.run('box help')
    const lines = reply.type === 'array' ? reply.items.map((item) => ('text' in item ? item.text : '')) : []
    expect(lines.filter((line) => line.startsWith('    word'))).toHaveLength(3)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('takes no arguments', () => {
    expect(help({}, []).show('box help me')).toBe(
      "(error) ERR wrong number of arguments for 'box|help' command",
    )
  })
})
