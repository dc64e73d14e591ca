// What the README says of the commands is what is there. `UPDATE_README=1` writes the table anew instead of complaining.

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Server } from '../src/server/server.ts'
import { commandTable } from './support/command-table.ts'

const README = new URL('../README.md', import.meta.url)
const BEGIN = '<!-- commands -->'
const END = '<!-- /commands -->'

test('the table of commands is the one that derives from the definitions', () => {
  const text = readFileSync(README, 'utf8')
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  expect(begin, `README.md lacks ${BEGIN}`).toBeGreaterThan(-1)
  expect(end, `README.md lacks ${END}`).toBeGreaterThan(begin)
  const table = `\n${commandTable(new Server().registry.everyCommand())}\n`
  if (process.env.UPDATE_README === '1') {
    writeFileSync(README, text.slice(0, begin + BEGIN.length) + table + text.slice(end))
    return
  }
  expect(text.slice(begin + BEGIN.length, end)).toBe(table)
})
