// PING, ECHO, QUIT, RESET, HELLO, AUTH, SELECT. Expected replies are redis-server's.

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { Random } from '../../src/base/random.ts'
import { HAS_SUBSCRIPTIONS, type Peer, Session } from '../../src/command/session.ts'
import { clientCommands } from '../../src/commands/client.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { Tracking } from '../../src/tracking/tracking.ts'
import { Harness, QUIET_PEER } from '../support/harness.ts'

const authentication = new Authentication()
const harness = new Harness([
  connectionCommands(authentication, { mode: 'standalone', role: 'master' }),
  clientCommands(
    { all: () => [], get: () => undefined },
    { begin() {}, end() {} },
    authentication,
    new Tracking(new Keyspace(1, { low: 1, high: 2 }, new Random(1))),
  ),
  stringCommands,
])
/** A new client for each test. */
let client: Session

beforeEach(() => {
  authentication.users.setDefaultPassword('')
  authentication.log.resetCounts()
  client = new Session(1, QUIET_PEER, harness.clock.now())
  harness.keyspace.flush(harness.keyspace.databases)
})

function show(command: string | string[]): string {
  return harness.show(command, client)
}

function raw(command: string): string {
  return harness.raw(command, client).toString()
}

/** Requires a password, of the client that is there already too. */
function lock(password: string): void {
  authentication.users.setDefaultPassword(password)
  authentication.admit(client)
}

describe('PING', () => {
  test('answers PONG, or its message', () => {
    expect(show('PING')).toBe('+PONG')
    expect(show('PING "a b\\n"')).toBe('"a b\\n"')
    expect(show('PING ""')).toBe('""')
  })

  test('takes one message', () => {
    expect(show('PING a b')).toBe("(error) ERR wrong number of arguments for 'ping' command")
  })

  test('answers a RESP2 subscriber in the form of a message, a RESP3 one as ever', () => {
    client.gates |= HAS_SUBSCRIPTIONS
    expect(show('PING')).toBe('["pong", ""]')
    expect(show('PING hi')).toBe('["pong", "hi"]')
    client.protocol = 3
    expect(show('PING hi')).toBe('"hi"')
  })
})

describe('ECHO', () => {
  test('answers its message, byte for byte', () => {
    expect(show(['ECHO', 'a\x00\xff\r\n'])).toBe('"a\\x00\\xff\\r\\n"')
  })

  test('takes exactly one message', () => {
    expect(show('ECHO')).toBe("(error) ERR wrong number of arguments for 'echo' command")
    expect(show('ECHO a b')).toBe("(error) ERR wrong number of arguments for 'echo' command")
  })
})

describe('SELECT', () => {
  test('changes the database for this command and the next', () => {
    show('SET k zero')
    expect(show('SELECT 15')).toBe('+OK')
    expect(show('GET k')).toBe('(nil-bulk)')
    expect(client.database).toBe(15)
    expect(show('SELECT 0')).toBe('+OK')
    expect(show('GET k')).toBe('"zero"')
  })

  test.each([
    ['16', 'ERR DB index is out of range'],
    ['-1', 'ERR DB index is out of range'],
    ['2147483647', 'ERR DB index is out of range'],
    ['2147483648', 'ERR value is out of range, value must between -2147483648 and 2147483647'],
    ['-9999999999', 'ERR value is out of range, value must between -2147483648 and 2147483647'],
    ['99999999999999999999', 'ERR value is not an integer or out of range'],
    ['abc', 'ERR value is not an integer or out of range'],
    ['1.0', 'ERR value is not an integer or out of range'],
    ['""', 'ERR value is not an integer or out of range'],
  ])('refuses %s', (index, error) => {
    expect(show(`SELECT ${index}`)).toBe(`(error) ${error}`)
    expect(client.database).toBe(0)
  })
})

describe('QUIT', () => {
  test('says OK and closes the connection after it', () => {
    const closings: boolean[] = []
    const peer: Peer = { ...QUIET_PEER, close: (afterReplies) => closings.push(afterReplies) }
    expect(harness.show('QUIT and more', new Session(2, peer, 0))).toBe('+OK')
    expect(closings).toEqual([true])
  })
})

describe('AUTH', () => {
  const WRONG = '(error) WRONGPASS invalid username-password pair or user is disabled.'

  test('without a password set takes any password for the default user, but not without naming it', () => {
    expect(show('AUTH x')).toMatch(/^\(error\) ERR AUTH <password> called without any password configured/)
    expect(show('AUTH default anything')).toBe('+OK')
    expect(show('AUTH somebody anything')).toBe(WRONG)
  })

  test('lets in whoever knows the password, in both forms', () => {
    for (const command of ['AUTH secret', 'AUTH default secret']) {
      lock('secret')
      expect(show('GET k')).toBe('(error) NOAUTH Authentication required.')
      expect(show(command)).toBe('+OK')
      expect(show('GET k')).toBe('(nil-bulk)')
    }
  })

  test.each(['AUTH secre', 'AUTH secret1', 'AUTH ""', 'AUTH default Secret', 'AUTH root secret'])(
    'refuses %s',
    (command) => {
      lock('secret')
      expect(show(command)).toBe(WRONG)
      expect(show('GET k')).toBe('(error) NOAUTH Authentication required.')
      expect(authentication.log.counts.auth).toBe(1)
    },
  )

  test('when refused leaves a client in that is in already', () => {
    lock('secret')
    show('AUTH secret')
    expect(show('AUTH wrong')).toBe(WRONG)
    expect(show('GET k')).toBe('(nil-bulk)')
  })

  test('compares bytes, not characters', () => {
    lock('p\xe9\x00')
    expect(show(['AUTH', 'p\xc3\xa9\x00'])).toBe(WRONG)
    expect(show(['AUTH', 'p\xe9\x00'])).toBe('+OK')
  })

  test('has one or two arguments', () => {
    expect(show('AUTH')).toBe("(error) ERR wrong number of arguments for 'auth' command")
    expect(show('AUTH a b c')).toBe('(error) ERR syntax error')
  })

  test('is shown by the slow log without its arguments', () => {
    harness.slowLog.threshold = 0
    onTestFinished(() => {
      harness.slowLog.threshold = 10_000
    })
    lock('secret')
    show('AUTH default secret')
    show('HELLO 3 AUTH default secret SETNAME me')
    show('ECHO secret')
    expect(harness.slowLog.newest(9).map((entry) => entry.args.join(' '))).toEqual([
      'ECHO secret',
      'HELLO 3 AUTH (redacted) (redacted) SETNAME me',
      'AUTH (redacted) (redacted)',
    ])
  })

  test('what needs no authentication runs without it, mistakes are told before it is asked for', () => {
    lock('secret')
    expect(show('NOSUCH')).toBe("(error) ERR unknown command 'NOSUCH', with args beginning with: ")
    expect(show('GET')).toBe("(error) ERR wrong number of arguments for 'get' command")
    expect(show('CLIENT NOSUCH')).toBe("(error) ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.")
    expect(show('CLIENT ID')).toBe('(error) NOAUTH Authentication required.')
    expect(show('RESET')).toBe('+RESET')
    expect(show('QUIT')).toBe('+OK')
  })
})

describe('HELLO', () => {
  const PAIRS =
    '"server" => "redis", "version" => "7.4.1", "proto" => (integer) 3, "id" => (integer) 1, ' +
    '"mode" => "standalone", "role" => "master", "modules" => []'

  test('switches the protocol, with its own reply in the new one', () => {
    expect(show('HELLO 3')).toBe(`{${PAIRS}}`)
    expect(show('GET k')).toBe('(null)')
    expect(show('HELLO 2')).toBe(
      `[${PAIRS.replaceAll(' => ', ', ').replace('"proto", (integer) 3', '"proto", (integer) 2')}]`,
    )
    expect(show('GET k')).toBe('(nil-bulk)')
  })

  test('without a version only tells', () => {
    show('HELLO 3')
    expect(show('HELLO')).toBe(`{${PAIRS}}`)
    expect(client.protocol).toBe(3)
  })

  test.each([
    ['HELLO 1', 'NOPROTO unsupported protocol version'],
    ['HELLO 4', 'NOPROTO unsupported protocol version'],
    ['HELLO -3', 'NOPROTO unsupported protocol version'],
    ['HELLO 9223372036854775807', 'NOPROTO unsupported protocol version'],
    ['HELLO 9223372036854775808', 'ERR Protocol version is not an integer or out of range'],
    ['HELLO three', 'ERR Protocol version is not an integer or out of range'],
    ['HELLO ""', 'ERR Protocol version is not an integer or out of range'],
    ['HELLO 3 FOO', "ERR Syntax error in HELLO option 'FOO'"],
    ['HELLO 3 AUTH', "ERR Syntax error in HELLO option 'AUTH'"],
    ['HELLO 3 auth default', "ERR Syntax error in HELLO option 'auth'"],
    ['HELLO 3 SETNAME', "ERR Syntax error in HELLO option 'SETNAME'"],
    ['HELLO 3 SETNAME "a b"', 'ERR Client names cannot contain spaces, newlines or special characters.'],
    ['HELLO 3 AUTH root x', 'WRONGPASS invalid username-password pair or user is disabled.'],
    ['HELLO 3 SETNAME x AUTH root x', 'WRONGPASS invalid username-password pair or user is disabled.'],
  ])('refuses %s and changes nothing', (command, error) => {
    expect(show(command)).toBe(`(error) ${error}`)
    expect(client.protocol).toBe(2)
    expect(client.name).toBe('')
  })

  test('names the client', () => {
    show('HELLO 3 SETNAME me')
    expect(show('CLIENT GETNAME')).toBe('"me"')
  })

  test('needs authentication, which it can bring', () => {
    lock('secret')
    expect(show('HELLO 3')).toMatch(
      /^\(error\) NOAUTH HELLO must be called with the client already authenticated/,
    )
    expect(show('HELLO 4')).toBe('(error) NOPROTO unsupported protocol version')
    expect(show('HELLO 3 AUTH default wrong')).toMatch(/WRONGPASS/)
    expect(show('PING')).toBe('(error) NOAUTH Authentication required.')
    expect(show('HELLO 3 AUTH default secret')).toBe(`{${PAIRS}}`)
    expect(show('PING')).toBe('+PONG')
  })

  test('with a bad name does not authenticate', () => {
    lock('secret')
    expect(show('HELLO 2 AUTH default secret SETNAME "a b"')).toMatch(/Client names cannot/)
    expect(show('PING')).toBe('(error) NOAUTH Authentication required.')
  })
})

describe('RESET', () => {
  test('makes the connection as new, but for its number and its library', () => {
    for (const command of [
      'SET k v',
      'SELECT 3',
      'CLIENT SETNAME me',
      'CLIENT SETINFO lib-name jedis',
      'CLIENT NO-EVICT ON',
      'CLIENT NO-TOUCH ON',
      'HELLO 3',
    ]) {
      show(command)
    }
    expect(show('RESET')).toBe('+RESET')
    expect(show('GET nothing')).toBe('(nil-bulk)')
    expect(show('GET k')).toBe('"v"')
    expect([client.name, client.libraryName, client.isEvictable, client.touchesKeys]).toEqual([
      '',
      'jedis',
      true,
      true,
    ])
  })

  test('asks for the password again', () => {
    lock('secret')
    show('AUTH secret')
    show('RESET')
    expect(show('PING')).toBe('(error) NOAUTH Authentication required.')
  })

  test('turns replies on again; a reply that is to be skipped is skipped', () => {
    raw('CLIENT REPLY OFF')
    expect(raw('PING')).toBe('')
    expect(raw('RESET')).toBe('+RESET\r\n')
    raw('CLIENT REPLY SKIP')
    expect(raw('RESET')).toBe('')
    expect(raw('PING')).toBe('+PONG\r\n')
  })

  test('takes no argument', () => {
    expect(show('RESET now')).toBe("(error) ERR wrong number of arguments for 'reset' command")
  })
})
