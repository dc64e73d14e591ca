// A user: who may come in with which passwords, and what may be done then. Rules, which make users what they are, are
// in rules.ts; clients point at the one object that a user is as long as there is that user.

import { Passwords } from './passwords.ts'
import { Selector } from './selector.ts'

/** The user that clients are before they say who they are, and whom a password alone stands for. */
export const DEFAULT_USER = 'default'

export class User {
  /** Bytes as latin1. */
  readonly name: string
  isOn = false
  /** Any password will do. */
  needsNoPassword = false
  /** Whether values that it brings from elsewhere are looked through; told, as Redis tells it, but always done here. */
  sanitizesPayload = true
  readonly passwords = new Passwords()
  /** The user's own rules; what is in parentheses makes further selectors. */
  readonly root = new Selector()
  others: readonly Selector[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Whether clients come in as this user without being asked. */
  get isOpen(): boolean {
    return this.isOn && this.needsNoPassword
  }

  get isUnrestricted(): boolean {
    return this.root.isUnrestricted || this.others.some((selector) => selector.isUnrestricted)
  }

  get selectors(): readonly Selector[] {
    return [this.root, ...this.others]
  }

  accepts(password: Uint8Array): boolean {
    // Also where it does not matter: the time tells nothing then.
    const isKnown = this.passwords.has(password)
    return this.isOn && (this.needsNoPassword || isKnown)
  }

  /** The names of its flags. */
  flags(): string[] {
    const flags = [this.isOn ? 'on' : 'off']
    if (this.needsNoPassword) flags.push('nopass')
    flags.push(this.sanitizesPayload ? 'sanitize-payload' : 'skip-sanitize-payload')
    return flags
  }

  /** The rules that make it out of a new user. */
  describe(): string {
    const parts = this.flags()
    for (const digest of this.passwords.all()) parts.push(`#${digest}`)
    parts.push(this.root.describe())
    for (const selector of this.others) parts.push(`(${selector.describe()})`)
    return parts.join(' ')
  }

  /** A copy, to change and then perhaps to `become`. */
  copy(): User {
    const copy = new User(this.name)
    copy.become(this)
    return copy
  }

  /** Takes on all that another user is, but for its name. */
  become(other: User): void {
    this.isOn = other.isOn
    this.needsNoPassword = other.needsNoPassword
    this.sanitizesPayload = other.sanitizesPayload
    this.passwords.copyFrom(other.passwords)
    this.root.copyFrom(other.root)
    this.others = other.others.map((selector) => {
      const copy = new Selector()
      copy.copyFrom(selector)
      return copy
    })
  }
}
