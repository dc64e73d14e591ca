import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { FrozenLargeValues, LargeValues } from '../../src/memory/large-values.ts'
import { Slice } from '../../src/memory/slice.ts'

const slice = new Slice()

function bytesOf(values: LargeValues | FrozenLargeValues, handle: number): Buffer {
  return Buffer.from(values.view(handle, slice).copy())
}

describe('create, resize, free', () => {
  test('a new value is all zeros and has just the bytes asked for', () => {
    const values = new LargeValues()
    const handle = values.create(100_000)
    expect(handle).toBeGreaterThan(0)
    expect(values.length(handle)).toBe(100_000)
    expect(bytesOf(values, handle).equals(Buffer.alloc(100_000))).toBe(true)
    expect(values.usedBytes).toBe(100_000)
    expect(values.capacity(handle)).toBe(100_000)
  })

  test('random creating, resizing, writing and freeing agree with plain buffers', () => {
    const random = new Random(21)
    const values = new LargeValues()
    const model = new Map<number, Buffer>()
    for (let step = 0; step < 1500; step++) {
      const handles = [...model.keys()]
      const handle = handles[random.below(handles.length || 1)]
      const kind = random.below(10)
      if (handle === undefined || (kind < 2 && model.size < 20)) {
        const length = random.below(200_000)
        const made = values.create(length)
        expect(model.has(made)).toBe(false)
        model.set(made, Buffer.alloc(length))
      } else if (kind < 3) {
        values.free(handle)
        model.delete(handle)
      } else if (kind < 7) {
        const old = model.get(handle)!
        const length = kind < 5 ? old.length + random.below(3000) : random.below(300_000)
        values.resize(handle, length)
        const resized = Buffer.alloc(length)
        old.copy(resized)
        model.set(handle, resized)
      } else {
        const { bytes, length } = values.view(handle, slice)
        const from = random.below(length + 1)
        const to = Math.min(length, from + random.below(5000))
        bytes.fill(step, from, to)
        model.get(handle)!.fill(step, from, to)
      }
      if (step % 50 === 0) for (const [h, bytes] of model) expect(bytesOf(values, h).equals(bytes)).toBe(true)
      expect(values.count).toBe(model.size)
    }
    expect(values.usedBytes).toBe([...model.keys()].reduce((sum, h) => sum + values.capacity(h), 0))
    for (const handle of model.keys()) values.free(handle)
    expect(values.usedBytes).toBe(0)
    expect(values.count).toBe(0)
  })

  test('bytes given up by shrinking are zero when the value grows again', () => {
    const values = new LargeValues()
    const handle = values.create(100_000)
    values.view(handle, slice).bytes.fill(0xff)
    values.resize(handle, 60_000)
    values.resize(handle, 100_000)
    const bytes = bytesOf(values, handle)
    expect(bytes.subarray(0, 60_000).equals(Buffer.alloc(60_000, 0xff))).toBe(true)
    expect(bytes.subarray(60_000).equals(Buffer.alloc(40_000))).toBe(true)
  })

  test('appending a kilobyte at a time up to 16 MB copies but a few times', () => {
    const values = new LargeValues()
    const handle = values.create(70_000)
    let copies = 0
    let buffer = values.view(handle, slice).bytes
    for (let length = 70_000; length < 16e6; length += 1000) {
      values.resize(handle, length)
      if (values.view(handle, slice).bytes !== buffer) copies++
      buffer = values.view(handle, slice).bytes
    }
    expect(copies).toBeLessThan(60)
    expect(values.capacity(handle)).toBeLessThanOrEqual(16e6 * 1.13)
  })

  test('shrinking to less than half gives memory back', () => {
    const values = new LargeValues()
    const handle = values.create(1_000_000)
    values.resize(handle, 400_000)
    expect(values.capacity(handle)).toBe(400_000)
    expect(values.usedBytes).toBe(400_000)
  })

  test('a value the system has no memory for costs nothing', () => {
    const values = new LargeValues()
    values.free(values.create(10))
    expect(() => values.create(2 ** 53)).toThrow(RangeError)
    expect(values.count).toBe(0)
    expect(values.usedBytes).toBe(0)
    expect(values.create(10)).toBe(1)
  })
})

describe('freeze', () => {
  test('the image keeps values that are freed, and handles may be used again', () => {
    const values = new LargeValues()
    const kept = values.create(5)
    const freed = values.create(5)
    values.view(kept, slice).bytes.fill(1)
    values.view(freed, slice).bytes.fill(2)
    const image = new FrozenLargeValues(values.freeze())
    expect(values.isShared(kept)).toBe(true)
    values.free(freed)
    const reused = values.create(7)
    expect(reused).toBe(freed)
    expect(values.isShared(reused)).toBe(false)
    values.view(reused, slice).bytes.fill(3)
    values.resize(reused, 200_000)
    expect(values.isShared(reused)).toBe(false)
    expect(bytesOf(image, kept)).toEqual(Buffer.alloc(5, 1))
    expect(bytesOf(image, freed)).toEqual(Buffer.alloc(5, 2))
    expect(image.length(freed)).toBe(5)
    values.thaw()
    expect(values.isShared(kept)).toBe(false)
  })

  test('a second freeze shares what was made during the first', () => {
    const values = new LargeValues()
    values.freeze()
    const handle = values.create(5)
    expect(values.isShared(handle)).toBe(false)
    values.thaw()
    values.freeze()
    expect(values.isShared(handle)).toBe(true)
    expect(() => values.freeze()).toThrow('frozen already')
  })
})

test('values that are done with are given back in slices', () => {
  const values = new LargeValues()
  for (let n = 0; n < 10; n++) values.create(1000)
  values.free(3)
  let slices = 1
  while (!values.discard(2000)) slices++
  expect(slices).toBeGreaterThanOrEqual(5)
  expect(values.usedBytes).toBe(0)
  expect(values.count).toBe(0)
})

test('buffers that nobody holds any more are collected though the heap hardly grows', async () => {
  const values = new LargeValues()
  const before = process.memoryUsage.rss()
  let peak = 0
  for (let n = 0; n < 60; n++) {
    const handle = values.create(1 << 24)
    const { bytes } = values.view(handle, slice)
    for (let at = 0; at < bytes.length; at += 4096) bytes[at] = 1
    values.free(handle)
    await new Promise(setImmediate)
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  // 960 MiB went through; without the collector's help all of it stays.
  expect((peak - before) / 2 ** 20).toBeLessThan(480)
})
