// Settings of an embedded server: typed by the table of options, checked by it too. Where the file's words would be
// several, an array may be given. Knows no server.

import path from 'node:path'
import { Config } from '../config/config.ts'
import type { OPTION_TABLE, OptionName } from '../config/options.ts'
import { Refusal } from '../config/scalar-values.ts'

type Row = (typeof OPTION_TABLE)[number]

type SettingOf<Name extends OptionName> = SettingOfRow<Extract<Row, { name: Name }>>

type SettingOfRow<Option> = Option extends { type: 'boolean' }
  ? boolean | 'yes' | 'no'
  : Option extends { type: 'integer' | 'octal' }
    ? number | string
    : Option extends { type: 'memory' | 'memory-or-percent' }
      ? number | string
      : Option extends { type: 'enum'; values: readonly (infer Value)[] }
        ? Value
        : Option extends { multiArgument: true }
          ? string | readonly (string | number)[]
          : string

/** Every directive that has a value, by its name: `{ maxmemory: '100mb', 'notify-keyspace-events': 'KEA' }`. */
export type Settings = { [Name in OptionName]?: SettingOf<Name> | undefined }

export type Setting = boolean | number | string | readonly (string | number)[]

/** What an embedded server does unless told otherwise: it is reached from this machine, and touches no file. */
const DEFAULTS: Settings = { port: 0, bind: '127.0.0.1', save: '', appendonly: 'no' }

/** A configuration with these settings; throws an Error that says which one is wrong. */
export function configOf(settings: Readonly<Record<string, unknown>>): Config {
  const config = new Config({
    directory: process.cwd(),
    resolveDirectory: (directory, current) => path.resolve(current, directory),
  })
  for (const [name, value] of Object.entries({ ...DEFAULTS, ...defined(settings) })) {
    load(config, name, value as Setting)
  }
  config.finishLoading()
  return config
}

function defined(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function load(config: Config, name: string, value: Setting): void {
  const isList = config.find(name)?.multiArgument === true
  try {
    const isKnown = config.load(name, wordsOf(value, isList), false)
    if (!isKnown) throw new Error(`Respite has no option '${name}'`)
  } catch (error) {
    // A user's mistake is no Error inside, for it carries no stack; outside it has to be one.
    if (error instanceof Refusal) throw new Error(`Option '${name}': ${error.reason}`)
    throw error
  }
}

function wordsOf(value: Setting, isList: boolean): string[] {
  if (typeof value === 'boolean') return [value ? 'yes' : 'no']
  if (typeof value === 'object') return value.map((word) => bytesOf(String(word)))
  const text = bytesOf(String(value))
  return isList ? text.split(' ') : [text]
}

/** The configuration holds bytes as latin1. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
