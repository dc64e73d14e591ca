// Whether HyperLogLogs work here, on values of its own: PFSELFTEST.

import { Slice } from '../memory/slice.ts'
import { DENSE_BYTES, ElementPlace, markDense, REGISTERS, raiseDense } from './hyperloglog.ts'
import { countValue, Union } from './hyperloglog-registers.ts'

const ROUNDS = 20
const HIGHEST_RANK = 63
const MOST_ELEMENTS = 1_000_000
/** Six times the standard error of 1.04 / sqrt(registers): never, in practice. */
const TOLERANCE = 0.049

/** What is wrong; undefined if nothing is. */
export function selfTest(): string | undefined {
  return testRegisters() ?? testEstimates()
}

function emptyDense(): Slice {
  const value = new Slice().set(new Uint8Array(DENSE_BYTES), 0, DENSE_BYTES)
  markDense(value)
  return value
}

/** Raises all registers in turn, by different steps, and compares them with plain numbers. */
function testRegisters(): string | undefined {
  const value = emptyDense()
  const expected = new Uint8Array(REGISTERS)
  const union = new Union()
  let noise = 1
  for (let round = 0; round < ROUNDS; round++) {
    for (let register = 0; register < REGISTERS; register++) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) | 0
      const rank = (noise >>> 16) % (HIGHEST_RANK + 1)
      if (raiseDense(value, register, rank) !== rank > expected[register]!) {
        return `raising register ${register} from ${expected[register]} to ${rank}`
      }
      expected[register] = Math.max(rank, expected[register]!)
    }
    union.clear()
    union.add(value)
    const wrong = union.ranks.findIndex((rank, register) => rank !== expected[register])
    if (wrong >= 0) return `register ${wrong} should be ${expected[wrong]} but is ${union.ranks[wrong]}`
  }
  return undefined
}

/** Adds elements and compares each estimate at 1, 2, 5, 10, 20, ... of them. */
function testEstimates(): string | undefined {
  const value = emptyDense()
  const place = new ElementPlace()
  const element = new Uint8Array(8)
  const words = new Int32Array(element.buffer)
  words[1] = 0x5bd1e995
  for (let count = 1, next = 1; count <= MOST_ELEMENTS; count++) {
    words[0] = count
    place.find(element, 0, element.length)
    raiseDense(value, place.register, place.rank)
    if (count < next) continue
    const counted = Number(countValue(value))
    const allowed = Math.ceil(count * TOLERANCE)
    if (Math.abs(counted - count) > allowed) return `${counted} counted where ${count} were added`
    next = String(count).startsWith('2') ? count * 2.5 : count * 2
  }
  return undefined
}
