import { beforeEach, describe, expect, test } from 'vitest'
import { type Denial, DenialLog } from '../../src/acl/denial-log.ts'

const DENIAL: Denial = { reason: 'key', context: 'toplevel', object: 'k', username: 'u', clientInfo: 'one' }

let log: DenialLog

beforeEach(() => {
  log = new DenialLog()
})

describe('the log of denials', () => {
  test('counts what is alike within a minute in one entry, and moves that to the front', () => {
    log.note(DENIAL, 1000)
    log.note({ ...DENIAL, object: 'l' }, 2000)
    log.note({ ...DENIAL, clientInfo: 'two' }, 61_000)
    expect(log.newest(9)).toEqual([
      { ...DENIAL, clientInfo: 'two', id: 0, count: 2, createdAt: 1000, updatedAt: 61_000 },
      { ...DENIAL, object: 'l', id: 1, count: 1, createdAt: 2000, updatedAt: 2000 },
    ])
    log.note(DENIAL, 121_001)
    expect(log.newest(9).map(({ id, count }) => [id, count])).toEqual([
      [2, 1],
      [0, 2],
      [1, 1],
    ])
  })

  test.each([{ reason: 'channel' }, { context: 'multi' }, { object: 'K' }, { username: 'v' }] as const)(
    'tells apart what differs in %o',
    (difference) => {
      log.note(DENIAL, 0)
      log.note({ ...DENIAL, ...difference }, 0)
      expect(log.newest(9)).toHaveLength(2)
    },
  )

  test('looks for its like among the latest ten only', () => {
    log.note(DENIAL, 0)
    for (let i = 0; i < 10; i++) log.note({ ...DENIAL, object: String(i) }, 0)
    log.note(DENIAL, 0)
    expect(log.newest(99)).toHaveLength(12)
  })

  test('keeps so many entries, and loses the oldest', () => {
    log.maxLength = 3
    for (let i = 0; i < 5; i++) log.note({ ...DENIAL, object: String(i) }, 0)
    expect(log.newest(99).map(({ object }) => object)).toEqual(['4', '3', '2'])
    expect(log.newest(2).map(({ object }) => object)).toEqual(['4', '3'])
    expect(log.newest(-1)).toEqual([])
    log.maxLength = 0
    log.note(DENIAL, 0)
    expect(log.newest(99)).toEqual([])
  })

  test('counts by reason whether or not entries are kept, and goes on numbering when they are forgotten', () => {
    log.note(DENIAL, 0)
    log.note(DENIAL, 0)
    log.note({ ...DENIAL, reason: 'auth' }, 0)
    expect(log.counts).toEqual({ auth: 1, command: 0, key: 2, channel: 0 })
    log.reset()
    expect(log.newest(9)).toEqual([])
    log.note(DENIAL, 0)
    expect(log.newest(9)[0]!.id).toBe(2)
    log.resetCounts()
    expect(log.counts).toEqual({ auth: 0, command: 0, key: 0, channel: 0 })
  })
})
