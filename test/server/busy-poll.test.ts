import { describe, expect, test } from 'vitest'
import { BusyPoll } from '../../src/server/busy-poll.ts'

/** A poll of 50 microseconds by a clock of its own, and how often it has read that clock: once for each look. */
class Rig {
  now = 0
  readings = 0
  readonly poll = new BusyPoll(() => {
    this.readings++
    return this.now
  })

  constructor() {
    this.poll.milliseconds = 0.05
  }

  /** Lets the event loop turn once, taking so many milliseconds. */
  turn(milliseconds: number): Promise<void> {
    this.now += milliseconds
    return new Promise((resolve) => setImmediate(resolve))
  }

  /** Answers, and lets time pass without another request. Returns whether it has looked for one. */
  async answerInVain(): Promise<boolean> {
    const before = this.readings
    this.poll.answered()
    await this.turn(0.06)
    return this.readings > before
  }
}

describe('busy polling', () => {
  test('looks for as long as it is told and then no more', async () => {
    const rig = new Rig()
    rig.poll.answered()
    for (let i = 0; i < 10; i++) await rig.turn(0.02)
    // At the beginning; at 0.02 and 0.04 it goes on; at 0.06 no more.
    expect(rig.readings).toBe(4)
  })

  test('goes on while requests come', async () => {
    const rig = new Rig()
    rig.poll.answered()
    for (let i = 0; i < 20; i++) {
      await rig.turn(0.04)
      rig.poll.answered()
    }
    rig.readings = 0
    await rig.turn(0.04)
    expect(rig.readings).toBe(1)
  })

  test('rests longer and longer after looking in vain', async () => {
    const rig = new Rig()
    const looked: number[] = []
    for (let i = 0; i < 300; i++) if (await rig.answerInVain()) looked.push(i)
    const rests = looked.slice(1).map((at, index) => at - looked[index]! - 1)
    expect(rests.slice(0, 7)).toEqual([1, 3, 7, 15, 31, 63, 63])
  })

  test('rests no longer once looking has been worth it', async () => {
    const rig = new Rig()
    // Looks, rests once, looks, rests three times.
    for (let i = 0; i < 6; i++) await rig.answerInVain()
    rig.poll.answered()
    await rig.turn(0.01)
    rig.poll.answered()
    await rig.turn(0.06)
    // That was in vain again, as at first: one rest.
    expect(await rig.answerInVain()).toBe(false)
    expect(await rig.answerInVain()).toBe(true)
  })

  test('does nothing if it is not to', async () => {
    const rig = new Rig()
    rig.poll.milliseconds = 0
    rig.poll.answered()
    await rig.turn(1)
    expect(rig.readings).toBe(0)
  })
})
