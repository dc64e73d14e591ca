// What the README says of commands and directives is what is there. `UPDATE_README=1` writes it anew instead of complaining.

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Server } from '../src/server/server.ts'
import { commandTable } from './support/command-table.ts'
import { optionTable } from './support/option-table.ts'

const README = new URL('../README.md', import.meta.url)

test.each([
  ['commands', () => commandTable(new Server().registry.everyCommand())],
  ['options', optionTable],
])('what derives from the source about %s is up to date', (name, table) => {
  const [beginMark, endMark] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const text = readFileSync(README, 'utf8')
  const begin = text.indexOf(beginMark)
  const end = text.indexOf(endMark)
  expect(begin, `README.md lacks ${beginMark}`).toBeGreaterThan(-1)
  expect(end, `README.md lacks ${endMark}`).toBeGreaterThan(begin)
  const derived = `\n${table()}\n`
  if (process.env.UPDATE_README === '1') {
    writeFileSync(README, text.slice(0, begin + beginMark.length) + derived + text.slice(end))
    return
  }
  expect(text.slice(begin + beginMark.length, end)).toBe(derived)
})
