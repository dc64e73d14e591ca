// Rules and what users look like after them. Expected texts are redis-server's; where 7.0 and 7.4 differ, 7.4's.

import { describe, expect, test } from 'vitest'
import { joinSelectors } from '../../src/acl/rules.ts'
import { Users } from '../../src/acl/users.ts'
import { Server } from '../../src/server/server.ts'

const { registry } = new Server()

const HASH_OF_A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'
const HASH_OF_B = '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d'
const USELESS = /^Adding a pattern after the \* pattern \(or the 'all(keys|channels)' flag\) is not valid/

/** Users, and the description of one after each call with rules; or why they can't be followed. */
function someone(hearsAll = false) {
  const users = new Users(registry)
  users.newUsersHearAll = hearsAll
  return (...rules: string[]) => {
    const error = users.change('u', rules)
    if (error === undefined) return users.find('u')!.describe()
    return error.kind === 'rule' ? error.reason : `unmatched ${error.rule}`
  }
}

function commandsAfter(...rules: string[]): string {
  return someone()(...rules).replace('off sanitize-payload resetchannels ', '')
}

describe('a user', () => {
  test('may at first do nothing, and come in not at all', () => {
    expect(someone()()).toBe('off sanitize-payload resetchannels -@all')
    expect(someone(true)()).toBe('off sanitize-payload &* -@all')
  })

  test('is turned on and off, in any case', () => {
    const change = someone()
    expect(change('ON', 'NoPass', 'skip-Sanitize-payload')).toMatch(/^on nopass skip-sanitize-payload /)
    expect(change('off', 'sanitize-payload')).toMatch(/^off nopass sanitize-payload /)
    expect(change('')).toMatch(/^off nopass /)
    expect(change('reset')).toBe('off sanitize-payload resetchannels -@all')
  })

  test('keeps digests of passwords, in order and once', () => {
    const change = someone()
    expect(change('nopass', '>b', '>a', `#${HASH_OF_B}`)).toBe(
      `off sanitize-payload #${HASH_OF_B} #${HASH_OF_A} resetchannels -@all`,
    )
    expect(change('<b')).toBe(`off sanitize-payload #${HASH_OF_A} resetchannels -@all`)
    expect(change(`!${HASH_OF_A}`)).toBe('off sanitize-payload resetchannels -@all')
    expect(change('>a', 'nopass')).toBe('off nopass sanitize-payload resetchannels -@all')
    expect(change('resetpass')).toBe('off sanitize-payload resetchannels -@all')
  })

  test.each(['<a', `!${HASH_OF_A}`])('without that password refuses %s', (rule) => {
    expect(someone()(rule)).toBe('The password you are trying to remove from the user does not exist')
  })

  test.each(['#', '!', '#abc', `#${HASH_OF_A.toUpperCase()}`, `#${HASH_OF_A}0`, `!${HASH_OF_A.slice(1)}g`])(
    'refuses %s, which is no digest',
    (rule) => {
      expect(someone()(rule)).toBe(
        'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
      )
    },
  )

  test.each([
    'foo',
    ')',
    '~',
    '@read',
    ' () ',
    'on ',
    '*',
    '~a b',
    '~a\0',
    '&a\tb',
    '%a',
    '%~a',
    '%RR~a',
    '%R',
    '%',
  ])('refuses %j unless it means something', (rule) => {
    expect(someone()(rule)).toBe(rule === '~' ? 'off sanitize-payload ~ resetchannels -@all' : 'Syntax error')
  })

  test('is not changed by rules of which one is wrong', () => {
    const change = someone()
    const before = change('on', '>a', '+get', '~k', '(+set)')
    change('off', 'resetpass', '-get', '~z', 'clearselectors', '(', 'what')
    change('off', 'resetpass', '-get', '~z', 'clearselectors', 'what')
    expect(change()).toBe(before)
  })
})

describe('patterns', () => {
  test('of keys come with permissions, which add up', () => {
    const change = someone()
    expect(change('~a', '%R~b', '%w~c', '%Wr~d', '%R~a')).toBe(
      'off sanitize-payload ~a %R~b %W~c ~d resetchannels -@all',
    )
    expect(change('%W~b')).toMatch(/ ~a ~b %W~c ~d /)
    expect(change('resetkeys', '%R~*')).toMatch(/ %R~\* /)
    expect(change('%W~*', '~x')).toMatch(/ ~\* ~x /)
    expect(change('~*')).toMatch(/ ~\* resetchannels/)
    expect(change('~x')).toMatch(USELESS)
    expect(change('resetkeys', 'AllKeys')).toMatch(/ ~\* resetchannels/)
    expect(change('%R~x y')).toMatch(USELESS)
  })

  test('of channels replace one another only by resetchannels', () => {
    const change = someone()
    expect(change('&a', '&b', '&a')).toBe('off sanitize-payload resetchannels &a &b -@all')
    expect(change('allchannels')).toBe('off sanitize-payload &* -@all')
    expect(change('&a')).toMatch(USELESS)
    expect(change('resetchannels', '&a*')).toBe('off sanitize-payload resetchannels &a* -@all')
    expect(someone(true)('&a')).toMatch(USELESS)
  })
})

describe('commands', () => {
  test.each([
    ['+@all -@hash -@slow +hget', '+@all -@hash -@slow +hget'],
    ['+@all -@hash -@slow +hget -@hash', '+@all -@slow +hget -@hash'],
    ['+@all -@hash -@slow +hget -@hash +@hash', '+@all -@slow +hget +@hash'],
    ['+get allcommands', '+@all'],
    ['+get -@all', '-@all'],
    ['+get nocommands', '-@all'],
    ['+@HASH +@hash +@HaSh', '-@all +@hash'],
    ['+HGET +hget +hGeT', '-@all +hget'],
    ['+@hash +@slow +@set +@set +@slow +@hash', '-@all +@set +@slow +@hash'],
    ['+hget -hset +hset -hget', '-@all +hset -hget'],
    ['+client|list +client|list +config|get +config +acl|list -acl', '-@all +client|list +config -acl'],
    ['+select|0 +select|0 +debug|segfault +debug', '-@all +select|0 +debug'],
    ['-@dangerous', '-@all -@dangerous'],
    ['+config +config|get -config|set +config', '-@all +config'],
    ['+@all +client|id', '+@all +client|id'],
    ['+GET|Foo +get|bar', '-@all +get|foo +get|bar'],
  ])('after %s are %s', (rules, expected) => {
    expect(commandsAfter(...rules.split(' '))).toBe(expected)
  })

  test.each([
    ...['+', '-', '+@', '-@', '+@foo', '+foo', '-foo', '+config|foo', '-config|foo', '-get|foo'],
    ...['+get|foo|bar', '-config|get|bar', '-config|', '+|get', '+|', '-get|', '+@al', '+@all|get'],
  ])('that %s names are unknown', (rule) => {
    expect(someone()(rule)).toBe('Unknown command or category name in ACL')
  })

  test('of a subcommand have no first argument, and a first argument is not empty', () => {
    expect(someone()('+config|get|bar')).toBe('Allowing first-arg of a subcommand is not supported')
    expect(someone()('+config|')).toBe('Syntax error')
    expect(someone()('+get|')).toBe('Syntax error')
  })
})

describe('selectors', () => {
  test('are joined of the words between parentheses', () => {
    expect(joinSelectors(['(~a', '+get', ')', 'on', '(', ')', '(~b)'])).toEqual([
      '(~a +get )',
      'on',
      '( )',
      '(~b)',
    ])
    expect(joinSelectors(['on', '(~a', '(+b)', 'x'])).toEqual(['on', '(~a (+b)', 'x'])
    expect(joinSelectors(['(~a', '(+b'])).toBe('(~a')
  })

  test('have rules of their own', () => {
    const change = someone()
    expect(change('+get', '(~a', '&b', '+@all)', '( -@all   +get|foo )', '()')).toBe(
      'off sanitize-payload resetchannels -@all +get (~a resetchannels &b +@all) (resetchannels -@all +get|foo) (resetchannels -@all)',
    )
    expect(change('clearselectors')).toBe('off sanitize-payload resetchannels -@all +get')
    expect(someone(true)('(+get)')).toBe('off sanitize-payload &* -@all (&* -@all +get)')
  })

  test.each(['(on)', '(>foo)', '(nopass)', '(reset)', '((~a))', '(~a', '(+foo)', '(~* ~a)'])(
    'do not take %s',
    (rule) => {
      expect(someone()(rule)).toMatch(/^(Syntax error|unmatched |Unknown command|Adding a pattern)/)
    },
  )
})

describe('a description', () => {
  test('makes the same user again', () => {
    const change = someone()
    const described = change(
      ...['on', '>a', '>b', 'skip-sanitize-payload', '%R~a', '~b', '&c', '&d*', '+@all', '-@string', '+get'],
      ...['(%W~x', '+select|0)', '(allkeys allchannels allcommands)'],
    )
    expect(someone(true)(...described.split(' '))).toBe(described)
    expect(someone()(...described.split(' '))).toBe(described)
  })
})
