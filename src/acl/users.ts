// All users by name. There is always a default user, which may do everything until somebody says otherwise. Knows no
// client: who has to hear that users change or go is told by hooks.

import type { Registry } from '../command/registry.ts'
import { applyRule, joinSelectors, type RuleWorld, resetUser } from './rules.ts'
import type { Selector } from './selector.ts'
import { DEFAULT_USER, User } from './user.ts'
import { readUserFile } from './user-file.ts'

const EVERYTHING = ['on', 'nopass', '~*', '&*', '+@all']

export class Users implements RuleWorld {
  readonly registry: Registry
  newUsersHearAll = false
  readonly default: User
  /** Hears that a user is not what it was; `before`: the selectors that it had. */
  onChanged: (user: User, before: readonly Selector[]) => void = () => {}
  /** Hears that a user is no more. */
  onRemoved: (user: User) => void = () => {}
  readonly #users = new Map<string, User>()

  constructor(registry: Registry) {
    this.registry = registry
    this.default = this.#newDefault()
    this.#users.set(DEFAULT_USER, this.default)
  }

  /** In the order of their names' bytes. */
  all(): User[] {
    return [...this.#users.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  find(name: string): User | undefined {
    return this.#users.get(name)
  }

  /**
   * Changes a user, or makes a new one, by rules: all of them or none. Returns what is wrong, as ACL SETUSER and files
   * tell it: undefined if nothing is.
   */
  change(name: string, words: readonly string[]): RuleError | undefined {
    const rules = joinSelectors(words)
    if (typeof rules === 'string') return { kind: 'unmatched', rule: rules }
    const user = this.#users.get(name)
    const draft = user?.copy() ?? this.newUser(name)
    for (const rule of rules) {
      const reason = applyRule(draft, rule, this)
      if (reason !== undefined) return { kind: 'rule', rule, reason }
    }
    this.#take(user, draft)
    return undefined
  }

  /** False: there is none. The default user can't be removed. */
  remove(name: string): boolean {
    const user = this.#users.get(name)
    if (user === undefined) return false
    this.#users.delete(name)
    this.onRemoved(user)
    return true
  }

  /** `requirepass`: '' lets everybody in as the default user. Latin1. */
  setDefaultPassword(password: string): void {
    this.change(DEFAULT_USER, password === '' ? ['nopass'] : ['resetpass', `>${password}`])
  }

  /** All users become those of a file; others go. Returns what is wrong with the file, if anything: then all stay. */
  replaceAll(text: string, fileName: string): string | undefined {
    const drafts = new Map<string, User>()
    const errors = readUserFile(
      text,
      fileName,
      (name) => {
        if (drafts.has(name)) return undefined
        const draft = this.newUser(name)
        drafts.set(name, draft)
        return draft
      },
      this,
    )
    if (errors !== '') return errors
    if (!drafts.has(DEFAULT_USER)) drafts.set(DEFAULT_USER, this.#newDefault())
    for (const { name } of this.all()) if (!drafts.has(name)) this.remove(name)
    for (const draft of drafts.values()) this.#take(this.#users.get(draft.name), draft)
    return undefined
  }

  newUser(name: string): User {
    const user = new User(name)
    resetUser(user, this)
    return user
  }

  #newDefault(): User {
    const user = this.newUser(DEFAULT_USER)
    for (const rule of EVERYTHING) applyRule(user, rule, this)
    return user
  }

  #take(user: User | undefined, draft: User): void {
    if (user === undefined) {
      this.#users.set(draft.name, draft)
      return
    }
    const before = user.copy().selectors
    user.become(draft)
    this.onChanged(user, before)
  }
}

/** What is wrong with rules: one of them, or a parenthesis that is never closed. */
export type RuleError =
  | { readonly kind: 'rule'; readonly rule: string; readonly reason: string }
  | { readonly kind: 'unmatched'; readonly rule: string }
