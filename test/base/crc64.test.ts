import { expect, test } from 'vitest'
import { Crc64 } from '../../src/base/crc64.ts'
import { Random } from '../../src/base/random.ts'

const crcOf = (bytes: Uint8Array) => new Crc64().update(bytes).value

/** The definition, bit by bit. */
function model(bytes: Uint8Array): bigint {
  let crc = 0n
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
  }
  return crc
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256))
}

test('gives the published check value', () => {
  expect(crcOf(Buffer.from('123456789'))).toBe(0xe9c6d914c4b8d9can)
})

test('gives zero for nothing, and after reset', () => {
  const crc = new Crc64()
  expect(crc.value).toBe(0n)
  crc.update(Buffer.from('abc'))
  expect(crc.value).not.toBe(0n)
  crc.reset()
  expect(crc.value).toBe(0n)
})

test('agrees with the bitwise definition for every length around the block size', () => {
  const random = new Random(10)
  for (let length = 0; length < 70; length++) {
    const bytes = randomBytes(random, length)
    expect(crcOf(bytes)).toBe(model(bytes))
  }
})

test('is the same however the bytes are cut into pieces', () => {
  const random = new Random(11)
  const bytes = randomBytes(random, 500)
  for (let i = 0; i < 200; i++) {
    const crc = new Crc64()
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + random.below(40))
      crc.update(bytes, at, end)
      at = end
    }
    expect(crc.value).toBe(crcOf(bytes))
  }
})

test('reads only the given range', () => {
  const bytes = Buffer.from('xx123456789yy')
  expect(new Crc64().update(bytes, 2, 11).value).toBe(0xe9c6d914c4b8d9can)
})

test('writes eight bytes, lowest first, and recognises them', () => {
  const crc = new Crc64().update(Buffer.from('123456789'))
  const out = new Uint8Array(10)
  expect(crc.writeTo(out, 1)).toBe(9)
  expect(Buffer.from(out).toString('hex')).toBe('00cad9b8c414d9c6e900')
  expect([crc.high, crc.low]).toEqual([0xe9c6d914, 0xc4b8d9ca])
  expect(crc.equals(out, 1)).toBe(true)
  for (let i = 1; i < 9; i++) {
    const changed = out.slice()
    changed[i]! ^= 1
    expect(crc.equals(changed, 1)).toBe(false)
  }
})
