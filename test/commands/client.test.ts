// CLIENT and its subcommands, over a directory of made-up clients. Expected replies are redis-server's.

import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { Random } from '../../src/base/random.ts'
import { type Peer, Session } from '../../src/command/session.ts'
import { clientCommands } from '../../src/commands/client.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { Tracking } from '../../src/tracking/tracking.ts'
import { Harness, QUIET_PEER } from '../support/harness.ts'

const SYNTAX_ERROR = '(error) ERR syntax error'

const sessions = new Map<number, Session>()
/** The clients that were ended, and the pauses that were begun and ended. */
let closed: string[] = []
let pauses: string[] = []
const authentication = new Authentication()
const harness = new Harness([
  connectionCommands(authentication, { mode: 'standalone', role: 'master' }),
  clientCommands(
    { all: () => sessions.values(), get: (id) => sessions.get(id) },
    {
      begin: (until, holdsAll) => pauses.push(`${until - harness.clock.now()} ${holdsAll ? 'all' : 'write'}`),
      end: () => pauses.push('end'),
    },
    authentication,
    new Tracking(new Keyspace(1, { low: 1, high: 2 }, new Random(1))),
  ),
  stringCommands,
])
/** Who asks, a new one for each test: number 1. */
let me: Session

beforeEach(() => {
  sessions.clear()
  closed = []
  pauses = []
  me = connect(1, '127.0.0.1:1001')
})

function show(command: string | string[]): string {
  return harness.show(command, me)
}

function connect(id: number, address: string, more: Partial<Peer> = {}): Session {
  const close = (afterReplies: boolean) => {
    closed.push(`${id}${afterReplies ? ' after replies' : ''}`)
    sessions.delete(id)
  }
  const session = new Session(id, { ...QUIET_PEER, address, close, ...more }, harness.clock.now())
  sessions.set(id, session)
  return session
}

/** The numbers of the clients that a listing shows. */
function listed(command: string): number[] {
  const reply = harness.run(command, me)
  if (reply.type !== 'bulk') throw new Error(`no listing: ${JSON.stringify(reply)}`)
  return [...reply.text.matchAll(/^id=(\d+) /gm)].map((match) => Number(match[1]))
}

describe('CLIENT', () => {
  test('needs a subcommand that it has', () => {
    expect(show('CLIENT')).toBe("(error) ERR wrong number of arguments for 'client' command")
    expect(show('CLIENT FOO bar')).toBe("(error) ERR unknown subcommand 'FOO'. Try CLIENT HELP.")
  })

  test('HELP names every subcommand', () => {
    const help = show('CLIENT HELP')
    for (const sub of harness.registry.byName('client')!.subcommands!.keys()) {
      expect(help).toContain(`+${sub.toUpperCase()}`)
    }
  })
})

describe('CLIENT UNBLOCK', () => {
  test('says that a client did not wait', () => {
    connect(5, '127.0.0.1:1005')
    for (const command of ['CLIENT UNBLOCK 5', 'CLIENT UNBLOCK 5 timeout', 'CLIENT UNBLOCK 99 ERROR']) {
      expect(show(command)).toBe('(integer) 0')
    }
  })

  test('refuses what is no number and no reason', () => {
    expect(show('CLIENT UNBLOCK x')).toBe('(error) ERR value is not an integer or out of range')
    expect(show('CLIENT UNBLOCK x FOO')).toBe('(error) ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
    expect(show('CLIENT UNBLOCK')).toBe("(error) ERR wrong number of arguments for 'client|unblock' command")
    expect(show('CLIENT UNBLOCK 1 ERROR x')).toBe(
      "(error) ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.",
    )
  })
})

describe('CLIENT ID, GETNAME, SETNAME, SETINFO', () => {
  test('a client has a number, and a name if it takes one', () => {
    expect(show('CLIENT ID')).toBe('(integer) 1')
    expect(show('CLIENT GETNAME')).toBe('(nil-bulk)')
    expect(show('CLIENT SETNAME a~!b')).toBe('+OK')
    expect(show('CLIENT GETNAME')).toBe('"a~!b"')
    expect(show('CLIENT SETNAME ""')).toBe('+OK')
    expect(show('CLIENT GETNAME')).toBe('(nil-bulk)')
  })

  test.each(['a b', 'a\n', '\x7f', 'caf\xe9', '\x00'])('no name is %j', (name) => {
    show('CLIENT SETNAME before')
    expect(show(['CLIENT', 'SETNAME', name])).toBe(
      '(error) ERR Client names cannot contain spaces, newlines or special characters.',
    )
    expect(show('CLIENT GETNAME')).toBe('"before"')
  })

  test('a library can be named, and its version', () => {
    expect(show('CLIENT SETINFO LIB-NAME redis.py')).toBe('+OK')
    expect(show('CLIENT SETINFO lib-ver 1.2.3')).toBe('+OK')
    expect(show('CLIENT INFO')).toContain('lib-name=redis.py lib-ver=1.2.3')
    expect(show('CLIENT SETINFO lib-name ""')).toBe('+OK')
    expect(show('CLIENT INFO')).toContain('lib-name= lib-ver=1.2.3')
  })

  test('nothing else can be told, and nothing with blanks', () => {
    expect(show('CLIENT SETINFO badger hamster')).toBe("(error) ERR Unrecognized option 'badger'")
    expect(show('CLIENT SETINFO lib-name "redis py"')).toBe(
      '(error) ERR lib-name cannot contain spaces, newlines or special characters.',
    )
    expect(show('CLIENT SETINFO LIB-VER "1\\n"')).toBe(
      '(error) ERR lib-ver cannot contain spaces, newlines or special characters.',
    )
  })
})

describe('CLIENT INFO and LIST', () => {
  test('show the fields of Redis 7.4, in its order', () => {
    harness.clock.advance(3500)
    me.lastInteraction = harness.clock.now()
    expect(show('CLIENT INFO')).toBe(
      '"id=1 addr=127.0.0.1:1001 laddr=127.0.0.1:6379 fd=8 name= age=3 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 ' +
        'multi=-1 watch=0 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=5700 ' +
        'events=r cmd=client|info user=default redir=-1 resp=2 lib-name= lib-ver=\\n"',
    )
  })

  test('show what a client has done and has waiting', () => {
    const other = connect(7, '/tmp/sock:0', {
      isUnix: true,
      queryBytes: 10,
      queryFreeBytes: 20,
      outputBytes: 300,
      outputPieces: 2,
    })
    harness.run('SELECT 5', other)
    harness.run('HELLO 3 SETNAME it', other)
    other.queuedCommands = 2
    other.watchedKeys = 4
    other.channels = 1
    const line = show('CLIENT LIST ID 7')
    expect(line).toContain('addr=/tmp/sock:0')
    expect(line).toContain('name=it')
    expect(line).toContain('flags=PxU db=5 sub=1 psub=0 ssub=0 multi=2 watch=4 qbuf=10 qbuf-free=20')
    expect(line).toContain('oll=2 omem=300 tot-mem=6030 events=rw cmd=hello user=default redir=-1 resp=3')
  })

  test.each([
    ['isMonitor', true, 'O'],
    ['link', 'replica', 'S'],
    ['link', 'master', 'M'],
    ['patterns', 1, 'P'],
    ['shardChannels', 1, 'P'],
    ['queuedCommands', 0, 'x'],
    ['isBlocked', true, 'b'],
    ['isClosing', true, 'c'],
    ['isReadonly', true, 'r'],
    ['isEvictable', false, 'e'],
    ['touchesKeys', false, 'T'],
  ] as const)('say by a flag that %s is %s: %s', (field, value, flag) => {
    const other = connect(2, 'x:1')
    Object.assign(other, { [field]: value })
    expect(show('CLIENT LIST ID 2')).toContain(` flags=${flag} `)
  })

  test('are verbatim text in RESP3', () => {
    show('HELLO 3')
    expect(show('CLIENT INFO')).toMatch(/^\(verbatim txt\) "id=1 /)
    expect(show('CLIENT LIST ID 99')).toBe('(verbatim txt) ""')
  })

  test('LIST shows everyone, in order of arrival', () => {
    connect(5, 'a:1')
    connect(6, 'b:1')
    expect(listed('CLIENT LIST')).toEqual([1, 5, 6])
  })

  test('LIST TYPE shows those of a type', () => {
    connect(2, 'a:1').channels = 1
    connect(3, 'b:1').link = 'replica'
    connect(4, 'c:1').link = 'master'
    expect(listed('CLIENT LIST TYPE NORMAL')).toEqual([1])
    expect(listed('CLIENT LIST TYPE pubsub')).toEqual([2])
    expect(listed('CLIENT LIST TYPE slave')).toEqual([3])
    expect(listed('CLIENT LIST TYPE Replica')).toEqual([3])
    expect(listed('CLIENT LIST TYPE master')).toEqual([4])
    expect(show('CLIENT LIST TYPE foo')).toBe("(error) ERR Unknown client type 'foo'")
  })

  test('LIST ID shows those that exist, in the order they are asked for', () => {
    connect(2, 'a:1')
    connect(3, 'b:1')
    expect(listed('CLIENT LIST ID 3 99 1 3 -1')).toEqual([3, 1, 3])
    expect(show('CLIENT LIST ID 1 x')).toBe('(error) ERR Invalid client ID')
    expect(show('CLIENT LIST ID 99999999999999999999')).toBe('(error) ERR Invalid client ID')
  })

  test.each(['FOO', 'TYPE', 'TYPE normal more', 'ID', 'FOO normal'])('LIST refuses %s', (words) => {
    expect(show(`CLIENT LIST ${words}`)).toBe(SYNTAX_ERROR)
  })
})

describe('CLIENT KILL', () => {
  beforeEach(() => {
    connect(2, '10.0.0.1:2002')
    connect(3, '10.0.0.1:3003', { localAddress: '10.0.0.9:6379' })
    connect(4, '10.0.0.2:4004').channels = 1
  })

  test('with an address ends that connection, or says that there is none', () => {
    expect(show('CLIENT KILL 10.0.0.1:2002')).toBe('+OK')
    expect(closed).toEqual(['2'])
    expect(show('CLIENT KILL 10.0.0.1:2002')).toBe('(error) ERR No such client')
  })

  test('of oneself comes after the reply', () => {
    expect(show('CLIENT KILL 127.0.0.1:1001')).toBe('+OK')
    expect(closed).toEqual(['1 after replies'])
  })

  test.each([
    ['ID 3', ['3']],
    ['ID 99', []],
    ['ID 3 ID 4', ['4']],
    ['ADDR 10.0.0.2:4004', ['4']],
    ['LADDR 10.0.0.9:6379', ['3']],
    ['TYPE pubsub', ['4']],
    ['TYPE normal', ['2', '3']],
    ['TYPE replica', []],
    ['TYPE normal SKIPME no', ['1 after replies', '2', '3']],
    ['USER default', ['2', '3', '4']],
    ['USER default TYPE normal LADDR 10.0.0.9:6379', ['3']],
    ['ID 3 ADDR 10.0.0.2:4004', []],
    ['ID 1', []],
    ['ID 1 SKIPME no', ['1 after replies']],
    ['SKIPME yes', ['2', '3', '4']],
    ['SKIPME no SKIPME YES', ['2', '3', '4']],
  ])('%s ends those who meet every condition', (conditions, expected) => {
    expect(show(`CLIENT KILL ${conditions}`)).toBe(`(integer) ${expected.length}`)
    expect(closed).toEqual(expected)
  })

  test('MAXAGE ends those who are at least so old', () => {
    harness.clock.advance(5000)
    connect(5, 'x:5')
    harness.clock.advance(2500)
    expect(show('CLIENT KILL MAXAGE 8')).toBe('(integer) 0')
    expect(show('CLIENT KILL MAXAGE 3')).toBe('(integer) 3')
    expect(show('CLIENT KILL MAXAGE 2')).toBe('(integer) 1')
    expect(closed).toEqual(['2', '3', '4', '5'])
  })

  test.each([
    ['ID', 'ERR No such client'],
    ['ID 0', 'ERR client-id should be greater than 0'],
    ['ID -1', 'ERR client-id should be greater than 0'],
    ['ID str', 'ERR client-id should be greater than 0'],
    ['ID 9223372036854775808', 'ERR client-id should be greater than 0'],
    ['TYPE foo', "ERR Unknown client type 'foo'"],
    ['USER nobody', "ERR No such user 'nobody'"],
    ['MAXAGE x', 'ERR maxage is not an integer or out of range'],
    ['MAXAGE 0', 'ERR maxage should be greater than 0'],
    ['SKIPME maybe', 'ERR syntax error'],
    ['ID 4 TYPE', 'ERR syntax error'],
    ['FOO bar', 'ERR syntax error'],
    ['ID 4 wrong_arg', 'ERR syntax error'],
  ])('refuses %s and ends nobody', (conditions, error) => {
    expect(show(`CLIENT KILL ${conditions}`)).toBe(`(error) ${error}`)
    expect(closed).toEqual([])
  })
})

describe('CLIENT NO-EVICT and NO-TOUCH', () => {
  test('are on or off', () => {
    expect(show('CLIENT NO-EVICT on')).toBe('+OK')
    expect(show('CLIENT NO-TOUCH ON')).toBe('+OK')
    expect(show('CLIENT INFO')).toContain('flags=eT')
    expect(show('CLIENT NO-EVICT OFF')).toBe('+OK')
    expect(show('CLIENT NO-TOUCH off')).toBe('+OK')
    expect(show('CLIENT INFO')).toContain('flags=N')
    expect(show('CLIENT NO-EVICT maybe')).toBe(SYNTAX_ERROR)
    expect(show('CLIENT NO-TOUCH maybe')).toBe(SYNTAX_ERROR)
  })

  test('NO-TOUCH leaves the access time of keys alone, for this client only', () => {
    const other = connect(2, 'x:2')
    show('SET k v')
    const { db } = harness.dispatcher.context
    const accessed = () => {
      const entry = db.peek(harness.dispatcher.context.key(1))
      return db.table.entries.accessOf(entry)
    }
    show('GET k')
    const initial = accessed()
    show('CLIENT NO-TOUCH on')
    harness.clock.advance(10_000)
    harness.dispatcher.syncClock()
    show('GET k')
    expect(accessed()).toBe(initial)
    harness.run('GET k', other)
    expect(accessed()).toBe(initial + 10)
  })
})

describe('CLIENT REPLY', () => {
  const raw = (command: string) => harness.raw(command, me).toString()

  test('OFF silences everything until ON', () => {
    expect(raw('CLIENT REPLY OFF')).toBe('')
    expect(raw('PING')).toBe('')
    expect(raw('NOSUCH')).toBe('')
    expect(raw('HELLO 3')).toBe('')
    expect(raw('CLIENT REPLY SKIP')).toBe('')
    expect(raw('PING')).toBe('')
    expect(raw('CLIENT REPLY ON')).toBe('+OK\r\n')
    expect(raw('GET nothing')).toBe('_\r\n')
  })

  test('SKIP silences one command, whatever becomes of it', () => {
    for (const skipped of ['PING', 'NOSUCH', 'GET', 'CLIENT REPLY foo']) {
      expect(raw('CLIENT REPLY SKIP')).toBe('')
      expect(raw(skipped)).toBe('')
      expect(raw('PING')).toBe('+PONG\r\n')
    }
  })

  test('SKIP after SKIP skips one more; ON ends it', () => {
    expect(raw('CLIENT REPLY SKIP') + raw('CLIENT REPLY SKIP') + raw('PING') + raw('PING')).toBe('+PONG\r\n')
    expect(raw('CLIENT REPLY SKIP') + raw('CLIENT REPLY ON') + raw('PING')).toBe('+OK\r\n+PONG\r\n')
  })

  test('refuses other words', () => {
    expect(show('CLIENT REPLY foo')).toBe(SYNTAX_ERROR)
  })
})

describe('CLIENT PAUSE and UNPAUSE', () => {
  test('begin and end a pause', () => {
    expect(show('CLIENT PAUSE 100')).toBe('+OK')
    expect(show('CLIENT PAUSE 0 ALL')).toBe('+OK')
    expect(show('CLIENT PAUSE 250 write')).toBe('+OK')
    expect(show('CLIENT UNPAUSE')).toBe('+OK')
    expect(pauses).toEqual(['100 all', '0 all', '250 write', 'end'])
  })

  test.each([
    ['a', 'ERR timeout is not an integer or out of range'],
    ['1.5', 'ERR timeout is not an integer or out of range'],
    ['99999999999999999999', 'ERR timeout is not an integer or out of range'],
    ['-1', 'ERR timeout is negative'],
    ['1 foo', 'ERR CLIENT PAUSE mode must be WRITE or ALL'],
    ['1 WRITE extra', "ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP."],
  ])('PAUSE refuses %s', (words, error) => {
    expect(show(`CLIENT PAUSE ${words}`)).toBe(`(error) ${error}`)
    expect(pauses).toEqual([])
  })
})
