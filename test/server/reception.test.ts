// Who is let in, and what a connection is told about where it comes from.

import type { Socket } from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { NEEDS_AUTHENTICATION, Session } from '../../src/command/session.ts'
import { Log } from '../../src/server/log.ts'
import { Server } from '../../src/server/server.ts'
import { QUIET_PEER } from '../support/harness.ts'

/** As much of a socket as is used before anything is sent. */
class MadeUpSocket {
  sent = ''
  keepAliveMs = 0
  readonly remotePort = 4711
  readonly localAddress = '10.0.0.1'
  readonly localPort = 6379
  readonly remoteAddress: string | undefined

  constructor(remoteAddress: string | undefined) {
    this.remoteAddress = remoteAddress
  }

  on(): void {
    // Nothing happens to it.
  }

  setNoDelay(): void {
    // Nothing is sent.
  }

  setKeepAlive(_: boolean, milliseconds: number): void {
    this.keepAliveMs = milliseconds
  }

  end(text: string): void {
    this.sent += text
  }
}

const log: string[] = []
const server = new Server({ log: new Log(Date.now, (line) => log.push(line)) })
const { reception, clients } = server
const { users } = server.access

beforeEach(() => {
  reception.isProtected = true
  reception.keepAliveSeconds = 300
  clients.maximum = 10_000
  users.setDefaultPassword('')
})

function receive(address: string | undefined, unixPath?: string) {
  const socket = new MadeUpSocket(address)
  const connection = reception.accept(socket as unknown as Socket, unixPath)
  return { socket, session: connection?.session }
}

describe('reception', () => {
  test('tells addresses as Redis writes them', () => {
    expect(receive('127.0.0.1').session!.peer.address).toBe('127.0.0.1:4711')
    expect(receive('::1').session!.peer.address).toBe('[::1]:4711')
    expect(receive('127.0.0.1').session!.peer.localAddress).toBe('10.0.0.1:6379')
    const { peer } = receive(undefined, '/run/respite.sock').session!
    expect([peer.address, peer.localAddress, peer.isUnix]).toEqual([
      '/run/respite.sock:0',
      '/run/respite.sock:0',
      true,
    ])
  })

  test('numbers connections in the order in which they come', () => {
    const first = receive('127.0.0.1').session!.id
    expect(receive('127.0.0.1').session!.id).toBe(first + 1)
  })

  test.each(['10.1.2.3', '::ffff:10.1.2.3', 'fe80::1'])('in protected mode turns %s away', (address) => {
    const before = clients.rejected
    const { session, socket } = receive(address)
    expect(session).toBeUndefined()
    expect(socket.sent).toMatch(/^-DENIED [^\r\n]*protected mode[^\r\n]*\r\n$/)
    expect(clients.rejected).toBe(before + 1)
  })

  test('in protected mode lets the same machine in, and everyone once there is a password', () => {
    for (const address of ['127.0.0.1', '127.8.8.8', '::1']) expect(receive(address).session).toBeDefined()
    expect(receive(undefined, '/tmp/s').session).toBeDefined()
    users.setDefaultPassword('x')
    expect(receive('10.1.2.3').session).toBeDefined()
    users.setDefaultPassword('')
    reception.isProtected = false
    expect(receive('10.1.2.3').session).toBeDefined()
  })

  test('asks for the password if there is one', () => {
    expect(receive('::1').session!.gates & NEEDS_AUTHENTICATION).toBe(0)
    users.setDefaultPassword('x')
    expect(receive('::1').session!.gates & NEEDS_AUTHENTICATION).toBe(NEEDS_AUTHENTICATION)
  })

  test('turns away who would be one too many', () => {
    clients.maximum = clients.count + 1
    expect(receive('::1').session).toBeDefined()
    const { session, socket } = receive('::1')
    expect(session).toBeUndefined()
    expect(socket.sent).toBe('-ERR max number of clients reached\r\n')
  })

  test('has the system look after silent TCP connections', () => {
    expect(receive('::1').socket.keepAliveMs).toBe(300_000)
    reception.keepAliveSeconds = 0
    expect(receive('::1').socket.keepAliveMs).toBe(0)
  })

  test('speaks of HTTP once a minute, not more', () => {
    log.length = 0
    const session = new Session(1, { ...QUIET_PEER, address: '1.2.3.4:5' }, 0)
    reception.reportHttp(session)
    reception.reportHttp(session)
    expect(log).toEqual([
      expect.stringMatching(/# Possible SECURITY ATTACK detected: a client at 1\.2\.3\.4:5 /),
    ])
  })
})
