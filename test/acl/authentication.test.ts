import { beforeEach, describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'
import { Users } from '../../src/acl/users.ts'
import { IS_RESTRICTED, NEEDS_AUTHENTICATION, Session } from '../../src/command/session.ts'
import { Harness, QUIET_PEER } from '../support/harness.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

const harness = new Harness([], 1, 1)
let authentication: Authentication
let client: Session

beforeEach(() => {
  authentication = new Authentication(new Users(harness.registry))
  client = new Session(7, QUIET_PEER, harness.clock.now())
  authentication.admit(client)
})

function logIn(name: string, password: string): boolean {
  const { context, request } = harness.dispatcher
  request.load([bytes('AuTh'), bytes(name), bytes(password)])
  context.args = request
  context.client = client
  return authentication.logIn(context, name, bytes(password))
}

describe('authentication', () => {
  test('is open until there is a password', () => {
    const { users } = authentication
    expect(authentication.isOpen).toBe(true)
    users.setDefaultPassword('x')
    expect(authentication.isOpen).toBe(false)
    users.setDefaultPassword('')
    expect(authentication.isOpen).toBe(true)
    users.change('default', ['off'])
    expect(authentication.isOpen).toBe(false)
  })

  test('while open takes any password, but of the default user only', () => {
    expect(logIn('default', 'whatever')).toBe(true)
    expect(logIn('root', 'whatever')).toBe(false)
  })

  test('takes the password and nothing near it', () => {
    authentication.users.setDefaultPassword('s\xe9cret')
    expect(logIn('default', 's\xe9cret')).toBe(true)
    for (const wrong of ['', 's', 's\xe9cret\0', 'S\xe9cret', 's\xc3\xa9cret']) {
      expect(logIn('default', wrong)).toBe(false)
    }
    expect(logIn('Default', 's\xe9cret')).toBe(false)
    expect(authentication.log.counts.auth).toBe(6)
  })

  test('makes the client the user, with the gates that this user has', () => {
    authentication.users.change('eve', ['on', '>pw', '+@read'])
    expect(client.gates).toBe(0)
    expect(logIn('eve', 'pw')).toBe(true)
    expect([client.user, client.gates]).toEqual(['eve', IS_RESTRICTED])
    expect(authentication.userOf(client)).toBe(authentication.users.find('eve'))
    authentication.users.change('eve', ['allcommands', 'allkeys', 'allchannels'])
    authentication.refresh(client)
    expect(client.gates).toBe(0)
  })

  test('does not take users that are off, and leaves the client who it is', () => {
    authentication.users.change('eve', ['>pw'])
    expect(logIn('eve', 'pw')).toBe(false)
    expect([client.user, client.gates, client.isLoggedIn]).toEqual(['default', 0, true])
    expect(authentication.log.newest(1)).toMatchObject([
      { reason: 'auth', context: 'toplevel', object: 'AuTh', username: 'eve', count: 1 },
    ])
  })

  test('asks who came while it was closed, and does not ask who was in before', () => {
    authentication.users.setDefaultPassword('x')
    authentication.refresh(client)
    expect(client.gates).toBe(0)
    const late = new Session(8, QUIET_PEER, 0)
    authentication.admit(late)
    expect(late.gates).toBe(NEEDS_AUTHENTICATION)
    authentication.users.setDefaultPassword('')
    authentication.refresh(late)
    expect([late.gates, late.isLoggedIn]).toEqual([0, false])
  })
})
