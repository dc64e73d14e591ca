// Copies of what lies in a request outlive it, though requests lie in Buffers, whose `slice` makes a view.

import { expect, test } from 'vitest'
import { Arguments } from '../../src/command/arguments.ts'
import { Slice } from '../../src/memory/slice.ts'

test.each([
  ['an argument', (args: Arguments) => [args.copy(0), args.copy(1)]],
  ['all arguments', (args: Arguments) => args.toArrays()],
  ['a slice', (args: Arguments) => [args.slice(0).copy(), new Slice().set(args.bytes, 1, 100).copy()]],
])('a copy of %s does not change with the bytes that it was made of', (_, copiesOf) => {
  const bytes = Buffer.from(`a${'b'.repeat(100)}`)
  const args = new Arguments()
  args.bytes = bytes
  args.push(0, 1)
  args.push(1, 100)
  const copies = copiesOf(args)
  bytes.fill(0)
  expect(copies.map((copy) => Buffer.from(copy).toString())).toEqual(['a', 'b'.repeat(100)])
})
