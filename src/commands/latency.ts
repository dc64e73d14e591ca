// LATENCY: what the latency monitor has noted, and how long the calls of each command took.

import { ReplyError } from '../base/reply-error.ts'
import type { Command } from '../command/command.ts'
import type { Context } from '../command/context.ts'
import type { CommandDefinition, CommandFamily } from '../command/definition.ts'
import { withHelp } from '../command/help.ts'
import type { Registry } from '../command/registry.ts'
import { latencyGraph } from '../monitoring/latency-graph.ts'
import type { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import { latencyReport } from '../monitoring/latency-report.ts'
import type { SlowLog } from '../monitoring/slow-log.ts'

export function latencyCommands(
  monitor: LatencyMonitor,
  registry: Registry,
  slowLog: SlowLog,
): CommandFamily {
  return {
    group: 'server',
    commands: [
      {
        name: 'LATENCY',
        arity: -2,
        flags: [],
        syntax: '',
        summary: 'Holds the commands about latency.',
        since: '2.8.13',
        complexity: 'Depends on subcommand.',
        subcommands: withHelp({ of: 'LATENCY', since: '2.8.13' }, [
          ...reportCommands(monitor, slowLog),
          ...sampleCommands(monitor),
          histogramCommand(registry),
        ]),
      },
    ],
  }
}

const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'], since: '2.8.13' } as const
const PER_NODE = ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special']

/** Texts for humans. */
function reportCommands(monitor: LatencyMonitor, slowLog: SlowLog): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'DOCTOR',
      arity: 2,
      syntax: '',
      summary: 'Returns a report on what has held the server up, for humans.',
      complexity: 'O(1)',
      tips: PER_NODE,
      run: ({ reply, now }) => {
        reply.verbatim('txt', latencyReport(monitor, { now, slowLogThreshold: slowLog.threshold }))
      },
    },
    {
      ...ADMIN,
      name: 'GRAPH',
      arity: 3,
      syntax: 'event',
      summary: 'Draws the samples of an event.',
      complexity: 'O(1)',
      tips: PER_NODE,
      run: (context) => graph(context, monitor),
    },
  ]
}

function sampleCommands(monitor: LatencyMonitor): CommandDefinition[] {
  return [
    {
      ...ADMIN,
      name: 'HISTORY',
      arity: 3,
      syntax: 'event',
      summary: 'Returns the samples of an event, the oldest first.',
      complexity: 'O(1)',
      tips: PER_NODE,
      run: (context) => history(context, monitor),
    },
    {
      ...ADMIN,
      name: 'LATEST',
      arity: 2,
      syntax: '',
      summary: 'Returns the latest sample of each event, and the worst there has been.',
      complexity: 'O(1)',
      tips: PER_NODE,
      run: (context) => latest(context, monitor),
    },
    {
      ...ADMIN,
      name: 'RESET',
      arity: -2,
      syntax: '[event [event ...]]',
      summary: 'Forgets the samples of events and returns how many events there were.',
      complexity: 'O(1)',
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
      run: (context) => reset(context, monitor),
    },
  ]
}

function histogramCommand(registry: Registry): CommandDefinition {
  return {
    ...ADMIN,
    name: 'HISTOGRAM',
    arity: -2,
    syntax: '[command [command ...]]',
    summary: 'Returns how many calls of commands took how long at most.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of commands',
    tips: PER_NODE,
    run: (context) => histogram(context, registry),
  }
}

function graph({ args, reply, now }: Context, monitor: LatencyMonitor): void {
  const name = args.string(2)
  const event = monitor.find(name)
  if (event === undefined) throw new ReplyError(`ERR No samples available for event '${name}'`)
  reply.verbatim('txt', latencyGraph(name, event, now))
}

function history({ args, reply }: Context, monitor: LatencyMonitor): void {
  const samples = monitor.find(args.string(2))?.samples() ?? []
  reply.array(samples.length)
  for (const { time, milliseconds } of samples) {
    reply.array(2)
    reply.integer(time)
    reply.integer(milliseconds)
  }
}

function latest({ reply }: Context, monitor: LatencyMonitor): void {
  const events = monitor.events()
  reply.array(events.length)
  for (const [name, event] of events) {
    reply.array(4)
    reply.text(name)
    reply.integer(event.latest.time)
    reply.integer(event.latest.milliseconds)
    reply.integer(event.worst)
  }
}

function reset({ args, reply }: Context, monitor: LatencyMonitor): void {
  let count = args.count === 2 ? monitor.resetAll() : 0
  for (let i = 2; i < args.count; i++) if (monitor.reset(args.string(i))) count++
  reply.integer(count)
}

function histogram({ args, reply }: Context, registry: Registry): void {
  const commands: Command[] = []
  if (args.count === 2) commands.push(...registry.everyCommand())
  for (let i = 2; i < args.count; i++) {
    const command = registry.byName(args.string(i))
    // A container stands for its subcommands; what is no command is skipped.
    if (command !== undefined) commands.push(command, ...(command.subcommands?.values() ?? []))
  }
  const called = commands.filter((command) => command.histogram.total > 0)
  reply.map(called.length)
  for (const { fullName, histogram: times } of called) {
    reply.text(fullName)
    reply.map(2)
    reply.text('calls')
    reply.integer(times.total)
    reply.text('histogram_usec')
    const steps = times.cumulative()
    reply.map(steps.length)
    for (const [microseconds, calls] of steps) {
      reply.integer(microseconds)
      reply.integer(calls)
    }
  }
}
