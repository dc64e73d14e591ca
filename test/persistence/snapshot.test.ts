// What a snapshot's file says is the dataset as it was when the snapshot was taken, whatever was written meanwhile.
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { BackgroundWrite } from '../../src/persistence/background-write.ts'
import { writeImage } from '../../src/persistence/image-file.ts'
import { imageOfNow, Snapshot } from '../../src/persistence/snapshot.ts'
import { loadFile, SETTINGS, SnapshotHarness } from './snapshot-harness.ts'

/** `onProgress` is then called after each key. */
const KEY_BY_KEY = { ...SETTINGS, keyDelay: -1e9 }

let directory: string
let path: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'respite-test-'))
  path = join(directory, 'dump.rdb')
})

afterAll(() => rmSync(directory, { recursive: true }))

function writeFile(
  image: Parameters<typeof writeImage>[0],
  settings = SETTINGS,
  onProgress = () => {},
): number {
  const fd = openSync(path, 'w')
  try {
    return writeImage(image, fd, settings, onProgress)
  } finally {
    closeSync(fd)
  }
}

function usedBytes({ keyspace }: SnapshotHarness): number[] {
  return keyspace.databases.map((db) => db.table.entries.usedBytes)
}

describe('a snapshot', () => {
  test.each([1, 2, 3, 4, 5, 6])('shows its moment, with writes after each key (seed %i)', (seed) => {
    const harness = new SnapshotHarness(new Random(seed), 400)
    const before = harness.digest
    const snapshot = Snapshot.take(harness.keyspace)
    let writes = 0
    writeFile(snapshot.image, KEY_BY_KEY, () => {
      for (let i = harness.draws.below(6); i > 0; i--, writes++) harness.write()
      if (harness.draws.below(400) === 0) harness.upset()
    })
    expect(writes).toBeGreaterThan(500)
    expect(harness.digest).not.toBe(before)
    expect(loadFile(path).digest).toBe(before)
    expect(snapshot.keptBytes).toBeGreaterThan(0)
    snapshot.release()
    harness.drain()
    for (const { table } of harness.keyspace.databases) expect(table.entries.keptBytes).toBe(0)
  })

  test('gives all memory back: what is left of an emptied database is what an empty one takes', () => {
    const harness = new SnapshotHarness(new Random(7), 0x100)
    harness.drain()
    const empty = usedBytes(harness)
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 300; i++) harness.write()
      const snapshot = Snapshot.take(harness.keyspace)
      for (let i = 0; i < 300; i++) harness.write()
      snapshot.release()
      harness.drain()
      expect(usedBytes(harness)).toEqual(empty)
    }
  })

  test('is written while a worker thread reads it and the server writes on', async () => {
    const harness = new SnapshotHarness(new Random(8), 1500)
    const before = harness.digest
    const snapshot = Snapshot.take(harness.keyspace)
    const writing = new BackgroundWrite(setImmediate)
    let isWritten = false
    const request = {
      image: snapshot.image,
      path,
      format: 'rdb',
      settings: { ...SETTINGS, keyDelay: 100 },
    } as const
    const written = writing.start(request).finally(() => {
      isWritten = true
    })
    let writes = 0
    for (; !isWritten; writes++) {
      for (let i = 0; i < 10; i++) harness.write()
      if (writes === 100 || writes === 200) harness.upset()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await written
    expect(writes).toBeGreaterThan(200)
    expect(writing.keys).toBe(snapshot.image.keys)
    snapshot.release()
    expect(loadFile(path)).toMatchObject({ digest: before, keys: snapshot.image.keys })
  }, 60_000)

  test('of a database that is flushed meanwhile keeps its memory, and lets go of it', () => {
    const harness = new SnapshotHarness(new Random(9), 200)
    const before = harness.digest
    const snapshot = Snapshot.take(harness.keyspace)
    harness.run('FLUSHALL')
    while (!harness.keyspace.reclaim());
    for (let i = 0; i < 200; i++) harness.write()
    writeFile(snapshot.image)
    snapshot.release()
    expect(loadFile(path).digest).toBe(before)
    const next = Snapshot.take(harness.keyspace)
    next.release()
  })

  test('there is one at a time', () => {
    const harness = new SnapshotHarness(new Random(10), 20)
    const snapshot = Snapshot.take(harness.keyspace)
    expect(() => Snapshot.take(harness.keyspace)).toThrow('there is a snapshot already')
    snapshot.release()
    snapshot.release()
    Snapshot.take(harness.keyspace).release()
  })

  test('of nothing is a file without databases', () => {
    const harness = new SnapshotHarness(new Random(11), 0)
    const snapshot = Snapshot.take(harness.keyspace)
    writeFile(snapshot.image)
    snapshot.release()
    expect(loadFile(path)).toMatchObject({ keys: 0, version: 10 })
  })
})

describe('a file', () => {
  test('is of version 12 as long as a field has a deadline, else of version 10', () => {
    const harness = new SnapshotHarness(new Random(12), 0)
    const version = () => {
      writeFile(imageOfNow(harness.keyspace))
      return loadFile(path).version
    }
    harness.run('HSET h a 1 b 2')
    expect(version()).toBe(10)
    harness.run('HPEXPIREAT h 4102444800000 FIELDS 1 a')
    expect(version()).toBe(12)
    harness.run('HPERSIST h FIELDS 1 a')
    expect(version()).toBe(10)
  })

  test('says how many bytes it has, and its checksum only if it is to', () => {
    const harness = new SnapshotHarness(new Random(13), 50)
    const image = imageOfNow(harness.keyspace)
    const bytes = writeFile(image)
    expect(writeFile(image, { ...SETTINGS, hasChecksum: false })).toBe(bytes)
    expect(loadFile(path).digest).toBe(harness.digest)
  })

  test('fails where the disk is full', () => {
    const harness = new SnapshotHarness(new Random(14), 50)
    const fd = openSync('/dev/full', 'w')
    try {
      expect(() => writeImage(imageOfNow(harness.keyspace), fd, SETTINGS, () => {})).toThrow('ENOSPC')
    } finally {
      closeSync(fd)
    }
  })
})

describe('writing in the background', () => {
  async function failureOf(file: string): Promise<NodeJS.ErrnoException> {
    const harness = new SnapshotHarness(new Random(15), 50)
    const snapshot = Snapshot.take(harness.keyspace)
    const writing = new BackgroundWrite(setImmediate)
    try {
      await writing.start({ image: snapshot.image, path: file, format: 'rdb', settings: SETTINGS })
    } catch (error) {
      return error as NodeJS.ErrnoException
    } finally {
      snapshot.release()
    }
    throw new Error('it has not failed')
  }

  test('fails with the reason of the system', async () => {
    expect(await failureOf('/dev/full')).toMatchObject({ code: 'ENOSPC', syscall: 'write' })
    expect(await failureOf(join(directory, 'missing', 'x.rdb'))).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
    })
  })

  test('can be called off, and has ended then', async () => {
    const harness = new SnapshotHarness(new Random(16), 300)
    const snapshot = Snapshot.take(harness.keyspace)
    const writing = new BackgroundWrite(setImmediate)
    const settings = { ...SETTINGS, keyDelay: 1_000_000 }
    const written = writing.start({ image: snapshot.image, path, format: 'rdb', settings })
    const told = written.then(String, String)
    while (writing.keys === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    writing.kill()
    expect(await told).toContain('called off')
    snapshot.release()
  })
})
