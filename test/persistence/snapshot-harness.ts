// A dataset of all types in several databases, random writes to it, and a reader of files that makes a dataset of one.

import { readFileSync } from 'node:fs'
import type { Random } from '../../src/base/random.ts'
import { databaseCommands } from '../../src/commands/database.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { listCommands } from '../../src/commands/list.ts'
import { objectCommands } from '../../src/commands/object.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { streamCommands } from '../../src/commands/stream.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import type { Keyspace } from '../../src/keyspace/keyspace.ts'
import { NO_DEADLINE } from '../../src/memory/deadline.ts'
import { Key } from '../../src/memory/key.ts'
import type { ImageFileSettings } from '../../src/persistence/image-file.ts'
import { ValueBuilder } from '../../src/persistence/value-builder.ts'
import type { ValueFacts } from '../../src/rdb/facts.ts'
import { type FileFacts, FileReader } from '../../src/rdb/file-reader.ts'
import { RdbInput } from '../../src/rdb/input.ts'
import { Harness } from '../support/harness.ts'
import { drawText, drawValue } from '../support/value-drawing.ts'

const DATABASES = 4
/** Beyond any test's time. */
const FAR = 4_102_444_800_000

export const SETTINGS: ImageFileSettings = {
  compresses: true,
  hasChecksum: true,
  syncsOnTheWay: false,
  notes: [['redis-ver', '7.4.1']],
  functions: [],
  access: 'none',
  keyDelay: 0,
}

type Command = (string | Uint8Array)[]

export class SnapshotHarness extends Harness {
  readonly draws: Random
  readonly #keys: number

  constructor(draws: Random, keys: number) {
    super(
      [
        stringCommands,
        hashCommands,
        listCommands,
        setCommands,
        sortedSetCommands,
        streamCommands,
        keyCommands,
        keyExpiryCommands,
        objectCommands,
        databaseCommands,
      ],
      1,
      DATABASES,
    )
    this.draws = draws
    this.#keys = keys
    for (let i = 0; i < keys; i++) this.write()
  }

  get digest(): string {
    return digestOfKeyspace(this.keyspace).hex
  }

  /** A random write to a random database. */
  write(): void {
    const { draws } = this
    this.client.database = draws.below(DATABASES)
    for (const command of this.#draw()) this.raw(command)
  }

  #draw(): Command[] {
    const { draws } = this
    const key = `key ${draws.below(this.#keys)}`
    const other = `key ${draws.below(this.#keys)}`
    const text = drawText(draws, draws.below(10) === 0)
    if (draws.below(2) === 0) return [['SET', `small ${draws.below(this.#keys)}`, text]]
    const changes: Command[] = [
      ['DEL', key],
      ['RENAME', key, other],
      ['COPY', key, other, 'DB', String(draws.below(DATABASES)), 'REPLACE'],
      ['MOVE', key, String(draws.below(DATABASES))],
      ['PEXPIREAT', key, String(FAR + draws.below(1e9))],
      ['PERSIST', key],
      ['APPEND', key, text],
      ['SETRANGE', key, String(draws.below(100_000)), text],
      ['LPUSH', key, text, text],
      ['RPOP', key, '3'],
      ['LSET', key, '0', text],
      ['LINSERT', key, 'BEFORE', text, text],
      ['SADD', key, text],
      ['SPOP', key, '2'],
      ['HSET', key, text, text],
      ['HPEXPIREAT', key, String(FAR + draws.below(1e9)), 'FIELDS', '1', text],
      ['HPERSIST', key, 'FIELDS', '1', text],
      ['ZADD', key, String(draws.below(1000)), text],
      ['ZPOPMIN', key, '2'],
      ['ZREMRANGEBYRANK', key, '0', '5'],
      ['XADD', key, '*', 'f', text],
      ['XTRIM', key, 'MAXLEN', '20'],
      ['XREADGROUP', 'GROUP', 'group 1', 'late', 'COUNT', '3', 'STREAMS', key, '>'],
    ]
    const choice = draws.below(changes.length + 12)
    return choice < changes.length ? [changes[choice]!] : drawValue(draws, key)
  }

  /** Now and then: what concerns a whole database. */
  upset(): void {
    const { draws } = this
    this.client.database = draws.below(DATABASES)
    const other = String(draws.below(DATABASES))
    this.run(draws.below(2) === 0 ? ['FLUSHDB'] : ['SWAPDB', String(this.client.database), other])
  }

  /** Removes everything key by key, and lets all memory come back. */
  drain(): void {
    const name = new Key(this.keyspace.seed)
    for (const db of this.keyspace.databases) {
      const keys: Uint8Array[] = []
      db.table.each((entry) => keys.push(db.keyOf(entry).copy()))
      for (const key of keys) {
        const found = name.point(key, 0, key.length)
        db.remove(found, db.findAnyway(found))
      }
    }
    while (!this.keyspace.reclaim());
  }
}

export interface LoadedFile {
  readonly digest: string
  readonly version: number
  readonly keys: number
}

/** Reads a file into a dataset of its own. */
export function loadFile(path: string): LoadedFile {
  const bytes = readFileSync(path)
  const harness = new Harness([], 2, DATABASES)
  const loading = new Loading(harness.keyspace)
  const reader = new FileReader(new RdbInput().openBytes(bytes, 0, bytes.length))
  reader.readHeader()
  while (reader.readRecord(loading));
  loading.finishKey()
  return { digest: digestOfKeyspace(harness.keyspace).hex, version: reader.version, keys: loading.keys }
}

class Loading implements FileFacts {
  keys = 0
  readonly #keyspace: Keyspace
  readonly #builder: ValueBuilder
  #db
  #last: { key: Key; deadline: number | undefined } | undefined = undefined

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.#builder = new ValueBuilder(keyspace)
    this.#db = keyspace.databases[0]!
  }

  note(): void {}
  sizes(): void {}
  functions(): void {}
  emptyKey(): void {
    throw new Error('an empty value')
  }

  database(index: number): void {
    this.finishKey()
    this.#db = this.#keyspace.databases[index]!
  }

  key(...[name, { deadline }]: Parameters<FileFacts['key']>): ValueFacts {
    this.finishKey()
    const copy = name.copy()
    const key = new Key(this.#keyspace.seed).point(copy, 0, copy.length)
    this.#last = { key, deadline }
    this.keys++
    return this.#builder.begin(this.#db, key)
  }

  finishKey(): void {
    if (this.#last === undefined) return
    const { key, deadline } = this.#last
    this.#last = undefined
    this.#db.setDeadline(key, this.#db.findAnyway(key), deadline ?? NO_DEADLINE)
  }
}
