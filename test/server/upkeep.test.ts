// What happens to connections as time goes by: soft limits, idleness, pauses; with made-up connections and a clock that
// the test moves.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { Random } from '../../src/base/random.ts'
import { Session } from '../../src/command/session.ts'
import { Keyspace } from '../../src/keyspace/keyspace.ts'
import { ClientUpkeep } from '../../src/server/client-upkeep.ts'
import { type Client, Clients } from '../../src/server/clients.ts'
import { Gates, PAUSED } from '../../src/server/gates.ts'
import { Log } from '../../src/server/log.ts'
import { OutputLimits } from '../../src/server/output-limits.ts'
import { Pause } from '../../src/server/pause.ts'
import { QUIET_PEER } from '../support/harness.ts'

const clock = new ManualClock()
const MB = 1_000_000

interface MadeUp extends Client {
  readonly visits: string[]
}

function makeUp(clients: Clients): MadeUp {
  const session = new Session(clients.takeId(), QUIET_PEER, clock.now())
  const visits: string[] = []
  const client: MadeUp = {
    session,
    countedBytes: 0,
    turnBytes: 0,
    visits,
    close: (afterReplies) => {
      visits.push(`close ${afterReplies}`)
      clients.remove(client)
    },
    upkeep: (_, isIdle) => visits.push(isIdle ? 'idle' : 'active'),
    enforceOutputLimit: () => visits.push('output'),
  }
  clients.add(client)
  return client
}

describe('output limits', () => {
  let limits: OutputLimits
  let session: Session

  beforeEach(() => {
    limits = new OutputLimits()
    session = new Session(1, QUIET_PEER, 0)
  })

  test('are none for normal clients by default, and some for subscribers and replicas', () => {
    expect(limits.restricts(session)).toBe(false)
    expect(limits.allows(session, 10_000 * MB, 0)).toBe(true)
    session.patterns = 1
    expect(limits.allows(session, 33_554_431, 0)).toBe(true)
    expect(limits.allows(session, 33_554_432, 0)).toBe(false)
    session.link = 'replica'
    expect(limits.allows(session, 268_435_455, 0)).toBe(true)
    expect(limits.allows(session, 268_435_456, 0)).toBe(false)
    session.link = 'master'
    expect(limits.restricts(session)).toBe(false)
  })

  test('when soft give time, counted from when it was first exceeded', () => {
    limits.normal = { hardBytes: 10 * MB, softBytes: MB, softSeconds: 3 }
    expect(limits.allows(session, MB - 1, 0)).toBe(true)
    expect([...limits.suspects()]).toEqual([])
    expect(limits.allows(session, MB, 1000)).toBe(true)
    expect([...limits.suspects()]).toEqual([session])
    expect(limits.allows(session, 2 * MB, 4999)).toBe(true)
    expect(limits.allows(session, 2 * MB, 5000)).toBe(false)
  })

  test('when soft give the whole time again to who was below in between', () => {
    limits.normal = { hardBytes: 0, softBytes: MB, softSeconds: 3 }
    limits.allows(session, MB, 0)
    expect(limits.allows(session, MB - 1, 3000)).toBe(true)
    expect(limits.allows(session, MB, 5000)).toBe(true)
    expect(limits.allows(session, MB, 8999)).toBe(true)
    expect(limits.allows(session, MB, 9000)).toBe(false)
    limits.forget(session)
    expect([...limits.suspects()]).toEqual([])
  })
})

describe('upkeep', () => {
  let clients: Clients
  let limits: OutputLimits
  let log: string[]
  let upkeep: ClientUpkeep

  beforeEach(() => {
    clients = new Clients()
    limits = new OutputLimits()
    log = []
    const written = new Log(
      () => clock.now(),
      (line) => log.push(line),
    )
    written.setLevel('verbose')
    upkeep = new ClientUpkeep(clients, limits, written)
  })

  test('visits everyone in ten rounds of a tenth, whoever comes and goes', () => {
    const all = Array.from({ length: 100 }, () => makeUp(clients))
    for (let i = 0; i < 10; i++) upkeep.run(clock.now(), 0.1)
    expect(all.map((client) => client.visits.length)).toEqual(new Array(100).fill(1))
    clients.remove(all[0]!)
    const late = makeUp(clients)
    for (let i = 0; i < 10; i++) upkeep.run(clock.now(), 0.1)
    expect(late.visits.length).toBe(1)
    expect(all.map((client) => client.visits.length)).toEqual([1, ...new Array(99).fill(2)])
  })

  test('does nothing without connections', () => {
    expect(() => upkeep.run(clock.now(), 1)).not.toThrow()
  })

  test('tells connections whether they have been idle', () => {
    const client = makeUp(clients)
    clock.advance(2000)
    upkeep.run(clock.now(), 1)
    clock.advance(1)
    upkeep.run(clock.now(), 1)
    expect(client.visits).toEqual(['active', 'idle'])
  })

  test('ends who is idle for longer than `timeout`, but nobody who waits for something', () => {
    const [normal, subscriber, replica, blocked, monitor] = Array.from({ length: 5 }, () => makeUp(clients))
    subscriber!.session.channels = 1
    replica!.session.link = 'replica'
    blocked!.session.isBlocked = true
    monitor!.session.isMonitor = true
    upkeep.timeoutSeconds = 10
    clock.advance(10_000)
    upkeep.run(clock.now(), 1)
    expect(clients.count).toBe(5)
    clock.advance(1000)
    upkeep.run(clock.now(), 1)
    expect(normal!.visits).toEqual(['idle', 'close false'])
    expect(clients.count).toBe(4)
    expect(log).toEqual([expect.stringMatching(/ - Closing idle client\n$/)])
  })

  test('looks again at who is over a soft limit, each time', () => {
    const client = makeUp(clients)
    makeUp(clients)
    limits.normal = { hardBytes: 0, softBytes: MB, softSeconds: 3 }
    limits.allows(client.session, MB, clock.now())
    upkeep.run(clock.now(), 0.1)
    upkeep.run(clock.now(), 0.1)
    expect(client.visits.filter((visit) => visit === 'output').length).toBe(2)
  })
})

describe('a pause', () => {
  let gates: Gates
  let keyspace: Keyspace
  let pause: Pause

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] })
    gates = new Gates()
    keyspace = new Keyspace(1, { low: 1, high: 2 }, new Random(1))
    pause = new Pause(gates, keyspace, clock)
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  /** Time passes, for the clock and for timers. */
  function pass(milliseconds: number): void {
    clock.advance(milliseconds)
    vi.advanceTimersByTime(milliseconds)
  }

  test('closes a gate until its time has come; keys do not expire meanwhile', () => {
    pause.begin(clock.now() + 100, false)
    expect([gates.closed, gates.pausesReads, keyspace.mayExpire, pause.isActive]).toEqual([
      PAUSED,
      false,
      false,
      true,
    ])
    pass(99)
    expect(gates.closed).toBe(PAUSED)
    pass(1)
    expect([gates.closed, keyspace.mayExpire, pause.isActive]).toEqual([0, true, false])
  })

  test('is made longer and stricter by another, never shorter or milder', () => {
    pause.begin(clock.now() + 200, true)
    pause.begin(clock.now() + 20, false)
    pass(199)
    expect([gates.closed, gates.pausesReads]).toEqual([PAUSED, true])
    pause.begin(clock.now() + 50, false)
    pass(49)
    expect([gates.closed, gates.pausesReads]).toEqual([PAUSED, true])
    pass(1)
    expect([gates.closed, gates.pausesReads]).toEqual([0, false])
    pause.begin(clock.now() + 10, false)
    expect(gates.pausesReads).toBe(false)
  })

  test('of longer than a timer can run ends when it should', () => {
    pause.begin(clock.now() + 2 ** 32, false)
    pass(2 ** 31 - 1)
    expect(gates.closed).toBe(PAUSED)
    pass(2 ** 31)
    expect(gates.closed).toBe(PAUSED)
    pass(1)
    expect(gates.closed).toBe(0)
  })

  test('of no time at all, or until for ever, can be asked for', () => {
    pause.begin(clock.now(), true)
    pass(0)
    expect(gates.closed).toBe(0)
    pause.begin(Number.MAX_VALUE, true)
    pass(10)
    pause.end()
    expect(gates.closed).toBe(0)
  })

  test('when it ends lets those go on who wait, in order, but not at once', () => {
    const resumed: string[] = []
    const one = { resume: () => resumed.push('one') }
    const two = { resume: () => resumed.push('two') }
    const gone = { resume: () => resumed.push('gone') }
    pause.begin(clock.now() + 1000, true)
    for (const held of [one, gone, two, one]) pause.hold(held)
    expect(pause.heldCount).toBe(3)
    pause.forget(gone)
    pause.end()
    expect(resumed).toEqual([])
    vi.runAllTimers()
    expect(resumed).toEqual(['one', 'two'])
    expect(pause.heldCount).toBe(0)
  })

  test('that begins while some go on holds them again', () => {
    const resumed: string[] = []
    const one = {
      resume: () => {
        resumed.push('one')
        pause.begin(clock.now() + 1000, true)
        pause.hold(one)
      },
    }
    pause.begin(clock.now() + 1000, true)
    pause.hold(one)
    pause.end()
    vi.advanceTimersByTime(0)
    vi.runOnlyPendingTimers()
    expect(resumed).toEqual(['one'])
    expect(pause.heldCount).toBe(1)
    pause.close()
  })

  test('ended twice, or never begun, is no matter', () => {
    pause.end()
    pause.begin(clock.now() + 10, true)
    pause.end()
    pause.end()
    pass(100)
    expect(gates.closed).toBe(0)
  })
})
