// The list of the files that an append-only log consists of: one with the dataset at some moment, those with what has
// happened since, in order, and those that are of no more use. Parses and formats; opens no file.
//
//   file appendonly.aof.2.base.rdb seq 2 type b
//   file appendonly.aof.1.incr.aof seq 1 type h
//   file appendonly.aof.2.incr.aof seq 2 type i

import { needsQuoting, quote, splitArguments } from '../base/quoting.ts'

export interface LogFile {
  readonly name: string
  readonly sequence: number
}

export interface Manifest {
  readonly base: LogFile | undefined
  /** What a rewrite has made useless and nobody has removed yet, the latest first. */
  readonly history: readonly LogFile[]
  readonly increments: readonly LogFile[]
  /** The last that were given. */
  readonly baseSequence: number
  readonly incrementSequence: number
}

export const EMPTY_MANIFEST: Manifest = {
  base: undefined,
  history: [],
  increments: [],
  baseSequence: 0,
  incrementSequence: 0,
}

/** The manifest can't be read. */
export class ManifestError extends Error {
  /** The line that is wrong, and its number, where it is a line. */
  readonly line: string | undefined
  readonly number: number

  constructor(reason: string, line?: string, number = 0) {
    super(reason)
    this.line = line
    this.number = number
  }
}

const LONGEST_LINE = 1024
const INVALID = 'Invalid AOF manifest file format'
const FEWEST_WORDS = 6
const LINE_FEED = 10
const HASH_SIGN = 35

/** Whether there is nothing to load. */
export function hasNoData({ base, increments }: Manifest): boolean {
  return base === undefined && increments.length === 0
}

export function formatManifest({ base, history, increments }: Manifest): string {
  let text = base === undefined ? '' : lineOf(base, 'b')
  for (const file of history) text += lineOf(file, 'h')
  for (const file of increments) text += lineOf(file, 'i')
  return text
}

function lineOf({ name, sequence }: LogFile, type: string): string {
  const bytes = Buffer.from(name, 'latin1')
  return `file ${needsQuoting(bytes) ? quote(bytes) : name} seq ${sequence} type ${type}\n`
}

/** Throws a ManifestError. */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length === 0) throw new ManifestError('Found an empty AOF manifest')
  const reading = new ManifestReading()
  let number = 0
  for (let at = 0; at < bytes.length; number++) {
    const end = bytes.indexOf(LINE_FEED, at)
    // Redis reads lines into a buffer, and takes what has no end in it for too long.
    if (end < 0 || end - at >= LONGEST_LINE) {
      throw new ManifestError('The AOF manifest file contains too long line')
    }
    if (bytes[at] !== HASH_SIGN) reading.readLine(bytes.subarray(at, end), number + 1)
    at = end + 1
  }
  return reading.manifest
}

class ManifestReading {
  #base: LogFile | undefined = undefined
  readonly #history: LogFile[] = []
  readonly #increments: LogFile[] = []

  get manifest(): Manifest {
    const base = this.#base
    const increments = this.#increments
    return {
      base,
      history: this.#history,
      increments,
      baseSequence: base?.sequence ?? 0,
      incrementSequence: increments.at(-1)?.sequence ?? 0,
    }
  }

  readLine(bytes: Uint8Array, number: number): void {
    // Redis: a line is a C string.
    const zero = bytes.indexOf(0)
    const line = Buffer.from(zero < 0 ? bytes : bytes.subarray(0, zero))
    const shown = trimmed(line.toString('latin1'))
    const problem = this.#take(shown)
    if (problem !== undefined) throw new ManifestError(problem, shown, number)
  }

  /** Returns what is wrong, if anything is. */
  #take(line: string): string | undefined {
    const words = splitArguments(Buffer.from(line, 'latin1'))?.map((word) =>
      Buffer.from(word).toString('latin1'),
    )
    if (words === undefined || words.length < FEWEST_WORDS || words.length % 2 !== 0) return INVALID
    let name = ''
    let sequence = 0
    let type = ''
    for (let i = 0; i < words.length; i += 2) {
      const value = words[i + 1]!
      switch (words[i]!.toLowerCase()) {
        case 'file':
          if (value.includes('/')) return "File can't be a path, just a filename"
          name = value
          break
        case 'seq':
          sequence = leadingInteger(value)
          break
        case 'type':
          type = value.charAt(0)
      }
    }
    if (name === '' || sequence === 0 || type === '') return INVALID
    return this.#add({ name, sequence }, type)
  }

  #add(file: LogFile, type: string): string | undefined {
    switch (type) {
      case 'b':
        if (this.#base !== undefined) return 'Found duplicate base file information'
        this.#base = file
        return undefined
      case 'h':
        this.#history.push(file)
        return undefined
      case 'i':
        if (file.sequence <= (this.#increments.at(-1)?.sequence ?? 0)) {
          return 'Found a non-monotonic sequence number'
        }
        this.#increments.push(file)
        return undefined
      default:
        return 'Unknown AOF file type'
    }
  }
}

function trimmed(line: string): string {
  return line.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '')
}

/** The number that a text begins with, as C's atoll reads it; 0 if there is none, or if it is no exact number of ours. */
function leadingInteger(text: string): number {
  const value = Number(/^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text)?.[1] ?? 0)
  return Number.isSafeInteger(value) ? value : 0
}
