// What the arguments of the command line ask for, by the rules of redis-server. Reads no file and prints nothing:
// the result says what to read, and gives the options as lines of a configuration file. Texts hold bytes (latin1).

import { quoteWord } from './words.ts'

export type CommandLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  | { readonly kind: 'check-system' }
  /** megabytes is undefined if the size is missing, which is a mistake. */
  | { readonly kind: 'test-memory'; readonly megabytes: string | undefined }
  | RunCommandLine

export interface RunCommandLine {
  readonly kind: 'run'
  /** Path of the configuration file. */
  readonly file: string | undefined
  /** Whether more configuration is to be read from standard input. */
  readonly readsStdin: boolean
  readonly isSentinel: boolean
  /** The options, as lines; empty if there are none. They come last: see wholeConfigText. */
  readonly options: string
}

/** Understands `process.argv.slice(2)`. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const words = args.map((arg) => Buffer.from(arg, 'utf8').toString('latin1'))
  return parseInstead(words) ?? parseRun(words)
}

/** The whole configuration: what comes later wins. */
export function wholeConfigText(fileText: string, stdinText: string, options: string): string {
  // Redis: the newline is there even if the file ends in one; the line numbers of errors show it.
  return options === '' ? fileText + stdinText : `${fileText + stdinText}\n${options}`
}

/** Commands that come instead of a start. They count only as the first argument. */
function parseInstead(words: readonly string[]): CommandLine | undefined {
  switch (words[0]) {
    case '-v':
    case '--version':
      return { kind: 'version' }
    case '-h':
    case '--help':
      return { kind: 'help' }
    case '--check-system':
      return { kind: 'check-system' }
    case '--test-memory':
      return { kind: 'test-memory', megabytes: words.length === 2 ? words[1] : undefined }
    default:
      return undefined
  }
}

function parseRun(words: readonly string[]): RunCommandLine {
  const rest = [...words]
  const first = rest[0] ?? '-'
  const path = first.startsWith('-') ? '' : rest.shift()!
  // A lone dash means standard input if it is the very first argument or the last; elsewhere it is a wrong word.
  const readsStdin = words[0] === '-' || rest.at(-1) === '-'
  if (words[0] === '-') rest.shift()
  else if (readsStdin) rest.pop()
  return {
    kind: 'run',
    file: path === '' ? undefined : path,
    readsStdin,
    isSentinel: words.includes('--sentinel'),
    options: optionLines(rest),
  }
}

/**
 * '--name value value' becomes the line 'name "value" "value"'. An argument that starts with '--' begins a line,
 * unless it is the first value of the option before it, as in '--logfile --x'.
 */
function optionLines(words: readonly string[]): string {
  let text = ''
  let awaitsValue = false
  for (const word of words) {
    if (word.startsWith('--') && !awaitsValue) {
      text += `${text === '' ? '' : '\n'}${word.slice(2)} `
      awaitsValue = mustHaveValue(word.slice(2))
    } else {
      text += `${quoteWord(word)} `
      awaitsValue = false
    }
  }
  return text
}

function mustHaveValue(option: string): boolean {
  // One argument may hold an option and its values: '--port 7000'.
  if (option.trim().includes(' ')) return false
  return option.toLowerCase() !== 'save' && option.toLowerCase() !== 'sentinel'
}
