// Every definition against what is known of the command in Redis 7.4.

import { describe, expect, test } from 'vitest'
import { Server } from '../../src/server/server.ts'
import { factName, factsOf, REDIS_COMMANDS } from '../support/facts.ts'

const { registry } = new Server()

/** Of these we have no such facts. */
const newer = [...registry.everyCommand()].filter(({ definition }) => /^([89]|\d\d)\./.test(definition.since))

describe('the definition of', () => {
  for (const command of registry.everyCommand()) {
    if (newer.includes(command)) continue
    test(`${factName(command)} agrees with Redis 7.4`, () => {
      expect(factsOf(command)).toEqual(REDIS_COMMANDS.get(factName(command)))
    })
  }
})

test('what is newer than Redis 7.4 is not in Redis 7.4', () => {
  expect(newer.map(factName).filter((name) => REDIS_COMMANDS.has(name))).toEqual([])
})

describe('definitions in our own words', () => {
  test('have a summary of whole sentences', () => {
    const odd = [...registry.everyCommand()].filter(
      ({ definition }) => !/^[A-Z][^\n]*\.$/.test(definition.summary),
    )
    expect(odd.map(factName)).toEqual([])
  })

  test('name the complexity', () => {
    const odd = [...registry.everyCommand()].filter(({ definition }) => definition.complexity === '')
    expect(odd.map(factName)).toEqual(['MONITOR', 'LOLWUT'])
  })

  test('are run by a handler, or by those of subcommands', () => {
    const odd = [...registry.everyCommand()].filter(
      ({ run, subcommands }) => run === undefined && subcommands === undefined,
    )
    expect(odd.map(factName)).toEqual([])
  })
})
