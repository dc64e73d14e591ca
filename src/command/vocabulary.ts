// What the words of command syntaxes mean: types and names of arguments that COMMAND DOCS tells and the notation
// (syntax.ts) doesn't. A definition whose words mean something else says so in its `notes`.

import type { ArgumentNote, ArgumentNotes, ArgumentType } from './definition.ts'

/** Tokens that aren't written in capitals. */
const LOWER_CASE_TOKENS = new Set('m km ft mi lib-name lib-ver normal master slave replica pubsub'.split(' '))

const TYPES = new Map<string, ArgumentType>()
for (const [type, words] of [
  ['key', 'key key1 key2 newkey source destination destkey sourcekey src dst'],
  [
    'integer',
    `bit bits client-id cluster-bus-port config-epoch count cursor db decrement destination-db end end-slot
     entries-added entries-read frequency increment index index1 index2 len limit maxage milliseconds
     min-match-len ms num-matches numfields numkeys numlocal numreplicas offset port protover rank seconds slot start
     start-slot stop ttl version weight`,
  ],
  ['double', 'height latitude longitude max min radius score timeout width'],
  ['pattern', 'pattern'],
  ['unix-time', 'unix-time-seconds unix-time-milliseconds'],
] as const) {
  for (const word of words.split(/\s+/)) TYPES.set(word, type)
}

/** Names of what has several parts, and of tokens that aren't words, by how they are written. */
const NAMES: Readonly<Record<string, string>> = {
  // Signs.
  '*': 'auto-id',
  $: 'new-id',
  '=': 'equal',
  '~': 'approximately',
  '""': 'empty-string',
  // Tokens with another name.
  ALPHA: 'sorting',
  CH: 'change',
  INCR: 'increment',
  // Values whose token says more than they do.
  'ADDR ip:port': 'addr',
  'AUTH password': 'auth',
  'BY pattern': 'by-pattern',
  'ENTRIESREAD entries-read': 'entriesread',
  'GET pattern': 'get-pattern',
  'IMPORTING node-id': 'importing',
  'KEYS key': 'keys',
  'LADDR ip:port': 'laddr',
  'MIGRATING node-id': 'migrating',
  'NODE node-id': 'node',
  'STORE key': 'storekey',
  'STOREDIST key': 'storedistkey',
  'ip:port': 'old-format',
  // One of several.
  '* | id': 'id-selector',
  '= | ~': 'operator',
  'AND | OR | XOR | NOT': 'operation',
  'ASC | DESC': 'order',
  'ASYNC | SYNC': 'flush-type',
  'AUTH password | AUTH2 username password': 'authentication',
  'BEFORE | AFTER': 'where',
  'BYRADIUS radius <m | km | ft | mi> | BYBOX width height <m | km | ft | mi>': 'by',
  'BYSCORE | BYLEX': 'sortby',
  'BYTE | BIT': 'unit',
  'EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL':
    'expiration',
  'EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST':
    'expiration',
  'FLUSH | APPEND | REPLACE': 'policy',
  'FNX | FXX': 'condition',
  'FORCE | TAKEOVER': 'options',
  'FROMMEMBER member | FROMLONLAT longitude latitude': 'from',
  'GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | INCRBY encoding offset increment>':
    'operation',
  'GT | LT': 'comparison',
  'HARD | SOFT': 'reset-type',
  'IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE': 'subcommand',
  'LEFT | RIGHT': 'where',
  'MAXLEN | MINID': 'strategy',
  'MIN | MAX': 'where',
  'NOSAVE | SAVE': 'save-selector',
  'NX | XX': 'condition',
  'NX | XX | GT | LT': 'condition',
  'ON | OFF': 'enabled',
  'ON | OFF | SKIP': 'action',
  'OVERFLOW <WRAP | SAT | FAIL>': 'overflow-block',
  'SET encoding offset value | INCRBY encoding offset increment': 'write-operation',
  'STORE key | STOREDIST key': 'store',
  'TIMEOUT | ERROR': 'unblock-type',
  'TYPE <normal | master | replica | pubsub>': 'client-type',
  'TYPE <normal | master | slave | replica | pubsub>': 'client-type',
  'WRITE | ALL': 'mode',
  'YES | NO': 'mode',
  'YES | SYNC | NO': 'mode',
  'count | RESET': 'operation',
  'host port | NO ONE': 'args',
  'id | $': 'id-selector',
  'key | ""': 'key-selector',
  'lib-name libname | lib-ver libver': 'attr',
  'm | km | ft | mi': 'unit',
  // Several together.
  'BYBOX width height <m | km | ft | mi>': 'box',
  'BYRADIUS radius <m | km | ft | mi>': 'circle',
  'CONFIG name value': 'configs',
  'COUNT count [ANY]': 'count-block',
  'FULL [COUNT count]': 'full-block',
  'GET encoding offset': 'get-block',
  'GROUP group consumer': 'group-block',
  'INCRBY encoding offset increment': 'incrby-block',
  '<MAXLEN | MINID> [= | ~] threshold [LIMIT count]': 'trim',
  'SET encoding offset value': 'set-block',
  'TO host port [FORCE]': 'target',
  '[IDLE min-idle-time] start end count [consumer]': 'filters',
  '[OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | INCRBY encoding offset increment>': 'write',
  'count [WITHSCORES]': 'options',
  'count [WITHVALUES]': 'options',
  'end [BYTE | BIT]': 'end-unit-block',
  'field value': 'data',
  'key value': 'data',
  'longitude latitude member': 'data',
  'parameter value': 'data',
  'protover [AUTH username password] [SETNAME clientname]': 'arguments',
  'score member': 'data',
  'start [end [BYTE | BIT]]': 'range',
  'start end [BYTE | BIT]': 'range',
  'start-slot end-slot': 'range',
}

/** Whether a word stands for itself. */
export function isToken(word: string): boolean {
  return !/[a-z]/.test(word) || LOWER_CASE_TOKENS.has(word)
}

/** The type of the value that a word stands for. Where a command has no keys, `key` is a string. */
export function typeOf(word: string, hasKeys: boolean): ArgumentType {
  const type = TYPES.get(word) ?? 'string'
  return type === 'key' && !hasKeys ? 'string' : type
}

/** What is to be known of an argument written like this, at its n-th occurrence in a syntax. */
export function noteOn(text: string, occurrence: number, notes: ArgumentNotes): ArgumentNote | undefined {
  const name = NAMES[text]
  const known = notes[text]
  if (known === undefined) return name === undefined ? undefined : { name }
  const note = isList(known) ? known[Math.min(occurrence, known.length - 1)]! : known
  if (typeof note === 'string') return { name: note }
  return name === undefined ? note : { name, ...note }
}

function isList(known: ArgumentNotes[string]): known is readonly (string | ArgumentNote)[] {
  return Array.isArray(known)
}
