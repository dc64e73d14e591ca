// Where Respite differs from the redis-server at hand on purpose: Respite answers as Redis 7.4 does, and the server
// beside it may be a 7.0. Every entry says why in one sentence, and matches no more than it must.
import { format, type Reply } from '../support/reply.ts'

interface KnownDifference {
  /** The command, with its subcommand where it has one, in capitals. */
  command: string
  /** The fewest words of a call that can differ. */
  atLeastWords: number
  /** What else must be true of the call. */
  when?: (args: readonly string[]) => boolean
  /** What each side's reply looks like, as format() prints it. */
  ours: RegExp
  theirs: RegExp
  why: string
}

const BAD_RANGE = /^\(error\) ERR (value is not an integer or out of range|syntax error)$/

const INVALID_CURSOR = /^\(error\) ERR invalid cursor$/

/** What XREAD and XREADGROUP say of keys without ids. */
const UNBALANCED = /^\(error\) ERR Unbalanced /

const WRONG_TYPE = /^\(error\) WRONGTYPE /

const KNOWN: readonly KnownDifference[] = [
  {
    command: 'BITCOUNT',
    atLeastWords: 3,
    ours: BAD_RANGE,
    theirs: WRONG_TYPE,
    why: 'since 7.2 BITCOUNT checks its range before it looks at the key',
  },
  {
    command: 'BITPOS',
    atLeastWords: 4,
    ours: BAD_RANGE,
    theirs: WRONG_TYPE,
    why: 'since 7.2 BITPOS checks its range before it looks at the key',
  },
  {
    command: 'OBJECT ENCODING',
    atLeastWords: 3,
    ours: /^"listpack"$/,
    theirs: /^"skiplist"$/,
    why: 'redis-server turns a small sorted set into a large one when SORT reads it',
  },
  {
    command: 'XREAD',
    atLeastWords: 4,
    ours: UNBALANCED,
    theirs: UNBALANCED,
    why: 'since 7.2 the text names the command, and since 7.4 the ids that it takes',
  },
  {
    command: 'XREADGROUP',
    atLeastWords: 7,
    ours: UNBALANCED,
    theirs: UNBALANCED,
    why: 'since 7.2 the text names the command, and the ids that it takes',
  },
  {
    command: 'XADD',
    atLeastWords: 5,
    ours: /equal or smaller than the target stream top item$/,
    theirs: /Elements are too large to be stored$/,
    why: 'since 7.2 the text says why there is no next sequence number',
  },
  {
    command: 'BITCOUNT',
    atLeastWords: 3,
    ours: BAD_RANGE,
    theirs: /^\(integer\) 0$/,
    why: 'since 7.2 BITCOUNT checks its range even if the key does not exist',
  },
  {
    command: 'BITPOS',
    atLeastWords: 4,
    ours: BAD_RANGE,
    theirs: /^\(integer\) (0|-1)$/,
    why: 'since 7.2 BITPOS checks its range even if the key does not exist',
  },
  {
    command: 'SCAN',
    atLeastWords: 2,
    when: (args) => args[1] === '',
    ours: INVALID_CURSOR,
    theirs: /^(?!\(error\) ERR invalid cursor)/,
    why: 'since 7.4 an empty cursor is invalid, before it was 0',
  },
  {
    command: 'SCAN',
    atLeastWords: 2,
    when: (args) => /^\s/.test(args[1]!),
    ours: /^(?!\(error\) ERR invalid cursor)/,
    theirs: INVALID_CURSOR,
    why: 'since 7.4 white space in front of a cursor is skipped, before it was invalid',
  },
  {
    command: 'OBJECT ENCODING',
    atLeastWords: 3,
    ours: /^"listpack"$/,
    theirs: /^"hashtable"$/,
    why: 'since 7.2 a small set that holds text is a listpack, before it was a hash table',
  },
  {
    command: 'OBJECT ENCODING',
    atLeastWords: 3,
    ours: /^"listpack"$/,
    theirs: /^"quicklist"$/,
    why: 'since 7.2 a small list is a listpack, before every list was a quicklist',
  },
  {
    command: 'SORT',
    atLeastWords: 2,
    ours: /^(?!\(error\))/,
    theirs: /^\(error\) ERR One or more scores can't be converted into double$/,
    why: 'redis-server 7.0 takes the overflow of an earlier conversion, still in errno, for one of SORT',
  },
  {
    command: 'SORT_RO',
    atLeastWords: 2,
    ours: /^(?!\(error\))/,
    theirs: /^\(error\) ERR One or more scores can't be converted into double$/,
    why: 'redis-server 7.0 takes the overflow of an earlier conversion, still in errno, for one of SORT',
  },
  {
    command: 'ACL DRYRUN',
    atLeastWords: 5,
    when: (args) => args.length === 5 && args[3]?.toUpperCase() === 'PFMERGE',
    ours: /has no permissions to access/,
    theirs: /^\+OK$/,
    why: 'redis-server finds no key in a PFMERGE without sources, and keeps nobody from its destination',
  },
  {
    command: 'ACL DRYRUN',
    atLeastWords: 5,
    when: (args) =>
      args.some((arg) => /^\s*[+-]?\d/.test(arg) && (!/^-?[1-9]\d*$/.test(arg) || arg.length > 9)),
    ours: /^\+OK$/,
    theirs: /has no permissions to access/,
    why: 'redis-server reads the number of keys loosely, and finds keys where the command will find none',
  },
  {
    command: 'OBJECT REFCOUNT',
    atLeastWords: 3,
    ours: /^\(integer\) (1|2147483647)$/,
    theirs: /^\(integer\) (1|2147483647)$/,
    why: 'whether redis-server shares a small integer depends on how the value came about (COPY makes one of its own)',
  },
]

/** The sentence that explains this difference, if it is a known one. */
export function knownDifference(args: readonly string[], ours: Reply, theirs: Reply): string | undefined {
  const found = KNOWN.find(
    (known) =>
      args.length >= known.atLeastWords &&
      isCommand(args, known.command) &&
      (known.when?.(args) ?? true) &&
      known.ours.test(format(ours)) &&
      known.theirs.test(format(theirs)),
  )
  return found?.why
}

function isCommand(args: readonly string[], command: string): boolean {
  const words = command.split(' ')
  return words.every((word, i) => args[i]?.toUpperCase() === word)
}
