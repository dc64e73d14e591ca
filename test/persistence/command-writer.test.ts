// A dataset as commands: run again, they make the same one. Of the dataset as it is, and as it was at a freeze.

import { closeSync, openSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { writeCommands } from '../../src/persistence/command-writer.ts'
import { imageOfNow, Snapshot, type SnapshotImage } from '../../src/persistence/snapshot.ts'
import { BASE, LogFiles, LogLoader, MANIFEST } from './log-harness.ts'
import { SETTINGS, SnapshotHarness } from './snapshot-harness.ts'

const loader = new LogLoader(new SnapshotHarness(new Random(1), 0))
const files = new LogFiles({ [MANIFEST]: `file ${BASE} seq 1 type b\n` })
afterEach(() => {
  loader.lines = []
})

/** The digest of what the commands make. */
function digestOf(image: SnapshotImage, notedSeconds?: number): string {
  const fd = openSync(files.log.pathOf(BASE), 'w')
  writeCommands(image, fd, { ...SETTINGS, notedSeconds }, () => {})
  closeSync(fd)
  loader.load(files.log, { mayCut: false, flushes: true })
  expect(loader.lines.filter((line) => line.includes('CRITICAL'))).toEqual([])
  return loader.digest
}

describe('the commands of a dataset', () => {
  test.each([1, 2, 3, 4, 5])('make it again: seed %i', (seed) => {
    const source = new SnapshotHarness(new Random(seed), 300)
    source.client.database = 0
    for (const command of [
      'XADD st 1-1 a b',
      'XADD st 2-1 a b c d',
      'XADD st 3-1 e f',
      'XDEL st 3-1',
      'XGROUP CREATE st g1 0',
      'XREADGROUP GROUP g1 c1 COUNT 1 STREAMS st >',
      'XGROUP CREATECONSUMER st g1 c2',
      'XGROUP CREATE empty g 0 MKSTREAM',
      'HSET fields a 1 b 2',
      'HPEXPIREAT fields 4102444800000 FIELDS 1 b',
      'PEXPIREAT st 4102444800000',
      'ZADD z inf a -inf b 0.1 c 1e300 d',
    ]) {
      source.raw(command)
    }
    expect(digestOf(imageOfNow(source.keyspace), seed)).toBe(source.digest)
    // The log has left its reader in the last database.
    loader.harness.client.database = 0
    expect(loader.harness.show('XINFO STREAM st FULL')).toBe(source.show('XINFO STREAM st FULL'))
    expect(loader.harness.show('HPEXPIRETIME fields FIELDS 2 a b')).toBe(
      source.show('HPEXPIRETIME fields FIELDS 2 a b'),
    )
  })

  test('show it as it was at a freeze', () => {
    const source = new SnapshotHarness(new Random(9), 300)
    const { digest } = source
    const snapshot = Snapshot.take(source.keyspace)
    for (let n = 0; n < 1000; n++) source.write()
    expect(source.digest).not.toBe(digest)
    expect(digestOf(snapshot.image)).toBe(digest)
    snapshot.release()
    files.remove()
  })
})
