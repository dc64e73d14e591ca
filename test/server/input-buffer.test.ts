// What is kept of requests that arrive in pieces: against a stream read whole, and what it costs in memory.

import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Arguments } from '../../src/command/arguments.ts'
import { INCOMPLETE, PARSED } from '../../src/resp/parser.ts'
import { InputBuffer } from '../../src/server/input-buffer.ts'
import { encode } from '../support/resp-client.ts'

const LIMITS = { maxBulkBytes: 512 * 1024 * 1024, authenticated: true }

/** Plays a connection: feeds pieces, takes requests as they become whole, `upTo` at a time. */
class Reader {
  readonly shared = new Arguments()
  readonly input = new InputBuffer(this.shared)
  readonly requests: string[][] = []
  /** Where every piece is put, like what a socket reads. */
  readonly #readBuffer = Buffer.alloc(65_536)

  feed(piece: Buffer, upTo = Number.POSITIVE_INFINITY): void {
    const { input } = this
    this.#readBuffer.fill('?')
    piece.copy(this.#readBuffer)
    if (input.length === 0) {
      input.parser.reset(0)
      this.#read(this.#readBuffer, piece.length, upTo)
    } else {
      input.append(this.#readBuffer, piece.length)
      if (input.isWorthReading) this.readKept(upTo)
    }
    // Another connection uses what is shared.
    this.#readBuffer.fill('!')
    this.shared.load([Buffer.from('other')])
  }

  readKept(upTo: number): void {
    if (this.input.length > 0) this.#read(this.input.bytes, this.input.end, upTo)
  }

  #read(bytes: Buffer, end: number, upTo: number): void {
    const { parser } = this.input
    for (let n = 0; n < upTo; n++) {
      const result = parser.next(bytes, end, LIMITS)
      if (result === INCOMPLETE) break
      expect(result).toBe(PARSED)
      this.requests.push(parser.request.toArrays().map((arg) => Buffer.from(arg).toString('latin1')))
      parser.request = this.shared
    }
    this.input.keep(bytes, end, this.shared)
  }
}

describe('requests in pieces', () => {
  test.each([1, 2, 3, 4, 5, 6])('come out as they were sent (seed %i)', (seed) => {
    const random = new Random(seed)
    const sent = Array.from({ length: 200 }, () => randomRequest(random))
    const stream = Buffer.concat(sent.map((words) => encode(words)))
    const reader = new Reader()
    for (let at = 0; at < stream.length; ) {
      const size = 1 + random.below(random.below(3) === 0 ? 65_536 : 300)
      // Sometimes not all are run, as when the client does not read its replies.
      reader.feed(stream.subarray(at, at + size), random.below(4) === 0 ? random.below(3) : undefined)
      if (random.below(10) === 0) reader.input.trim(random.below(2) === 0)
      at += size
    }
    reader.readKept(Number.POSITIVE_INFINITY)
    expect(reader.requests).toEqual(sent)
    expect(reader.input.length).toBe(0)
  })
})

function randomRequest(random: Random): string[] {
  return Array.from({ length: 1 + random.below(6) }, () => {
    const length = random.below(20) === 0 ? random.below(200_000) : random.below(40)
    return String.fromCharCode(97 + random.below(26)).repeat(length)
  })
}

describe('the buffer', () => {
  const head = (bytes: number) => Buffer.from(`*2\r\n$4\r\nECHO\r\n$${bytes}\r\n`)

  test('does not exist while requests arrive whole', () => {
    const reader = new Reader()
    reader.feed(encode(['PING']))
    expect(reader.requests).toEqual([['PING']])
    expect(reader.input.bytes.length).toBe(0)
  })

  test('has the size of a large value as soon as that is known', () => {
    const reader = new Reader()
    reader.feed(head(10_000_000))
    const { bytes } = reader.input
    expect(bytes.length).toBeGreaterThan(10_000_000)
    expect(bytes.length).toBeLessThan(10_100_000)
    for (let at = 0; at < 10_000_000; at += 50_000) reader.feed(Buffer.alloc(50_000, 'x'))
    expect(reader.input.bytes).toBe(bytes)
    reader.feed(Buffer.from('\r\n'))
    expect(reader.requests[0]?.[1]?.length).toBe(10_000_000)
  })

  test('of a huge value grows with what has arrived, by a factor', () => {
    const reader = new Reader()
    reader.feed(head(500_000_000))
    expect(reader.input.bytes.length).toBeLessThan(70_000_000)
    const piece = Buffer.alloc(65_536)
    const buffers = new Set<Buffer>()
    for (let n = 0; n < 2500; n++) {
      reader.feed(piece)
      buffers.add(reader.input.bytes)
    }
    expect(buffers.size).toBeLessThanOrEqual(3)
  })

  test('stays for the next value in pieces, unless it is very large', () => {
    const reader = new Reader()
    const feedValue = (bytes: number) => {
      reader.feed(head(bytes))
      for (let left = bytes + 2; left > 0; left -= 60_000)
        reader.feed(Buffer.alloc(Math.min(left, 60_000), 'x'))
    }
    feedValue(300_000)
    const { bytes } = reader.input
    expect(bytes.length).toBeGreaterThan(300_000)
    feedValue(290_000)
    expect(reader.input.bytes).toBe(bytes)
    feedValue(2_000_000)
    expect(reader.input.bytes.length).toBe(0)
    expect(reader.requests.map((words) => words[1]!.length)).toEqual([300_000, 290_000, 2_000_000])
  })

  test('shrinks when it was not used for a while, and goes when the client is idle', () => {
    const reader = new Reader()
    const request = encode(['ECHO', 'x'.repeat(300_000)])
    for (let at = 0; at < request.length; at += 60_000) reader.feed(request.subarray(at, at + 60_000))
    reader.input.trim(false)
    expect(reader.input.bytes.length).toBeGreaterThan(300_000)
    reader.input.trim(false)
    expect(reader.input.bytes.length).toBe(16_384)
    reader.input.trim(true)
    expect(reader.input.bytes.length).toBe(0)
  })

  test('of a client that is idle in the middle of a value shrinks to what is there, and grows again', () => {
    const reader = new Reader()
    reader.feed(head(1_000_000))
    expect(reader.input.bytes.length).toBeGreaterThan(1_000_000)
    reader.input.trim(true)
    expect(reader.input.bytes.length).toBeLessThan(100)
    for (let n = 0; n < 20; n++) reader.feed(Buffer.alloc(50_000, 'x'))
    reader.feed(Buffer.from('\r\n'))
    expect(reader.requests[0]?.[1]?.length).toBe(1_000_000)
  })
})
