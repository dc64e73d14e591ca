// DEBUG DIGEST: a fingerprint of all data that does not depend on the order of keys, the same that Redis computes for
// the same data, so that two servers can be compared. Knows how keys and deadlines go into it; how values do is their
// kind's business (kind.ts).
//
// A key's digest starts from zero; mixes in key, type and value, and if it has a deadline, xors a fixed word: when it
// expires does not matter. The whole xors the digests of all keys, after mixing in each database's number.

import { NO_DEADLINE } from '../memory/entries.ts'
import type { Key } from '../memory/key.ts'
import { ABSENT, type Database, type Entry } from './database.ts'
import { DigestBuilder } from './digest-builder.ts'
import type { Keyspace } from './keyspace.ts'
import { kindOf } from './kinds.ts'

const DEADLINE_MARK = Buffer.from('!!expire!!')

/** The digest of one key's value and of whether it has a deadline; of nothing if the key is absent. */
export function digestOfValue(db: Database, key: Key): DigestBuilder {
  const digest = new DigestBuilder()
  const entry = db.findAnyway(key)
  if (entry !== ABSENT) addValue(digest, db, entry)
  return digest
}

/** The digest of all databases, keys that are due but still there included. */
export function digestOfKeyspace(keyspace: Keyspace): DigestBuilder {
  const whole = new DigestBuilder()
  for (const db of keyspace.databases) {
    if (db.size === 0) continue
    whole.mix(bigEndian(db.index))
    db.table.each((entry) => {
      const digest = new DigestBuilder()
      digest.mix(db.keyOf(entry).view())
      addValue(digest, db, entry)
      whole.xor(digest.bytes)
    })
  }
  return whole
}

function addValue(digest: DigestBuilder, db: Database, entry: Entry): void {
  const type = db.typeOf(entry)
  digest.mix(bigEndian(type))
  kindOf(type, db.encodingOf(entry)).mix(digest, db.table.entries, entry)
  if (db.deadlineOf(entry) !== NO_DEADLINE) digest.xor(DEADLINE_MARK)
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
