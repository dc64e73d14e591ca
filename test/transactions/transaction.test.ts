// Queued commands come out as they went in, however large they are, and whatever became of the bytes they came in.

import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Arguments } from '../../src/command/arguments.ts'
import { Command } from '../../src/command/command.ts'
import type { CommandFlag } from '../../src/command/definition.ts'
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

describe('a transaction', () => {
  test('gives back what was queued, time after time', () => {
    const random = new Random(1)
    const transaction = new Transaction()
    for (let round = 0; round < 50; round++) {
      const model: { command: Command; args: Uint8Array[] }[] = []
      const count = random.below(40)
      for (let i = 0; i < count; i++) {
        const request = new Arguments()
        const args = randomArguments(random)
        request.load(args)
        const command = COMMANDS[random.below(2)]!
        transaction.add(command, request)
        request.bytes.fill(0)
        model.push({ command, args })
      }
      expect(transaction.count).toBe(count)
      const loaded = new Arguments()
      model.forEach(({ command, args }, i) => {
        transaction.load(i, loaded)
        expect(transaction.command(i)).toBe(command)
        expect(loaded.count).toBe(args.length)
        expect(args.findIndex((arg, at) => !Buffer.from(loaded.view(at)).equals(arg))).toBe(-1)
      })
      expect(transaction.bytes).toBe(
        model.flatMap(({ args }) => args).reduce((sum, { length }) => sum + length, 0),
      )
      transaction.clear()
      expect(transaction.count).toBe(0)
    }
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
