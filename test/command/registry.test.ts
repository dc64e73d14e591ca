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

describe('a renamed command', () => {
  const full = (registry: Registry, name: string) => registry.find(named(name))?.fullName

  test('is found by its new name only, in any case, and keeps its own', () => {
    const registry = registryOf(definition('GET'), definition('CONFIG', [definition('SET')]))
    // The name that was found last is remembered, and must be forgotten.
    expect(full(registry, 'get')).toBe('get')
    expect(registry.rename('Get', 'MyGet')).toBeUndefined()
    expect(registry.rename('config', 'secret')).toBeUndefined()
    expect(['get', 'GET', 'myget', 'MYGET', 'secret'].map((name) => full(registry, name))).toEqual([
      undefined,
      undefined,
      'get',
      'get',
      'config',
    ])
    expect(registry.byName('secret|set')?.fullName).toBe('config|set')
    expect(registry.byName('config|set')).toBeUndefined()
    expect(registry.size).toBe(2)
  })

  test('can have a very long name, one of any bytes, or none', () => {
    const registry = registryOf(definition('A'), definition('B'), definition('C'))
    const long = 'x'.repeat(200)
    registry.rename('a', long)
    registry.rename('b', '\xc9 \0')
    registry.rename('c', '')
    expect([full(registry, long.toUpperCase()), full(registry, '\xc9 \0')]).toEqual(['a', 'b'])
    expect([full(registry, ''), full(registry, 'c'), full(registry, '\xe9 \0')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(registry.size).toBe(2)
  })

  test('must exist, and must not take the name of another', () => {
    const registry = registryOf(definition('A'), definition('B'))
    expect(registry.rename('x', 'y')).toBe('No such command in rename-command')
    expect(registry.rename('a', 'B')).toBe('Target command name already exists')
    expect(registry.rename('a', 'A')).toBeUndefined()
    expect([full(registry, 'a'), full(registry, 'b')]).toEqual(['a', 'b'])
    registry.rename('b', 'c')
    expect(registry.rename('a', 'b')).toBeUndefined()
    expect([full(registry, 'b'), full(registry, 'c')]).toEqual(['a', 'b'])
  })
})
