// The harness with the commands on keys and databases, a few to make strings with, and SELECT.

import { databaseCommands } from '../../src/commands/database.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { memoryCommands } from '../../src/commands/memory.ts'
import { objectCommands } from '../../src/commands/object.ts'
import { scanCommands } from '../../src/commands/scan.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from './harness.ts'

export const KEY_FAMILIES = [
  stringCommands,
  keyCommands,
  keyExpiryCommands,
  scanCommands,
  databaseCommands,
  objectCommands,
  memoryCommands,
]

export class KeyHarness extends Harness {
  constructor(seed = 1) {
    super(KEY_FAMILIES, seed)
  }

  /** The client's database from now on. */
  select(index: number): void {
    this.client.database = index
  }

  /** Runs commands in another database. */
  in(index: number, command: string): string {
    const { database } = this.client
    this.client.database = index
    const reply = this.show(command)
    this.client.database = database
    return reply
  }
}
