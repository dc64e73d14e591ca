// The harness with the commands on keys and databases, a few to make strings with, and SELECT.

import type { CommandFamily } from '../../src/command/definition.ts'
import { databaseCommands } from '../../src/commands/database.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { memoryUsageCommand } from '../../src/commands/memory-usage.ts'
import { objectCommands } from '../../src/commands/object.ts'
import { scanCommands } from '../../src/commands/scan.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Harness } from './harness.ts'

/** MEMORY, as far as it is about keys. */
const memoryCommands: CommandFamily = {
  group: 'server',
  commands: [
    {
      name: 'MEMORY',
      arity: -2,
      flags: [],
      syntax: '',
      summary: 'Holds MEMORY USAGE.',
      since: '4.0.0',
      complexity: 'O(1)',
      subcommands: [memoryUsageCommand],
    },
  ],
}

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
