// The file of users (`aclfile`): a line for each, `user <name> <rules>`, with single blanks and no comments. Text in and
// text out (latin1), opens nothing.

import { applyRule, hasBlanks, joinSelectors, type RuleWorld, UNKNOWN_COMMAND } from './rules.ts'
import type { User } from './user.ts'

const NOTHING_DONE =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

/**
 * Makes users of the lines; `create` gives the user of a name, undefined if there was one. Returns all that is wrong, as
 * Redis strings it together; '': nothing.
 */
export function readUserFile(
  text: string,
  fileName: string,
  create: (name: string) => User | undefined,
  world: RuleWorld,
): string {
  let errors = ''
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
    if (line !== '')
      errors += readLine(line, { place: `${fileName}:${index + 1}`, number: index + 1 }, create, world)
  }
  return errors === '' ? '' : `${errors}${NOTHING_DONE}`
}

function readLine(
  line: string,
  { place, number }: { place: string; number: number },
  create: (name: string) => User | undefined,
  world: RuleWorld,
): string {
  const [keyword, name, ...words] = line.split(' ')
  if (keyword !== 'user' || name === undefined) {
    return `${place} should start with user keyword followed by the username. `
  }
  if (hasBlanks(name)) return `'${place}: username '${name}' contains invalid characters. `
  const user = create(name)
  if (user === undefined) return `WARNING: Duplicate user '${name}' found on line ${number}. `
  const rules = joinSelectors(words)
  if (typeof rules === 'string') return `${place}: Unmatched parenthesis in selector definition.`
  let errors = ''
  for (const rule of rules) {
    const reason = applyRule(user, rule.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''), world)
    // What comes behind a mistake in a name still makes sense; behind others it may not.
    if (reason === UNKNOWN_COMMAND) errors += `${place}: Error in applying operation '${rule}': ${reason}. `
    else if (reason !== undefined) return `${errors}${place}: ${reason}. `
  }
  return errors
}

/** The users as such a file. */
export function writeUserFile(users: readonly User[]): string {
  return users.map((user) => `user ${user.name} ${user.describe()}\n`).join('')
}
