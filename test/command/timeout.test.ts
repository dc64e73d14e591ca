// Time-outs as clients write them. Errors are redis-server's; 7.0 took what is too large for negative, 7.4 says so.

import { describe, expect, test } from 'vitest'
import { ReplyError } from '../../src/base/reply-error.ts'
import { Arguments } from '../../src/command/arguments.ts'
import { readDeadline, readDeadlineMs } from '../../src/command/timeout.ts'

const NOW = 1_700_000_000_000

function outcome(read: (args: Arguments, index: number, now: number) => number, text: string) {
  const args = new Arguments()
  args.load([Buffer.from(text, 'latin1')])
  try {
    const deadline = read(args, 0, NOW)
    return deadline === 0 ? 0 : deadline - NOW
  } catch (error) {
    if (error instanceof ReplyError) return error.message
    throw error
  }
}

describe('in seconds', () => {
  test.each([
    ['0', 0],
    ['-0.0', 0],
    ['-0.00001', 0],
    ['1', 1000],
    ['2.007', 2007],
    ['0.1', 100],
    ['0.0001', 1],
    ['0.0011', 2],
    ['1e-400', 1],
    ['+0.001', 1],
    ['0x10', 16_000],
    ['1e3', 1_000_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(outcome(readDeadline, text)).toBe(milliseconds)
  })

  test.each(['', 'abc', 'nan', '1x', ' 1', '1 ', '\0', '0.001\0'])('%j is no float', (text) => {
    expect(outcome(readDeadline, text)).toBe('ERR timeout is not a float or out of range')
  })

  test.each(['-1', '-0.001', '-inf', '-1e400'])('%s is negative', (text) => {
    expect(outcome(readDeadline, text)).toBe('ERR timeout is negative')
  })

  test.each(['inf', '1e400', '1e20', '9223372036854776', '9999999999999999999'])('%s is too much', (text) => {
    expect(outcome(readDeadline, text)).toBe('ERR timeout is out of range')
  })
})

describe('in milliseconds', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    ['1000', 1000],
    ['-1', 'ERR timeout is negative'],
    ['1.5', 'ERR timeout is not an integer or out of range'],
    ['', 'ERR timeout is not an integer or out of range'],
    ['9223372036854775807', 'ERR timeout is out of range'],
    ['9223372036854775808', 'ERR timeout is not an integer or out of range'],
  ])('%s is %s', (text, expected) => {
    expect(outcome(readDeadlineMs, text)).toBe(expected)
  })
})
