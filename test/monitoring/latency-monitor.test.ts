import { describe, expect, test } from 'vitest'
import { latencyGraph } from '../../src/monitoring/latency-graph.ts'
import { LatencyEvent, LatencyMonitor } from '../../src/monitoring/latency-monitor.ts'
import { latencyReport } from '../../src/monitoring/latency-report.ts'

function monitorOf(threshold: number): LatencyMonitor {
  const monitor = new LatencyMonitor()
  monitor.threshold = threshold
  return monitor
}

describe('the monitor', () => {
  test('notes nothing while it is off', () => {
    const monitor = monitorOf(0)
    monitor.note('command', 5000, 1000)
    expect(monitor.events()).toEqual([])
    expect(monitor.thresholdMicroseconds).toBe(Number.POSITIVE_INFINITY)
  })

  test('notes what reaches the threshold', () => {
    const monitor = monitorOf(10)
    monitor.note('command', 9.9, 1000)
    monitor.note('fast-command', 10, 2500)
    expect(monitor.events().map(([name, event]) => [name, event.samples()])).toEqual([
      ['fast-command', [{ time: 2, milliseconds: 10 }]],
    ])
  })

  test('resets one event or all', () => {
    const monitor = monitorOf(1)
    for (const event of ['a', 'b', 'c']) monitor.note(event, 5, 1000)
    expect(monitor.reset('b')).toBe(true)
    expect(monitor.reset('b')).toBe(false)
    expect(monitor.resetAll()).toBe(2)
    expect(monitor.events()).toEqual([])
  })
})

describe('an event', () => {
  test('keeps the worst of each second', () => {
    const event = new LatencyEvent()
    event.add(1, 20)
    event.add(1, 30)
    event.add(1, 10)
    event.add(2, 5)
    expect(event.samples()).toEqual([
      { time: 1, milliseconds: 30 },
      { time: 2, milliseconds: 5 },
    ])
    expect(event.latest.milliseconds).toBe(5)
    expect(event.worst).toBe(30)
  })

  test('keeps the latest 160 samples, oldest first, and the worst of all time', () => {
    const event = new LatencyEvent()
    for (let time = 1; time <= 200; time++) event.add(time, 1000 - time)
    const times = event.samples().map((sample) => sample.time)
    expect(times).toEqual(Array.from({ length: 160 }, (_, i) => 41 + i))
    expect(event.worst).toBe(999)
    event.add(200, 5000)
    expect(event.latest).toEqual({ time: 200, milliseconds: 5000 })
    expect(event.samples()).toHaveLength(160)
  })
})

describe('the graph', () => {
  test('draws a column for each sample with its age beneath', () => {
    const event = new LatencyEvent()
    event.add(40, 10)
    event.add(99, 500)
    event.add(100, 255)
    expect(latencyGraph('command', event, 100_000).split('\n')).toEqual([
      'command - high 500 ms, low 10 ms (all time high 500 ms)',
      '-'.repeat(80),
      ' # ',
      ' |_',
      ' ||',
      '_||',
      '',
      '110',
      'mss',
      '',
    ])
  })

  test('shows the latest 80 samples only, and long ages in larger units', () => {
    const event = new LatencyEvent()
    for (let i = 0; i < 100; i++) event.add(i * 10_000, 7)
    const lines = latencyGraph('x', event, 1_000_000_000).split('\n')
    expect(lines[2]).toHaveLength(80)
    expect(lines[5]).toBe('_'.repeat(80))
    expect(lines.slice(7, 9).map((line) => line.slice(-3))).toEqual(['852', 'hhh'])
    expect(lines[7]!.startsWith('9')).toBe(true)
  })
})

describe('the report', () => {
  const circumstances = { now: 110_000, slowLogThreshold: 10_000 }

  test('says that the monitor is off, or that it has seen nothing', () => {
    expect(latencyReport(monitorOf(0), circumstances)).toContain('is off')
    expect(latencyReport(monitorOf(25), circumstances)).toContain('25 ms')
  })

  test('sums events up and advises on them', () => {
    const monitor = monitorOf(5)
    monitor.note('command', 10, 100_000)
    monitor.note('command', 30, 105_000)
    const report = latencyReport(monitor, circumstances)
    expect(report).toContain(
      '1. command: 2 spikes of 20 ms on average (mean deviation 10 ms), one in 5.00 seconds.',
    )
    expect(report).toContain('The worst took 30 ms.')
    expect(report).toContain('CONFIG SET slowlog-log-slower-than 5000')
    expect(report).not.toContain('active-expire-effort')
  })

  test('advises on the slow log only if it misses something', () => {
    const monitor = monitorOf(50)
    monitor.note('command', 60, 100_000)
    expect(latencyReport(monitor, circumstances)).toContain('SLOWLOG GET')
    expect(latencyReport(monitor, { ...circumstances, slowLogThreshold: -1 })).toContain(
      'The slow log is off',
    )
  })
})
