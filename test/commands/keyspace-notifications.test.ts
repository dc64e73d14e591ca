// Keyspace notifications: which events are told, in which channels, and when.

import { beforeEach, describe, expect, test } from 'vitest'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { pubsubCommands } from '../../src/commands/pubsub.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { ActiveExpiry } from '../../src/keyspace/expiry.ts'
import { KeyspaceNotifier } from '../../src/pubsub/keyspace-notifier.ts'
import { Pubsub } from '../../src/pubsub/pubsub.ts'
import { type ConnectedClient, Harness } from '../support/harness.ts'

let harness: Harness
let listener: ConnectedClient
let notifier: KeyspaceNotifier

beforeEach(() => {
  harness = new Harness([stringCommands, keyCommands, keyExpiryCommands], 1, 2)
  const pubsub = new Pubsub(harness.keyspace.seed)
  harness.registry.add(pubsubCommands(pubsub))
  harness.registry.add(transactionCommands(harness.transactions, harness.dispatcher))
  notifier = new KeyspaceNotifier(pubsub, harness.keyspace)
  listener = harness.connect(9)
  harness.send(listener, 'PSUBSCRIBE __key*')
  listener.received.length = 0
})

/** What is told while these commands run: `channel message`. */
function told(...commands: string[]): string[] {
  for (const command of commands) harness.run(command)
  return listener.received
    .filter((message) => message.includes('"pmessage"'))
    .map((message) => message.replace(/^.*"__key(.*)", "(.*)"\]$/, '$1 $2'))
}

test('nothing is told at first, and no write is slowed down', () => {
  expect(told('SET a 1', 'DEL a')).toEqual([])
  expect(harness.keyspace.observers.notifier).toBeUndefined()
})

test.each(['K', 'E', 'KE', 'A', 'g$', ''])(
  '%j tells nothing: a channel and a class are needed',
  (classes) => {
    notifier.setClasses(classes)
    expect(harness.keyspace.observers.notifier).toBeUndefined()
  },
)

test('K and E choose the channels', () => {
  notifier.setClasses('AKE')
  expect(told('SET a 1')).toEqual(['space@0__:a set', 'event@0__:set a'])
  notifier.setClasses('AK')
  expect(told('SET a 1')).toEqual(['space@0__:a set'])
  notifier.setClasses('AE')
  expect(told('SET a 1')).toEqual(['event@0__:set a'])
})

test('classes choose the events', () => {
  const commands = ['SET a 1', 'APPEND a x', 'EXPIRE a 100', 'GET nothing', 'DEL a']
  const toldOf = (classes: string) => {
    notifier.setClasses(`${classes}E`)
    return told(...commands).map((text) => text.replace('event@0__:', ''))
  }
  expect(toldOf('$')).toEqual(['set a', 'append a'])
  expect(toldOf('g')).toEqual(['expire a', 'del a'])
  expect(toldOf('m')).toEqual(['keymiss nothing'])
  expect(toldOf('n')).toEqual(['new a'])
  expect(toldOf('A')).toEqual(['set a', 'append a', 'expire a', 'del a'])
  expect(toldOf('mn')).toEqual(['new a', 'keymiss nothing'])
  expect(toldOf('l')).toEqual([])
})

test('channels name the database', () => {
  notifier.setClasses('AKE')
  expect(told('SET a 1', 'MOVE a 1').slice(2)).toEqual([
    'space@0__:a move_from',
    'event@0__:move_from a',
    'space@1__:a move_to',
    'event@1__:move_to a',
  ])
})

test('keys are bytes, of any length', () => {
  notifier.setClasses('AK')
  harness.run(['SET', '\0\xff\r\n', '1'])
  expect(listener.received).toEqual(['["pmessage", "__key*", "__keyspace@0__:\\x00\\xff\\r\\n", "set"]'])
  const long = 'k'.repeat(5000)
  expect(told(`SET ${long} 1`)).toEqual([`space@0__:${long} set`])
})

describe('the end of a key', () => {
  beforeEach(() => {
    notifier.setClasses('AE')
    told('SET a 1 PX 100')
  })

  test('is told when somebody finds it due', () => {
    harness.clock.advance(100)
    expect(listener.received).toEqual([])
    expect(told('GET a')).toEqual(['event@0__:expired a'])
    expect(told('GET a')).toEqual([])
  })

  test('is told when nobody asks for it either', () => {
    const expiry = new ActiveExpiry(harness.keyspace, () => 0)
    harness.clock.advance(100)
    harness.dispatcher.syncClock()
    expiry.runSlice(1)
    expect(told()).toEqual(['event@0__:expired a'])
  })
})

test('what happens in a transaction is told in its order', () => {
  notifier.setClasses('AE')
  expect(told('MULTI', 'SET a 1', 'DEL a')).toEqual([])
  expect(told('EXEC')).toEqual(['event@0__:set a', 'event@0__:del a'])
})
