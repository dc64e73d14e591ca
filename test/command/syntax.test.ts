import { describe, expect, test } from 'vitest'
import type { ArgumentNotes, KeySpec } from '../../src/command/definition.ts'
import { allKeys, countedKeys, keyAt, keysFrom, oneKey } from '../../src/command/key-specs.ts'
import { readSyntax } from '../../src/command/syntax.ts'
import { showArgument } from '../support/facts.ts'

/** The tree in the notation of test/command/facts. */
function tree(syntax: string, keys: readonly KeySpec[] = [], notes: ArgumentNotes = {}): string {
  return readSyntax(syntax, keys, notes).map(showArgument).join(' ')
}

describe('a word', () => {
  test('in small letters is a value, whose type is known by its name', () => {
    expect(tree('seconds message pattern timeout')).toBe(
      'seconds:integer message:string pattern:pattern timeout:double',
    )
  })

  test('in capitals stands for itself', () => {
    expect(tree('[NOW]')).toBe('now:pure-token=NOW?')
  })

  test('in capitals before a value announces it', () => {
    expect(tree('[EX seconds]')).toBe('seconds:integer=EX?')
  })

  test('in capitals before several values makes them a block', () => {
    expect(tree('[LIMIT offset count]')).toBe('limit:block(offset:integer count:integer)=LIMIT?')
    expect(tree('FIELDS numfields field [field ...] [NX]')).toBe(
      'fields:block(numfields:integer field:string+)=FIELDS nx:pure-token=NX?',
    )
  })

  test('in capitals takes what is optional into its block within brackets, but not outside of them', () => {
    expect(tree('[TO host port [FORCE]]')).toBe(
      'target:block(host:string port:integer force:pure-token=FORCE?)=TO?',
    )
    expect(tree('GROUP group consumer [NOACK]')).toBe(
      'group-block:block(group:string consumer:string)=GROUP noack:pure-token=NOACK?',
    )
  })

  test('in capitals is the first value’s alone where a choice follows', () => {
    expect(tree('<BYRADIUS radius <m | km | ft | mi> | BYLEX>')).toContain(
      'circle:block(radius:double=BYRADIUS unit:oneof(m:pure-token=m ',
    )
  })
})

describe('brackets', () => {
  test('make an argument optional', () => {
    expect(tree('[message]')).toBe('message:string?')
  })

  test('around several arguments make an optional block', () => {
    expect(tree('[start end [BYTE | BIT]]')).toBe(
      'range:block(start:integer end:integer unit:oneof(byte:pure-token=BYTE bit:pure-token=BIT)?)?',
    )
  })

  test('with bars hold a choice', () => {
    expect(tree('[NX | XX]')).toBe('condition:oneof(nx:pure-token=NX xx:pure-token=XX)?')
    expect(tree('<host port | NO ONE>')).toBe(
      'args:oneof(host-port:block(host:string port:integer) no-one:block(no:pure-token=NO one:pure-token=ONE))',
    )
  })

  test('may hold a choice that a token announces', () => {
    expect(tree('[AGGREGATE <SUM | MAX>]')).toBe(
      'aggregate:oneof(sum:pure-token=SUM max:pure-token=MAX)=AGGREGATE?',
    )
  })
})

describe('a repetition', () => {
  test('of a value makes it multiple', () => {
    expect(tree('member [member ...]')).toBe('member:string+')
    expect(tree('[member [member ...]]')).toBe('member:string+?')
  })

  test('of several values makes a multiple block', () => {
    expect(tree('field value [field value ...]')).toBe('data:block(field:string value:string)+')
  })

  test('after a token repeats the value, or the token with it', () => {
    expect(tree('[ID client-id [client-id ...]]')).toBe('client-id:integer=ID+?')
    expect(tree('[PREFIX prefix [PREFIX prefix ...]]')).toBe('prefix:string=PREFIX++?')
  })

  test('of a whole choice makes the choice multiple', () => {
    expect(tree('[GET encoding offset | SAT [GET encoding offset | SAT ...]]')).toBe(
      'get-block-sat:oneof(get-block:block(encoding:string offset:integer)=GET sat:pure-token=SAT)+?',
    )
  })
})

describe('keys', () => {
  test('are found by the key specs, in their order', () => {
    expect(tree('source destination', [keyAt(1, 'RO'), keyAt(2, 'OW')])).toBe(
      'source:key#0 destination:key#1',
    )
    expect(tree('destination numkeys key [key ...]', [keyAt(1, 'OW'), countedKeys(2, 'RO')])).toBe(
      'destination:key#0 numkeys:integer key:key#1+',
    )
  })

  test('may be found by one spec together', () => {
    const both: KeySpec = { flags: ['RO'], begin: { index: 1 }, find: { last: 1, step: 1, limit: 0 } }
    expect(tree('key1 key2', [both])).toBe('key1:key#0 key2:key#0')
    expect(tree('key value [key value ...]', [keysFrom(1, 2, 'OW')])).toBe(
      'data:block(key:key#0 value:string)+',
    )
    expect(tree('key [key ...]', allKeys('RO'))).toBe('key:key#0+')
  })

  test('are strings where the command has no key specs', () => {
    expect(tree('key')).toBe('key:string')
  })
})

describe('notes of a definition', () => {
  test('say what a word means here', () => {
    const notes = {
      increment: { type: 'double' },
      'EX seconds': { since: '2.6.12' },
      NX: 'not-there',
    } as const
    expect(tree('increment [EX seconds] [NX]', [], notes)).toBe(
      'increment:double seconds:integer=EX>2.6.12? not-there:pure-token=NX?',
    )
  })

  test('add to what the vocabulary says', () => {
    expect(tree('[NX | XX]', [], { 'NX | XX': { since: '3.0.2' } })).toBe(
      'condition:oneof(nx:pure-token=NX xx:pure-token=XX)>3.0.2?',
    )
  })

  test('may differ from one occurrence to the next', () => {
    expect(tree('<LEFT | RIGHT> <LEFT | RIGHT>', [], { 'LEFT | RIGHT': ['from', 'to'] })).toBe(
      'from:oneof(left:pure-token=LEFT right:pure-token=RIGHT) to:oneof(left:pure-token=LEFT right:pure-token=RIGHT)',
    )
  })

  test('leave the text that is shown', () => {
    expect(tree('[BY pattern]', oneKey('RO'), { 'BY pattern': { keySpec: 1 } })).toBe(
      "by-pattern:pattern'pattern'=BY#1?",
    )
  })
})

describe('what can’t be read', () => {
  test.each(['[a', '<a | b', 'a | b', 'a [b ...]'])('%s is refused', (syntax) => {
    expect(() => readSyntax(syntax, [])).toThrow()
  })

  test('nothing means no arguments', () => {
    expect(readSyntax('', [])).toEqual([])
  })
})
