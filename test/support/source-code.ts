// The project's own source files as the tests of its architecture see them: imports, functions, code without comments.
// Works on lines, and relies on the formatter: what is opened at an indentation is closed at the same one.

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface SourceFile {
  /** From the root, with `/`: `src/memory/arena.ts`. */
  readonly path: string
  readonly lines: readonly string[]
  /** The text with comments taken out; lines stay where they are. */
  readonly code: string
}

export interface SourceFunction {
  readonly name: string
  readonly line: number
  /** Lines from its first to its last. */
  readonly length: number
}

/** All TypeScript files below a folder of the project. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort()
    .map((path) => sourceFile(path, readFileSync(join(ROOT, path), 'utf8')))
}

export function sourceFile(path: string, text: string): SourceFile {
  return { path, lines: text.replace(/\n$/, '').split('\n'), code: withoutComments(text) }
}

/** Comments become blanks. Strings are kept, so that what looks like a comment inside one stays. */
function withoutComments(text: string): string {
  const token = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(token, (found) =>
    found.startsWith('//') || found.startsWith('/*') ? found.replace(/[^\n]/g, ' ') : found,
  )
}

/** What a file imports, types included: module names as written. */
export function importsOf(file: SourceFile): string[] {
  const pattern = /^\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm
  return [...file.code.matchAll(pattern)].map((match) => (match[1] ?? match[2])!)
}

/** The file that a relative import means. */
export function resolveImport(from: SourceFile, specifier: string): string {
  return posix.join(posix.dirname(from.path), specifier)
}

/** Functions, methods and multi-line arrow functions. */
export function functionsOf(file: SourceFile): SourceFunction[] {
  const code = file.code.split('\n')
  const found: SourceFunction[] = []
  code.forEach((line, index) => {
    const name = functionNameIn(line)
    if (name === undefined) return
    const end = endOfFunction(code, index)
    if (end !== undefined) found.push({ name, line: index + 1, length: end - index + 1 })
  })
  return found
}

const DECLARATION = /^\s*(?:export )?(?:default )?(?:async )?function\*? ?([\w$]*)/
const METHOD =
  /^\s+(?:(?:static|async|override|get|set|public|private) )*\*?([#\w$[\].]+)(?:<[^>]*>)?\((?:.*\{|[^)]*)$/
const ARROW = /=> \{$/
const NOT_METHODS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'throw',
  'super',
  'with',
  'test',
  'describe',
])

function functionNameIn(line: string): string | undefined {
  const declared = DECLARATION.exec(line)
  if (declared !== null) return declared[1] === '' ? 'function' : declared[1]
  const method = METHOD.exec(line)
  if (method !== null && !NOT_METHODS.has(method[1]!)) return method[1]
  return ARROW.test(line) ? `arrow function in: ${line.trim()}` : undefined
}

/** The line that closes what opens on this one; undefined if it ends on the same line, or is no function after all. */
function endOfFunction(code: readonly string[], start: number): number | undefined {
  const indent = /^\s*/.exec(code[start]!)![0]
  let isOpen = code[start]!.endsWith('{')
  for (let index = start + 1; index < code.length; index++) {
    const line = code[index]!
    if (line.trim() === '' || !line.startsWith(indent) || /^\s/.test(line.slice(indent.length))) continue
    const rest = line.slice(indent.length)
    // A parameter list over several lines, closed here: the body opens.
    if (!isOpen && /^[)}\]].*\{$/.test(rest)) isOpen = true
    else if (isOpen && /^\}(?!.*\{$)/.test(rest)) return index
    else return undefined
  }
  return undefined
}
