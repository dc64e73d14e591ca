// Files whose bytes are wrong somewhere: an error or a dataset, never anything else.
import { expect, test } from 'vitest'
import { DamagedFiles } from './damaged-files.ts'

const CASES = 20_000

test(`${CASES} damaged files are loaded or refused, and take no more memory than they have bytes for`, () => {
  const files = new DamagedFiles(20_261_125)
  const { loaded, refused, mostBytesPerByte } = files.run(CASES)
  files.close()
  expect(Math.min(loaded, refused)).toBeGreaterThan(CASES / 50)
  expect(mostBytesPerByte).toBeLessThan(500)
}, 180_000)
