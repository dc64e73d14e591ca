import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Key } from '../../src/memory/key.ts'

const SEED = { low: 0x12345678, high: 0x9abcdef0 }

function hashOf(bytes: Uint8Array, seed = SEED): number {
  return new Key(seed).point(bytes, 0, bytes.length).hash
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)))
}

describe('the hash of a key', () => {
  test('does not depend on where the key lies', () => {
    const random = new Random(31)
    const key = new Key(SEED)
    let wrong = 0
    for (let length = 0; length <= 300; length++) {
      const bytes = randomBytes(random, length)
      const around = Buffer.concat([randomBytes(random, 3 + (length % 5)), bytes, randomBytes(random, 9)])
      if (key.point(around, 3 + (length % 5), length).hash !== hashOf(bytes)) wrong++
    }
    expect(wrong).toBe(0)
  })

  test('tells zero bytes at the end apart from padding', () => {
    const hashes = new Set<number>()
    for (let length = 0; length <= 64; length++) hashes.add(hashOf(Buffer.alloc(length)))
    expect(hashes.size).toBe(65)
  })

  test('changes in about half of its bits when one bit of the key does', () => {
    const random = new Random(32)
    const changes = new Array<number>(32).fill(0)
    const rounds = 4000
    for (let n = 0; n < rounds; n++) {
      const bytes = randomBytes(random, 1 + random.below(40))
      const before = hashOf(bytes)
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
      const difference = before ^ hashOf(bytes)
      for (let bit = 0; bit < 32; bit++) changes[bit]! += (difference >>> bit) & 1
    }
    // Five standard deviations around one half.
    for (const count of changes) expect(Math.abs(count / rounds - 0.5)).toBeLessThan(0.04)
  })

  test('spreads counting keys evenly over its top and its low bits', () => {
    const buckets = 256
    const top = new Array<number>(buckets).fill(0)
    const low = new Array<number>(buckets).fill(0)
    for (let n = 0; n < 51_200; n++) {
      const hash = hashOf(Buffer.from(`user:${n}`))
      top[hash >>> 24]!++
      low[hash & 0xff]!++
    }
    for (const counts of [top, low]) {
      const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
      expect(chiSquare).toBeLessThan(255 + 6 * Math.sqrt(2 * 255))
    }
  })

  test('is another under another seed, whichever half of it differs', () => {
    const bytes = Buffer.from('key')
    const hashes = new Set([
      hashOf(bytes),
      hashOf(bytes, { low: SEED.low + 1, high: SEED.high }),
      hashOf(bytes, { low: SEED.low, high: SEED.high + 1 }),
      hashOf(bytes, { low: 0, high: 0 }),
    ])
    expect(hashes.size).toBe(4)
  })

  test('keys chosen to collide under one seed are spread under another', () => {
    const colliding: Buffer[] = []
    for (let n = 0; colliding.length < 300; n++) {
      const bytes = Buffer.from(`k${n}`)
      if (hashOf(bytes) >>> 25 === 0) colliding.push(bytes)
    }
    const other = { low: 77, high: 88 }
    const prefixes = new Set(colliding.map((bytes) => hashOf(bytes, other) >>> 25))
    // Of 128 prefixes, 300 random keys miss a dozen.
    expect(prefixes.size).toBeGreaterThan(100)
  })
})

test('words are the bytes in little-endian order, padded with zeros, whatever key came before', () => {
  const key = new Key(SEED)
  key.point(Buffer.alloc(256, 0xff), 0, 256)
  key.point(Buffer.from('abcdefg'), 0, 7)
  expect(key.hasWords).toBe(true)
  expect(Buffer.from(key.words.buffer, 0, 8).toString('latin1')).toBe('abcdefg\0')
  expect(key.point(Buffer.alloc(257), 0, 257).hasWords).toBe(false)
})
