// CLIENT TRACKING and what belongs to it: who wants to be told when cached keys change. Telling is tracking/.

import { ReplyError, SYNTAX_ERROR } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition } from '../command/definition.ts'
import type { Session } from '../command/session.ts'
import type { Tracking, TrackingOptions } from '../tracking/tracking.ts'

const NO_SUCH_REDIRECT = new ReplyError('ERR The client ID you want redirect to does not exist')
const ONE_REDIRECT = new ReplyError('ERR A client can only redirect to a single other client')
const PREFIX_WITHOUT_BROADCAST = new ReplyError('ERR PREFIX option requires BCAST mode to be enabled')
const BROADCAST_SWITCHED = new ReplyError(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
)
const BROADCAST_WITH_CHOICE = new ReplyError('ERR OPTIN and OPTOUT are not compatible with BCAST')
const BOTH_CHOICES = new ReplyError("ERR You can't specify both OPTIN mode and OPTOUT mode")
const CHOICE_SWITCHED = new ReplyError(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
)
const CACHING_WITHOUT_CHOICE = new ReplyError(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
)
const YES_WITHOUT_OPTIN = new ReplyError(
  'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
)
const NO_WITHOUT_OPTOUT = new ReplyError(
  'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
)

const COMMON = { flags: ['noscript', 'loading', 'stale'], categories: ['connection'] } as const

export function trackingCommands(tracking: Tracking): CommandDefinition[] {
  return [
    {
      ...COMMON,
      name: 'TRACKING',
      arity: -3,
      syntax:
        '<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]',
      notes: { 'ON | OFF': 'status', 'REDIRECT client-id': 'client-id', 'PREFIX prefix': 'prefix' },
      summary: 'Chooses whether the connection is told when keys that it has read change.',
      since: '6.0.0',
      complexity: 'O(1). Some options may introduce additional complexity.',
      run: (context) => track(context, tracking),
    },
    {
      ...COMMON,
      name: 'CACHING',
      arity: 3,
      syntax: '<YES | NO>',
      summary: 'Makes the next command an exception: what it reads is tracked (OPTIN), or is not (OPTOUT).',
      since: '6.0.0',
      complexity: 'O(1)',
      run: (context) => caching(context, tracking),
    },
    {
      ...COMMON,
      name: 'GETREDIR',
      arity: 2,
      syntax: '',
      summary: 'Returns the number of the connection that is told in place of this one.',
      since: '6.0.0',
      complexity: 'O(1)',
      run: ({ client, reply }) => reply.integer(client.redirect),
    },
    {
      ...COMMON,
      name: 'TRACKINGINFO',
      arity: 2,
      syntax: '',
      summary: 'Tells how the connection tracks keys.',
      since: '6.2.0',
      complexity: 'O(1)',
      run: (context) => info(context, tracking),
    },
  ]
}

function track({ args, client, reply }: Context, tracking: Tracking): void {
  const options = readOptions(args, tracking)
  if (args.is(2, 'ON')) {
    check(options, client, tracking)
    tracking.start(client, options)
  } else if (args.is(2, 'OFF')) tracking.stop(client)
  else throw SYNTAX_ERROR
  reply.ok()
}

function readOptions(args: Context['args'], tracking: Tracking): TrackingOptions {
  const options = { isBroadcast: false, isOptIn: false, isOptOut: false, isNoLoop: false, redirect: 0 }
  const prefixes: string[] = []
  for (let i = 3; i < args.count; i++) {
    const hasMore = i + 1 < args.count
    if (args.is(i, 'REDIRECT') && hasMore) {
      if (options.redirect !== 0) throw ONE_REDIRECT
      options.redirect = args.integer(++i)
      if (tracking.findClient(options.redirect) === undefined) throw NO_SUCH_REDIRECT
    } else if (args.is(i, 'BCAST')) options.isBroadcast = true
    else if (args.is(i, 'OPTIN')) options.isOptIn = true
    else if (args.is(i, 'OPTOUT')) options.isOptOut = true
    else if (args.is(i, 'NOLOOP')) options.isNoLoop = true
    else if (args.is(i, 'PREFIX') && hasMore) prefixes.push(args.string(++i))
    else throw SYNTAX_ERROR
  }
  return { ...options, prefixes }
}

function check(options: TrackingOptions, client: Session, tracking: Tracking): void {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = options
  const before = tracking.of(client)?.options
  if (!isBroadcast && prefixes.length > 0) throw PREFIX_WITHOUT_BROADCAST
  if (before !== undefined && before.isBroadcast !== isBroadcast) throw BROADCAST_SWITCHED
  if (isBroadcast && (isOptIn || isOptOut)) throw BROADCAST_WITH_CHOICE
  if (isOptIn && isOptOut) throw BOTH_CHOICES
  if (before !== undefined && ((isOptIn && before.isOptOut) || (isOptOut && before.isOptIn))) {
    throw CHOICE_SWITCHED
  }
  if (isBroadcast) checkPrefixes(prefixes, tracking.broadcasts.prefixesOf(client))
}

/** A key must not be told of twice. */
function checkPrefixes(prefixes: readonly string[], existing: readonly string[]): void {
  prefixes.forEach((prefix, i) => {
    for (const other of existing) if (overlap(prefix, other)) throw overlapError(prefix, 'an existing', other)
    for (const other of prefixes.slice(i + 1)) {
      if (overlap(prefix, other)) throw overlapError(prefix, 'another provided', other)
    }
  })
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one)
}

function overlapError(prefix: string, which: string, other: string): ReplyError {
  return new ReplyError(
    `ERR Prefix '${prefix}' overlaps with ${which} prefix '${other}'. Prefixes for a single client must not overlap.`,
  )
}

function caching({ args, client, reply }: Context, tracking: Tracking): void {
  const tracked = tracking.of(client)
  if (tracked === undefined) throw CACHING_WITHOUT_CHOICE
  const { isOptIn, isOptOut } = tracked.options
  if (args.is(2, 'YES')) {
    if (!isOptIn) throw YES_WITHOUT_OPTIN
  } else if (args.is(2, 'NO')) {
    if (!isOptOut) throw NO_WITHOUT_OPTOUT
  } else throw SYNTAX_ERROR
  tracked.isException = true
  reply.ok()
}

function info({ client, reply }: Context, tracking: Tracking): void {
  reply.map(3)
  reply.text('flags')
  const flags = flagsOf(client, tracking)
  reply.set(flags.length)
  for (const flag of flags) reply.text(flag)
  reply.text('redirect')
  reply.integer(client.redirect)
  reply.text('prefixes')
  const prefixes = tracking.broadcasts.prefixesOf(client)
  reply.array(prefixes.length)
  for (const prefix of prefixes) reply.text(prefix)
}

function flagsOf(client: Session, tracking: Tracking): string[] {
  const tracked = tracking.of(client)
  if (tracked === undefined) return ['off']
  const { isBroadcast, isOptIn, isOptOut, isNoLoop } = tracked.options
  const flags = ['on']
  if (isBroadcast) flags.push('bcast')
  if (isOptIn) flags.push('optin')
  if (isOptIn && tracked.isException) flags.push('caching-yes')
  if (isOptOut) flags.push('optout')
  if (isOptOut && tracked.isException) flags.push('caching-no')
  if (isNoLoop) flags.push('noloop')
  if (client.isRedirectBroken) flags.push('broken_redirect')
  return flags
}
