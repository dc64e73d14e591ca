import { describe, expect, test } from 'vitest'
import { MurmurHash64 } from '../../src/base/murmur-hash.ts'
import { Random } from '../../src/base/random.ts'

const MULTIPLIER = 0xc6a4a7935bd1e995n
const mask = (value: bigint) => BigInt.asUintN(64, value)

/** The definition, in big integers. */
function model(bytes: Uint8Array, seed: number): bigint {
  let hash = mask(BigInt(seed) ^ (BigInt(bytes.length) * MULTIPLIER))
  const whole = bytes.length & ~7
  const word = (from: number, to: number) =>
    bytes.subarray(from, to).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  for (let at = 0; at < whole; at += 8) {
    let block = mask(word(at, at + 8) * MULTIPLIER)
    block = mask((block ^ (block >> 47n)) * MULTIPLIER)
    hash = mask((hash ^ block) * MULTIPLIER)
  }
  if (whole < bytes.length) hash = mask((hash ^ word(whole, bytes.length)) * MULTIPLIER)
  hash = mask((hash ^ (hash >> 47n)) * MULTIPLIER)
  return hash ^ (hash >> 47n)
}

function bothHalves({ low, high }: MurmurHash64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

describe('MurmurHash64A', () => {
  test('is what big integers say, for all lengths and positions', () => {
    const random = new Random(1)
    for (let round = 0; round < 3000; round++) {
      const seed = random.uint32()
      const hash = new MurmurHash64(seed)
      const start = random.below(5)
      const length = random.below(round % 10 === 0 ? 500 : 40)
      const bytes = Uint8Array.from({ length: start + length + 3 }, () =>
        random.below(4) === 0 ? 0xff : random.below(256),
      )
      hash.compute(bytes, start, length)
      expect(bothHalves(hash)).toBe(model(bytes.subarray(start, start + length), seed))
    }
  })

  test('of nothing depends on the seed alone', () => {
    const hash = new MurmurHash64(0)
    hash.compute(Buffer.from('abc'), 1, 0)
    expect(bothHalves(hash)).toBe(0n)
  })
})
