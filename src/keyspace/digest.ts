// DEBUG DIGEST: a fingerprint of all data that does not depend on the order of keys, the same that Redis computes for
// the same data, so that two servers can be compared. Knows how keys, deadlines and values go into it; a new type adds
// its row to MIXERS.
//
// Two ways to add something to a digest of 20 bytes:
//   xor   digest ^= SHA1(data)                   the order of such data does not matter
//   mix   digest = SHA1(digest ^ SHA1(data))     the order does
// A key's digest starts from zero; mixes in key, type and value, and if it has a deadline, xors a fixed word: when it
// expires does not matter. The whole xors the digests of all keys, after mixing in each database's number.

import { createHash } from 'node:crypto'
import { NO_DEADLINE } from '../memory/entries.ts'
import type { Key } from '../memory/key.ts'
import { STRING } from '../types/value-type.ts'
import { ABSENT, type Database, type Entry } from './database.ts'
import type { Keyspace } from './keyspace.ts'

const BYTES = 20
const DEADLINE_MARK = Buffer.from('!!expire!!')

export class Digest {
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

type Mixer = (digest: Digest, db: Database, entry: Entry) => void

/** By type: how a value goes into a digest. */
const MIXERS: readonly (Mixer | undefined)[] = byType([[STRING, mixString]])

/** The digest of one key's value and of whether it has a deadline; of nothing if the key is absent. */
export function digestOfValue(db: Database, key: Key): Digest {
  const digest = new Digest()
  const entry = db.findAnyway(key)
  if (entry !== ABSENT) addValue(digest, db, entry)
  return digest
}

/** The digest of all databases, keys that are due but still there included. */
export function digestOfKeyspace(keyspace: Keyspace): Digest {
  const whole = new Digest()
  for (const db of keyspace.databases) {
    if (db.size === 0) continue
    whole.mix(bigEndian(db.index))
    db.table.each((entry) => {
      const digest = new Digest()
      digest.mix(db.keyOf(entry).view())
      addValue(digest, db, entry)
      whole.xor(digest.bytes)
    })
  }
  return whole
}

function addValue(digest: Digest, db: Database, entry: Entry): void {
  const type = db.typeOf(entry)
  const mixer = MIXERS[type]
  if (mixer === undefined) throw new Error(`no digest for values of type ${type}`)
  digest.mix(bigEndian(type))
  mixer(digest, db, entry)
  if (db.deadlineOf(entry) !== NO_DEADLINE) digest.xor(DEADLINE_MARK)
}

function mixString(digest: Digest, db: Database, entry: Entry): void {
  digest.mix(db.value(entry).view())
}

function byType(mixers: readonly (readonly [number, Mixer])[]): (Mixer | undefined)[] {
  const table: (Mixer | undefined)[] = []
  for (const [type, mixer] of mixers) table[type] = mixer
  return table
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

function sha1(data: Uint8Array): Uint8Array {
  return createHash('sha1').update(data).digest()
}
