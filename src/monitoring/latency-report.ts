// LATENCY DOCTOR: what the latency monitor has seen, summed up for a human, and what can be done about it.

import type { LatencyEvent, LatencyMonitor } from './latency-monitor.ts'

export interface ReportCircumstances {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Microseconds; negative: the slow log is off. */
  readonly slowLogThreshold: number
}

interface Analysis {
  readonly count: number
  readonly average: number
  /** Mean deviation from the average. */
  readonly deviation: number
  /** Seconds from one spike to the next, on average. */
  readonly period: number
}

export function latencyReport(monitor: LatencyMonitor, circumstances: ReportCircumstances): string {
  const events = monitor.events()
  if (events.length === 0) return nothingSeen(monitor.threshold)
  const lines = ['Respite has been held up. This is what took its time:', '']
  for (const [index, [name, event]] of events.entries()) {
    const { count, average, deviation, period } = analyse(event, circumstances.now)
    lines.push(
      `${index + 1}. ${name}: ${count} ${count === 1 ? 'spike' : 'spikes'} of ${Math.round(average)} ms on average ` +
        `(mean deviation ${Math.round(deviation)} ms), one in ${period.toFixed(2)} seconds. The worst took ${event.worst} ms.`,
    )
  }
  const advice = adviceOn(new Set(events.map(([name]) => name)), monitor.threshold, circumstances)
  if (advice.length > 0)
    lines.push('', 'What can be done about it:', '', ...advice.map((text) => `- ${text}`))
  return `${lines.join('\n')}\n`
}

function nothingSeen(threshold: number): string {
  if (threshold > 0) {
    return `Nothing has held Respite up for ${threshold} ms or longer since the latency monitor was switched on or reset.\n`
  }
  return 'The latency monitor is off, so there is nothing to report. CONFIG SET latency-monitor-threshold <milliseconds> switches it on.\n'
}

function analyse(event: LatencyEvent, now: number): Analysis {
  const samples = event.samples()
  const count = samples.length
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / count
  const average = mean(samples.map((sample) => sample.milliseconds))
  const deviation = mean(samples.map((sample) => Math.abs(sample.milliseconds - average)))
  const elapsed = Math.max(1, Math.floor(now / 1000) - samples[0]!.time)
  return { count, average, deviation, period: elapsed / count }
}

function adviceOn(
  events: ReadonlySet<string>,
  threshold: number,
  circumstances: ReportCircumstances,
): string[] {
  const advice: string[] = []
  if (events.has('command') || events.has('fast-command')) {
    advice.push(...slowLogAdvice(threshold, circumstances.slowLogThreshold))
  }
  if (events.has('command')) {
    advice.push(
      'Commands whose time grows with the data (KEYS, large ranges, large sets) hold everybody up while they run: ask for less at a time, as SCAN does.',
    )
  }
  if (events.has('fast-command')) {
    advice.push(
      'Commands that take constant time were held up by something else: other processes on the machine, a machine that swaps, or a collection of garbage. Look at the load of the machine and at used_cpu_* of INFO.',
    )
  }
  if (events.has('expire-cycle')) {
    advice.push('Many keys expire at the same moment. Spread their deadlines, or lower active-expire-effort.')
  }
  if (events.has('eviction-cycle') || events.has('eviction-del')) {
    advice.push(
      'Keys had to be evicted faster than between requests. Raise maxmemory, lower maxmemory-eviction-tenacity, or keep large values in smaller pieces.',
    )
  }
  return advice
}

function slowLogAdvice(threshold: number, slowLogThreshold: number): string[] {
  const limit = threshold * 1000
  if (slowLogThreshold < 0) {
    return [`The slow log is off. CONFIG SET slowlog-log-slower-than ${limit} lets it name the commands.`]
  }
  if (limit > 0 && slowLogThreshold > limit) {
    return [
      `The slow log takes only what is slower than ${slowLogThreshold / 1000} ms. CONFIG SET slowlog-log-slower-than ${limit} lets it name all the commands that the monitor sees.`,
    ]
  }
  return ['SLOWLOG GET names the commands that were slow.']
}
