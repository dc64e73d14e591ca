// The harness with commands of all types, DUMP and RESTORE.

import { databaseCommands } from '../../src/commands/database.ts'
import { dumpCommands, restoreAskingCommands } from '../../src/commands/dump.ts'
import { hashCommands } from '../../src/commands/hash.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { listCommands } from '../../src/commands/list.ts'
import type { KeyMover } from '../../src/commands/migrate.ts'
import { objectCommands } from '../../src/commands/object.ts'
import { setCommands } from '../../src/commands/set.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { streamCommands } from '../../src/commands/stream.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { digestOfValue } from '../../src/keyspace/digest.ts'
import { Key } from '../../src/memory/key.ts'
import { Harness } from '../support/harness.ts'

const SETTINGS = {
  compresses: () => true,
  sanitizes: () => true,
  checksSums: () => true,
  onRefused: () => {},
}
const NO_MOVER: KeyMover = { begin: () => {}, takeOutcome: () => undefined }

export class ValueHarness extends Harness {
  constructor(seed = 1, databases = 1) {
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
        dumpCommands(SETTINGS, NO_MOVER),
        restoreAskingCommands(SETTINGS),
      ],
      seed,
      databases,
    )
  }

  /** The digest of a value, as DEBUG DIGEST-VALUE replies it. */
  digest(key: string): string {
    const name = Buffer.from(key)
    const { hex } = digestOfValue(
      this.keyspace.databases[0]!,
      new Key(this.keyspace.seed).point(name, 0, name.length),
    )
    return `[+${hex}]`
  }

  dump(key: string): Buffer {
    const reply = this.run(['DUMP', key])
    if (reply.type !== 'bulk') throw new Error(`no dump of ${key}`)
    return Buffer.from(reply.text, 'latin1')
  }
}
