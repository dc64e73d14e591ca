import { describe, expect, test } from 'vitest'
import { Authentication } from '../../src/acl/authentication.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('authentication', () => {
  test('is open until there is a password', () => {
    const authentication = new Authentication()
    expect(authentication.isOpen).toBe(true)
    authentication.setPassword('x')
    expect(authentication.isOpen).toBe(false)
    authentication.setPassword('')
    expect(authentication.isOpen).toBe(true)
  })

  test('while open takes any password, but of the default user only', () => {
    const authentication = new Authentication()
    expect(authentication.accepts('default', bytes('whatever'))).toBe(true)
    expect(authentication.accepts('root', bytes('whatever'))).toBe(false)
  })

  test('takes the password and nothing near it', () => {
    const authentication = new Authentication()
    authentication.setPassword('s\xe9cret')
    expect(authentication.accepts('default', bytes('s\xe9cret'))).toBe(true)
    for (const wrong of ['', 's', 's\xe9cret\0', 'S\xe9cret', 's\xc3\xa9cret']) {
      expect(authentication.accepts('default', bytes(wrong))).toBe(false)
    }
    expect(authentication.accepts('Default', bytes('s\xe9cret'))).toBe(false)
    expect(authentication.failures).toBe(6)
  })
})
