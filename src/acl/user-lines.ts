// `user` lines of redis.conf: judged when the file is read, before there are commands; and written by CONFIG REWRITE. Text
// holds bytes (latin1).

import { needsQuoting, quote } from '../base/quoting.ts'
import { Registry } from '../command/registry.ts'
import { applyRule, joinSelectors, type RuleWorld, UNKNOWN_COMMAND } from './rules.ts'
import { User } from './user.ts'

const NO_COMMANDS: RuleWorld = { registry: new Registry(), newUsersHearAll: false }

/**
 * Judges `user` lines one after the other, each given as the words after `user`: returns why one is wrong. Names of
 * commands are not judged.
 */
export function userLineJudge(): (words: readonly string[]) => string | undefined {
  const names = new Set<string>()
  return ([name = '', ...rules]) => {
    const start = `Error in user declaration '${name}':`
    if (names.has(name))
      return `${start} Duplicate user found. A user can only be defined once in config files`
    names.add(name)
    const joined = joinSelectors(rules)
    if (typeof joined === 'string') {
      return `${start} Unmatched parenthesis in acl selector starting at '${joined}'.`
    }
    const user = new User(name)
    for (const rule of joined) {
      const reason = applyRule(user, rule, NO_COMMANDS)
      if (reason !== undefined && reason !== UNKNOWN_COMMAND) return `${start} ${reason}`
    }
    return undefined
  }
}

/** The user as such a line. */
export function userLine(user: User): string {
  const words = `${user.name} ${user.describe()}`.split(' ')
  return `user ${words.map(plain).join(' ')}`
}

/** Names and patterns may hold quotes. */
function plain(word: string): string {
  const bytes = Buffer.from(word, 'latin1')
  return needsQuoting(bytes) ? quote(bytes) : word
}
