import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { OutputQueue } from '../../src/server/output-queue.ts'

describe('the output queue', () => {
  test('gives back what was put in, in order, however it is cut', () => {
    const random = new Random(5)
    const queue = new OutputQueue()
    const put: Buffer[] = []
    const taken: Buffer[] = []
    let waiting = 0
    for (let round = 0; round < 3000; round++) {
      if (random.below(3) > 0) {
        const bytes = Buffer.alloc(random.below(random.below(20) === 0 ? 200_000 : 100), random.below(256))
        put.push(Buffer.from(bytes))
        waiting += bytes.length
        if (bytes.length > 0 && random.below(5) === 0) queue.adopt(bytes)
        else {
          queue.push(bytes)
          bytes.fill(0)
        }
      } else {
        const chunk = queue.take()
        waiting -= chunk?.length ?? 0
        if (chunk !== undefined) taken.push(chunk)
      }
      expect(queue.bytes).toBe(waiting)
    }
    for (let chunk = queue.take(); chunk !== undefined; chunk = queue.take()) taken.push(chunk)
    expect(Buffer.concat(taken).equals(Buffer.concat(put))).toBe(true)
    expect([queue.bytes, queue.pieces]).toEqual([0, 0])
  })

  test('puts small replies together', () => {
    const queue = new OutputQueue()
    for (let i = 0; i < 10_000; i++) queue.push(Buffer.from('+OK\r\n'))
    expect(queue.pieces).toBe(2)
    expect(queue.bytes).toBe(50_000)
    expect(queue.take()!.length).toBe(16_384)
  })

  test('takes a large reply as it is', () => {
    const queue = new OutputQueue()
    const large = Buffer.alloc(1_000_000)
    queue.push(Buffer.from('+OK\r\n'))
    queue.adopt(large)
    queue.push(Buffer.from('+PONG\r\n'))
    expect(queue.take()!.toString()).toBe('+OK\r\n')
    expect(queue.take()).toBe(large)
    expect(queue.take()!.toString()).toBe('+PONG\r\n')
    expect(queue.take()).toBeUndefined()
  })

  test('of many thousand pieces is taken from without copying them each time', () => {
    const queue = new OutputQueue()
    const start = performance.now()
    for (let i = 0; i < 200_000; i++) queue.adopt(Buffer.from([i & 255]))
    let inOrder = 0
    for (let i = 0; i < 200_000; i++) if (queue.take()![0] === (i & 255)) inOrder++
    expect(inOrder).toBe(200_000)
    expect(queue.pieces).toBe(0)
    // Copying would take minutes.
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
