// Collections under keys so long that they share a large value with what says where the elements are, at any byte of it.

import { expect, test } from 'vitest'
import { hashCommands } from '../../src/commands/hash.ts'
import { listCommands } from '../../src/commands/list.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { Harness } from '../support/harness.ts'

const MEMBERS = 700
const FAMILIES = [hashCommands, listCommands, setCommands, sortedSetCommands]

test.each([32_767, 32_768, 32_769, 40_001, 70_002, 70_003])(
  'a key of %i bytes holds large collections',
  (length) => {
    const harness = new Harness(FAMILIES, 1, 1)
    const key = 'k'.repeat(length - 1)
    for (let i = 0; i < MEMBERS; i++) {
      harness.raw(['HSET', `${key}h`, `field:${i}`, `${i}`])
      harness.raw(['SADD', `${key}s`, `member:${i}`])
      harness.raw(['ZADD', `${key}z`, `${i}`, `member:${i}`])
      harness.raw(['RPUSH', `${key}l`, `element:${i}`.repeat(20)])
    }
    const last = MEMBERS - 1
    expect(harness.show(['HGET', `${key}h`, `field:${last}`])).toBe(`"${last}"`)
    expect(harness.show(['SISMEMBER', `${key}s`, `member:${last}`])).toBe('(integer) 1')
    expect(harness.show(['ZRANK', `${key}z`, `member:${last}`])).toBe(`(integer) ${last}`)
    expect(harness.show(['LINDEX', `${key}l`, '-1'])).toBe(`"${`element:${last}`.repeat(20)}"`)
    for (let i = 0; i < last; i++) {
      harness.raw(['HDEL', `${key}h`, `field:${i}`])
      harness.raw(['SREM', `${key}s`, `member:${i}`])
      harness.raw(['ZREM', `${key}z`, `member:${i}`])
      harness.raw(['LPOP', `${key}l`])
    }
    for (const question of ['HLEN h', 'SCARD s', 'ZCARD z', 'LLEN l']) {
      const [command, kind] = question.split(' ')
      expect(harness.show([command!, `${key}${kind}`])).toBe('(integer) 1')
    }
  },
)
