// The language of rules (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/): each changes a
// user, or says why it can't, in Redis's words. Text holds bytes (latin1).

import { ACL_CATEGORIES, type AclCategory } from '../command/acl-categories.ts'
import type { Command } from '../command/command.ts'
import type { Registry } from '../command/registry.ts'
import { digestOf, isDigest } from './passwords.ts'
import { READ, WRITE } from './patterns.ts'
import { Selector } from './selector.ts'
import type { User } from './user.ts'

export const UNKNOWN_COMMAND = 'Unknown command or category name in ACL'
const SYNTAX = 'Syntax error'
const USELESS_KEYS =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
const USELESS_CHANNELS =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
const NO_SUCH_PASSWORD = 'The password you are trying to remove from the user does not exist'
const BAD_DIGEST =
  'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters'
const FIRST_ARGUMENT_OF_SUBCOMMAND = 'Allowing first-arg of a subcommand is not supported'

/** What rules depend on beside the user. */
export interface RuleWorld {
  readonly registry: Registry
  /** Whether new users hear all channels: follows `acl-pubsub-default`. */
  newUsersHearAll: boolean
}

/** Whether a name or a pattern holds what separates rules. */
export function hasBlanks(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00\t-\r ]/.test(text)
}

/**
 * Puts the words of rules in parentheses together, as blanks have separated them. A string: the word with the
 * parenthesis that is never closed.
 */
export function joinSelectors(words: readonly string[]): string[] | string {
  const rules: string[] = []
  let open: string | undefined
  let start = ''
  for (const word of words) {
    if (open !== undefined) open += ` ${word}`
    else if (word.startsWith('(') && !word.endsWith(')')) {
      open = word
      start = word
    } else rules.push(word)
    if (open === undefined || !word.endsWith(')')) continue
    rules.push(open)
    open = undefined
  }
  return open === undefined ? rules : start
}

/** A new user is as a rule `reset` makes it. */
export function resetUser(user: User, { newUsersHearAll }: RuleWorld): void {
  user.isOn = false
  user.needsNoPassword = false
  user.sanitizesPayload = true
  user.passwords.clear()
  user.root.copyFrom(newSelector(newUsersHearAll))
  user.others = []
}

function newSelector(hearsAll: boolean): Selector {
  const selector = new Selector()
  if (hearsAll) selector.allowAllChannels()
  return selector
}

/** Changes the user. Returns why the rule can't be followed, if so; then half of it may have been. */
export function applyRule(user: User, rule: string, world: RuleWorld): string | undefined {
  switch (rule[0]) {
    case undefined:
      return undefined
    case '>':
    case '#':
    case '<':
    case '!':
      return changePasswords(user, rule)
    case '(':
      return addSelector(user, rule, world)
  }
  switch (rule.toLowerCase()) {
    case 'on':
    case 'off':
      user.isOn = rule.length === 2
      return undefined
    case 'nopass':
      user.needsNoPassword = true
      user.passwords.clear()
      return undefined
    case 'resetpass':
      user.needsNoPassword = false
      user.passwords.clear()
      return undefined
    case 'sanitize-payload':
      user.sanitizesPayload = true
      return undefined
    case 'skip-sanitize-payload':
      user.sanitizesPayload = false
      return undefined
    case 'clearselectors':
      user.others = []
      return undefined
    case 'reset':
      resetUser(user, world)
      return undefined
    default:
      return applySelectorRule(user.root, rule, world.registry)
  }
}

function changePasswords(user: User, rule: string): string | undefined {
  const sign = rule[0]!
  const text = rule.slice(1)
  const isPlain = sign === '>' || sign === '<'
  if (!isPlain && !isDigest(text)) return BAD_DIGEST
  const digest = isPlain ? digestOf(Buffer.from(text, 'latin1')) : text
  if (sign === '<' || sign === '!') return user.passwords.remove(digest) ? undefined : NO_SUCH_PASSWORD
  user.passwords.add(digest)
  user.needsNoPassword = false
  return undefined
}

function addSelector(user: User, rule: string, world: RuleWorld): string | undefined {
  if (!rule.endsWith(')')) return SYNTAX
  const selector = newSelector(world.newUsersHearAll)
  const words = rule.slice(1, -1).replace(/^[ \t]+|[ \t]+$/g, '')
  for (const word of words.split(' ')) {
    const reason = word === '' ? undefined : applySelectorRule(selector, word, world.registry)
    if (reason !== undefined) return reason
  }
  user.others = [...user.others, selector]
  return undefined
}

function applySelectorRule(selector: Selector, rule: string, registry: Registry): string | undefined {
  switch (rule.toLowerCase()) {
    case 'allkeys':
    case '~*':
      selector.allowAllKeys()
      return undefined
    case 'resetkeys':
      selector.resetKeys()
      return undefined
    case 'allchannels':
    case '&*':
      selector.allowAllChannels()
      return undefined
    case 'resetchannels':
      selector.resetChannels()
      return undefined
    case 'allcommands':
    case '+@all':
      selector.commands.setAll(true)
      return undefined
    case 'nocommands':
    case '-@all':
      selector.commands.setAll(false)
      return undefined
  }
  switch (rule[0]) {
    case '~':
    case '%':
      return addKeys(selector, rule)
    case '&':
      return addChannels(selector, rule.slice(1))
    case '+':
    case '-':
      return rule[1] === '@' ? setCategory(selector, rule, registry) : setCommand(selector, rule, registry)
    default:
      return SYNTAX
  }
}

function addKeys(selector: Selector, rule: string): string | undefined {
  if (selector.allowsAllKeys) return USELESS_KEYS
  const tilde = rule.indexOf('~')
  // Redis: each letter once. Without a tilde, which Redis 7.0 to 7.4.1 took, there is no pattern.
  const letters = /^(?:|%(r|w|rw|wr))~/i.exec(rule)
  const pattern = rule.slice(tilde + 1)
  if (letters === null || hasBlanks(pattern)) return SYNTAX
  const named = letters[1]?.toLowerCase() ?? 'rw'
  selector.keys.add(pattern, (named.includes('r') ? READ : 0) | (named.includes('w') ? WRITE : 0))
  return undefined
}

function addChannels(selector: Selector, pattern: string): string | undefined {
  if (selector.allowsAllChannels) return USELESS_CHANNELS
  if (hasBlanks(pattern)) return SYNTAX
  selector.channels.add(pattern, 0)
  return undefined
}

function setCategory(selector: Selector, rule: string, registry: Registry): string | undefined {
  const name = rule.slice(2).toLowerCase()
  const commands = commandsOf(name, registry)
  if (commands === undefined) return UNKNOWN_COMMAND
  selector.commands.setCategory(name, commands, registry.definedCount, rule[0] === '+')
  return undefined
}

/** The commands and subcommands of a category; undefined: there is no such category. */
export function commandsOf(category: string, registry: Registry): Command[] | undefined {
  const name = ACL_CATEGORIES.find((known) => known === category) as AclCategory | undefined
  if (name === undefined) return undefined
  return [...registry.defined()].filter(({ categories }) => categories.includes(name))
}

function setCommand(selector: Selector, rule: string, registry: Registry): string | undefined {
  const isAllowed = rule[0] === '+'
  const name = rule.slice(1)
  const command = registry.byOwnName(name)
  if (command !== undefined) {
    selector.commands.setCommand(command, registry.definedCount, isAllowed)
    return undefined
  }
  const bar = name.lastIndexOf('|')
  const container = isAllowed && bar >= 0 ? registry.byOwnName(name.slice(0, bar)) : undefined
  // Redis: a first argument can be allowed, but not be forbidden.
  if (container === undefined) return UNKNOWN_COMMAND
  if (container.container !== undefined) return FIRST_ARGUMENT_OF_SUBCOMMAND
  const word = name.slice(bar + 1)
  if (word === '') return SYNTAX
  if (container.subcommands !== undefined) return UNKNOWN_COMMAND
  selector.commands.allowFirstArgument(container, word)
  return undefined
}
