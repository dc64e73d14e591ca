// Values that come one by one, as RESTORE gets them: made apart and put in their place when they are whole, so that bad
// bytes change nothing.

import { ABSENT, type Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Key } from '../memory/key.ts'
import { RdbInput } from '../rdb/input.ts'
import { RdbError } from '../rdb/rdb-error.ts'
import { ValueReader } from '../rdb/value-reader.ts'
import { ValueBuilder } from './value-builder.ts'

export class RestoredValues {
  readonly #input = new RdbInput()
  readonly #reader = new ValueReader(this.#input)
  readonly #builder: ValueBuilder
  /** A key that nobody has: what is not yet in its place stands there, during a call. */
  readonly #apart: Key
  #db: Database | undefined = undefined

  constructor(keyspace: Keyspace) {
    this.#builder = new ValueBuilder(keyspace)
    this.#apart = new Key(keyspace.seed)
  }

  /** Packed blocks that were looked through so far. */
  get checkedBlocks(): number {
    return this.#reader.checkedBlocks
  }

  /** Why the last `read` said false. */
  refusal = ''

  /** Makes a value of bytes: its form, then what it is. False: they are none. `place` or `abandon` must follow. */
  read(db: Database, bytes: Uint8Array, start: number, length: number): boolean {
    this.#db = db
    this.#builder.begin(db, this.#absentKey(db))
    try {
      const input = this.#input.openBytes(bytes, start, length)
      const isWhole = this.#reader.read(input.byte(), this.#builder)
      if (isWhole && input.isAtEnd) return true
      this.refusal = isWhole ? `bytes behind the value at offset ${input.offset}` : 'a value without elements'
    } catch (error) {
      if (!(error instanceof RdbError)) {
        this.abandon()
        throw error
      }
      this.refusal = `offset ${error.offset} -> ${error.reason}`
    }
    this.abandon()
    return false
  }

  #absentKey(db: Database): Key {
    for (let number = 0; ; number++) {
      const name = Buffer.from(`being restored ${number}`)
      const key = this.#apart.point(name, 0, name.length)
      if (db.findAnyway(key) === ABSENT) return key
    }
  }

  /** Puts the value under a key, which must be absent. */
  place(key: Key): void {
    this.#db!.rekey(this.#apart, this.#builder.entry, key)
  }

  abandon(): void {
    this.#builder.abandon()
  }
}
