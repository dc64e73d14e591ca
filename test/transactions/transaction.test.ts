// Queued commands come out as they went in, however large they are, and whatever became of the bytes they came in.

import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Arguments } from '../../src/command/arguments.ts'
import { Command } from '../../src/command/command.ts'
import type { CommandFlag } from '../../src/command/definition.ts'
import { oneKey } from '../../src/command/key-specs.ts'
import { UpcomingKeys } from '../../src/memory/upcoming-keys.ts'
import { Transaction } from '../../src/transactions/transaction.ts'

function commandWith(...flags: CommandFlag[]): Command {
  const definition = { name: 'X', arity: -1, flags, syntax: '', summary: '', since: '', complexity: '' }
  return new Command(definition, 'string')
}

const COMMANDS = [commandWith('write'), commandWith('readonly')]

function randomArguments(random: Random): Uint8Array[] {
  const lengths = [0, 1, 7, 100, 5000, 70_000]
  return Array.from({ length: 1 + random.below(6) }, () =>
    new Uint8Array(lengths[random.below(random.below(10) === 0 ? 6 : 4)]!).map(() => random.below(256)),
  )
}

interface Queued {
  readonly command: Command
  readonly args: Uint8Array[]
}

/** Queues commands out of one buffer, as if they had come in one read, with other things between them. */
function queueBatch(
  transaction: Transaction,
  random: Random,
  count: number,
): { batch: Buffer; model: Queued[] } {
  const model = Array.from({ length: count }, () => ({
    command: COMMANDS[random.below(2)]!,
    args: randomArguments(random),
  }))
  const pieces: Uint8Array[] = []
  const requests: Arguments[] = []
  let at = 0
  const push = (bytes: Uint8Array) => {
    pieces.push(bytes)
    at += bytes.length
  }
  for (const { args } of model) {
    push(new Uint8Array(random.below(8) === 0 ? 3000 : random.below(5)).fill(1))
    const request = new Arguments()
    for (const arg of args) {
      request.push(at, arg.length)
      push(arg)
      push(new Uint8Array(4).fill(2))
    }
    requests.push(request)
  }
  const batch = Buffer.concat(pieces)
  requests.forEach((request, i) => {
    request.bytes = batch
    transaction.add(model[i]!.command, request)
  })
  return { batch, model }
}

function expectQueued(transaction: Transaction, model: readonly Queued[]): void {
  expect(transaction.count).toBe(model.length)
  const loaded = new Arguments()
  model.forEach(({ command, args }, i) => {
    transaction.load(i, loaded)
    expect(transaction.command(i)).toBe(command)
    expect(loaded.count).toBe(args.length)
    expect(args.findIndex((arg, at) => !Buffer.from(loaded.view(at)).equals(arg))).toBe(-1)
  })
}

describe('a transaction', () => {
  test('gives back what was queued, time after time, also when the bytes that it came in have changed', () => {
    const random = new Random(1)
    const transaction = new Transaction()
    for (let round = 0; round < 50; round++) {
      const queued: Queued[] = []
      for (let batches = random.below(6); batches > 0; batches--) {
        const { batch, model } = queueBatch(transaction, random, 1 + random.below(12))
        queued.push(...model)
        if (random.below(3) === 0) expectQueued(transaction, queued)
        transaction.keep()
        batch.fill(0)
      }
      const { model } = queueBatch(transaction, random, random.below(4))
      queued.push(...model)
      expectQueued(transaction, queued)
      transaction.clear()
      expect(transaction.count).toBe(0)
    }
  })

  test('counts the bytes from the first to the last of the arguments of each command', () => {
    const random = new Random(2)
    const transaction = new Transaction()
    const { model } = queueBatch(transaction, random, 30)
    const bytes = model.reduce(
      (sum, { args }) => sum + args.reduce((all, { length }) => all + length, (args.length - 1) * 4),
      0,
    )
    expect(transaction.bytes).toBe(bytes)
    transaction.keep()
    expect(transaction.bytes).toBe(bytes)
  })

  test('copies nothing as long as the bytes stay', () => {
    const transaction = new Transaction()
    const request = new Arguments()
    request.load([Buffer.from('SET'), Buffer.from('key'), Buffer.from('value')])
    transaction.add(COMMANDS[0]!, request)
    const loaded = new Arguments()
    transaction.load(0, loaded)
    expect(loaded.bytes).toBe(request.bytes)
    transaction.keep()
    transaction.load(0, loaded)
    expect(loaded.bytes).not.toBe(request.bytes)
  })

  test('looks ahead at the keys that commands begin with, of those in the same bytes', () => {
    const withKey = new Command({ ...COMMANDS[0]!.definition, name: 'K', keys: oneKey('RO') }, 'string')
    const transaction = new Transaction()
    const requests = ['one', 'two', 'three'].map((key) => {
      const request = new Arguments()
      request.load([Buffer.from('K'), Buffer.from(key)])
      return request
    })
    transaction.add(COMMANDS[0]!, requests[0]!)
    transaction.keep()
    transaction.add(withKey, requests[1]!)
    transaction.keep()
    transaction.add(withKey, requests[2]!)
    const upcoming = new UpcomingKeys({ low: 1, high: 2 })
    expect(transaction.lookAhead(0, upcoming)).toBe(2)
    const loaded = new Arguments()
    transaction.load(1, loaded)
    const { bytes, starts, lengths } = loaded
    expect(Buffer.from(upcoming.take(bytes, starts[1]!, lengths[1]!)!.view()).toString()).toBe('two')
    upcoming.clear()
    expect(transaction.lookAhead(2, upcoming)).toBe(3)
    transaction.load(2, loaded)
    expect(upcoming.take(loaded.bytes, loaded.starts[1]!, 5)).toBeDefined()
  })

  test('tells what EXEC will do by what was queued', () => {
    const transaction = new Transaction()
    const args = new Arguments()
    args.load([Buffer.from('x')])
    const flags = () => {
      const { isWrite, deniesWhenFull, mayReplicate, runsWhenStale, runsWhileLoading } = transaction
      return { isWrite, deniesWhenFull, mayReplicate, runsWhenStale, runsWhileLoading }
    }
    const harmless = {
      isWrite: false,
      deniesWhenFull: false,
      mayReplicate: false,
      runsWhenStale: true,
      runsWhileLoading: true,
    }
    transaction.add(commandWith('stale', 'loading'), args)
    expect(flags()).toEqual(harmless)
    transaction.add(commandWith('write', 'denyoom', 'may_replicate'), args)
    transaction.add(commandWith('stale', 'loading'), args)
    expect(flags()).toEqual({
      isWrite: true,
      deniesWhenFull: true,
      mayReplicate: true,
      runsWhenStale: false,
      runsWhileLoading: false,
    })
    transaction.clear()
    expect(flags()).toEqual(harmless)
  })
})
