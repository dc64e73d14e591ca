import { expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { bitmapCommands } from '../../src/commands/bitmap.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Draw } from '../compat/draw.ts'
import { bits } from '../compat/families/bits.ts'
import { counters } from '../compat/families/counters.ts'
import { strings } from '../compat/families/strings.ts'
import { Harness } from '../support/harness.ts'
import { contentOf } from './stored.ts'

const COMMANDS = 4000
const FAMILIES = [stringCommands, bitmapCommands]

/** What a replica gets to see: the propagated commands and, as no deletions are propagated here, the time. */
function replayed(server: Harness, elapsedMs: number): Harness {
  const replica = new Harness(FAMILIES, 2)
  replica.clock.advance(elapsedMs)
  for (const { command } of server.propagated) {
    const reply = replica.run(command)
    if (reply.type === 'error') throw new Error(`${command.join(' ')}: ${reply.text}`)
  }
  return replica
}

test.each([1, 2, 3])('what strings and bitmaps propagate makes the same content elsewhere, later (seed %i)', (seed) => {
  const server = new Harness(FAMILIES)
  server.recordPropagation()
  const draw = new Draw(new Random(seed))
  const random = new Random(seed)
  const makers = [...strings.makers, ...counters.makers, ...bits.makers]
  for (let i = 0; i < COMMANDS; i++) {
    const steps = [makers[random.below(makers.length)]!.make(draw)].flat()
    for (const { args } of steps) if (server.registry.byName(args[0]!)) server.run(args)
    server.clock.advance(random.below(20))
  }
  const elapsedMs = server.clock.now() - new Harness(FAMILIES).clock.now()
  expect(server.propagated.length).toBeGreaterThan(COMMANDS / 5)
  expect(contentOf(replayed(server, elapsedMs))).toEqual(contentOf(server))
})
