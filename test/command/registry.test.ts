import { describe, expect, test } from 'vitest'
import type { CommandDefinition } from '../../src/command/definition.ts'
import { Registry } from '../../src/command/registry.ts'
import { Request } from '../../src/resp/request.ts'

function definition(name: string, subcommands?: CommandDefinition[]): CommandDefinition {
  return {
    name,
    arity: -1,
    flags: [],
    syntax: '',
    summary: '',
    since: '',
    complexity: '',
    ...(subcommands ? { subcommands } : { run() {} }),
  }
}

function registryOf(...commands: CommandDefinition[]): Registry {
  const registry = new Registry()
  registry.add({ group: 'server', commands })
  return registry
}

function named(name: string | Uint8Array): Request {
  const request = new Request()
  request.load([typeof name === 'string' ? Buffer.from(name, 'latin1') : name])
  return request
}

describe('the registry', () => {
  const registry = registryOf(definition('GET'), definition('CONFIG', [definition('GET'), definition('SET')]))

  test.each(['GET', 'get', 'gEt'])('finds a command by its bytes: %s', (name) => {
    expect(registry.find(named(name))?.fullName).toBe('get')
  })

  test.each(['', 'GE', 'GETS', 'G\0T', 'g%T', '\xc7\xc5\xd4', 'config|get', 'x'.repeat(100_000)])(
    'does not find %j',
    (name) => {
      expect(registry.find(named(name))).toBeUndefined()
    },
  )

  test('finds subcommands by a name with a bar', () => {
    expect(registry.byName('config|GET')?.fullName).toBe('config|get')
    expect(registry.byName('CONFIG')?.fullName).toBe('config')
    for (const name of ['config|', '|', '', 'config|get|x', 'get|x', 'config get']) {
      expect(registry.byName(name)).toBeUndefined()
    }
  })

  test('lists containers before their subcommands', () => {
    expect(registry.size).toBe(2)
    expect([...registry.all()].map(({ fullName }) => fullName)).toEqual(['get', 'config'])
    expect([...registry.everyCommand()].map(({ fullName }) => fullName)).toEqual([
      'get',
      'config',
      'config|get',
      'config|set',
    ])
  })

  test('refuses a second definition of a name', () => {
    expect(() => registry.add({ group: 'server', commands: [definition('get')] })).toThrow(
      'get is defined twice',
    )
  })

  test('tells apart names whose bytes fold to the same hash', () => {
    // '@' and '`' differ in the bit that folding sets, as letters do.
    const signs = registryOf(definition('A@'), definition('A`'))
    expect(signs.find(named('a@'))?.fullName).toBe('a@')
    expect(signs.find(named('a`'))?.fullName).toBe('a`')
  })

  test('finds each of many', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `COMMAND${index}`)
    const many = registryOf(...names.map((name) => definition(name)))
    for (const name of names) expect(many.find(named(name))?.name).toBe(name.toLowerCase())
    expect(many.find(named('COMMAND1000'))).toBeUndefined()
  })
})
