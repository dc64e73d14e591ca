// The tables and the chart made of a run's results.

import { describe, expect, test } from 'vitest'
import { chart, escapeXml, niceTicks } from '../../bench/chart.ts'
import { parseOptions } from '../../bench/options.ts'
import type { PhaseResult } from '../../bench/pauses.ts'
import { duration } from '../../bench/progress.ts'
import { chartPanels, type Report, ratioSpread, reportText, short, table } from '../../bench/report.ts'

const phase: PhaseResult = {
  pings: 900,
  p50Ms: 0.5,
  p99Ms: 2,
  maxMs: 7,
  maxOwnMs: 4,
  commandsPerSecond: 654_321,
  busy: 0.97,
}

function report(servers: string[]): Report {
  const each = <T>(...values: T[]) => values.slice(0, servers.length)
  return {
    date: '2024-02-29T00:00:00.000Z',
    machine: {
      cpu: 'Some CPU',
      cores: 2,
      memoryGiB: 8,
      system: 'Linux',
      node: '20.0.0',
      benchmark: undefined,
    },
    options: parseOptions([], 'results'),
    servers,
    throughput: [
      {
        test: 'set',
        depth: 16,
        requests: 1000,
        servers: each(
          { rps: [150, 300, 160], cpuMicroseconds: [1, 3, 2] },
          { rps: [100, 100, 80], cpuMicroseconds: [4, 4, 4] },
        ),
      },
    ],
    scenarios: [
      {
        name: 'PUBLISH to 1',
        unit: 'message',
        servers: each({ rate: [5], cpuMicroseconds: [1] }, { rate: [4], cpuMicroseconds: [3] }),
      },
    ],
    memory: [
      { keys: 1_000_000, hasTtl: false, bytesPerKey: each<number | undefined>(60, 120) },
      { keys: 1_000_000, hasTtl: true, bytesPerKey: each<number | undefined>(undefined, 160) },
    ],
    shapes: [{ name: 'lists of 20', unit: 'key', bytesEach: each<number | undefined>(300, 400) }],
    pauses: [
      { phase: 'fill', servers: each(phase, { ...phase, maxMs: 9, maxOwnMs: undefined, busy: undefined }) },
    ],
    snapshots: each(
      { seconds: 7.25, idleSeconds: 2, before: phase, during: phase, extraBytes: 5 * 2 ** 20 },
      { seconds: 9, idleSeconds: 3, before: phase, during: phase, extraBytes: undefined },
    ),
  }
}

const PAIR = report(['respite 0.1', 'redis-server 7'])

test('the ratio is that of the medians, its range that of the rounds', () => {
  expect(ratioSpread(PAIR.throughput[0]!)).toEqual({ value: 1.6, low: 1.5, high: 3 })
  expect(ratioSpread(report(['alone']).throughput[0]!)).toBeUndefined()
})

describe('reportText', () => {
  test('has medians, ratios and the spread of each', () => {
    const text = reportText(PAIR)
    expect(text).toMatch(/SET P=16 +160 +100 +1\.60× +1\.50–3\.00/)
    expect(text).toMatch(/SET P=16 +2\.000 +4\.000 +0\.50×/)
    expect(text).toMatch(/1M keys +60\.0 +120\.0 +0\.50×/)
    expect(text).toMatch(/fill: respite 0\.1 +0\.50 +2\.00 +7\.00 +4\.00 +654,321 +97 % +900/)
  })

  test('says so where a figure is not known', () => {
    const text = reportText(PAIR)
    expect(text).toMatch(/1M keys with TTL +– +160\.0 +–/)
    expect(text).toMatch(/fill: redis-server 7 +0\.50 +2\.00 +9\.00 +– +654,321 +– +900/)
  })

  test('of one server compares with none', () => {
    const text = reportText(report(['respite 0.1']))
    expect(text).toMatch(/SET P=16 +160$/m)
    expect(text).not.toContain('ratio')
  })

  test('leaves out what was not measured', () => {
    const text = reportText({
      ...PAIR,
      throughput: [],
      scenarios: [],
      memory: [],
      shapes: [],
      pauses: [],
      snapshots: [],
    })
    expect(text.trim().split('\n')).toHaveLength(2)
  })
})

test('a table aligns names left and numbers right', () => {
  expect(
    table([
      ['', 'n'],
      ['long name', '1'],
      ['x', '1,000'],
    ]),
  ).toBe('                  n\n  long name       1\n  x           1,000')
})

test('numbers and durations are shortened', () => {
  expect([5_000_000, 1_234_567, 200_000, 999, 0].map(short)).toEqual(['5M', '1.23M', '200k', '999', '0'])
  expect([900, 61_000, 600_000].map(duration)).toEqual(['0s', '1m01s', '10m00s'])
})

/** The elements still open at the end; throws where one is closed that is not the last opened. */
function openElements(svg: string): string[] {
  const open: string[] = []
  for (const [, slash, name, end] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (slash === '/') expect(open.pop()).toBe(name)
    else if (end === '') open.push(name as string)
  }
  return open
}

describe('chart', () => {
  test('has a panel for each kind of result, and none for what is missing', () => {
    expect(chartPanels(PAIR).map((panel) => panel.bars)).toEqual([
      [[{ value: 1.6, low: 1.5, high: 3 }]],
      [[{ value: 2 }]],
      [[{ value: 3 }]],
      [[{ value: 0.5 }, undefined]],
      [[{ value: 0.75 }]],
      [[{ value: 4 }, { value: 9 }]],
    ])
    expect(chartPanels({ ...PAIR, throughput: [], scenarios: [], memory: [], shapes: [] })).toHaveLength(1)
    expect(chartPanels(report(['alone']))[0]?.title).toBe('Requests per second')
  })

  test('draws one bar per value, its height in proportion', () => {
    const panel = {
      title: 'T',
      note: '',
      groups: ['a', 'b'],
      series: ['one', 'two'],
      bars: [
        [{ value: 1 }, { value: 2 }],
        [undefined, { value: 0.5, low: 0.2, high: 0.9 }],
      ],
      format: String,
      line: { value: 1, label: 'other' },
    }
    const svg = chart('t', 's', [panel])
    const heights = [...svg.matchAll(/<rect class="s\d"[^>]* height="([\d.]+)" rx="2"><title>/g)].map((m) =>
      Number(m[1]),
    )
    expect(heights).toHaveLength(3)
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1)
    expect(heights[2]! / heights[0]!).toBeCloseTo(0.5, 1)
    expect(svg.match(/class="whisker"/g)).toHaveLength(1)
  })

  test('is well-formed whatever the names are', () => {
    const svg = chart('<a> & "b"', '', chartPanels(report(['a<b', 'c&d'])))
    expect(svg).toContain('<title>&lt;a&gt; &amp; &quot;b&quot;</title>')
    expect(svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(openElements(svg)).toEqual([])
  })

  test('has axes that end on a round number not below the highest bar', () => {
    expect(niceTicks(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(niceTicks(3.02)).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5])
    expect(niceTicks(1_700_000)).toEqual([0, 500_000, 1_000_000, 1_500_000, 2_000_000])
    expect(niceTicks(0)).toEqual([0, 1])
    for (let most = 0.01; most < 1e6; most *= 1.37) {
      const ticks = niceTicks(most)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * (1 - 1e-9))
      expect(ticks.length).toBeLessThanOrEqual(8)
    }
  })

  test('escapes what XML takes for markup', () => {
    expect(escapeXml('<&">')).toBe('&lt;&amp;&quot;&gt;')
  })
})
