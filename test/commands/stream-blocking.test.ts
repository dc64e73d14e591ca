import { beforeEach, describe, expect, test } from 'vitest'
import { databaseCommands } from '../../src/commands/database.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { streamCommands } from '../../src/commands/stream.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { type ConnectedClient, Harness } from '../support/harness.ts'

let harness: Harness
let writer: ConnectedClient
let a: ConnectedClient
let b: ConnectedClient

/** Lets a client send a command; what it is sent shows in `received`. */
const send = (client: ConnectedClient, command: string) => harness.send(client, command)

beforeEach(() => {
  harness = new Harness([streamCommands, stringCommands, keyCommands, databaseCommands], 1, 2)
  writer = harness.connect(2)
  a = harness.connect(3)
  b = harness.connect(4)
})

describe('XREAD BLOCK', () => {
  test('waits for what comes after the end of now, and is served once', () => {
    send(writer, 'XADD s 1 old v')
    send(a, 'XREAD BLOCK 0 STREAMS s t $ $')
    expect(a.received).toEqual([])
    send(writer, 'XADD s 2 new v')
    send(writer, 'XADD s 3 newer v')
    expect(a.received).toEqual(['[["s", [["2-0", ["new", "v"]]]]]'])
  })

  test('is served at once if there is something, and not by what is deleted', () => {
    send(writer, 'XADD s 1 f v')
    send(writer, 'XADD s 2 f v')
    send(a, 'XREAD BLOCK 0 STREAMS s 1')
    expect(a.received).toEqual(['[["s", [["2-0", ["f", "v"]]]]]'])
    send(writer, 'XDEL s 2')
    send(a, 'XREAD BLOCK 0 STREAMS s 1')
    expect(a.received).toEqual([])
    send(writer, 'XADD s 3 f v')
    expect(a.received).toEqual(['[["s", [["3-0", ["f", "v"]]]]]'])
  })

  test('goes on waiting when the key goes, or becomes something else', () => {
    send(a, 'XREAD BLOCK 0 STREAMS s $')
    send(writer, 'SET s 1')
    send(writer, 'DEL s')
    expect(a.received).toEqual([])
    send(writer, 'XADD s 1 f v')
    expect(a.received).toEqual(['[["s", [["1-0", ["f", "v"]]]]]'])
  })

  test('with + on a stream without entries waits for the first', () => {
    send(writer, 'XADD s MAXLEN 0 5 f v')
    send(a, 'XREAD BLOCK 0 STREAMS s +')
    send(writer, 'XADD s 6 f v')
    expect(a.received).toEqual(['[["s", [["6-0", ["f", "v"]]]]]'])
  })

  test('gives up with a null array', () => {
    send(a, 'XREAD BLOCK 100 STREAMS s $')
    harness.expireWaits(99)
    expect(a.received).toEqual([])
    harness.expireWaits(1)
    expect(a.received).toEqual(['(nil-array)'])
  })
})

describe('XREADGROUP BLOCK', () => {
  beforeEach(() => {
    send(writer, 'XGROUP CREATE s g $ MKSTREAM')
    send(writer, 'XGROUP CREATE s h $')
    expect(writer.received).toEqual(['+OK', '+OK'])
  })

  test('hands each new entry to whoever waits longest', () => {
    send(a, 'XREADGROUP GROUP g alice BLOCK 0 STREAMS s >')
    send(b, 'XREADGROUP GROUP g bob BLOCK 0 STREAMS s >')
    send(writer, 'XADD s 1 f v')
    expect([a.received, b.received]).toEqual([['[["s", [["1-0", ["f", "v"]]]]]'], []])
    send(writer, 'XADD s 2 f v')
    expect(b.received).toEqual(['[["s", [["2-0", ["f", "v"]]]]]'])
    writer.received
    send(writer, 'XPENDING s g')
    expect(writer.received).toEqual(['[(integer) 2, "1-0", "2-0", [["alice", "1"], ["bob", "1"]]]'])
  })

  test('ends with an error when its group goes, and only then', () => {
    send(a, 'XREADGROUP GROUP g alice BLOCK 0 STREAMS s >')
    send(b, 'XREADGROUP GROUP h bob BLOCK 0 STREAMS s >')
    send(writer, 'XGROUP DESTROY s g')
    expect(a.received).toEqual([
      "(error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option",
    ])
    expect(b.received).toEqual([])
  })

  test.each(['DEL s', 'RENAME s t', 'FLUSHALL'])('ends with an error on %s', (command) => {
    send(a, 'XREADGROUP GROUP g alice BLOCK 0 STREAMS s >')
    send(writer, command)
    expect(a.received).toEqual([
      "(error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option",
    ])
  })

  test('ends with an error when the key becomes something else', () => {
    send(a, 'XREADGROUP GROUP g alice BLOCK 0 STREAMS s >')
    send(writer, 'SET s 1')
    expect(a.received).toEqual(['(error) WRONGTYPE Operation against a key holding the wrong kind of value'])
  })

  test('does not wait for what is pending already', () => {
    send(a, 'XREADGROUP GROUP g alice BLOCK 0 STREAMS s 0')
    expect(a.received).toEqual(['[["s", []]]'])
  })
})
