import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Arena, PAGE_BITS } from '../../src/memory/arena.ts'
import { blockBytes, MAX_BLOCK_BYTES, SEGMENT_BYTES } from '../../src/memory/size-classes.ts'
import { type Block, BlockModel } from './block-model.ts'

const PAGE_BYTES = 1 << PAGE_BITS
const RUN_BYTES = 1 << 18

describe('alloc and free', () => {
  test.each([1, 2])('blocks never overlap and every byte is counted, seed %i', (seed) => {
    const model = new BlockModel(new Random(seed))
    for (const growth of [8, 3, 6, 5, 2, 7]) {
      model.churn(5000, growth)
      expect(model.arena.usedBytes).toBe(model.liveBytes)
      model.checkAll()
    }
    while (model.live.length > 0) model.free()
    expect(model.arena.usedBytes).toBe(0)
  })

  test('a block may be freed with any size of its class', () => {
    const arena = new Arena()
    const ref = arena.alloc(33)
    arena.free(ref, 40)
    expect(arena.usedBytes).toBe(0)
    expect(arena.alloc(40)).toBe(ref)
    expect(Arena.sameClass(33, 40)).toBe(true)
    expect(Arena.sameClass(40, 41)).toBe(false)
  })

  test.each([0, MAX_BLOCK_BYTES + 1, 100_000, Number.NaN])('a block of %d bytes is refused', (bytes) => {
    const arena = new Arena()
    expect(() => arena.alloc(bytes)).toThrow(RangeError)
    expect(arena.usedBytes).toBe(0)
  })
})

test('touched are the blocks that were ever handed out of runs in use, free ones between them included', () => {
  const arena = new Arena()
  const refs = Array.from({ length: 100 }, () => arena.alloc(64))
  expect(arena.touchedBytes).toBe(6400)
  for (const ref of refs.slice(0, 90)) arena.free(ref, 64)
  expect(arena.usedBytes).toBe(640)
  expect(arena.touchedBytes).toBe(6400)
  arena.alloc(1000)
  expect(arena.touchedBytes).toBe(6400 + blockBytes(1000))
})

describe('reuse', () => {
  test('memory freed by one size serves another', () => {
    const model = new BlockModel(new Random(4))
    for (const bytes of [1000, SEGMENT_BYTES, 24, 65_536, 300]) {
      const count = Math.floor((1.2 * PAGE_BYTES) / blockBytes(bytes))
      const cheap = Math.min(count, 30_000)
      for (let n = 0; n < cheap; n++) model.alloc(bytes)
      expect(model.arena.reservedBytes).toBeLessThanOrEqual(3 * PAGE_BYTES)
      while (model.live.length > 0) model.free()
    }
    expect(model.arena.usedBytes).toBe(0)
  })

  test('a page that empties goes back, and comes again when wanted', () => {
    const model = new BlockModel(new Random(5))
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 520; n++) model.alloc(MAX_BLOCK_BYTES)
      expect(model.arena.reservedBytes).toBe(3 * PAGE_BYTES)
      while (model.live.length > 0) model.free()
      expect(model.arena.reservedBytes).toBeLessThanOrEqual(2 * PAGE_BYTES)
      expect(model.arena.openBytes).toBe(RUN_BYTES)
    }
  })

  test('alternating alloc and free at the edge of a run opens no run each time', () => {
    const arena = new Arena()
    const first = arena.alloc(MAX_BLOCK_BYTES)
    arena.free(first, MAX_BLOCK_BYTES)
    expect(arena.openBytes).toBe(RUN_BYTES)
    expect(arena.alloc(MAX_BLOCK_BYTES)).toBe(first)
  })
})

describe('freeze', () => {
  test.each([11, 12])('blocks that lived at the freeze keep their bytes until the thaw, seed %i', (seed) => {
    const model = new BlockModel(new Random(seed))
    const { arena } = model
    model.churn(6000, 7)
    for (let round = 0; round < 3; round++) {
      const frozen: Block[] = [...model.live]
      const frozenRefs = new Set(frozen.map(({ ref }) => ref))
      // What an earlier freeze has left behind waits on, whatever this one adds.
      const before = arena.quarantinedBytes
      arena.freeze()
      for (let part = 0; part < 3; part++) {
        model.churn(2000, [2, 8, 4][part]!)
        for (const block of frozen) model.check(block)
        expect(model.live.every(({ ref }) => arena.isShared(ref) === frozenRefs.has(ref))).toBe(true)
        expect(arena.usedBytes).toBe(model.liveBytes)
      }
      const stillLive = new Set(model.live)
      const gone = frozen.filter((block) => !stillLive.has(block))
      expect(arena.quarantinedBytes).toBe(
        before + gone.reduce((sum, { bytes }) => sum + blockBytes(bytes), 0),
      )
      expect(arena.drain(10)).toBe(true)
      expect(gone.length).toBeGreaterThan(100)
      arena.thaw()
      expect(model.live.some(({ ref }) => arena.isShared(ref))).toBe(false)
      // The last round but one leaves half of it for the next.
      for (let slices = round === 1 ? 3 : 1e9; slices > 0; slices--) if (arena.drain(50)) break
      model.churn(1000, 5)
      model.checkAll()
    }
    expect(arena.quarantinedBytes).toBe(0)
    expect(arena.usedBytes).toBe(model.liveBytes)
  })

  test('a slice of draining frees no more blocks than asked', () => {
    const model = new BlockModel(new Random(14))
    for (let n = 0; n < 100; n++) model.alloc(64)
    model.arena.freeze()
    while (model.live.length > 0) model.free()
    model.arena.thaw()
    expect(model.arena.usedBytes).toBe(0)
    expect(model.arena.drain(30)).toBe(false)
    expect(model.arena.quarantinedBytes).toBe(70 * 64)
    expect(model.arena.drain(69)).toBe(false)
    expect(model.arena.drain(1)).toBe(true)
    expect(model.arena.quarantinedBytes).toBe(0)
  })

  test('blocks made after the freeze are reused at once', () => {
    const arena = new Arena()
    arena.alloc(64)
    arena.freeze()
    const fresh = arena.alloc(64)
    arena.free(fresh, 64)
    expect(arena.quarantinedBytes).toBe(0)
    expect(arena.alloc(64)).toBe(fresh)
  })

  test('a thaw leaves no empty run beside one with room', () => {
    const arena = new Arena()
    const old = arena.alloc(64)
    arena.freeze()
    arena.free(arena.alloc(64), 64)
    expect(arena.openBytes).toBe(2 * RUN_BYTES)
    arena.thaw()
    expect(arena.openBytes).toBe(RUN_BYTES)
    arena.free(old, 64)
    arena.freeze()
    const young = arena.alloc(64)
    expect(arena.openBytes).toBe(2 * RUN_BYTES)
    arena.thaw()
    expect(arena.openBytes).toBe(RUN_BYTES)
    expect(arena.alloc(64)).not.toBe(young)
  })

  test('freezing twice and thawing what is not frozen are errors', () => {
    const arena = new Arena()
    expect(() => arena.thaw()).toThrow('not frozen')
    arena.freeze()
    expect(() => arena.freeze()).toThrow('frozen already')
    arena.thaw()
    expect(arena.frozen).toBe(false)
  })
})

test('an arena that is done with gives its pages back in slices', () => {
  const arena = new Arena()
  for (let n = 0; n < 700; n++) arena.alloc(MAX_BLOCK_BYTES)
  expect(arena.reservedBytes).toBe(3 * PAGE_BYTES)
  expect(arena.discard(PAGE_BYTES)).toBe(false)
  expect(arena.reservedBytes).toBe(2 * PAGE_BYTES)
  expect(arena.discard(PAGE_BYTES)).toBe(false)
  expect(arena.discard(PAGE_BYTES)).toBe(true)
  expect(arena.reservedBytes).toBe(0)
})
