// ACL categories of a command: those that follow from its flags, and those that its definition names.
// Knows no user and no rule.

/** All categories, in the order in which Redis names them. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const

export type AclCategory = (typeof ACL_CATEGORIES)[number]

/** The categories that a command's flags imply and those it names, in the order of ACL_CATEGORIES. */
export function aclCategories(
  flags: readonly string[],
  named: readonly AclCategory[] = [],
): readonly AclCategory[] {
  const has = (flag: string) => flags.includes(flag)
  const implied: Partial<Record<AclCategory, boolean>> = {
    write: has('write'),
    // Redis: EVAL_RO and its like carry the flag, but what a script does is not for @read to allow.
    read: has('readonly') && !named.includes('scripting'),
    admin: has('admin'),
    // Whatever is for administrators is dangerous in others' hands.
    dangerous: has('admin'),
    pubsub: has('pubsub'),
    blocking: has('blocking'),
    fast: has('fast'),
    slow: !has('fast'),
  }
  return ACL_CATEGORIES.filter((category) => named.includes(category) || implied[category] === true)
}
