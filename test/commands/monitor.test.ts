// MONITOR: what is shown of whose commands, and what is not.

import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { clientCommands } from '../../src/commands/client.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Clients } from '../../src/server/clients.ts'
import { Messaging } from '../../src/server/messaging.ts'
import { type ConnectedClient, Harness } from '../support/harness.ts'

let harness: Harness
let messaging: Messaging
let monitor: ConnectedClient
let client: ConnectedClient

beforeEach(() => {
  const authentication = new Authentication()
  harness = new Harness([stringCommands], 1, 4)
  const { registry, dispatcher, keyspace, clock, transactions } = harness
  messaging = new Messaging(keyspace, clock, transactions)
  messaging.connect(dispatcher, new Clients())
  for (const family of messaging.families(dispatcher)) registry.add(family)
  registry.add(
    connectionCommands(authentication, { mode: 'standalone', role: 'master' }, (session) =>
      messaging.reset(session),
    ),
  )
  const directory = { all: () => [], get: () => undefined }
  const pause = { begin: () => {}, end: () => {} }
  registry.add(clientCommands(directory, pause, authentication, messaging.tracking))
  monitor = harness.connect(1)
  client = harness.connect(2)
  expect(says(monitor, 'MONITOR')).toEqual(['+OK'])
})

function says(from: ConnectedClient, ...commands: string[]): string[] {
  for (const command of commands) harness.send(from, command)
  return from.received
}

/** What is shown while the client says this: without the time and the address, which are those of the test. */
function shown(...commands: string[]): string[] {
  says(client, ...commands)
  return monitor.received.map((line) => {
    const text = line.startsWith('+"') ? JSON.parse(line.slice(1)) : line.slice(1)
    return text.replace(/^\d+\.\d{6} \[(\d+) 127\.0\.0\.1:50000\] /, '$1 ')
  })
}

test('shows commands as they were sent, once they have run', () => {
  expect(shown('SET a "x y\\n"', 'get a', 'PING')).toEqual([
    '0 "SET" "a" "x y\\n"',
    '0 "get" "a"',
    '0 "PING"',
  ])
})

test('shows the time to the microsecond', () => {
  says(client, 'PING')
  const seconds = Math.floor(harness.clock.now() / 1000)
  expect(monitor.received[0]).toMatch(new RegExp(`^\\+"?${seconds}\\.\\d{6} \\[`))
})

test('shows the database after the command', () => {
  expect(shown('SELECT 3', 'GET a', 'RESET')).toEqual(['3 "SELECT" "3"', '3 "GET" "a"', '0 "RESET"'])
})

test('shows the commands of a transaction when they run, and EXEC last', () => {
  expect(shown('MULTI', 'SET a 1', 'GET a')).toEqual(['0 "MULTI"'])
  expect(shown('EXEC')).toEqual(['0 "SET" "a" "1"', '0 "GET" "a"', '0 "EXEC"'])
})

test('shows what fails, but not what is refused', () => {
  expect(shown('INCR a b', 'NOSUCH', 'GET', 'SET a x', 'INCR a')).toEqual(['0 "SET" "a" "x"', '0 "INCR" "a"'])
})

test('shows no passwords, and no administration', () => {
  expect(shown('AUTH secret', 'AUTH user secret', 'HELLO 3 AUTH default secret SETNAME me')).toEqual([
    '0 "AUTH" "(redacted)"',
    '0 "AUTH" "(redacted)" "(redacted)"',
    '0 "HELLO" "3" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me"',
  ])
  expect(shown('CLIENT LIST', 'MONITOR', 'CLIENT ID')).toEqual(['0 "CLIENT" "ID"'])
})

test('shows own commands behind their replies', () => {
  const [reply, line] = says(monitor, 'PING')
  expect(reply).toBe('+PONG')
  expect(line).toContain('PING')
})

describe('a client that monitors', () => {
  test('does nothing with keys, and nothing by saying MONITOR again', () => {
    const refused = "(error) ERR Replica can't interact with the keyspace"
    expect(says(monitor, 'GET a', 'SET a 1', 'PUBLISH a b', 'MONITOR')).toEqual([refused, refused, refused])
  })

  test('shows in CLIENT INFO', () => {
    expect(says(monitor, 'CLIENT INFO')[0]).toContain(' flags=O ')
  })

  test.each([
    ['RESET', () => says(monitor, 'RESET')],
    ['the end of its connection', () => messaging.forget(monitor.session)],
  ])('is shown nothing after %s, and commands cost what they did', (_, end) => {
    expect(harness.dispatcher.isObserved).toBe(true)
    end()
    expect(monitor.received.length).toBe(0)
    expect(shown('PING')).toEqual([])
    expect(harness.dispatcher.isObserved).toBe(false)
    expect(says(monitor, 'GET a')).toEqual(['(nil-bulk)'])
  })

  test('cannot begin in a transaction', () => {
    expect(says(client, 'MULTI', 'MONITOR', 'EXEC').at(-1)).toBe(
      "[(error) ERR MONITOR isn't allowed for DENY BLOCKING client]",
    )
  })
})
