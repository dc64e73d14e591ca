import { describe, expect, test } from 'vitest'
import { StreamId } from '../../src/types/stream-id.ts'

function parsed(text: string, missing: 0 | -1 = 0): string | undefined {
  const id = new StreamId()
  const bytes = Buffer.from(`<${text}>`, 'latin1')
  return id.parse(bytes, 1, text.length, missing) ? id.toString() : undefined
}

describe('the id that text spells', () => {
  test.each([
    ['1-2', '1-2'],
    ['1', '1-0'],
    ['007-01', '7-1'],
    ['+5-1', '5-1'],
    [' 5- 1', '5-1'],
    ['10--0', '10-0'],
    ['10--00001', '10-18446744073709551615'],
    ['18446744073709551615-18446744073709551615', '18446744073709551615-18446744073709551615'],
    ['9007199254740993-1', '9007199254740993-1'],
    ['1-1\0junk', '1-1'],
  ])('%j is %s', (text, id) => {
    expect(parsed(text)).toBe(id)
  })

  test.each([
    '',
    '-',
    '+',
    '*',
    '-5',
    '5-',
    '5--1',
    '1-1-1',
    '1-x',
    'x',
    '18446744073709551616-0',
    `${'0'.repeat(128)}1`,
  ])('%j spells none', (text) => {
    expect(parsed(text)).toBeUndefined()
  })

  test('has the largest sequence number if asked, where there is none', () => {
    expect(parsed('3', -1)).toBe('3-18446744073709551615')
    expect(parsed('3-4', -1)).toBe('3-4')
  })
})

test('ms-* leaves the sequence number open', () => {
  const partial = (text: string) => {
    const id = new StreamId()
    return id.parsePartial(Buffer.from(text), 0, text.length) ? id.toString() : undefined
  }
  expect(partial('77-*')).toBe('77-0')
  for (const text of ['*', '-*', '77-', '77-**', '77-1*', 'x-*']) expect(partial(text)).toBeUndefined()
})
