// How things are added to a digest of 20 bytes, as Redis's DEBUG DIGEST does:
//   xor   digest ^= SHA1(data)                   the order of such data does not matter
//   mix   digest = SHA1(digest ^ SHA1(data))     the order does
// Knows no value.

import { createHash } from 'node:crypto'

const BYTES = 20

export class DigestBuilder {
  readonly bytes = new Uint8Array(BYTES)

  /** Adds data whose place among the others does not matter. */
  xor(data: Uint8Array): void {
    const hash = sha1(data)
    for (let i = 0; i < BYTES; i++) this.bytes[i]! ^= hash[i]!
  }

  /** Adds data, and the fact that it comes after what was added before. */
  mix(data: Uint8Array): void {
    this.xor(data)
    this.bytes.set(sha1(this.bytes))
  }

  get hex(): string {
    return Buffer.from(this.bytes).toString('hex')
  }
}

function sha1(data: Uint8Array): Uint8Array {
  return createHash('sha1').update(data).digest()
}
