// The directives of the README, derived from the table of options and from who reads them in the source.

import { OPTIONS } from '../../src/config/options.ts'
import { sourceFiles } from './source-code.ts'

/** How a setting is read; `port` and `save` are words that occur elsewhere too. */
const CALL = /\.(?:watch|number|boolean|string|text)\(([^()]*)/g
const QUOTED = /'([a-z0-9-]+)'/g
/** Where options are defined, read from text, written and shown, whatever they mean. */
const OWN_FILES = /^src\/(config\/(?!config\.ts)|embedding\/|monitoring\/info-(?!statistics))/

/** Markdown: what each directive does is told in redis.conf.example; this tells which ones do anything yet. */
export function optionTable(): string {
  const used = namesInUse()
  const there = OPTIONS.filter(({ name }) => used.has(name)).map(({ name }) => `\`${name}\``)
  const missing = OPTIONS.filter(({ name }) => !used.has(name)).map(({ name }) => `\`${name}\``)
  return [
    `${there.length} of the ${OPTIONS.length} directives have an effect: ${there.join(' · ')}`,
    '',
    `The others are accepted, kept, shown and written back, and change nothing yet, or concern what Node has no counterpart of: ${missing.join(' · ')}`,
  ].join('\n')
}

/** Names that the source reads a value by: in a call, or, of those that are no word of any other language, in a list. */
function namesInUse(): Set<string> {
  const used = new Set<string>()
  for (const { code } of sourceFiles('src').filter(({ path }) => !OWN_FILES.test(path))) {
    for (const [, inside] of code.matchAll(CALL))
      for (const [, name] of inside!.matchAll(QUOTED)) used.add(name!)
    for (const [, name] of code.matchAll(QUOTED)) if (name!.includes('-')) used.add(name!)
  }
  return used
}
