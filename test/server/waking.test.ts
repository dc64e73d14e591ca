// Blocked clients at the level of commands: who is served, when, in which order, and what is counted and propagated.

import { beforeEach, describe, expect, test } from 'vitest'
import { ReplyError } from '../../src/base/reply-error.ts'
import type { Context } from '../../src/command/context.ts'
import type { CommandFamily } from '../../src/command/definition.ts'
import { readDeadline } from '../../src/command/timeout.ts'
import { databaseCommands } from '../../src/commands/database.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { PAUSED } from '../../src/server/gates.ts'
import { type ConnectedClient, Harness } from '../support/harness.ts'
import { DOCS, takeCommands } from '../support/take-commands.ts'

let arrived = false
let seen = ''

/** AWAIT timeout: waits for something that is no key. */
function wait(context: Context): void {
  if (arrived) context.reply.simple('ARRIVED')
  else {
    const deadline = readDeadline(context.args, 1, context.now)
    const request = [Buffer.from('AWAIT'), Buffer.from('0'), Buffer.from('again')]
    seen = context.args.count > 2 ? context.args.string(2) : 'first'
    context.block({
      type: 0,
      firstKey: 0,
      keyCount: 0,
      deadline,
      request,
      onTimeout: (reply) => reply.integer(7),
    })
  }
}

const fakes: CommandFamily = {
  group: 'string',
  commands: [
    { ...DOCS, name: 'AWAIT', arity: -2, flags: ['blocking'], run: wait },
    {
      ...DOCS,
      name: 'ARRIVE',
      arity: 1,
      flags: [],
      run: ({ reply, blocked }) => {
        arrived = true
        blocked.wake(a.session)
        reply.ok()
      },
    },
    {
      ...DOCS,
      name: 'RELEASE',
      arity: -1,
      flags: [],
      run: ({ args, reply, blocked }) => {
        const outcome = args.count > 1 ? new ReplyError('UNBLOCKED by somebody') : 'timeout'
        reply.integer(blocked.release(a.session, outcome) ? 1 : 0)
        reply.integer(blocked.release(a.session, outcome) ? 1 : 0)
      },
    },
  ],
}

let harness: Harness
let pusher: ConnectedClient
let a: ConnectedClient
let b: ConnectedClient
let c: ConnectedClient

beforeEach(() => {
  harness = new Harness(
    [fakes, takeCommands, stringCommands, keyCommands, keyExpiryCommands, databaseCommands],
    1,
    3,
  )
  pusher = harness.connect(2)
  a = harness.connect(3)
  b = harness.connect(4)
  c = harness.connect(5)
  arrived = false
})

function blocked() {
  return harness.dispatcher.context.blocked
}

describe('a client that waits at a key', () => {
  test('is served by the command that brings the key, which is answered too', () => {
    harness.send(a, 'TAKE k 0')
    expect(a.received).toEqual([])
    expect(a.session.isBlocked).toBe(true)
    harness.send(pusher, 'SET k xy')
    expect(pusher.received).toEqual(['+OK'])
    expect(a.received).toEqual(['"k:x"'])
    expect(a.session.isBlocked).toBe(false)
    expect(a.wakes).toBe(1)
    expect(harness.show('GET k')).toBe('"y"')
  })

  test('is served before the next command of the client that brought the key', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'SET k x')
    harness.send(pusher, 'EXISTS k')
    expect(pusher.received).toEqual(['+OK', '(integer) 0'])
  })

  test('is served in order of arrival, as many as there is something for', () => {
    for (const client of [b, a, c]) harness.send(client, 'TAKE k 0')
    harness.send(pusher, 'SET k 12')
    expect([a.received, b.received, c.received]).toEqual([['"k:2"'], ['"k:1"'], []])
    harness.send(pusher, 'APPEND k 3')
    expect(c.received).toEqual(['"k:3"'])
    expect(pusher.received).toEqual(['+OK', '(integer) 1'])
  })

  test('keeps its place when its key is set to something of another type meanwhile', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'HOLDER k')
    harness.send(b, 'TAKE other k 0')
    expect(b.received).toEqual(['(error) WRONGTYPE Operation against a key holding the wrong kind of value'])
    harness.send(pusher, 'DEL k')
    harness.send(b, 'TAKE k 0')
    harness.send(pusher, 'SET k 1')
    expect([a.received, b.received]).toEqual([['"k:1"'], []])
  })

  test('is told of a wrong type at another of its keys when its request runs again', () => {
    harness.send(a, 'TAKE first second 0')
    harness.send(pusher, 'HOLDER first')
    expect(a.received).toEqual([])
    harness.send(pusher, 'SET second x')
    expect(a.received).toEqual(['(error) WRONGTYPE Operation against a key holding the wrong kind of value'])
    expect(harness.show('GET second')).toBe('"x"')
    expect(harness.registry.byName('take')!.failed).toBe(1)
  })

  test('waits at all of its keys, leaves all lines, and may name a key twice', () => {
    harness.send(a, 'TAKE j k k l 0')
    expect(blocked().keyCount).toBe(3)
    harness.send(pusher, 'SET l x')
    expect(a.received).toEqual(['"l:x"'])
    expect(blocked().keyCount).toBe(0)
    harness.send(pusher, 'SET k y')
    expect(a.received).toEqual([])
  })

  test('takes its keys in its own order, whichever came first', () => {
    harness.send(a, 'TAKE j k 0')
    harness.send(pusher, 'MSET k 2 j 1')
    expect(a.received).toEqual(['"j:1"'])
    expect(harness.show('GET k')).toBe('"2"')
  })

  test('is served in the order in which keys became ready, then in order of arrival', () => {
    harness.send(a, 'TAKE j 0')
    harness.send(b, 'TAKE k 0')
    harness.recordPropagation()
    harness.send(pusher, 'MSET k 1 j 1')
    expect(harness.propagated.map(({ command }) => command.join(' '))).toEqual([
      'MSET k 1 j 1',
      'CHOP k',
      'CHOP j',
    ])
  })

  test('whose key comes and goes within one command is not served', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'PSETEX k 1 x')
    expect(a.received).toEqual(['"k:x"'])
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'SET k x PXAT 1')
    expect(a.received).toEqual([])
    expect(a.session.isBlocked).toBe(true)
  })

  test.each([
    ['RENAME', 'SET from x', 'RENAME from k'],
    ['COPY', 'SET from x', 'COPY from k'],
    ['GETSET', 'SET from x', 'GETSET k x'],
  ])('is served by %s', (_, before, command) => {
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, before)
    harness.send(pusher, command)
    expect(a.received).toEqual(['"k:x"'])
  })

  test('is served by MOVE and SWAPDB into its database, and by nothing in another', () => {
    harness.send(a, 'TAKE k 0')
    pusher.session.database = 1
    harness.send(pusher, 'SET k x')
    expect(a.received).toEqual([])
    harness.send(pusher, 'MOVE k 0')
    expect(a.received).toEqual(['"k:x"'])
    harness.send(pusher, 'SET k y')
    harness.send(b, 'TAKE k 0')
    harness.send(pusher, 'SWAPDB 2 1')
    expect(b.received).toEqual([])
    harness.send(pusher, 'SWAPDB 2 0')
    expect(b.received).toEqual(['"k:y"'])
  })

  test('may bring what the next one waits for', () => {
    harness.send(c, 'TAKE to 0')
    harness.send(a, 'TRANSFER from to 0')
    harness.send(b, 'TAKE from 0')
    harness.send(pusher, 'SET from x')
    expect(a.received).toEqual(['+OK'])
    expect(b.received).toEqual([])
    expect(c.received).toEqual(['"to:t"'])
  })

  test('that has gone away is not served', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(b, 'TAKE k 0')
    blocked().forget(a.session)
    harness.send(pusher, 'SET k x')
    expect([a.received, b.received]).toEqual([[], ['"k:x"']])
  })

  test('costs nothing while nobody waits, and nothing for keys of others', () => {
    expect(harness.keyspace.observers.waiters).toBeUndefined()
    harness.send(a, 'TAKE k 0')
    expect(harness.keyspace.observers.waiters).toBeDefined()
    harness.send(pusher, 'SET other x')
    expect(blocked().isPending).toBe(false)
    blocked().forget(a.session)
    expect(harness.keyspace.observers.waiters).toBeUndefined()
  })

  test('answers in its own protocol, and the caller goes on in its', () => {
    a.session.protocol = 3
    harness.send(a, 'TAKE k 0.1')
    harness.expireWaits(100)
    expect(a.received).toEqual(['(null)'])
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'SET k x')
    harness.send(pusher, 'TAKE k 0.1')
    harness.expireWaits(100)
    expect(pusher.received).toEqual(['+OK', '(nil-array)'])
  })

  test('with replies switched off gets none', () => {
    a.session.replyMode = 'skip'
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'SET k xy')
    expect(a.received).toEqual([])
    harness.send(a, 'TAKE k 0')
    expect(a.received).toEqual(['"k:y"'])
  })

  test('where it may not wait is answered at once', () => {
    harness.dispatcher.context.deniesBlocking = true
    harness.send(a, 'TAKE k 0')
    expect(a.received).toEqual(['(nil-array)'])
  })
})

describe('a client that wants to hear of absence', () => {
  test.each(['DEL k', 'FLUSHALL', 'FLUSHDB', 'RENAME k l', 'SWAPDB 0 1'])('hears of %s', (command) => {
    harness.send(pusher, ['SET', 'k', ''])
    harness.send(a, 'TAKEHERE k 0')
    harness.send(b, 'TAKE k 0')
    expect(blocked()).toMatchObject({ keyCount: 1, keyCountWithoutKey: 1 })
    harness.send(pusher, command)
    expect(a.received).toEqual(['(error) NOKEY there is no such key'])
    expect(b.received).toEqual([])
    expect(blocked()).toMatchObject({ keyCount: 1, keyCountWithoutKey: 0 })
  })

  test('hears of its expiry, and of another type', () => {
    harness.send(pusher, ['SET', 'k', '', 'PX', '50'])
    harness.send(a, 'TAKEHERE k 0')
    harness.clock.advance(60)
    harness.send(pusher, 'EXISTS k')
    expect(a.received).toEqual(['(error) NOKEY there is no such key'])
    harness.send(a, 'TAKEHERE k 0')
    harness.send(pusher, 'HOLDER k')
    expect(a.received).toEqual(['(error) WRONGTYPE Operation against a key holding the wrong kind of value'])
  })

  test('waits on behind others when there is nothing for it', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(b, 'TAKE k 0')
    harness.send(pusher, ['SET', 'k', ''])
    expect([a.received, b.received]).toEqual([[], []])
    harness.send(pusher, 'SET k 1')
    expect([a.received, b.received]).toEqual([['"k:1"'], []])
  })
})

describe('a wait with an end', () => {
  test('ends when its time has come, the earliest first', () => {
    harness.send(a, 'TAKE k 0.3')
    harness.send(b, 'TAKE k 0.1')
    harness.send(c, 'TAKE k 0.2')
    expect(blocked().deadlineCount).toBe(3)
    expect(blocked().earliest).toBe(harness.clock.now() + 100)
    harness.expireWaits(99)
    expect(b.received).toEqual([])
    harness.expireWaits(1)
    expect([a.received, b.received, c.received]).toEqual([[], ['(nil-array)'], []])
    harness.expireWaits(200)
    expect([a.received, b.received, c.received]).toEqual([['(nil-array)'], [], ['(nil-array)']])
    expect(blocked().deadlineCount).toBe(0)
    expect(blocked().keyCount).toBe(0)
  })

  test('keeps its end when the request runs again and waits again', () => {
    harness.send(a, 'AWAIT 0.1')
    expect(seen).toBe('first')
    harness.clock.advance(50)
    blocked().wake(a.session)
    harness.waking.expire(harness.clock.now())
    expect(seen).toBe('again')
    expect(a.session.isBlocked).toBe(true)
    harness.expireWaits(49)
    expect(a.received).toEqual([])
    harness.expireWaits(1)
    expect(a.received).toEqual(['(integer) 7'])
  })

  test('is counted as one call, and its waiting is not counted as work', () => {
    const command = harness.registry.byName('take')!
    harness.send(a, 'TAKE k 0.1')
    expect(command.calls).toBe(0)
    harness.expireWaits(1000)
    expect(command.calls).toBe(1)
    expect(command.microseconds).toBe(0)
    harness.send(a, 'TAKE k 0')
    harness.clock.advance(1000)
    harness.send(pusher, 'SET k x')
    expect(command.calls).toBe(2)
    expect(command.microseconds).toBe(0)
    expect(command.failed).toBe(0)
    expect(harness.dispatcher.executed).toBe(3)
  })

  test('thousands of them end in order', () => {
    const clients = Array.from({ length: 3000 }, (_, i) => harness.connect(100 + i))
    const order = clients.map((_, i) => (i * 7919) % 3000)
    for (const i of order) harness.send(clients[i]!, `TAKE k ${(i + 1) / 1000}`)
    for (let i = 0; i < 3000; i += 3) blocked().forget(clients[i]!.session)
    for (let i = 0; i < 3000; i++) {
      harness.expireWaits(1)
      const expected = i % 3 === 0 ? [] : ['(nil-array)']
      expect(clients[i]!.received).toEqual(expected)
    }
    expect(blocked().deadlineCount).toBe(0)
  })
})

describe('a client that is unblocked', () => {
  test('is answered as if its time were up, after the command that does it', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'RELEASE')
    expect(a.received).toEqual(['(nil-array)'])
    expect(pusher.received).toEqual(['(integer) 1', '(integer) 0'])
    harness.send(pusher, 'SET k x')
    expect(a.received).toEqual([])
  })

  test('may be answered with an error, which is counted', () => {
    harness.send(a, 'TAKE k 0')
    harness.send(pusher, 'RELEASE with-error')
    expect(a.received).toEqual(['(error) UNBLOCKED by somebody'])
    expect(harness.registry.byName('take')).toMatchObject({ calls: 1, failed: 1 })
    expect(harness.errors.counts()).toEqual([['UNBLOCKED', 1]])
  })
})

describe('what is no key', () => {
  test('wakes by whoever knows', () => {
    harness.send(a, 'AWAIT 0')
    expect(blocked().keyCount).toBe(0)
    harness.send(pusher, 'ARRIVE')
    expect(a.received).toEqual(['+ARRIVED'])
  })
})

describe('a pause', () => {
  test('holds those whose key is ready, until its end', () => {
    const held: { resume(): void }[] = []
    harness.waking.onHold = (one) => held.push(one)
    harness.send(a, 'TAKE k 1')
    // As within a transaction: the pause begins after the write and before the waiter is served.
    harness.gates.memory = { isOver: () => false, isShort: () => false }
    const { observers } = harness.keyspace
    const { waiters } = observers
    observers.waiters = {
      keyChanged: (db, key, event) => {
        harness.gates.close(PAUSED)
        waiters!.keyChanged(db, key, event)
      },
      flushing: () => undefined,
      swapping: () => undefined,
    }
    harness.send(pusher, 'SET k x')
    expect(held).toHaveLength(1)
    expect(a.received).toEqual([])
    expect(a.session.isBlocked).toBe(true)
    harness.expireWaits(2000)
    expect(a.received).toEqual([])
    harness.gates.open(PAUSED)
    held[0]!.resume()
    expect(a.received).toEqual(['"k:x"'])
    expect(a.wakes).toBe(1)
    expect(a.session.isBlocked).toBe(false)
  })
})

describe('10,000 clients at one key', () => {
  test('are looked at no more than there is something for', () => {
    const clients = Array.from({ length: 10_000 }, (_, i) => harness.connect(100 + i))
    for (const client of clients) harness.send(client, 'TAKE k 0')
    let runs = 0
    const { begin } = harness.dispatcher
    harness.dispatcher.begin = function (session) {
      runs++
      begin.call(this, session)
    }
    harness.send(pusher, 'HOLDER k')
    harness.send(pusher, 'SET k 123')
    expect(clients.filter((client) => client.wakes > 0)).toEqual(clients.slice(0, 3))
    // Two commands, going back to their client twice, and three served.
    expect(runs).toBeLessThanOrEqual(7)
  })
})
