// Damages RDB files and loads them: each is refused with a place, or loaded, and then all that is there can be read. By hand:
// `npx tsx test/persistence/damaged-files.ts 1000000 [seed]`.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Crc64 } from '../../src/base/crc64.ts'
import { Random } from '../../src/base/random.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { Key } from '../../src/memory/key.ts'
import { writeImage } from '../../src/persistence/image-file.ts'
import { KeptFunctions } from '../../src/persistence/kept-functions.ts'
import { LoadError } from '../../src/persistence/load-source.ts'
import { RdbLoad } from '../../src/persistence/rdb-load.ts'
import { imageOfNow } from '../../src/persistence/snapshot.ts'
import { ValueHarness } from '../rdb/value-harness.ts'
import { drawValue } from '../support/value-drawing.ts'

export interface Tally {
  loaded: number
  refused: number
  /** The most bytes that any of them took for each byte of its file. */
  mostBytesPerByte: number
}

/** Files in memory, where there are such: twenty thousand are written. */
const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()
const CASES_PER_FILE = 100
const LARGEST = 3000
/** First bytes of lengths, records and packed elements, and what they are easily taken for. */
const TELLING = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xf0, 0xf4, 0xf7, 0xfa, 0xfb, 0xfc, 0xfe, 0xff]
const CHECKSUM_BYTES = 8

export class DamagedFiles {
  readonly #random: Random
  readonly #server = new ValueHarness()
  readonly #directory = fs.mkdtempSync(path.join(MEMORY, 'respite-damaged-'))
  readonly tally: Tally = { loaded: 0, refused: 0, mostBytesPerByte: 0 }

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** Until there were so many in all. */
  run(cases: number): Tally {
    const { tally } = this
    while (tally.loaded + tally.refused < cases) {
      const file = this.#makeFile()
      if (file.length > LARGEST) continue
      for (let i = 0; i < CASES_PER_FILE; i++) this.#tryOne(this.#damage(file))
    }
    return tally
  }

  close(): void {
    fs.rmSync(this.#directory, { recursive: true })
  }

  get #path(): string {
    return path.join(this.#directory, 'dump.rdb')
  }

  /** A file with some keys of all types. */
  #makeFile(): Buffer {
    const server = this.#server
    server.run('FLUSHALL')
    for (let i = 1 + this.#random.below(4); i > 0; i--) {
      for (const command of drawValue(this.#random, `key ${i}`)) server.run(command)
      if (this.#random.below(3) === 0) server.run(`PEXPIRE ${`"key ${i}"`} 100000000`)
    }
    const fd = fs.openSync(this.#path, 'w')
    writeImage(imageOfNow(server.keyspace), fd, SETTINGS, () => {})
    fs.closeSync(fd)
    return fs.readFileSync(this.#path)
  }

  #damage(file: Uint8Array): Buffer {
    const random = this.#random
    let damaged: Uint8Array = Uint8Array.from(file)
    for (let i = 1 + random.below(4); i > 0; i--) {
      const body = damaged.length - CHECKSUM_BYTES
      const at = random.below(body)
      const kind = random.below(6)
      if (kind === 0) damaged[at] = random.below(256)
      else if (kind === 1) damaged[at]! ^= 1 << random.below(8)
      else if (kind <= 3) damaged[at] = TELLING[random.below(TELLING.length)]!
      else if (kind === 4) damaged[at]! += random.below(2) === 0 ? 1 : 255
      else damaged = this.#cut(damaged, at)
    }
    const sumAt = damaged.length - CHECKSUM_BYTES
    if (random.below(50) > 0) new Crc64().update(damaged, 0, sumAt).writeTo(damaged, sumAt)
    return Buffer.from(damaged)
  }

  /** Takes bytes out, doubles them, or loses the end. */
  #cut(bytes: Uint8Array, at: number): Uint8Array {
    const length = 1 + this.#random.below(20)
    const kind = this.#random.below(5)
    if (kind === 0) return bytes.slice(0, Math.max(at, CHECKSUM_BYTES + 1))
    const rest = bytes.subarray(kind < 3 ? at + length : at - Math.min(at, length))
    const joined = Buffer.concat([bytes.subarray(0, at), rest])
    return Uint8Array.from(joined.length > CHECKSUM_BYTES ? joined : bytes)
  }

  #tryOne(file: Buffer): void {
    const { tally } = this
    const { keyspace } = this.#server
    this.#clear()
    const before = keyspace.usedBytes
    if (this.#load(file)) tally.loaded++
    else tally.refused++
    const bytes = keyspace.usedBytes - before
    tally.mostBytesPerByte = Math.max(tally.mostBytesPerByte, bytes / file.length)
    // Reads all of it; that and looking at what is due must work.
    digestOfKeyspace(keyspace)
    this.#server.run('DBSIZE')
  }

  /** One by one: a flush would give all pages back, and new ones take their time. */
  #clear(): void {
    const { keyspace } = this.#server
    const db = keyspace.databases[0]!
    const names: Uint8Array[] = []
    db.table.each((entry) => names.push(db.keyOf(entry).copy()))
    for (const name of names) {
      const key = new Key(keyspace.seed).point(name, 0, name.length)
      db.detach(key, db.findAnyway(key))
    }
    while (!keyspace.reclaim());
  }

  #load(file: Buffer): boolean {
    fs.writeFileSync(this.#path, file)
    const load = RdbLoad.open(this.#path, {
      keyspace: this.#server.keyspace,
      functions: new KeptFunctions(),
      report: { keysLoaded: 0, keysExpired: 0, loadedUsedMemory: 0 },
      log: { notice: () => {}, warning: () => {} },
      checksSum: true,
    })!
    try {
      while (!load.step(() => true));
      return true
    } catch (error) {
      if (error instanceof LoadError) return false
      fs.writeFileSync(path.join(os.tmpdir(), 'respite-damaged.rdb'), file)
      throw error
    } finally {
      load.close()
    }
  }
}

const SETTINGS = {
  compresses: true,
  hasChecksum: true,
  syncsOnTheWay: false,
  notes: [['redis-ver', '7.4.1']] as const,
  functions: [],
  access: 'idle' as const,
  keyDelay: 0,
}

if (process.argv[1]?.endsWith('damaged-files.ts')) {
  const [cases = '100000', seed = '1'] = process.argv.slice(2)
  const files = new DamagedFiles(Number(seed))
  const step = 50_000
  for (let done = 0; done < Number(cases); ) {
    done = Math.min(done + step, Number(cases))
    console.log(JSON.stringify(files.run(done)))
  }
  files.close()
}
