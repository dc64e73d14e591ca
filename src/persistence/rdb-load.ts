// Reads an RDB file into a keyspace, piece by piece and record by record. Tells nobody of the keys: they have always been
// there. What the file says of itself goes to the log.

import fs from 'node:fs'
import { reasonOf } from '../base/system-error.ts'
import { ABSENT, type Database } from '../keyspace/database.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { MAX_DEADLINE, NO_DEADLINE } from '../memory/deadline.ts'
import type { Element } from '../memory/element.ts'
import { EntryBatch } from '../memory/entry-batch.ts'
import { Key } from '../memory/key.ts'
import type { Slice } from '../memory/slice.ts'
import type { ValueFacts } from '../rdb/facts.ts'
import { type FileFacts, FileReader, type KeyFacts } from '../rdb/file-reader.ts'
import { RdbInput, UNEXPECTED_END } from '../rdb/input.ts'
import { RdbError } from '../rdb/rdb-error.ts'
import type { KeptFunctions } from './kept-functions.ts'
import { LoadError, type LoadLog, type LoadReport, type LoadSource } from './load-source.ts'
import { PASSED_OVER } from './passed-over.ts'
import { ValueBuilder } from './value-builder.ts'

export interface RdbLoadSettings {
  readonly keyspace: Keyspace
  readonly functions: KeptFunctions
  readonly report: LoadReport
  readonly log: LoadLog
  /** `rdbchecksum`, unless tests have switched off the comparison. */
  readonly checksSum: boolean
  /** `sanitize-dump-payload`: whether values are to be looked through. They are anyway: this is counted. */
  readonly sanitizes?: boolean
  /** Called for every key, if it is there. True: it has taken its time. */
  readonly onKey?: (() => boolean) | undefined
  /** Keys past their deadline are loaded too: a log that follows says when they go. */
  readonly keepsExpired?: boolean
  /** A key that is there already is replaced. Otherwise it is an error. */
  readonly replaces?: boolean
}

const PIECE_BYTES = 256 * 1024
/** Records between two looks at the clock: some ten microseconds' worth, if they are small. */
const RECORDS_PER_LOOK = 32
/** The form, an empty name, an empty string. */
const LEAST_KEY_BYTES = 3
/** So many keys without elements are named in the log. */
const NAMED_EMPTY_KEYS = 10

export class RdbLoad implements LoadSource, FileFacts {
  readonly totalBytes: number
  readonly #settings: RdbLoadSettings
  readonly #keyspace: Keyspace
  readonly #input = new RdbInput()
  readonly #reader: FileReader
  readonly #builder: ValueBuilder
  readonly #key: Key
  /** When keys must be due for not being loaded: the time at which loading began. */
  readonly #now: number
  #fd: number
  #db: Database
  #isBegun = false
  #isSkipping = false
  /** A key took so long that the clock has to be looked at. */
  #isSlow = false
  #emptyKeys = 0

  /** undefined: there is no such file. Throws a LoadError if it can't be opened. */
  static open(path: string, settings: RdbLoadSettings): RdbLoad | undefined {
    try {
      return new RdbLoad(fs.openSync(path, 'r'), settings)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new LoadError(`Fatal error: can't open the RDB file ${path} for reading: ${reasonOf(error)}`)
    }
  }

  /** Reads an open file from its beginning; closes it. */
  constructor(fd: number, settings: RdbLoadSettings) {
    const { keyspace } = settings
    this.#fd = fd
    this.#settings = settings
    this.#keyspace = keyspace
    this.totalBytes = fs.fstatSync(fd).size
    this.#input.open(() => this.#read())
    this.#input.isSummed = settings.checksSum
    this.#input.totalBytes = this.totalBytes
    this.#reader = new FileReader(this.#input)
    this.#builder = new ValueBuilder(keyspace)
    if (settings.replaces !== true) this.#builder.batch = new EntryBatch()
    this.#builder.onTwin = (key) => {
      throw this.#duplicate(key)
    }
    this.#key = new Key(keyspace.seed)
    this.#now = keyspace.now
    this.#db = keyspace.databases[0]!
  }

  /** After the last record, where the file goes on with something else, if it does. */
  get loadedBytes(): number {
    return this.#input.offset
  }

  #read(): Uint8Array | undefined {
    // Memory of its own, and not from a pool: what is read refers to it for as long as it takes.
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
    let count: number
    try {
      count = fs.readSync(this.#fd, piece, 0, PIECE_BYTES, null)
    } catch (error) {
      throw new LoadError(`Error reading the RDB file: ${reasonOf(error)}`)
    }
    return count === 0 ? undefined : piece.subarray(0, count)
  }

  close(): void {
    if (this.#fd >= 0) fs.closeSync(this.#fd)
    this.#fd = -1
  }

  step(isTimeUp: () => boolean): boolean {
    try {
      if (!this.#isBegun) this.#begin()
      do {
        this.#isSlow = false
        for (let i = 0; i < RECORDS_PER_LOOK && !this.#isSlow; i++) {
          if (!this.#reader.readRecord(this)) return this.#end()
        }
      } while (!isTimeUp())
      this.#builder.settle()
      return false
    } catch (error) {
      this.#builder.abandonUnfinished()
      this.close()
      throw error instanceof RdbError ? this.#damage(error) : error
    }
  }

  #begin(): void {
    const { report } = this.#settings
    report.keysLoaded = 0
    report.keysExpired = 0
    report.loadedUsedMemory = 0
    this.#isBegun = true
    this.#reader.readHeader()
  }

  #end(): boolean {
    this.#builder.settle()
    const { log, report, checksSum, sanitizes } = this.#settings
    if (sanitizes === true) this.#keyspace.stats.sanitizations += this.#reader.checkedBlocks
    if (checksSum && this.#reader.isUnchecked) {
      log.notice('RDB file was saved with checksum disabled: no check performed.')
    }
    const counts = `keys loaded: ${report.keysLoaded}, keys expired: ${report.keysExpired}`
    const empty = this.#emptyKeys > 0 ? `, empty keys skipped: ${this.#emptyKeys}` : ''
    log.notice(`Done loading RDB, ${counts}${empty}.`)
    this.close()
    return true
  }

  #damage({ reason, offset }: RdbError): LoadError {
    if (!this.#reader.isHeaderRead && reason !== UNEXPECTED_END) return new LoadError(reason)
    if (reason === UNEXPECTED_END) {
      this.#settings.log.warning('Short read or OOM loading DB. Unrecoverable error, aborting now.')
    }
    return new LoadError(`Internal error in RDB reading offset ${offset} -> ${reason}`, { isDamage: true })
  }

  // ---- what the reader says

  note(name: Element, value: Element): void {
    const { log, report } = this.#settings
    const what = Buffer.from(name.view()).toString('latin1')
    const said = Buffer.from(value.view()).toString('latin1')
    if (what.startsWith('%')) log.notice(`RDB '${what}': ${said}`)
    else if (what === 'redis-ver') log.notice(`Loading RDB produced by version ${said}`)
    else if (what === 'ctime') {
      const age = Math.floor(this.#now / 1000) - Number.parseInt(said, 10)
      log.notice(`RDB age ${Math.max(0, age || 0)} seconds`)
    } else if (what === 'used-mem') {
      const bytes = Number.parseInt(said, 10) || 0
      log.notice(`RDB memory usage when created ${(bytes / (1024 * 1024)).toFixed(2)} Mb`)
      report.loadedUsedMemory = bytes
    } else if (what === 'aof-base' && said === '1') log.notice('RDB is base AOF')
  }

  database(index: number): void {
    const { databases } = this.#keyspace
    const db = databases[index]
    if (db === undefined) {
      throw new LoadError(
        `FATAL: Data file was created with a Redis server configured to handle more than ${databases.length} databases. Exiting`,
      )
    }
    this.#builder.settle()
    this.#db = db
  }

  sizes(keys: number): void {
    // What the file can't hold is not true.
    this.#db.table.expect(Math.min(keys, this.#input.remaining / LEAST_KEY_BYTES))
  }

  functions(code: Element): void {
    this.#settings.functions.libraries.push(code.copy())
  }

  key(name: Slice, facts: KeyFacts): ValueFacts {
    const { report, keepsExpired, onKey } = this.#settings
    if (onKey?.() === true) this.#isSlow = true
    const key = this.#key.point(name.bytes, name.start, name.length)
    const deadline = Math.min(facts.deadline ?? NO_DEADLINE, MAX_DEADLINE)
    this.#isSkipping = facts.deadline !== undefined && deadline < this.#now && keepsExpired !== true
    if (this.#isSkipping) {
      report.keysExpired++
      return PASSED_OVER
    }
    if (this.#settings.replaces === true) {
      const entry = this.#db.findAnyway(key)
      if (entry !== ABSENT) this.#db.detach(key, entry)
    }
    report.keysLoaded++
    return this.#builder.begin(
      this.#db,
      key,
      this.#access(facts),
      facts.deadline === undefined ? NO_DEADLINE : deadline,
    )
  }

  #access({ idleSeconds, frequency }: KeyFacts): number {
    const { access } = this.#keyspace
    // What the policy doesn't ask for is not noted.
    if (access.isFrequency && frequency !== undefined) return access.withFrequency(frequency)
    if (!access.isFrequency && idleSeconds !== undefined) return access.withIdleSeconds(idleSeconds)
    return access.initial
  }

  #duplicate(name: Slice): LoadError {
    const key = this.#shown(name)
    this.#settings.log.warning(`RDB has duplicated key '${key}' in DB ${this.#db.index}`)
    return new LoadError('Guru Meditation: Duplicated key found in RDB file')
  }

  emptyKey(): void {
    if (this.#isSkipping) return
    const { log, report } = this.#settings
    this.#builder.abandon()
    report.keysLoaded--
    if (this.#emptyKeys++ >= NAMED_EMPTY_KEYS) return
    log.notice(`rdbLoadObject skipping empty key: ${this.#shown(this.#key)}`)
  }

  #shown(name: Slice): string {
    const text = Buffer.from(name.view()).toString('latin1')
    return this.#settings.log.userData?.(text) ?? text
  }
}
