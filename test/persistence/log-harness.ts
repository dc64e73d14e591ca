// An append-only log without a server: what a harness propagates, through the real encoder, as bytes; and directories of
// logs, loaded into a harness of their own.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authentication } from '../../src/acl/authentication.ts'
import { Arguments } from '../../src/command/arguments.ts'
import { connectionCommands } from '../../src/commands/connection.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { digestOfKeyspace } from '../../src/keyspace/digest.ts'
import { AofLoad } from '../../src/persistence/aof-load.ts'
import { AppendLog } from '../../src/persistence/append-log.ts'
import { KeptFunctions } from '../../src/persistence/kept-functions.ts'
import { LogDirectory } from '../../src/persistence/log-directory.ts'
import { COMMAND, LogParser, MORE } from '../../src/persistence/log-parser.ts'
import { RdbLoad } from '../../src/persistence/rdb-load.ts'
import { Log } from '../../src/server/log.ts'
import { LogReplay } from '../../src/server/log-replay.ts'
import type { Harness } from '../support/harness.ts'

const CONNECTION = connectionCommands(new Authentication(), { mode: 'standalone', role: 'master' })

/** From now on what the harness propagates, removals included, is appended to the log that is returned. */
export function record(harness: Harness): AppendLog {
  const log = new AppendLog()
  harness.registry.add(CONNECTION)
  const { dispatcher, keyspace } = harness
  dispatcher.context.effects.isWanted = true
  dispatcher.sink = log
  keyspace.observers.removals = {
    keyRemoved: ({ index }, key) => dispatcher.propagate(index, [keyspace.removalCommand, key.copy()]),
    fieldsRemoved: ({ index }, key, fields) => dispatcher.propagate(index, ['HDEL', key.copy(), ...fields]),
  }
  return log
}

export function bytesOf(log: AppendLog): Buffer {
  return Buffer.concat(log.pieces())
}

export type Files = Readonly<Record<string, string | Uint8Array>>

export const MANIFEST = 'appendonly.aof.manifest'
export const BASE = 'appendonly.aof.1.base.aof'
export const INCREMENT = 'appendonly.aof.1.incr.aof'
export const ONE_INCREMENT = `file ${INCREMENT} seq 1 type i\n`

/** A directory with a log in it. */
export class LogFiles {
  readonly directory = mkdtempSync(join(tmpdir(), 'respite-log-'))
  readonly log: LogDirectory

  constructor(files: Files = {}) {
    this.log = new LogDirectory(() => ({
      directory: this.directory,
      folder: 'appendonlydir',
      name: 'appendonly.aof',
    }))
    mkdirSync(this.log.path)
    for (const [name, content] of Object.entries(files)) this.write(name, content)
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.log.pathOf(name), content)
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Loads logs into a harness, which must have all the commands that occur. */
export class LogLoader {
  readonly harness: Harness
  /** What was logged. */
  lines: string[] = []
  readonly #replay: LogReplay

  constructor(harness: Harness) {
    this.harness = harness
    const { registry, transactions, dispatcher } = harness
    registry.add(transactionCommands(transactions, dispatcher))
    registry.add(CONNECTION)
    const log = new Log(
      () => 0,
      (line) => this.lines.push(line),
    )
    const { context, reply } = dispatcher
    this.#replay = new LogReplay({ registry, context, reply, transactions, log })
  }

  /** Throws what loading throws. */
  load(files: LogDirectory, { mayCut, flushes }: { mayCut: boolean; flushes: boolean }): void {
    const { keyspace } = this.harness
    const note = (line: string) => this.lines.push(line)
    files.read()
    if (flushes) keyspace.flush(keyspace.databases)
    keyspace.ignoresDeadlines = true
    const source = new AofLoad({
      directory: files,
      runner: this.#replay,
      openSnapshot: (file) =>
        RdbLoad.open(file, {
          keyspace,
          functions: new KeptFunctions(),
          report: { keysLoaded: 0, keysExpired: 0, loadedUsedMemory: 0 },
          log: { notice: note, warning: note },
          checksSum: true,
          keepsExpired: true,
        })!,
      log: { notice: note, warning: note },
      mayCut,
      monotonic: () => 0,
    })
    try {
      while (!source.step(() => true));
    } finally {
      source.close()
      keyspace.ignoresDeadlines = false
    }
  }

  /**
   * Runs the commands in bytes that come in pieces of so many. How it ended (-1: a command is unknown), after how many
   * commands, and where.
   */
  run(bytes: Buffer, piece: number): { result: number; commands: number; end: number } {
    const parser = new LogParser(new Arguments())
    let length = Math.min(piece, bytes.length)
    let commands = 0
    for (;;) {
      const result = parser.next(bytes, length, bytes.length - length)
      if (result === MORE)
        length = Math.min(bytes.length, Math.max(length + piece, parser.position + parser.wanted))
      else if (result !== COMMAND || !this.#replay.run(parser.args)) {
        if (this.#replay.isInTransaction) this.#replay.abandon()
        return { result: result === COMMAND ? -1 : result, commands, end: parser.end }
      } else commands++
    }
  }

  get digest(): string {
    return digestOfKeyspace(this.harness.keyspace).hex
  }
}
