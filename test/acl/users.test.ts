// All users: those of a file, those of configuration lines, and who hears of changes. Expected texts are redis-server's.

import { beforeEach, describe, expect, test } from 'vitest'
import { keepsSubscriptions, mayKeep } from '../../src/acl/channel-rights.ts'
import { writeUserFile } from '../../src/acl/user-file.ts'
import { userLine, userLineJudge } from '../../src/acl/user-lines.ts'
import { Users } from '../../src/acl/users.ts'
import { splitArguments } from '../../src/base/quoting.ts'
import { Server } from '../../src/server/server.ts'

const { registry } = new Server()
let users: Users
/** Names of users that changed and, with a minus, that went. */
let heard: string[]

beforeEach(() => {
  heard = []
  users = new Users(registry)
  users.onChanged = ({ name }) => heard.push(name)
  users.onRemoved = ({ name }) => heard.push(`-${name}`)
})

const NOTHING_DONE =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

describe('users', () => {
  test('are at first the default user alone, who may do everything', () => {
    expect(users.all().map((user) => user.describe())).toEqual(['on nopass sanitize-payload ~* &* +@all'])
    expect([users.default.isUnrestricted, users.default.isOpen]).toEqual([true, true])
  })

  test('are listed in the order of their names', () => {
    for (const name of ['b', 'B', 'ab', '', 'a', '\xff']) users.change(name, [])
    expect(users.all().map(({ name }) => name)).toEqual(['', 'B', 'a', 'ab', 'b', 'default', '\xff'])
  })

  test('tell of changes, not of those that are refused, and of removals', () => {
    users.change('u', ['on'])
    expect(heard).toEqual([])
    users.change('u', ['+get'])
    users.change('u', ['+nosuch'])
    expect(heard).toEqual(['u'])
    expect([users.remove('u'), users.remove('u')]).toEqual([true, false])
    expect(heard).toEqual(['u', '-u'])
  })

  test('stay the same objects as long as there are users of these names', () => {
    users.change('u', [])
    const before = users.find('u')
    users.change('u', ['+get'])
    users.replaceAll('user u on nopass\n', 'f')
    expect(users.find('u')).toBe(before)
    expect(before!.describe()).toBe('on nopass sanitize-payload resetchannels -@all')
  })

  test('have an unrestricted one only if one selector allows everything', () => {
    users.change('u', ['+@all', 'allkeys', '(allchannels)'])
    expect(users.find('u')!.isUnrestricted).toBe(false)
    users.change('u', ['(+@all allkeys allchannels)'])
    expect(users.find('u')!.isUnrestricted).toBe(true)
    users.change('u', ['reset', '+@all', '-ping', '+ping', 'allkeys', 'allchannels'])
    expect(users.find('u')!.isUnrestricted).toBe(false)
  })
})

describe('a file of users', () => {
  test('replaces all others, the default user too', () => {
    users.change('old', [])
    users.setDefaultPassword('x')
    expect(users.replaceAll('user eve on nopass +get\r\n\n  user bob on (+get ~a) (+set ~b)  \n', 'f')).toBe(
      undefined,
    )
    expect(writeUserFile(users.all()).split('\n')).toEqual([
      'user bob on sanitize-payload resetchannels -@all (~a resetchannels -@all +get) (~b resetchannels -@all +set)',
      'user default on nopass sanitize-payload ~* &* +@all',
      'user eve on nopass sanitize-payload resetchannels -@all +get',
      '',
    ])
    expect(heard).toEqual(['default', '-old', 'default'])
  })

  test('is read as it was written', () => {
    users.change('a"b', ['on', '>pw', '~x"y', '&"', '+@all', '-get', '(%R~z)'])
    users.change('', ['nopass'])
    const text = writeUserFile(users.all())
    const others = new Users(registry)
    expect(others.replaceAll(text, 'f')).toBe(undefined)
    expect(writeUserFile(others.all())).toBe(text)
  })

  test.each([
    ['# c', 'f:1 should start with user keyword followed by the username. '],
    ['\nusr bob on', 'f:2 should start with user keyword followed by the username. '],
    ['user', 'f:1 should start with user keyword followed by the username. '],
    ['user a b', 'f:1: Syntax error. '],
    ['user a +foo', "f:1: Error in applying operation '+foo': Unknown command or category name in ACL. "],
    [
      'user a +b ~x +c zz yy',
      "f:1: Error in applying operation '+b': Unknown command or category name in ACL. f:1: Error in applying operation '+c': Unknown command or category name in ACL. f:1: Syntax error. ",
    ],
    [
      'user y (+get\nuser y on',
      "f:1: Unmatched parenthesis in selector definition.WARNING: Duplicate user 'y' found on line 2. ",
    ],
    ['user default on\nuser default off', "WARNING: Duplicate user 'default' found on line 2. "],
    ['user  q on', 'f:1: Syntax error. '],
  ])('with the mistake of %j changes nothing', (text, errors) => {
    users.change('old', ['on'])
    expect(users.replaceAll(text, 'f')).toBe(`${errors}${NOTHING_DONE}`)
    expect(users.all().map(({ name }) => name)).toEqual(['default', 'old'])
    expect(heard).toEqual([])
  })
})

describe('a line of the configuration', () => {
  test('is judged but for the names of commands', () => {
    const judge = userLineJudge()
    expect(judge(['bob', 'on', '>pw', '+nosuch', '(+other', '~x)', '-@nosuch'])).toBe(undefined)
    expect(judge(['eve', '+nosuch', 'what'])).toBe("Error in user declaration 'eve': Syntax error")
    expect(judge(['bob'])).toBe(
      "Error in user declaration 'bob': Duplicate user found. A user can only be defined once in config files",
    )
    expect(judge(['amy', '(+get'])).toBe(
      "Error in user declaration 'amy': Unmatched parenthesis in acl selector starting at '(+get'.",
    )
  })

  test('is written so that it is read back', () => {
    users.change('a"b', ['on', "~x'y", '~\xe9\\', '(&"q)'])
    users.change('', ['nopass'])
    for (const user of users.all()) {
      const [word, name, ...rules] = splitArguments(Buffer.from(userLine(user), 'latin1'))!.map((bytes) =>
        Buffer.from(bytes).toString('latin1'),
      )
      expect([word, name, rules.join(' ')]).toEqual(['user', user.name, user.describe()])
    }
  })
})

describe('subscriptions', () => {
  /** Whether nobody's have to be looked at when rules change from some to others. */
  function keeps(before: string, after: string): boolean {
    const change = (name: string, rules: string) => {
      users.change(name, ['reset', ...rules.split(' ')])
      return users.find(name)!.selectors
    }
    return keepsSubscriptions(change('before', before), change('after', after))
  }

  test('are kept where all that was allowed still is', () => {
    expect(keeps('&a &b*', '&b* &a &c')).toBe(true)
    expect(keeps('&a (&b)', '&b (&a)')).toBe(true)
    expect(keeps('allchannels', '(allchannels)')).toBe(true)
    expect(keeps('on', 'off')).toBe(true)
    expect(keeps('&a &b', '&a')).toBe(false)
    expect(keeps('&a', '&*a')).toBe(false)
    expect(keeps('allchannels', '&**')).toBe(false)
  })

  test('are else allowed one by one: patterns by the letter', () => {
    users.change('u', ['&a*', '(&b)'])
    const user = users.find('u')!
    const may = (name: string, kind: 'channel' | 'pattern') => mayKeep(user, Buffer.from(name), kind)
    expect([may('ab', 'channel'), may('b', 'channel'), may('c', 'channel')]).toEqual([true, true, false])
    expect([may('a*', 'pattern'), may('ab', 'pattern'), may('b', 'pattern')]).toEqual([true, false, true])
  })
})
