import { describe, expect, test } from 'vitest'
import { decompressLzf, LzfCompressor } from '../../src/base/lzf.ts'
import { Random } from '../../src/base/random.ts'

/** Bytes of some kind: noise, few letters, long repetitions, or all of these one after the other. */
function content(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  while (at < length) {
    const end = Math.min(length, at + 1 + random.below(600))
    const kind = random.below(4)
    const from = random.below(at + 1)
    for (let i = at; i < end; i++) {
      if (kind === 0) bytes[i] = random.below(256)
      else if (kind === 1) bytes[i] = 97 + random.below(4)
      else if (kind === 2) bytes[i] = 120
      else bytes[i] = bytes[from + i - at]!
    }
    at = end
  }
  return bytes
}

function compressed(compressor: LzfCompressor, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.ceil(bytes.length / 32) + 4)
  return out.subarray(0, compressor.compress(bytes, 0, bytes.length, out))
}

function decompressed(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const out = new Uint8Array(length)
  return decompressLzf(bytes, 0, bytes.length, out) ? out : undefined
}

describe('compressing', () => {
  test('can be undone, whatever the bytes', () => {
    const random = new Random(1)
    const compressor = new LzfCompressor()
    for (let round = 0; round < 1500; round++) {
      const bytes = content(random, random.below(round % 20 === 0 ? 40_000 : 300))
      const small = compressed(compressor, bytes)
      const back = decompressed(small, bytes.length)
      if (back === undefined || Buffer.compare(back, bytes) !== 0) throw new Error(`round ${round}`)
    }
  })

  test('makes repetitions short, and other bytes little longer', () => {
    const compressor = new LzfCompressor()
    expect(compressed(compressor, new Uint8Array(10_000)).length).toBeLessThan(130)
    expect(compressed(compressor, Buffer.from('abcdefghij'.repeat(100))).length).toBeLessThan(30)
    const random = new Random(2)
    const noise = Uint8Array.from({ length: 10_000 }, () => random.below(256))
    expect(compressed(compressor, noise).length).toBeLessThanOrEqual(10_000 + Math.ceil(10_000 / 32))
  })

  test('reaches back as far as the format allows, and no further', () => {
    const random = new Random(3)
    const compressor = new LzfCompressor()
    for (const distance of [8191, 8192, 8193]) {
      const bytes = Uint8Array.from({ length: distance + 200 }, () => random.below(256))
      bytes.copyWithin(distance, 0, 200)
      const small = compressed(compressor, bytes)
      expect(Buffer.compare(decompressed(small, bytes.length)!, bytes)).toBe(0)
    }
  })

  test('says 0 if there is no room, and writes nothing beyond it', () => {
    const random = new Random(4)
    const compressor = new LzfCompressor()
    for (let round = 0; round < 300; round++) {
      const bytes = content(random, 1 + random.below(200))
      const { length } = compressed(compressor, bytes)
      const buffer = new Uint8Array(length + 10).fill(0xee)
      expect(compressor.compress(bytes, 0, bytes.length, buffer.subarray(0, length))).toBe(length)
      expect(compressor.compress(bytes, 0, bytes.length, buffer.subarray(0, length - 1))).toBe(0)
      expect([...buffer.subarray(length)].every((byte) => byte === 0xee)).toBe(true)
    }
  })

  test('does not take what stands before or behind for a part of the input', () => {
    const compressor = new LzfCompressor()
    const text = Buffer.from('hello hello hello hello')
    const out = new Uint8Array(100)
    for (const start of [0, 6, 7, 12]) {
      const length = compressor.compress(text, start, text.length - start - 1, out)
      const back = new Uint8Array(text.length - start - 1)
      expect(decompressLzf(out, 0, length, back)).toBe(true)
      expect(Buffer.from(back).toString()).toBe(text.toString().slice(start, -1))
    }
  })

  test('of nothing is nothing', () => {
    expect(new LzfCompressor().compress(new Uint8Array(0), 0, 0, new Uint8Array(4))).toBe(0)
    expect(decompressed(new Uint8Array(0), 0)).toEqual(new Uint8Array(0))
  })
})

describe('decompressing', () => {
  // Made by redis-server 7.0.15: the body of DUMP.
  test('understands what Redis has compressed', () => {
    const body = Buffer.from(
      '1061206c6f6e672073746f7279206f662061e0020f002ce0040de0451d103031323334353637383961626364656678e0ff00e01a00c13b013839',
      'hex',
    )
    const text = `${'a long story of a long story, '.repeat(4)}0123456789abcdef${'x'.repeat(300)}0123456789`
    expect(Buffer.from(decompressed(body, text.length)!).toString()).toBe(text)
  })

  test('refuses what is cut off, reaches too far, or has another length', () => {
    for (const hex of [
      '00',
      '0061 02',
      '20',
      '2000',
      '00612001',
      '0061e0',
      '0061e000',
      '1f61',
      '0061ff00ff',
    ]) {
      const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      for (let length = 0; length < 12; length++) {
        if (hex === '00' && length === 0) continue
        expect(decompressed(bytes, length)).toBeUndefined()
      }
    }
    expect(decompressed(Buffer.from('0061', 'hex'), 0)).toBeUndefined()
    expect(decompressed(Buffer.from('0061', 'hex'), 2)).toBeUndefined()
    expect(decompressed(Buffer.from('00612000', 'hex'), 4)).toEqual(new Uint8Array(4).fill(97))
    expect(decompressed(Buffer.from('00612000', 'hex'), 5)).toBeUndefined()
    expect(decompressed(Buffer.from('00612000', 'hex'), 3)).toBeUndefined()
  })

  test('of any bytes ends, within its output', () => {
    const random = new Random(5)
    const compressor = new LzfCompressor()
    for (let round = 0; round < 5000; round++) {
      const bytes = content(random, random.below(100))
      const small = compressed(compressor, bytes).slice()
      if (small.length > 0) small[random.below(small.length)] = random.below(256)
      const buffer = new Uint8Array(bytes.length + 20).fill(0xee)
      decompressLzf(small, 0, small.length, buffer.subarray(10, 10 + bytes.length))
      const around = [...buffer.subarray(0, 10), ...buffer.subarray(10 + bytes.length)]
      expect(around.every((byte) => byte === 0xee)).toBe(true)
    }
  })
})
