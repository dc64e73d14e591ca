import { expect, test } from 'vitest'
import { bitmapCommands } from '../../src/commands/bitmap.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { keyExpiryCommands } from '../../src/commands/key-expiry.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Draw } from '../compat/draw.ts'
import { bits } from '../compat/families/bits.ts'
import { counters } from '../compat/families/counters.ts'
import { strings } from '../compat/families/strings.ts'
import { Harness } from '../support/harness.ts'
import { contentOf } from './stored.ts'

const COMMANDS = 3000
const FAMILIES = [stringCommands, bitmapCommands, keyCommands, keyExpiryCommands]

/** A server that propagates what it does, and the end of every key that runs out. */
function propagatingServer(): Harness {
  const server = new Harness(FAMILIES, 1, 1)
  server.recordPropagation()
  server.keyspace.observers.removals = {
    keyRemoved: (db, key) => {
      const name = Buffer.from(key.copy()).toString('latin1')
      server.propagated.push({ database: db.index, command: ['DEL', name] })
    },
    fieldsRemoved: () => {},
  }
  return server
}

/** The content of a server that was told what was propagated. No time passes there: keys go when it is told so. */
function replayed(server: Harness): ReturnType<typeof contentOf> {
  const replica = new Harness(FAMILIES, 2, 1)
  for (const { command } of server.propagated) {
    const reply = replica.run(command)
    if (reply.type === 'error') throw new Error(`${command.join(' ')}: ${reply.text}`)
  }
  return contentOf(replica)
}

test.each([1, 2, 3])(
  'what strings and bitmaps propagate makes the same content elsewhere (seed %i)',
  (seed) => {
    const server = propagatingServer()
    const draw = new Draw(seed)
    const makers = [...strings.makers, ...counters.makers, ...bits.makers]
    for (let i = 0; i < COMMANDS; i++) {
      for (const { args } of [draw.pick(makers).make(draw)].flat()) server.run(args)
      server.clock.advance(draw.below(20))
    }
    expect(server.propagated.length).toBeGreaterThan(COMMANDS / 5)
    // Keys that have run out without anyone looking are still to be told of.
    const content = contentOf(server)
    const replica = replayed(server)
    for (const name of replica.keys()) if (!content.has(name)) server.run(['GET', name])
    expect(replayed(server)).toEqual(content)
  },
)
