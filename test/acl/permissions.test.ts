// What selectors allow, against a naive reading of the rules.

import { describe, expect, test } from 'vitest'
import { Permissions } from '../../src/acl/permissions.ts'
import { Users } from '../../src/acl/users.ts'
import { splitArguments } from '../../src/base/quoting.ts'
import { Random } from '../../src/base/random.ts'
import { Arguments } from '../../src/command/arguments.ts'
import type { Command } from '../../src/command/command.ts'
import { Server } from '../../src/server/server.ts'

const { registry } = new Server()
const permissions = new Permissions()

function userWith(...rules: string[]) {
  const users = new Users(registry)
  const error = users.change('u', rules)
  if (error !== undefined) throw new Error(JSON.stringify(error))
  return users.find('u')!
}

/** What is denied of a request, with the argument that it is about. */
function denied(rules: string, line: string): string {
  const args = new Arguments()
  args.load(splitArguments(line)!)
  const command = registry.find(args)!
  const sub = args.count > 1 ? command.subcommands?.get(args.word(1)) : undefined
  const reason = permissions.deny(userWith(...rules.split(' ')), sub ?? command, args)
  if (reason === undefined) return ''
  return reason === 'command' ? reason : `${reason} ${args.string(permissions.deniedIndex)}`
}

describe('permissions', () => {
  test.each([
    ['+get ~a', 'GET a', ''],
    ['+get ~a', 'GET b', 'key b'],
    ['+get ~a', 'SET a 1', 'command'],
    ['+@all ~a* ~b', 'MGET a1 b c', 'key c'],
    ['+@all -mget allkeys', 'MGET a', 'command'],
    ['+config|get', 'CONFIG GET x', ''],
    ['+config|get', 'CONFIG SET x y', 'command'],
    ['+config -config|set', 'CONFIG SET x y', 'command'],
    ['+@all -config +config|set', 'CONFIG SET x y', ''],
    ['+select|0', 'select 0', ''],
    ['+select|0', 'SELECT 1', 'command'],
    ['+debug|object', 'debug OBJECT a', ''],
    ['+select|0 -select', 'SELECT 0', 'command'],
    ['-@all', 'AUTH x', ''],
    ['-@all', 'HELLO', ''],
    ['-@all', 'QUIT', ''],
    ['-@all', 'RESET', ''],
    ['-@all', 'PING', 'command'],
    ['+@all %R~r %W~w', 'COPY r w', ''],
    ['+@all %R~r %W~w', 'COPY w r', 'key w'],
    ['+@all %R~r %W~w', 'GET w', 'key w'],
    ['+@all %R~r %W~w', 'TYPE w', ''],
    ['+@all %R~r %W~w', 'SET w 1', ''],
    ['+@all %R~r %W~w', 'SET w 1 GET', 'key w'],
    ['+@all %R~r %W~w', 'SORT r STORE w', ''],
    ['+@all %R~r %W~w', 'SORT r STORE w STORE r', 'key r'],
    ['+@all ~*', 'PUBLISH c m', 'channel c'],
    ['+@all &c*', 'PUBLISH c1 m', ''],
    ['+@all &c*', 'PUBLISH c1 other', ''],
    ['+@all &c*', 'SUBSCRIBE c1 c2 d', 'channel d'],
    ['+@all &c*', 'PSUBSCRIBE c* c1', 'channel c1'],
    ['+@all &c*', 'SSUBSCRIBE d', 'channel d'],
    ['+@all &c*', 'SPUBLISH d d', 'channel d'],
    ['+@all &c*', 'UNSUBSCRIBE d', ''],
    ['+@all &c*', 'PUNSUBSCRIBE d*', ''],
    ['+@all allchannels', 'PSUBSCRIBE *', ''],
    ['(+get ~a) (+set ~b)', 'GET a', ''],
    ['(+get ~a) (+set ~b)', 'GET b', 'key b'],
    ['(+get ~a) (+set ~b)', 'DEL b', 'command'],
    ['+mget ~key (+mget ~key ~otherkey)', 'MGET otherkey someotherkey', 'key someotherkey'],
    ['+mget ~key ~otherkey (+mget ~key)', 'MGET key otherkey someotherkey', 'key someotherkey'],
    ['(+@all allkeys) (+publish)', 'PUBLISH c m', 'channel c'],
    ['+@all ~*', 'GET ""', ''],
    ['+@all ~a*', 'GET ""', 'key '],
  ])('with %s, of %s deny "%s"', (rules, line, expected) => {
    expect(denied(rules, line)).toBe(expected)
  })

  test('with random rules allow the commands that these allow one by one', () => {
    const random = new Random(5)
    const commands = [...registry.defined()]
    const categories = ['read', 'write', 'admin', 'slow', 'hash', 'connection', 'dangerous', 'pubsub']
    for (let round = 0; round < 40; round++) {
      const allowed = new Set<Command>()
      const rules: string[] = []
      for (let i = 0; i < 12; i++) {
        const sign = random.below(2) === 0 ? '+' : '-'
        const category = categories[random.below(categories.length)]!
        const chosen = commands[random.below(commands.length)]!
        const isCategory = random.below(2) === 0
        rules.push(isCategory ? `${sign}@${category}` : `${sign}${chosen.fullName}`)
        for (const command of commands) {
          const isMeant = isCategory
            ? [command, command.container].some((one) => one?.categories.some((name) => name === category))
            : command === chosen || command.container === chosen
          if (isMeant && sign === '+') allowed.add(command)
          else if (isMeant) allowed.delete(command)
        }
      }
      const { commands: set } = userWith(...rules).root
      const args = new Arguments()
      for (const command of commands) {
        const expected = allowed.has(command) || command.runsUnauthenticated
        expect([rules, command.fullName, set.allows(command, args)]).toEqual([
          rules,
          command.fullName,
          expected,
        ])
      }
      // And so do the rules that they are told as.
      const again = userWith(...set.describe().split(' ')).root.commands
      for (const command of commands) expect(again.allows(command, args)).toBe(set.allows(command, args))
    }
  })

  test('to read any key come from one selector, with the command and its keys', () => {
    const reads = (rules: string) => {
      const args = new Arguments()
      args.load(splitArguments('SORT list BY w*')!)
      return permissions.readsAllKeys(userWith(...rules.split(' ')), registry.byName('sort')!, args)
    }
    expect(reads('+sort allkeys')).toBe(true)
    expect(reads('+sort ~list %R~*')).toBe(true)
    expect(reads('(+sort ~list) (+sort %R~*)')).toBe(true)
    expect(reads('+sort ~list ~w*')).toBe(false)
    expect(reads('+sort ~list %W~*')).toBe(false)
    expect(reads('(+sort ~list) (+get %R~*)')).toBe(false)
  })
})
