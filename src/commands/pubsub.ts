// Publish and subscribe. The registry is handed in.

import { globMatch } from '../base/glob.ts'
import { ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import { allKeys, oneKey } from '../command/key-specs.ts'
import type { Session } from '../command/session.ts'
import type { Pubsub, TopicKind } from '../pubsub/pubsub.ts'

/** What all commands that subscribe have in common. */
const SUBSCRIBING = { flags: ['pubsub', 'noscript', 'loading', 'stale'], repliesByPush: true } as const
const PUBLISHING = { flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'] } as const
const ASKING = { flags: ['pubsub', 'loading', 'stale'] } as const

export function pubsubCommands(pubsub: Pubsub): CommandFamily {
  return {
    group: 'pubsub',
    commands: [...subscribeCommands(pubsub), ...publishCommands(pubsub), ...containerCommands(pubsub)],
  }
}

function subscribeCommands(pubsub: Pubsub): CommandDefinition[] {
  return [
    {
      ...SUBSCRIBING,
      name: 'SUBSCRIBE',
      arity: -2,
      channels: { which: 'all' },
      syntax: 'channel [channel ...]',
      summary: 'Listens to channels.',
      since: '2.0.0',
      complexity: 'O(N) where N is the number of channels to subscribe to.',
      run: (context) => subscribe(context, pubsub, 'channels'),
    },
    {
      ...SUBSCRIBING,
      name: 'UNSUBSCRIBE',
      arity: -1,
      syntax: '[channel [channel ...]]',
      summary: 'Listens to channels no more; without arguments, to none.',
      since: '2.0.0',
      complexity: 'O(N) where N is the number of channels to unsubscribe.',
      run: (context) => unsubscribe(context, pubsub, 'channels'),
    },
    {
      ...SUBSCRIBING,
      name: 'PSUBSCRIBE',
      arity: -2,
      channels: { which: 'all', arePatterns: true },
      syntax: 'pattern [pattern ...]',
      summary: 'Listens to all channels whose names match patterns.',
      since: '2.0.0',
      complexity: 'O(N) where N is the number of patterns to subscribe to.',
      run: (context) => subscribe(context, pubsub, 'patterns'),
    },
    {
      ...SUBSCRIBING,
      name: 'PUNSUBSCRIBE',
      arity: -1,
      syntax: '[pattern [pattern ...]]',
      summary: 'Listens no more to what matches patterns; without arguments, to no pattern.',
      since: '2.0.0',
      complexity: 'O(N) where N is the number of patterns to unsubscribe.',
      run: (context) => unsubscribe(context, pubsub, 'patterns'),
    },
    {
      ...SUBSCRIBING,
      name: 'SSUBSCRIBE',
      arity: -2,
      channels: { which: 'all' },
      keys: allKeys('not_key'),
      syntax: 'shardchannel [shardchannel ...]',
      summary: 'Listens to shard channels.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of shard channels to subscribe to.',
      run: (context) => subscribe(context, pubsub, 'shardChannels'),
    },
    {
      ...SUBSCRIBING,
      name: 'SUNSUBSCRIBE',
      arity: -1,
      keys: allKeys('not_key'),
      syntax: '[shardchannel [shardchannel ...]]',
      summary: 'Listens to shard channels no more; without arguments, to none.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of shard channels to unsubscribe.',
      run: (context) => unsubscribe(context, pubsub, 'shardChannels'),
    },
  ]
}

function publishCommands(pubsub: Pubsub): CommandDefinition[] {
  return [
    {
      ...PUBLISHING,
      name: 'PUBLISH',
      arity: 3,
      channels: { which: 'first' },
      syntax: 'channel message',
      summary: 'Sends a message to everyone who listens to the channel; returns how many that are.',
      since: '2.0.0',
      complexity:
        'O(N+M) where N is the number of clients subscribed to the channel and M the number of patterns of all clients.',
      run: (context) => context.reply.integer(pubsub.publish(context.key(1), context.args.slice(2))),
    },
    {
      ...PUBLISHING,
      name: 'SPUBLISH',
      arity: 3,
      channels: { which: 'first' },
      keys: oneKey('not_key'),
      syntax: 'shardchannel message',
      summary: 'Sends a message to everyone who listens to the shard channel; returns how many that are.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of clients subscribed to the shard channel.',
      run: (context) => context.reply.integer(pubsub.publishToShard(context.key(1), context.args.slice(2))),
    },
  ]
}

function containerCommands(pubsub: Pubsub): CommandDefinition[] {
  const subcommands = withHelp({ of: 'PUBSUB', since: '6.2.0' }, [
    {
      ...ASKING,
      name: 'CHANNELS',
      arity: -2,
      syntax: '[pattern]',
      summary: 'Lists channels that somebody listens to.',
      since: '2.8.0',
      complexity: 'O(N) where N is the number of active channels.',
      run: (context) => listTopics(context, pubsub, 'channels'),
    },
    {
      ...ASKING,
      name: 'NUMSUB',
      arity: -2,
      syntax: '[channel [channel ...]]',
      summary: 'Counts the clients that listen to each channel, patterns aside.',
      since: '2.8.0',
      complexity: 'O(N) where N is the number of channels asked for.',
      run: (context) => countSubscribers(context, pubsub, 'channels'),
    },
    {
      ...ASKING,
      name: 'NUMPAT',
      arity: 2,
      syntax: '',
      summary: 'Counts the patterns that somebody listens to.',
      since: '2.8.0',
      complexity: 'O(1)',
      run: ({ reply }) => reply.integer(pubsub.patterns.all.size),
    },
    {
      ...ASKING,
      name: 'SHARDCHANNELS',
      arity: -2,
      syntax: '[pattern]',
      summary: 'Lists shard channels that somebody listens to.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of active shard channels.',
      run: (context) => listTopics(context, pubsub, 'shardChannels'),
    },
    {
      ...ASKING,
      name: 'SHARDNUMSUB',
      arity: -2,
      syntax: '[shardchannel [shardchannel ...]]',
      summary: 'Counts the clients that listen to each shard channel.',
      since: '7.0.0',
      complexity: 'O(N) where N is the number of shard channels asked for.',
      run: (context) => countSubscribers(context, pubsub, 'shardChannels'),
    },
  ])
  return [
    {
      name: 'PUBSUB',
      arity: -2,
      flags: [],
      syntax: '',
      summary: 'Holds the commands that tell of subscriptions.',
      since: '2.8.0',
      complexity: 'Depends on subcommand.',
      subcommands,
    },
  ]
}

/** What replies call subscribing to a kind of topic, and its end. */
const WORDS = {
  channels: ['subscribe', 'unsubscribe'],
  patterns: ['psubscribe', 'punsubscribe'],
  shardChannels: ['ssubscribe', 'sunsubscribe'],
} as const

function subscribe(context: Context, pubsub: Pubsub, kind: TopicKind): void {
  const { args, client, reply } = context
  for (let i = 1; i < args.count; i++) {
    pubsub.subscribe(client, kind, context.key(i))
    reply.push(3)
    reply.text(WORDS[kind][0])
    reply.bulk(args.slice(i))
    reply.integer(shownCount(client, kind))
  }
}

function unsubscribe(context: Context, pubsub: Pubsub, kind: TopicKind): void {
  const { args, client, reply } = context
  if (args.count === 1) {
    unsubscribeFromAll(context, pubsub, kind)
    return
  }
  for (let i = 1; i < args.count; i++) {
    const topic = pubsub[kind].find(context.key(i))
    if (topic !== undefined) pubsub.unsubscribe(client, kind, topic)
    reply.push(3)
    reply.text(WORDS[kind][1])
    reply.bulk(args.slice(i))
    reply.integer(shownCount(client, kind))
  }
}

function unsubscribeFromAll({ client, reply }: Context, pubsub: Pubsub, kind: TopicKind): void {
  const topics = pubsub[kind].of(client)
  for (const topic of topics) {
    pubsub.unsubscribe(client, kind, topic)
    reply.push(3)
    reply.text(WORDS[kind][1])
    reply.buffer(topic.name)
    reply.integer(shownCount(client, kind))
  }
  if (topics.length > 0) return
  reply.push(3)
  reply.text(WORDS[kind][1])
  reply.null()
  reply.integer(shownCount(client, kind))
}

/** Channels and patterns are counted together. */
function shownCount(client: Session, kind: TopicKind): number {
  return kind === 'shardChannels' ? client.shardChannels : client.channels + client.patterns
}

function listTopics({ args, reply }: Context, pubsub: Pubsub, kind: TopicKind): void {
  if (args.count > 3) {
    throw new ReplyError(
      `ERR unknown subcommand or wrong number of arguments for '${args.string(1)}'. Try PUBSUB HELP.`,
    )
  }
  const at = reply.openArray()
  let count = 0
  for (const { name } of pubsub[kind].all) {
    if (args.count === 3) {
      const { bytes, start, length } = args.slice(2)
      if (!globMatch(bytes, start, length, name, 0, name.length, false)) continue
    }
    reply.buffer(name)
    count++
  }
  reply.closeArray(at, count)
}

function countSubscribers(context: Context, pubsub: Pubsub, kind: TopicKind): void {
  const { args, reply } = context
  reply.array((args.count - 2) * 2)
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.slice(i))
    reply.integer(pubsub[kind].find(context.key(i))?.subscribers.size ?? 0)
  }
}
