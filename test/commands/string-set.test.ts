import { beforeEach, describe, expect, test } from 'vitest'
import { stringCommands } from '../../src/commands/string.ts'
import { LIST } from '../../src/types/value-type.ts'
import { Harness } from '../support/harness.ts'
import { encodingOf, lifetimeOf, putOtherType, recordEvents } from './stored.ts'

const SYNTAX = '(error) ERR syntax error'
const NOT_AN_INTEGER = '(error) ERR value is not an integer or out of range'

let server: Harness
const show = (command: string) => server.show(command)
/** What the last command was propagated as. */
const propagated = () => server.propagated.splice(0).map(({ command }) => command.join(' '))
const in10s = () => String(server.clock.now() + 10_000)

beforeEach(() => {
  server = new Harness([stringCommands], 1, 1)
  server.recordPropagation()
})

describe('SET', () => {
  test('stores a value, in the encoding Redis would use', () => {
    expect(show('SET k 12345')).toBe('+OK')
    expect(encodingOf(server, 'k')).toBe('int')
    show(`SET k ${'x'.repeat(44)}`)
    expect(encodingOf(server, 'k')).toBe('embstr')
    show(`SET k ${'x'.repeat(45)}`)
    expect(encodingOf(server, 'k')).toBe('raw')
    expect(show('GET k')).toBe(`"${'x'.repeat(45)}"`)
  })

  test('overwrites whatever was there, deadline included', () => {
    putOtherType(server, 'list', LIST)
    show('SET list v EX 10')
    expect(show('SET list w')).toBe('+OK')
    expect(lifetimeOf(server, 'list')).toBeUndefined()
    expect(propagated()).toEqual([`SET list v PXAT ${in10s()}`, 'SET list w'])
  })

  test('sets deadlines in four ways', () => {
    const now = server.clock.now()
    for (const option of ['EX 10', 'PX 10000', `EXAT ${now / 1000 + 10}`, `PXAT ${now + 10_000}`]) {
      expect(show(`SET k v ${option}`)).toBe('+OK')
      expect(lifetimeOf(server, 'k')).toBe(10_000)
      expect(propagated()).toEqual([`SET k v PXAT ${in10s()}`])
    }
  })

  test('NX sets only what is not there, XX only what is', () => {
    expect(show('SET k v XX')).toBe('(nil-bulk)')
    expect(show('SET k v NX')).toBe('+OK')
    expect(show('SET k w NX')).toBe('(nil-bulk)')
    expect(show('SET k x XX')).toBe('+OK')
    expect(show('GET k')).toBe('"x"')
    expect(propagated()).toEqual(['SET k v NX', 'SET k x XX'])
  })

  test('NX takes a key that has run out as not there', () => {
    show('SET k v PX 1')
    server.clock.advance(1)
    expect(show('SET k w NX')).toBe('+OK')
  })

  test('GET answers with the old value, whether or not the new one is stored', () => {
    expect(show('SET k v GET')).toBe('(nil-bulk)')
    expect(show('SET k w GET')).toBe('"v"')
    expect(show('SET k x GET NX')).toBe('"w"')
    expect(show('GET k')).toBe('"w"')
    expect(show('SET other x XX GET')).toBe('(nil-bulk)')
    expect(show('SET fresh x NX GET EX 10')).toBe('(nil-bulk)')
    expect(show('GET fresh')).toBe('"x"')
  })

  test('GET is not propagated, the other options are', () => {
    show('SET k v')
    show('SET k v GET KEEPTTL GET XX')
    show('SET k v XX GET PX 10000')
    expect(propagated()).toEqual(['SET k v', 'SET k v KEEPTTL XX', `SET k v PXAT ${in10s()}`])
  })

  test('KEEPTTL keeps the deadline', () => {
    show('SET k v EX 10')
    expect(show('SET k a-longer-value-than-before KEEPTTL')).toBe('+OK')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
    show('SET other v KEEPTTL')
    expect(lifetimeOf(server, 'other')).toBeUndefined()
  })

  test('options may come in any order and case, and more than once', () => {
    for (const options of ['eX 5 gEt XX Ex 10', 'xx GET get ex 10 XX', 'PX 1 PX 10000', 'KEEPTTL keepttl']) {
      show('SET k v EX 10')
      expect(show(`SET k w ${options}`)).not.toBe(SYNTAX)
      expect(lifetimeOf(server, 'k')).toBe(10_000)
    }
  })

  test.each([
    'NX XX',
    'EX 10 PX 10',
    'EX 10 EXAT 10',
    'KEEPTTL EX 10',
    'EX 10 KEEPTTL',
    'EX',
    'GET PXAT',
    'PERSIST',
    'JUNK',
    'EX abc NX XX',
  ])('%s is a syntax error', (options) => {
    expect(show(`SET k v ${options}`)).toBe(SYNTAX)
    expect(propagated()).toEqual([])
  })

  test('a zero byte ends an option, as Redis compares them as C strings', () => {
    expect(show('SET k v "NX\\x00junk"')).toBe('+OK')
    expect(show('SET k v "nx\\x00"')).toBe('(nil-bulk)')
    expect(show('SET k v "N\\x00X"')).toBe(SYNTAX)
  })

  test.each(['EX 0', 'EX -1 GET', 'PX 0', 'EXAT 0', 'PXAT -5'])('%s is an invalid expire time', (options) => {
    expect(show(`SET k v ${options}`)).toBe("(error) ERR invalid expire time in 'set' command")
  })

  test('a deadline beyond 64 bits of milliseconds is invalid, one at its limit is not', () => {
    const max = 9223372036854775807n
    const invalid = "(error) ERR invalid expire time in 'set' command"
    expect(show(`SET k v EX ${max}`)).toBe(invalid)
    expect(show(`SET k v EXAT ${max / 1000n + 1n}`)).toBe(invalid)
    expect(show(`SET k v EX ${max / 1000n}`)).toBe(invalid)
    expect(show(`SET k v PX ${max - BigInt(server.clock.now()) + 1n}`)).toBe(invalid)
    expect(show(`SET k v PX ${max - BigInt(server.clock.now())}`)).toBe('+OK')
    expect(show(`SET k v EXAT ${max / 1000n}`)).toBe('+OK')
    propagated()
    expect(show(`SET k v PXAT ${max}`)).toBe('+OK')
    // As near as a double comes without being more.
    expect(propagated()).toEqual(['SET k v PXAT 9223372036854774784'])
    expect(show('GET k')).toBe('"v"')
  })

  test('a deadline that is no integer is told apart from one that is out of range', () => {
    expect(show('SET k v XX EX abc')).toBe(NOT_AN_INTEGER)
    expect(show('SET k v EX 9223372036854775808')).toBe(NOT_AN_INTEGER)
  })

  test('a deadline in the past stores a key that nobody finds any more', () => {
    const events = recordEvents(server)
    expect(show('SET k v PXAT 1')).toBe('+OK')
    expect(propagated()).toEqual(['SET k v PXAT 1'])
    expect(show('GET k')).toBe('(nil-bulk)')
    expect(events).toEqual(['set k', 'expire k', 'expired k'])
  })

  test('says "set", and "expire" after it if there is a deadline, but counts one change', () => {
    const events = recordEvents(server)
    show('SET k v')
    show('SET k v EX 10')
    expect(events).toEqual(['set k', 'set k', 'expire k'])
    expect(server.keyspace.dirty).toBe(2)
  })
})

describe('SETNX, SETEX and PSETEX', () => {
  test('SETNX sets only what is not there', () => {
    expect(show('SETNX k v')).toBe('(integer) 1')
    expect(show('SETNX k w')).toBe('(integer) 0')
    expect(show('GET k')).toBe('"v"')
    expect(propagated()).toEqual(['SETNX k v'])
  })

  test('the others set value and deadline', () => {
    expect(show('SETEX k 10 v')).toBe('+OK')
    expect(lifetimeOf(server, 'k')).toBe(10_000)
    expect(show('PSETEX k 10 w')).toBe('+OK')
    expect(lifetimeOf(server, 'k')).toBe(10)
    expect(show('GET k')).toBe('"w"')
    expect(propagated()).toEqual([`SET k v PXAT ${in10s()}`, `SET k w PXAT ${server.clock.now() + 10}`])
  })

  test('the others refuse what is no time to live', () => {
    expect(show('SETEX k 0 v')).toBe("(error) ERR invalid expire time in 'setex' command")
    expect(show('PSETEX k -1 v')).toBe("(error) ERR invalid expire time in 'psetex' command")
    expect(show('SETEX k abc v')).toBe(NOT_AN_INTEGER)
  })
})

describe('GETSET', () => {
  test('stores a value, takes the deadline away and answers with the old one', () => {
    expect(show('GETSET k v')).toBe('(nil-bulk)')
    show('SET k v EX 10')
    propagated()
    expect(show('GETSET k w')).toBe('"v"')
    expect(lifetimeOf(server, 'k')).toBeUndefined()
    expect(propagated()).toEqual(['SET k w'])
  })
})

describe('GETDEL', () => {
  test('removes the key it reads', () => {
    show('SET k v')
    propagated()
    const events = recordEvents(server)
    expect(show('GETDEL k')).toBe('"v"')
    expect(show('GETDEL k')).toBe('(nil-bulk)')
    expect(propagated()).toEqual(['DEL k'])
    expect(events).toEqual(['del k'])
  })
})

describe('GETEX', () => {
  beforeEach(() => {
    show('SET k v')
    propagated()
  })

  test('without options is a GET', () => {
    expect(show('GETEX k')).toBe('"v"')
    expect(show('GETEX nothing')).toBe('(nil-bulk)')
    expect(propagated()).toEqual([])
  })

  test('sets a deadline, which is propagated as a moment', () => {
    const now = server.clock.now()
    for (const option of ['EX 10', 'PX 10000', `EXAT ${now / 1000 + 10}`, `PXAT ${now + 10_000}`]) {
      expect(show(`GETEX k ${option}`)).toBe('"v"')
      expect(lifetimeOf(server, 'k')).toBe(10_000)
      expect(propagated()).toEqual([`PEXPIREAT k ${in10s()}`])
    }
  })

  test('PERSIST takes the deadline away, if there is one', () => {
    show('GETEX k EX 10')
    propagated()
    expect(show('GETEX k PERSIST persist')).toBe('"v"')
    expect(lifetimeOf(server, 'k')).toBeUndefined()
    expect(show('GETEX k PERSIST')).toBe('"v"')
    expect(propagated()).toEqual(['PERSIST k'])
  })

  test('with a deadline in the past removes the key and propagates DEL', () => {
    const events = recordEvents(server)
    expect(show('GETEX k PXAT 1')).toBe('"v"')
    expect(show('GET k')).toBe('(nil-bulk)')
    expect(propagated()).toEqual(['DEL k'])
    expect(events).toEqual(['del k'])
  })

  test('with a deadline in the past keeps the key hidden where keys are not to expire by themselves', () => {
    server.keyspace.mayExpire = false
    expect(show('GETEX k PXAT 1')).toBe('"v"')
    expect(propagated()).toEqual(['PEXPIREAT k 1'])
    expect(show('GET k')).toBe('(nil-bulk)')
  })

  test('refuses what it does not know, whether or not the key is there', () => {
    for (const options of ['PERSIST EX 10', 'EX 10 PERSIST', 'KEEPTTL', 'NX', 'EX']) {
      expect(show(`GETEX nothing ${options}`)).toBe(SYNTAX)
    }
  })

  test('looks at the deadline only if the key is there', () => {
    expect(show('GETEX nothing EX 0')).toBe('(nil-bulk)')
    expect(show('GETEX nothing EX abc')).toBe('(nil-bulk)')
    expect(show('GETEX k EX 0')).toBe("(error) ERR invalid expire time in 'getex' command")
    expect(show('GETEX k EX abc')).toBe(NOT_AN_INTEGER)
  })
})
