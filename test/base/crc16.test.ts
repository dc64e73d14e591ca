import { describe, expect, test } from 'vitest'
import { crc16, keySlot, SLOT_COUNT } from '../../src/base/crc16.ts'
import { Random } from '../../src/base/random.ts'

// Braces around the text, so that reading beyond the given range changes the outcome.
function slot(key: string): number {
  const bytes = Buffer.from(`{z}${key}}{z}`, 'latin1')
  return keySlot(bytes, 3, bytes.length - 7)
}

describe('crc16', () => {
  test('gives the published check value, and zero for nothing', () => {
    const bytes = Buffer.from('x123456789x')
    expect(crc16(bytes, 1, 9)).toBe(0x31c3)
    expect(crc16(bytes, 1, 0)).toBe(0)
  })

  test('agrees with the bitwise definition', () => {
    const random = new Random(12)
    for (let i = 0; i < 300; i++) {
      const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(256))
      let crc = 0
      for (const byte of bytes) {
        crc ^= byte << 8
        for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
      }
      expect(crc16(bytes, 0, bytes.length)).toBe(crc)
    }
  })
})

describe('keySlot', () => {
  // CLUSTER KEYSLOT of redis-server 7.4.1.
  test.each([
    ['', 0],
    ['foo', 12182],
    ['bar', 5061],
    ['123456789', 12739],
    ['{user1000}.following', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['foo{bar}{zap}', 5061],
    ['{}', 15257],
    ['{', 4092],
    ['}', 12090],
    ['a}b{c}', 7365],
    ['{a', 10276],
    ['a}', 5921],
    ['{}a{b}', 16175],
    ['{{}}', 4092],
    ['}{', 12793],
    ['x{\u00e9}y', 11271],
  ])('puts %j into slot %d', (key, expected) => {
    expect(slot(key)).toBe(expected)
  })

  test('looks at the tag alone, if there is one', () => {
    expect(slot('{user1}.name')).toBe(slot('user1'))
    expect(slot('a{user1}.{user2}')).toBe(slot('user1'))
    expect(slot('{user1}.name')).toBe(slot('{user1}.mail'))
    expect(slot('{user1.name')).not.toBe(slot('user1.name'))
  })

  test('spreads keys over all slots', () => {
    const seen = new Set(Array.from({ length: 200_000 }, (_, i) => slot(`key:${i}`)))
    expect(seen.size).toBe(SLOT_COUNT)
  })
})
