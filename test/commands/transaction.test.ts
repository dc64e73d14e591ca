// MULTI, EXEC and their like, as clients see them.

import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import type { CommandFamily } from '../../src/command/definition.ts'
import { NEEDS_AUTHENTICATION, Session } from '../../src/command/session.ts'
import { clientCommands } from '../../src/commands/client.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { databaseCommands } from '../../src/commands/database.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { serverCommands } from '../../src/commands/server.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { LOADING, MEMORY, PAUSED, READONLY_REPLICA, STALE_REPLICA } from '../../src/server/gates.ts'
import { Tracking } from '../../src/tracking/tracking.ts'
import { Harness, QUIET_PEER } from '../support/harness.ts'

const UNUSED = { begin: () => {}, end: () => {} }

/** What a command sees of its surroundings: `deny` or `allow` blocking, and the time. */
const probe: CommandFamily = {
  group: 'server',
  commands: [
    {
      name: 'PROBE',
      arity: 1,
      flags: ['fast'],
      syntax: '',
      summary: '',
      since: '',
      complexity: '',
      run: ({ reply, deniesBlocking, now }) => reply.text(`${deniesBlocking ? 'deny' : 'allow'} ${now}`),
    },
    {
      name: 'FAIL',
      arity: 1,
      flags: ['fast', 'write'],
      syntax: '',
      summary: '',
      since: '',
      complexity: '',
      run: ({ effects }) => {
        effects.add('SET', 'a', '1')
        effects.add('SET', 'b', '2')
      },
    },
  ],
}

let harness: Harness
let other: Session

beforeEach(() => {
  const authentication = new Authentication()
  harness = new Harness([stringCommands, keyCommands, keyExpiryCommands, databaseCommands, probe], 1, 4)
  const { registry, transactions, dispatcher } = harness
  registry.add(transactionCommands(transactions, dispatcher))
  registry.add(
    connectionCommands(authentication, { mode: 'standalone', role: 'master' }, (client) =>
      transactions.end(client),
    ),
  )
  registry.add(
    clientCommands(
      { all: () => [], get: () => undefined },
      UNUSED,
      authentication,
      new Tracking(harness.keyspace),
    ),
  )
  registry.add(serverCommands(harness.clock, { begin: () => false, abort: () => false }))
  other = new Session(2, QUIET_PEER, harness.clock.now())
})

/** Runs commands one after the other; shows their replies. */
function show(...commands: string[]): string[] {
  return commands.map((command) => harness.show(command))
}

const ABORTED = '(error) EXECABORT Transaction discarded because of previous errors.'

describe('MULTI', () => {
  test('queues what follows, and EXEC runs it all', () => {
    expect(show('MULTI', 'SET a 1', 'INCR a')).toEqual(['+OK', '+QUEUED', '+QUEUED'])
    expect(harness.show('GET a', other)).toBe('(nil-bulk)')
    expect(show('EXEC', 'GET a')).toEqual(['[+OK, (integer) 2]', '"2"'])
  })

  test('can be followed by nothing', () => {
    expect(show('MULTI', 'EXEC', 'PING')).toEqual(['+OK', '[]', '+PONG'])
  })

  test('cannot be nested, which does not spoil the transaction', () => {
    expect(show('MULTI', 'MULTI', 'PING', 'EXEC')).toEqual([
      '+OK',
      '(error) ERR MULTI calls can not be nested',
      '+QUEUED',
      '[+PONG]',
    ])
  })

  test('counts in CLIENT INFO', () => {
    show('MULTI', 'SET a 1', 'CLIENT INFO')
    expect(show('EXEC')[0]).toMatch(/flags=x .*multi=2 .*multi-mem=[1-9].* cmd=exec /)
    expect(show('CLIENT INFO')[0]).toMatch(/flags=N .*multi=-1 .*multi-mem=0 /)
  })

  test('belongs to one client alone', () => {
    harness.run('MULTI')
    expect(harness.show('PING', other)).toBe('+PONG')
    expect(harness.show('EXEC', other)).toBe('(error) ERR EXEC without MULTI')
    expect(harness.show('EXEC')).toBe('[]')
  })

  test('ends with RESET', () => {
    expect(show('MULTI', 'SET a 1', 'RESET', 'EXEC', 'EXISTS a')).toEqual([
      '+OK',
      '+QUEUED',
      '+RESET',
      '(error) ERR EXEC without MULTI',
      '(integer) 0',
    ])
  })
})

describe('EXEC', () => {
  test.each([
    ['an unknown command', 'NOSUCH'],
    ['an unknown subcommand', 'CLIENT NOSUCH'],
    ['a wrong number of arguments', 'GET'],
    ['a command that may not be in a transaction', 'SHUTDOWN'],
    ['DISCARD with an argument', 'DISCARD x'],
  ])('runs nothing after %s', (_, command) => {
    const [, first, refused, second, result, after] = show(
      'MULTI',
      'SET a 1',
      command,
      'PING',
      'EXEC',
      'EXISTS a',
    )
    expect([first, second, result, after]).toEqual(['+QUEUED', '+QUEUED', ABORTED, '(integer) 0'])
    expect(refused).toMatch(/^\(error\) ERR /)
    expect(show('MULTI', 'EXEC')).toEqual(['+OK', '[]'])
  })

  test('runs everything though commands fail', () => {
    show('SET s x', 'MULTI', 'INCR s', 'SET a 1 XX NX', 'SET b 1')
    expect(show('EXEC')).toEqual([
      '[(error) ERR value is not an integer or out of range, (error) ERR syntax error, +OK]',
    ])
  })

  test('without MULTI is an error', () => {
    expect(show('EXEC')).toEqual(['(error) ERR EXEC without MULTI'])
  })

  test('with arguments ends the transaction', () => {
    expect(show('MULTI', 'EXEC x', 'EXEC')).toEqual([
      '+OK',
      "(error) EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
      '(error) ERR EXEC without MULTI',
    ])
  })

  test('changes database and protocol on the way', () => {
    show('MULTI', 'GET a', 'SELECT 3', 'SET a 3', 'HELLO 3', 'GET b')
    const { client } = harness
    expect(show('EXEC')[0]).toMatch(/^\[\(nil-bulk\), \+OK, \+OK, \{.*\}, \(null\)\]$/)
    expect([client.database, client.protocol]).toEqual([3, 3])
  })

  test('answers null where a watched key has changed', () => {
    show('WATCH a', 'MULTI')
    harness.run('SET a 1', other)
    expect(show('EXEC', 'EXEC')).toEqual(['(nil-array)', '(error) ERR EXEC without MULTI'])
  })

  test('runs commands that neither wait nor see time pass', () => {
    const [free] = show('PROBE')
    expect(free).toBe(`"allow ${harness.clock.now()}"`)
    show('MULTI', 'PROBE', 'SET a 1', 'PROBE')
    const seen = `"deny ${harness.clock.now()}"`
    expect(show('EXEC', 'PROBE')).toEqual([`[${seen}, +OK, ${seen}]`, free])
  })

  test('counts itself and each command', () => {
    const calls = (name: string) => harness.registry.byName(name)!.calls
    show('MULTI', 'SET a 1', 'SET b 1', 'GET a', 'EXEC')
    expect(['multi', 'set', 'get', 'exec'].map(calls)).toEqual([1, 2, 1, 1])
    expect(harness.dispatcher.executed).toBe(5)
  })

  test('leaves the slow log to the commands that it runs', () => {
    harness.slowLog.threshold = 0
    show('MULTI', 'SET a 1', 'GET a', 'EXEC')
    const logged = harness.slowLog.newest(10).map(({ args }) => args)
    expect(logged).toEqual([['GET', 'a'], ['SET', 'a', '1'], ['MULTI']])
  })

  test.each(['OFF', 'SKIP'])('sends its reply though CLIENT REPLY %s is among the commands', (mode) => {
    show('MULTI', 'PING', `CLIENT REPLY ${mode}`, 'PING')
    expect(harness.raw('EXEC').toString()).toBe(
      mode === 'OFF' ? '*3\r\n+PONG\r\n' : '*3\r\n+PONG\r\n+PONG\r\n',
    )
    expect(harness.raw('PING').length).toBe(0)
    expect(harness.raw('PING').length).toBe(mode === 'OFF' ? 0 : 7)
  })

  test('is silent after CLIENT REPLY SKIP', () => {
    show('MULTI', 'SET a 1')
    harness.raw('CLIENT REPLY SKIP')
    expect(harness.raw('EXEC').toString()).toBe('*2\r\n+OK\r\n')
  })
})

test('errors inside of EXEC are those of their commands, and count once', () => {
  show('SET s abc', 'MULTI', 'INCR s', 'INCR s', 'EXEC')
  const failed = (name: string) => harness.registry.byName(name)!.failed
  expect([failed('incr'), failed('exec')]).toEqual([2, 0])
  expect(harness.errors.counts()).toEqual([['ERR', 2]])
})

describe('DISCARD', () => {
  test('drops the commands, and the watches with them', () => {
    expect(show('WATCH a', 'MULTI', 'SET a 1', 'DISCARD')).toEqual(['+OK', '+OK', '+QUEUED', '+OK'])
    harness.run('SET a 2', other)
    expect(show('MULTI', 'GET a', 'EXEC')).toEqual(['+OK', '+QUEUED', '["2"]'])
  })

  test('without MULTI is an error', () => {
    expect(show('DISCARD')).toEqual(['(error) ERR DISCARD without MULTI'])
  })
})

describe('WATCH', () => {
  test('is refused inside MULTI, which does not spoil the transaction', () => {
    expect(show('MULTI', 'WATCH a', 'EXEC')).toEqual([
      '+OK',
      '(error) ERR WATCH inside MULTI is not allowed',
      '[]',
    ])
  })

  test.each([
    ['another client', 'SET a 1', true],
    ['a client in another database', 'SET b 1', false],
    ['a rename', 'RENAME x a', true],
    ['a copy', 'COPY x a', true],
    ['a deadline', 'EXPIRE w 100', true],
    ['FLUSHALL', 'FLUSHALL', true],
    ['FLUSHDB', 'FLUSHDB', true],
    ['SWAPDB', 'SWAPDB 0 1', true],
    ['reading', 'GET w', false],
    ['a write that changes nothing', 'SETNX w 1', false],
  ])('sees %s: %s', (_, command, isBroken) => {
    show('SET x 1', 'SET w 1', 'WATCH a w')
    expect(show('CLIENT INFO')[0]).toContain(' watch=2 ')
    harness.run(command, other)
    expect(show('MULTI', 'EXEC')[1]).toBe(isBroken ? '(nil-array)' : '[]')
    expect(show('CLIENT INFO')[0]).toContain(' watch=0 ')
  })

  test('minds its own database only', () => {
    other.database = 1
    show('SET a 1', 'WATCH a')
    for (const command of ['SET a 1', 'DEL a', 'FLUSHDB', 'SWAPDB 1 2']) harness.run(command, other)
    expect(show('MULTI', 'EXEC')[1]).toBe('[]')
  })

  test('sees the own changes too, but for those of the transaction', () => {
    show('WATCH a', 'SET a 1', 'MULTI')
    expect(show('EXEC')).toEqual(['(nil-array)'])
    show('WATCH a', 'MULTI', 'SET a 1', 'SET a 2')
    expect(show('EXEC', 'MULTI', 'EXEC')).toEqual(['[+OK, +OK]', '+OK', '[]'])
  })

  test('sees that the time of a key has come', () => {
    show('SET a 1 PX 10', 'WATCH a')
    harness.clock.advance(10)
    expect(show('MULTI', 'EXEC')[1]).toBe('(nil-array)')
    expect(show('WATCH a', 'GET a', 'MULTI', 'EXEC')[3]).toBe('[]')
  })

  test('of a key whose time has come is not broken by its removal', () => {
    show('SET a 1 PX 10')
    harness.clock.advance(10)
    expect(show('WATCH a', 'GET a', 'MULTI', 'EXEC')).toEqual(['+OK', '(nil-bulk)', '+OK', '[]'])
  })

  test('is ended by UNWATCH and by RESET, even when broken', () => {
    for (const command of ['UNWATCH', 'RESET']) {
      show('WATCH a', 'SET a 1', command, 'MULTI')
      expect(show('EXEC')).toEqual(['[]'])
    }
  })

  test('costs writes nothing once nobody watches', () => {
    show('WATCH a b')
    expect(harness.keyspace.observers.watch).toBeDefined()
    show('UNWATCH')
    expect(harness.keyspace.observers.watch).toBeUndefined()
  })
})

describe('gates', () => {
  test('refuse at queueing, and so spoil the transaction', () => {
    harness.gates.close(READONLY_REPLICA)
    expect(show('MULTI', 'SET a 1', 'EXEC')).toEqual([
      '+OK',
      "(error) READONLY You can't write against a read only replica.",
      ABORTED,
    ])
  })

  test.each([
    [READONLY_REPLICA, "READONLY You can't write against a read only replica."],
    [STALE_REPLICA, "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    [LOADING, 'LOADING Redis is loading the dataset in memory'],
    [MEMORY, "OOM command not allowed when used memory > 'maxmemory'."],
  ])('that close after queueing (%i) refuse EXEC', (gate, text) => {
    show('MULTI', 'SET a 1')
    harness.gates.memory = { isOver: () => true, isShort: () => true }
    harness.gates.close(gate)
    expect(show('EXEC', 'EXEC')).toEqual([
      `(error) EXECABORT Transaction discarded because of: ${text}`,
      '(error) ERR EXEC without MULTI',
    ])
  })

  test('let EXEC pass that runs nothing of what they refuse', () => {
    show('SET a 1', 'MULTI', 'GET a')
    harness.gates.close(READONLY_REPLICA)
    expect(show('EXEC')).toEqual(['["1"]'])
  })

  test('let nothing be queued while memory is short', () => {
    harness.gates.memory = { isOver: () => true, isShort: () => true }
    harness.gates.close(MEMORY)
    expect(show('MULTI', 'GET a', 'EXEC')).toEqual([
      '+OK',
      "(error) OOM command not allowed when used memory > 'maxmemory'.",
      ABORTED,
    ])
  })

  test('hold EXEC in a pause, if it writes', () => {
    show('MULTI', 'SET a 1')
    harness.gates.close(PAUSED)
    expect(harness.raw('EXEC').length).toBe(0)
    harness.gates.open(PAUSED)
    expect(show('EXEC')).toEqual(['[+OK]'])
  })

  test('ask who it is before they queue', () => {
    harness.run('MULTI')
    harness.client.gates |= NEEDS_AUTHENTICATION
    expect(show('GET a')).toEqual(['(error) NOAUTH Authentication required.'])
    harness.client.gates &= ~NEEDS_AUTHENTICATION
    expect(show('EXEC')).toEqual([ABORTED])
  })
})

describe('propagation', () => {
  const propagated = () =>
    harness.propagated.map(({ database, command }) => `${database} ${command.join(' ')}`)

  beforeEach(() => harness.recordPropagation())

  test('puts several writes between MULTI and EXEC', () => {
    show('MULTI', 'SET a 1', 'GET a', 'SELECT 2', 'INCR b', 'EXEC')
    expect(propagated()).toEqual(['0 MULTI', '0 SET a 1', '2 INCR b', '0 EXEC'])
  })

  test('leaves one write alone', () => {
    show('MULTI', 'GET a', 'SET a 1', 'DEL b', 'EXEC')
    expect(propagated()).toEqual(['0 SET a 1'])
  })

  test('says nothing of transactions that have changed nothing', () => {
    show(
      'MULTI',
      'GET a',
      'DEL a',
      'EXEC',
      'MULTI',
      'SET a 1',
      'DISCARD',
      'WATCH a',
      'SET a 2',
      'MULTI',
      'SET a 3',
    )
    show('EXEC')
    expect(propagated()).toEqual(['0 SET a 2'])
  })

  test('keeps together what one command says in its place', () => {
    harness.raw('FAIL')
    show('SET c 3')
    expect(propagated()).toEqual(['0 MULTI', '0 SET a 1', '0 SET b 2', '0 EXEC', '0 SET c 3'])
  })
})
