// Reading what redis-benchmark prints, by the forms its versions use.

import { describe, expect, test } from 'vitest'
import { parseCsv, rowOf } from '../../bench/redis-benchmark.ts'

const WITH_HEADER = `WARNING: Could not fetch server CONFIG
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms"
"PING_MBULK","41975.66","0.691","0.152","0.511"
"MSET (10 keys)","42384.86","0.847","0.224","0.759"
`

describe('parseCsv', () => {
  test('passes over the header and warnings', () => {
    expect(parseCsv(WITH_HEADER)).toEqual([
      { name: 'PING_MBULK', requestsPerSecond: 41975.66 },
      { name: 'MSET (10 keys)', requestsPerSecond: 42384.86 },
    ])
  })

  test('reads the two columns of older versions, and carriage returns', () => {
    expect(parseCsv('\r                \r"SET","117000.12"\r\n')).toEqual([
      { name: 'SET', requestsPerSecond: 117000.12 },
    ])
  })

  test('keeps commas and quotes of a name', () => {
    expect(parseCsv('"eval \'a, b\' ""c""","10.5"')).toEqual([
      { name: 'eval \'a, b\' "c"', requestsPerSecond: 10.5 },
    ])
  })

  test('finds nothing in text that is no CSV, nor in a rate that is none', () => {
    expect(parseCsv('Could not connect\n"SET","-nan"\n"SET"\n')).toEqual([])
  })
})

describe('rowOf', () => {
  test('knows a test by the first word of its name', () => {
    const rows = parseCsv(
      '"LPUSH (needed to benchmark LRANGE)","1.0"\n"LRANGE_100 (first 100 elements)","2.0"',
    )
    expect(rowOf(rows, 'lrange_100')?.requestsPerSecond).toBe(2)
    expect(rowOf(rows, 'lrange')).toBeUndefined()
  })
})
