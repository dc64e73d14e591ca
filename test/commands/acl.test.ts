// ACL, and what users are kept from. Expected replies are redis-server's; where 7.0 and 7.4 differ, 7.4's.

import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { Guard } from '../../src/acl/guard.ts'
import { Users } from '../../src/acl/users.ts'
import { ReplyError } from '../../src/base/reply-error.ts'
import type { Session } from '../../src/command/session.ts'
import { aclCommands } from '../../src/commands/acl.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { listCommands } from '../../src/commands/list.ts'
import { pubsubCommands } from '../../src/commands/pubsub.ts'
import { sortCommands } from '../../src/commands/sort.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { Pubsub } from '../../src/pubsub/pubsub.ts'
import { Harness } from '../support/harness.ts'

let harness: Harness
let users: Users
let authentication: Authentication
/** Who asks, as the default user, and who is asked for. */
let admin: Session
let client: Session
let saved: number

beforeEach(() => {
  harness = new Harness([stringCommands, listCommands, hashCommands], 1, 1)
  const { registry, dispatcher, transactions, keyspace } = harness
  users = new Users(registry)
  authentication = new Authentication(users)
  const guard = new Guard(authentication)
  harness.gates.guard = guard
  saved = 0
  const world = {
    authentication,
    guard,
    load() {
      throw new ReplyError('ERR no file')
    },
    save() {
      saved++
    },
  }
  for (const family of [
    aclCommands(world),
    connectionCommands(authentication, { mode: 'standalone', role: 'master' }),
    pubsubCommands(new Pubsub(keyspace.seed)),
    sortCommands((context) => guard.readsAllKeys(context)),
    transactionCommands(transactions, dispatcher),
  ]) {
    registry.add(family)
  }
  admin = harness.connect(1).session
  client = harness.connect(2).session
  authentication.admit(admin)
  authentication.admit(client)
  users.onChanged = () => {
    for (const one of [admin, client]) authentication.refresh(one)
  }
})

function ask(command: string | string[]): string {
  return harness.show(command, admin)
}

function show(command: string | string[]): string {
  return harness.show(command, client)
}

/** Makes a user of these rules and lets the client be it. */
function be(rules: string): void {
  expect(ask(`ACL SETUSER u reset on nopass ${rules}`)).toBe('+OK')
  expect(show('AUTH u x')).toBe('+OK')
}

describe('ACL SETUSER', () => {
  test('makes a user, and changes it', () => {
    expect(ask('ACL SETUSER eve')).toBe('+OK')
    expect(ask('ACL LIST')).toBe(
      '["user default on nopass sanitize-payload ~* &* +@all", "user eve off sanitize-payload resetchannels -@all"]',
    )
    expect(ask('ACL SETUSER eve on (+get ~a*)')).toBe('+OK')
    expect(ask('ACL USERS')).toBe('["default", "eve"]')
    expect(users.find('eve')!.describe()).toBe(
      'on sanitize-payload resetchannels -@all (~a* resetchannels -@all +get)',
    )
  })

  test.each(['"a b"', '"a\\x00"', '"\\n"', '"a\\t"'])('refuses the name %s', (name) => {
    expect(ask(`ACL SETUSER ${name} on`)).toBe(
      "(error) ERR Usernames can't contain spaces or null characters",
    )
  })

  test.each([
    ['+foo', "Error in ACL SETUSER modifier '+foo': Unknown command or category name in ACL"],
    ['"~a\\x00b"', "Error in ACL SETUSER modifier '~a': Syntax error"],
    ['"a\\r\\nb"', "Error in ACL SETUSER modifier 'a  b': Syntax error"],
    ['(~a (b)', "Error in ACL SETUSER modifier '(~a (b)': Syntax error"],
    ['on "(~a" x', "Unmatched parenthesis in acl selector starting at '(~a'."],
  ])('with %s says what is wrong, and makes no user', (rules, error) => {
    expect(ask(`ACL SETUSER u ${rules}`)).toBe(`(error) ERR ${error}`)
    expect(ask('ACL USERS')).toBe('["default"]')
  })

  test('tells its arguments to no log, right or wrong', () => {
    harness.slowLog.threshold = 0
    ask('ACL SETUSER eve >secret')
    ask('ACL SETUSER eve >secret nonsense')
    ask('ACL SETUSER "e e" >secret')
    ask('ACL SETUSER eve (>secret')
    const shown = harness.slowLog.newest(9).map(({ args }) => args.join(' '))
    expect(shown).toHaveLength(4)
    for (const line of shown) expect(line).toMatch(/^ACL SETUSER (\(redacted\) ?)+$/)
  })
})

describe('ACL GETUSER', () => {
  test('tells what makes a user', () => {
    ask('ACL SETUSER eve on >a +get -@hash %R~a ~b &c (+set %W~d)')
    const selector = '["commands", "-@all +set", "keys", "%W~d", "channels", ""]'
    const hash = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'
    expect(ask('ACL GETUSER eve')).toBe(
      `["flags", ["on", "sanitize-payload"], "passwords", ["${hash}"], "commands", "-@all +get -@hash", "keys", "%R~a ~b", "channels", "&c", "selectors", [${selector}]]`,
    )
    admin.protocol = 3
    expect(ask('ACL GETUSER default')).toBe(
      '{"flags" => set["on", "nopass", "sanitize-payload"], "passwords" => [], "commands" => "+@all", "keys" => "~*", "channels" => "&*", "selectors" => []}',
    )
  })

  test('knows nothing of others', () => {
    expect(ask('ACL GETUSER nobody')).toBe('(nil-bulk)')
    admin.protocol = 3
    expect(ask('ACL GETUSER nobody')).toBe('(null)')
  })
})

describe('ACL DELUSER', () => {
  test('counts those that there were', () => {
    ask('ACL SETUSER a')
    ask('ACL SETUSER b')
    expect(ask('ACL DELUSER a b c a')).toBe('(integer) 2')
    expect(ask('ACL USERS')).toBe('["default"]')
  })

  test('never removes the default user, and then removes nobody', () => {
    ask('ACL SETUSER a')
    expect(ask('ACL DELUSER a default')).toBe("(error) ERR The 'default' user cannot be removed")
    expect(ask('ACL USERS')).toBe('["a", "default"]')
  })
})

describe('ACL CAT', () => {
  test('lists categories, and the commands of one', () => {
    expect(ask('ACL CAT')).toMatch(/^\["keyspace", "read", "write", .*, "transaction", "scripting"\]$/)
    expect(ask('ACL CAT Transaction')).toBe('["multi", "exec", "discard", "watch", "unwatch"]')
    expect(ask('ACL CAT admin')).toContain('"acl|setuser"')
  })

  test('refuses what is none', () => {
    expect(ask('ACL CAT foo')).toBe("(error) ERR Unknown category 'foo'")
    expect(ask('ACL CAT a b')).toBe(
      "(error) ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.",
    )
  })
})

describe('ACL GENPASS', () => {
  test.each([
    ['', 64],
    [' 1', 1],
    [' 4', 1],
    [' 5', 2],
    [' 4096', 1024],
  ])('%s makes digits', (bits, digits) => {
    const first = ask(`ACL GENPASS${bits}`)
    expect(first).toMatch(new RegExp(`^"[0-9a-f]{${digits}}"$`))
    if (digits > 1) expect(ask(`ACL GENPASS${bits}`)).not.toBe(digits > 2 ? first : '')
  })

  test.each(['0', '-1', '4097'])('refuses %s', (bits) => {
    expect(ask(`ACL GENPASS ${bits}`)).toBe(
      '(error) ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
    )
  })

  test('refuses what is no number, and more', () => {
    expect(ask('ACL GENPASS x')).toBe('(error) ERR value is not an integer or out of range')
    expect(ask('ACL GENPASS 1 2')).toMatch(/wrong number of arguments for 'GENPASS'/)
  })
})

describe('ACL DRYRUN', () => {
  beforeEach(() => {
    ask('ACL SETUSER u +@all -acl -acl|whoami %R~r &c')
  })

  test.each([
    ['GET r', '+OK'],
    ['get x', `"User u has no permissions to access the 'x' key"`],
    ['SET r 1', `"User u has no permissions to access the 'r' key"`],
    ['PUBLISH d m', `"User u has no permissions to access the 'd' channel"`],
    ['ACL USERS', `"User u has no permissions to run the 'acl|users' command"`],
    ['AUTH x', '+OK'],
    ['SET r', "(error) ERR wrong number of arguments for 'set' command"],
    ['ACL', "(error) ERR wrong number of arguments for 'acl' command"],
    ['ACL GETUSER', "(error) ERR wrong number of arguments for 'acl|getuser' command"],
    ['ACL nosuch', "(error) ERR Command 'ACL' not found"],
    ['nosuch x', "(error) ERR Command 'nosuch' not found"],
    ['acl|users', "(error) ERR Command 'acl|users' not found"],
  ])('of %s tells %s', (command, reply) => {
    expect(ask(`ACL DRYRUN u ${command}`)).toBe(reply)
  })

  test('runs nothing and logs nothing', () => {
    ask('ACL DRYRUN default SET r 1')
    ask('ACL DRYRUN u SET r 1')
    expect(ask('EXISTS r')).toMatch(/unknown command/)
    expect(ask('GET r')).toBe('(nil-bulk)')
    expect(ask('ACL LOG')).toBe('[]')
    expect(ask('ACL DRYRUN nobody GET r')).toBe("(error) ERR User 'nobody' not found")
  })
})

describe('ACL LOG', () => {
  test('tells what was denied, the latest first', () => {
    be('+get ~a')
    show('SET a 1')
    show('AUTH u2 secret')
    harness.clock.advance(1500)
    const fields = (entry: string) => entry.replace(/client-info", "[^"]*"/g, 'client-info", …')
    const auth = `["count", (integer) 1, "reason", "auth", "context", "toplevel", "object", "AUTH", "username", "u2", "age-seconds", "1.5", "client-info", …, "entry-id", (integer) 1,`
    expect(fields(ask('ACL LOG 1'))).toContain(auth)
    const [entry] = authentication.log.newest(1)
    expect(ask('ACL LOG')).toContain(`"timestamp-created", (integer) ${entry!.createdAt}`)
    expect(entry!.clientInfo).toMatch(/^id=2 .* cmd=auth user=u /)
    expect(ask('ACL LOG')).toContain('"object", "set", "username", "u"')
    expect(ask('ACL LOG RESET')).toBe('+OK')
    expect(ask('ACL LOG')).toBe('[]')
  })

  test('takes a number or RESET', () => {
    expect(ask('ACL LOG -1')).toBe('[]')
    expect(ask('ACL LOG foo')).toBe('(error) ERR value is not an integer or out of range')
    expect(ask('ACL LOG 1 2')).toMatch(/wrong number of arguments for 'LOG'/)
  })
})

describe('ACL LOAD and SAVE', () => {
  test('do what they are handed', () => {
    expect(ask('ACL SAVE')).toBe('+OK')
    expect(saved).toBe(1)
    expect(ask('ACL LOAD')).toBe('(error) ERR no file')
  })
})

describe('ACL WHOAMI', () => {
  test('names the user', () => {
    expect(show('ACL WHOAMI')).toBe('"default"')
    be('+acl')
    expect(show('ACL WHOAMI')).toBe('"u"')
    show('RESET')
    expect(show('ACL WHOAMI')).toBe('"default"')
  })
})

describe('a user that may not do everything', () => {
  test('is told what it may not', () => {
    be('+get +publish +acl|whoami ~a &c')
    expect(show('GET a')).toBe('(nil-bulk)')
    expect(show('GET b')).toBe('(error) NOPERM No permissions to access a key')
    expect(show('SET a 1')).toBe("(error) NOPERM User u has no permissions to run the 'set' command")
    expect(show('ACL USERS')).toBe("(error) NOPERM User u has no permissions to run the 'acl|users' command")
    expect(show('PUBLISH d m')).toBe('(error) NOPERM No permissions to access a channel')
    expect(authentication.log.counts).toEqual({ auth: 0, command: 2, key: 1, channel: 1 })
    expect(harness.registry.byName('get')!.rejected).toBe(1)
    expect(client.lastCommand).toBe('publish')
  })

  test('is told of mistakes first, and of the password before all', () => {
    be('-@all')
    expect(show('GET')).toBe("(error) ERR wrong number of arguments for 'get' command")
    expect(show('NOSUCH')).toMatch(/^\(error\) ERR unknown command/)
    ask('ACL SETUSER default >pw')
    authentication.admit(client)
    expect(show('GET a')).toBe('(error) NOAUTH Authentication required.')
  })

  test('feels a change of its rules at once', () => {
    be('+get ~a')
    ask('ACL SETUSER u allkeys')
    expect(show('GET b')).toBe('(nil-bulk)')
    ask('ACL SETUSER u +@all allchannels')
    expect(client.gates).toBe(0)
    ask('ACL SETUSER u -set')
    expect(show('SET b 1')).toMatch(/NOPERM/)
    ask('ACL SETUSER u off')
    expect(show('GET b')).toBe('(nil-bulk)')
    expect(show('AUTH u x')).toMatch(/WRONGPASS/)
  })

  test('can always say who it is, and start anew', () => {
    be('-@all')
    expect(show('AUTH default x')).toBe('+OK')
    be('-@all')
    expect(show('HELLO 2 AUTH default x')).toMatch(/"redis"/)
    be('-@all')
    expect(show('RESET')).toBe('+RESET')
    expect(show('GET a')).toBe('(nil-bulk)')
  })

  test('may be the default user', () => {
    ask('ACL SETUSER default -set')
    expect(show('SET a 1')).toBe("(error) NOPERM User default has no permissions to run the 'set' command")
    expect(ask('ACL SETUSER default +@all')).toBe('+OK')
    expect(show('SET a 1')).toBe('+OK')
  })
})

describe('a transaction', () => {
  test('is spoiled by what its user may not', () => {
    be('+multi +exec +get ~a')
    show('MULTI')
    expect(show('SET a 1')).toMatch(/NOPERM User u/)
    expect(show('GET b')).toMatch(/NOPERM No permissions to access a key/)
    expect(show('EXEC')).toBe('(error) EXECABORT Transaction discarded because of previous errors.')
    expect(authentication.log.newest(9).map(({ context }) => context)).toEqual(['multi', 'multi'])
    expect(show('EXEC')).toBe('(error) ERR EXEC without MULTI')
  })

  test('runs of its commands those that are still allowed', () => {
    be('+@all ~* &*')
    show('MULTI')
    for (const command of ['SET a 1', 'GET a', 'PUBLISH c m', 'INCR b', 'STRLEN a']) {
      expect(show(command)).toBe('+QUEUED')
    }
    ask('ACL SETUSER u -get resetkeys ~a resetchannels')
    const start =
      '(error) NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason:'
    expect(show('EXEC')).toBe(
      `[+OK, ${start} no permission to execute the command or subcommand, ${start} no permission to access one of the channels used as arguments, ${start} no permission to touch the specified keys, (integer) 1]`,
    )
    expect(authentication.log.newest(9)).toMatchObject([
      { reason: 'key', context: 'multi', object: 'b' },
      { reason: 'channel', context: 'multi', object: 'c' },
      { reason: 'command', context: 'multi', object: 'get' },
    ])
    expect(authentication.log.newest(1)[0]!.clientInfo).toContain(' cmd=exec ')
    expect(harness.errors.counts()).toEqual([['NOPERM', 3]])
  })

  test('goes on as whoever has logged in on the way', () => {
    be('+@all ~* &*')
    ask('ACL SETUSER other on nopass +get ~b')
    show('MULTI')
    show('AUTH other x')
    show('GET a')
    show('GET b')
    expect(show('EXEC')).toMatch(/^\[\+OK, \(error\) NOPERM ACLs rules changed .*, \(nil-bulk\)\]$/)
  })
})

describe('SORT', () => {
  const BY = '(error) ERR BY option of SORT denied due to insufficient ACL permissions.'
  const GET = '(error) ERR GET option of SORT denied due to insufficient ACL permissions.'

  beforeEach(() => {
    ask('RPUSH list 1 2')
  })

  test.each([
    ['+sort ~list', 'SORT list', '["1", "2"]'],
    ['+sort ~list', 'SORT list BY nosort', '["1", "2"]'],
    ['+sort ~list ~w*', 'SORT list BY w*', BY],
    ['+sort ~list %W~*', 'SORT list GET w*', GET],
    ['+sort ~list', 'SORT list GET #', GET],
    ['+sort ~list %R~*', 'SORT list BY w* GET #', '["1", "2"]'],
    ['+sort_ro ~list', 'SORT_RO list BY w*', BY],
    ['+sort ~list (+get %R~*)', 'SORT list BY w*', BY],
    ['(+sort ~list) (+sort %R~*)', 'SORT list BY w*', '["1", "2"]'],
    ['+sort ~list', 'SORT list BY w* LIMIT a b', BY],
    ['+sort ~list', 'SORT list LIMIT a b BY w*', '(error) ERR value is not an integer or out of range'],
    ['+sort %R~list', 'SORT list STORE list', '(error) NOPERM No permissions to access a key'],
  ])('of a user with %s: %s', (rules, command, reply) => {
    be(rules)
    expect(show(command)).toBe(reply)
  })
})
