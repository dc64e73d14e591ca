// Damaged bytes: an error or a value, never anything else, and what was there stays sane.
import { expect, test } from 'vitest'
import { Crc64 } from '../../src/base/crc64.ts'
import { Random } from '../../src/base/random.ts'
import { drawValue } from '../support/value-drawing.ts'
import { ValueHarness } from './value-harness.ts'

const CASES = 20_000
const CASES_PER_VALUE = 100
/** Larger values would make the test slow, not better. */
const LONGEST = 4000

/** The payload with its checksum right again. */
function sealed(payload: Uint8Array): Uint8Array {
  new Crc64().update(payload, 0, payload.length - 8).writeTo(payload, payload.length - 8)
  return payload
}

function damage(random: Random, payload: Uint8Array): Uint8Array {
  let damaged = Uint8Array.from(payload)
  for (let i = 1 + random.below(3); i > 0; i--) {
    const body = damaged.length - 10
    const at = random.below(random.below(2) === 0 ? Math.min(body, 40) : body)
    const kind = random.below(5)
    if (kind === 0) damaged[at] = random.below(256)
    else if (kind === 1) damaged[at]! ^= 1 << random.below(8)
    else if (kind === 2) damaged[at] = 0xff
    else if (kind === 3) damaged[at] = [0x80, 0x81, 0xc3, 0xf0, 0xfe, 0x00][random.below(6)]!
    else if (random.below(10) === 0 && body > 20) {
      const end = damaged.length - 10
      damaged = Uint8Array.from([...damaged.subarray(0, at), ...damaged.subarray(Math.min(end, at + 3))])
    } else damaged[0] = random.below(27)
  }
  return sealed(damaged)
}

test(`${CASES} damaged payloads are restored or refused, and what is restored can be used`, () => {
  const random = new Random(20_240_601)
  const server = new ValueHarness()
  let restored = 0
  let refused = 0
  while (restored + refused < CASES) {
    server.run('FLUSHALL')
    for (const command of drawValue(random, 'v')) server.run(command)
    if (server.show('EXISTS v') === '(integer) 0') continue
    const payload = server.dump('v')
    if (payload.length > LONGEST) continue
    for (let i = 0; i < CASES_PER_VALUE; i++) {
      const reply = server.show(['RESTORE', 'w', '0', damage(random, payload), 'REPLACE'])
      if (reply === '+OK') {
        restored++
        // Reading all of it, and writing it again, must work and say the same.
        const digest = server.digest('w')
        expect(server.show(['RESTORE', 'again', '0', server.dump('w'), 'REPLACE'])).toBe('+OK')
        expect(server.digest('again')).toBe(digest)
      } else {
        refused++
        expect(reply).toBe('(error) ERR Bad data format')
      }
    }
    expect(server.show('DBSIZE')).toMatch(/[123]$/)
  }
  expect(Math.min(restored, refused)).toBeGreaterThan(CASES / 50)
  server.run('FLUSHALL')
  while (!server.keyspace.reclaim());
}, 120_000)
