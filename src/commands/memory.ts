// MEMORY: where memory has gone, as figures and in words. What a single key costs stands in memory-usage.ts.

import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import type { InfoSources } from '../monitoring/info-sources.ts'
import type { MemoryFigures } from '../monitoring/memory-gauge.ts'
import { memoryReport, storeReport } from '../monitoring/memory-report.ts'
import { memoryUsageCommand } from './memory-usage.ts'

/** `purge` gives back at once what would otherwise go back to the system little by little. */
export function memoryCommands(sources: InfoSources, purge: () => void): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'MEMORY',
        arity: -2,
        flags: [],
        syntax: '',
        summary: 'Holds the commands about memory.',
        since: '4.0.0',
        complexity: 'Depends on subcommand.',
        subcommands: withHelp({ of: 'MEMORY', since: '4.0.0' }, [
          ...reportCommands(sources),
          purgeCommand(purge),
          memoryUsageCommand,
        ]),
      },
    ],
  }
}

const PER_SHARD = ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special']
const REPORT = { arity: 2, flags: [], syntax: '', since: '4.0.0', tips: PER_SHARD } as const

function reportCommands(sources: InfoSources): CommandDefinition[] {
  return [
    {
      ...REPORT,
      name: 'DOCTOR',
      summary: 'Returns a report on what is unusual about memory, for humans.',
      complexity: 'O(1)',
      run: ({ reply }) => {
        const figures = sources.memory.measure(sources)
        reply.verbatim('txt', memoryReport(figures, sources.clients.count))
      },
    },
    {
      ...REPORT,
      name: 'MALLOC-STATS',
      summary: 'Returns what the store has taken from the system, as text.',
      complexity: 'O(1)',
      run: ({ reply, keyspace }) => reply.verbatim('txt', storeReport(keyspace)),
    },
    {
      ...REPORT,
      name: 'STATS',
      summary: 'Returns how much memory is used for what.',
      complexity: 'O(N) where N is the number of clients and segments of tables',
      run: (context) => stats(context, sources),
    },
  ]
}

function purgeCommand(purge: () => void): CommandDefinition {
  return {
    name: 'PURGE',
    arity: 2,
    flags: [],
    syntax: '',
    summary: 'Gives memory that is no longer needed back to the system.',
    since: '4.0.0',
    complexity: 'O(N) where N is the amount of that memory',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run: ({ reply }) => {
      purge()
      reply.ok()
    },
  }
}

/** A figure of MEMORY STATS. */
type Figure = readonly [name: string, kind: 'integer' | 'double', value: number]

function stats({ reply, keyspace }: Context, sources: InfoSources): void {
  const figures = sources.memory.measure(sources)
  const databases = keyspace.databases.filter((db) => db.size > 0)
  const before = usedFigures(figures)
  const after = [...datasetFigures(figures), ...storeFigures(figures)]
  reply.map(before.length + databases.length + after.length)
  for (const figure of before) replyFigure(reply, figure)
  for (const db of databases) {
    reply.text(`db.${db.index}`)
    reply.map(2)
    replyFigure(reply, ['overhead.hashtable.main', 'integer', db.tableBytes])
    // Deadlines stand in the entries: there is no second table for them.
    replyFigure(reply, ['overhead.hashtable.expires', 'integer', 0])
  }
  for (const figure of after) replyFigure(reply, figure)
}

function replyFigure(reply: Context['reply'], [name, kind, value]: Figure): void {
  reply.text(name)
  if (kind === 'integer') reply.integer(Math.floor(value))
  else reply.double(value)
}

function usedFigures(figures: MemoryFigures): Figure[] {
  return [
    ['peak.allocated', 'integer', figures.peak],
    ['total.allocated', 'integer', figures.used],
    ['startup.allocated', 'integer', figures.startup],
    ['replication.backlog', 'integer', 0],
    ['clients.slaves', 'integer', figures.replicas],
    ['clients.normal', 'integer', figures.clients],
    ['cluster.links', 'integer', 0],
    ['aof.buffer', 'integer', 0],
    ['lua.caches', 'integer', 0],
    ['functions.caches', 'integer', 0],
  ]
}

function datasetFigures(figures: MemoryFigures): Figure[] {
  const { used, startup, keys, dataset, peak } = figures
  const net = Math.max(0, used - startup)
  return [
    ['overhead.db.hashtable.lut', 'integer', figures.tables],
    ['overhead.db.hashtable.rehashing', 'integer', 0],
    ['overhead.total', 'integer', figures.overhead],
    ['db.dict.rehashing.count', 'integer', 0],
    ['keys.count', 'integer', keys],
    ['keys.bytes-per-key', 'integer', keys === 0 ? 0 : net / keys],
    ['dataset.bytes', 'integer', dataset],
    ['dataset.percentage', 'double', quotient(dataset * 100, net)],
    ['peak.percentage', 'double', quotient(used * 100, peak)],
  ]
}

function storeFigures({ store, resident, used }: MemoryFigures): Figure[] {
  return [
    ['allocator.allocated', 'integer', store.used],
    ['allocator.active', 'integer', store.touched],
    ['allocator.resident', 'integer', store.touched],
    ['allocator.muzzy', 'integer', 0],
    ['allocator-fragmentation.ratio', 'double', quotient(store.touched, store.used)],
    ['allocator-fragmentation.bytes', 'integer', store.touched - store.used],
    ['allocator-rss.ratio', 'double', quotient(store.touched, store.touched)],
    ['allocator-rss.bytes', 'integer', 0],
    ['rss-overhead.ratio', 'double', quotient(resident, store.touched)],
    ['rss-overhead.bytes', 'integer', resident - store.touched],
    ['fragmentation', 'double', quotient(resident, used)],
    ['fragmentation.bytes', 'integer', resident - used],
  ]
}

function quotient(dividend: number, divisor: number): number {
  return divisor > 0 ? dividend / divisor : 0
}
