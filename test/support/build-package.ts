// Makes dist/, which the npm package consists of: JavaScript, as Node strips no types below node_modules, and one file of
// declarations. Needs what the tests need and nothing else; `npm pack` runs it.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import type { Option } from '../../src/config/option.ts'
import { OPTIONS } from '../../src/config/options.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCE = join(ROOT, 'src')
const OUTPUT = join(ROOT, 'dist')
/** Imports, and files that workers start from. */
const SPECIFIER = /((?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*["'])(\.{1,2}\/[^"'\n]+)\.ts(?=["'])/g

function build(): void {
  rmSync(OUTPUT, { recursive: true, force: true })
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  for (const name of files) {
    const target = join(OUTPUT, name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, javascriptOf(readFileSync(join(SOURCE, name), 'utf8'), name))
  }
  writeFileSync(join(OUTPUT, 'index.d.ts'), declarations())
}

function javascriptOf(source: string, name: string): string {
  const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'node20', sourcefile: name })
  return code.replace(SPECIFIER, '$1$2.js')
}

/**
 * Of one piece, without imports, so that every compiler option and every kind of module resolution will do: the public
 * types as they are written, the settings from the table of options, and the two values.
 */
function declarations(): string {
  const types = readFileSync(join(SOURCE, 'embedding/public.ts'), 'utf8')
    .replace(/^import type .*\n/gm, '')
    .replace(/^\/\/.*\n/gm, '')
    .trim()
  return `${types}

/** Every directive of redis.conf that has a value; redis.conf.example tells what each means. */
export interface Settings {
${OPTIONS.map((option) => `  '${option.name}'?: ${settingType(option)} | undefined`).join('\n')}
}

/** What a client would get as an error reply: its message has the error's code first. */
export declare class CommandError extends Error {
  override name: string
}

/**
 * Starts a server on a free port of the loopback interface, or wherever \`options\` say; resolves when clients can connect.
 * It reads no file, writes none and logs nothing, unless an option asks for it.
 */
export declare function createServer(options?: RespiteOptions): Promise<RespiteServer>
`
}

/** The same as the types that embedding/settings.ts derives. */
function settingType(option: Option): string {
  switch (option.type) {
    case 'boolean':
      return "boolean | 'yes' | 'no'"
    case 'integer':
    case 'octal':
    case 'memory':
    case 'memory-or-percent':
      return 'number | string'
    case 'enum':
      return option.values.map((value) => `'${value}'`).join(' | ')
    default:
      return option.multiArgument === true ? 'string | readonly (string | number)[]' : 'string'
  }
}

build()
