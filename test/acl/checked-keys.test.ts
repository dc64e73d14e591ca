// Access rules look at the keys that key extraction finds. What a command then touches must be among them, or a user gets
// at keys that are not the user's: on random requests of all families, well-formed or not.

import { describe, expect, test } from 'vitest'
import { splitArguments } from '../../src/base/quoting.ts'
import { FoundKeys } from '../../src/command/found-keys.ts'
import { NOBODY, Session } from '../../src/command/session.ts'
import { Log } from '../../src/server/log.ts'
import { Server } from '../../src/server/server.ts'
import { Generator } from '../compat/generator.ts'

const server = new Server({ log: new Log(Date.now, () => {}), seed: 1 })
const { dispatcher, registry } = server
const { context } = dispatcher
const client = new Session(1, { ...NOBODY, address: '127.0.0.1:1' }, 0)
const found = new FoundKeys()
/** Indexes of arguments that were taken for keys. */
const touched = new Set<number>()

for (const name of ['key', 'otherKey'] as const) {
  const original = context[name].bind(context)
  context[name] = (index: number) => {
    touched.add(index)
    return original(index)
  }
}

/** Runs a request; the indexes of keys that it touched and access rules would not have looked at. */
function unchecked(args: readonly Uint8Array[]): number[] {
  const { request } = dispatcher
  request.load(args)
  const command = registry.find(request)
  const sub = command?.subcommands?.get(request.count > 1 ? request.word(1) : '')
  found.clear()
  ;(sub ?? command)?.keys.find(request, found)
  const checked = new Set(found.indexes.subarray(0, found.count))
  touched.clear()
  dispatcher.begin(client)
  dispatcher.execute(request)
  dispatcher.end()
  dispatcher.reply.take()
  context.blocked.forget(client)
  return [...touched].filter((index) => !checked.has(index))
}

/** Commands whose specs say nothing of keys that they only tell about, as in Redis. */
const EXEMPT = /^debug$/i

describe('what a command touches', () => {
  test.each([1, 2, 3])('was looked at by access rules (seed %i)', (seed) => {
    const wrong: string[] = []
    let touching = 0
    for (const { args } of new Generator(seed).take(20_000)) {
      if (EXEMPT.test(args[0] ?? '')) continue
      const indexes = unchecked(args.map((arg) => Buffer.from(arg, 'latin1')))
      if (touched.size > 0) touching++
      if (indexes.length > 0) wrong.push(`${args.join(' ')} [${indexes}]`)
    }
    expect(wrong.slice(0, 20)).toEqual([])
    expect(touching).toBeGreaterThan(10_000)
  })

  test.each([
    'XREADGROUP COUNT 1 GROUP STREAMS c STREAMS k >',
    'XREADGROUP GROUP g STREAMS STREAMS k >',
    'XREADGROUP GROUP STREAMS STREAMS COUNT 3 STREAMS a b > >',
    'XREADGROUP BLOCK 1 COUNT 2 NOACK GROUP g c STREAMS k 0',
    'GEORADIUS places 0 0 1 m STORE a STORE b',
    'GEORADIUS places 0 0 1 m STORE a STOREDIST b',
    'GEORADIUS places 0 0 1 m COUNT 1 STORE STORE',
    'GEORADIUSBYMEMBER places STORE 1 m STORE a STOREDIST b',
    'SORT list STORE a BY STORE STORE b',
    'SORT list GET STORE LIMIT 0 1 STORE b',
  ])('by %s was looked at', (line) => {
    dispatcher.begin(client)
    for (const setup of [
      'DEL k a b list places',
      'GEOADD places 0 0 STORE',
      'RPUSH list 1 2',
      'XGROUP CREATE k g 0 MKSTREAM',
      'XGROUP CREATE k STREAMS 0',
      'XGROUP CREATE a STREAMS 0 MKSTREAM',
      'XGROUP CREATE b STREAMS 0 MKSTREAM',
    ]) {
      unchecked(splitArguments(setup)!)
    }
    if (line.startsWith('GEO') || line.startsWith('SORT')) unchecked(splitArguments('DEL a b')!)
    expect(unchecked(splitArguments(line)!)).toEqual([])
    expect(touched.size).toBeGreaterThan(0)
  })
})
