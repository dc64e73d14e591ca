// Loads the text of a configuration file into a Config. Opens nothing itself: what `include` names is handed in as
// text, and the lines that concern subsystems are judged by functions handed in. Text holds bytes (latin1).

import type { Config, Words } from './config.ts'
import type { Option } from './option.ts'
import { Refusal } from './scalar-values.ts'
import { splitWords, trimLine } from './words.ts'

/** What loading a file needs from above. The functions that judge a line return the reason why it is wrong. */
export interface ConfigFileWorld {
  /** Name and version of the server, as they stand in an error: 'Redis 7.4.1'. */
  readonly product: string
  /**
   * The texts an `include` stands for: those a glob matches, in order, or the one file of that path. If a file cannot
   * be read it throws an UnreadableConfigFile, or an Error whose message is the reason.
   */
  readonly include?: (pattern: string) => readonly string[]
  readonly renameCommand?: (from: string, to: string) => string | undefined
  /** Judges the words after `user`. */
  readonly defineUser?: (words: Words) => string | undefined
}

/** The text that ends the start: to be printed to stderr as it is; it ends in a newline. */
export class ConfigFileError {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

/** A file that cannot be read: to be logged as a warning, since Redis does not print it as a syntax error. */
export class UnreadableConfigFile {
  readonly message: string

  constructor(path: string, reason: string) {
    this.message = `Fatal error, can't open config file '${path}': ${reason}`
  }
}

/** Far beyond any sensible nesting; Redis overflows its stack when a file includes itself. */
const MAX_INCLUDE_DEPTH = 64

const BAD_DIRECTIVE = 'Bad directive or wrong number of arguments'

/** Options of older versions that still may stand in a file, with one value, and do nothing. */
const FORGOTTEN: ReadonlySet<string> = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
])

/**
 * Loads the lines of a text, those of included texts in their places. Throws ConfigFileError or UnreadableConfigFile;
 * the Config is then half changed and the server must not start.
 */
export function loadConfigText(config: Config, text: string, world: ConfigFileWorld): void {
  new FileLoader(config, world).load(text, 0)
  if (config.boolean('cluster-enabled') && config.string('replicaof') !== '') {
    throw new ConfigFileError(heading(world, ['replicaof directive not allowed in cluster mode']))
  }
  config.finishLoading()
}

class FileLoader {
  readonly #config: Config
  readonly #world: ConfigFileWorld
  /** Whether a `save` line was seen: the first replaces the default points, further ones add to it. */
  #hasSavePoints = false

  constructor(config: Config, world: ConfigFileWorld) {
    this.#config = config
    this.#world = world
  }

  load(text: string, depth: number): void {
    let number = 0
    for (const raw of text.split('\n')) {
      number++
      const line = trimLine(raw)
      if (line === '' || line.startsWith('#')) continue
      const reason = this.#loadLine(line, depth)
      if (reason === undefined) continue
      const where = `Reading the configuration file, at line ${number}`
      throw new ConfigFileError(heading(this.#world, [where, `>>> '${line}'`, reason]))
    }
  }

  /** Returns the reason if the line is wrong. */
  #loadLine(line: string, depth: number): string | undefined {
    const words = splitWords(line)
    if (words === undefined) return 'Unbalanced quotes in configuration line'
    const [first, ...rest] = words
    if (first === undefined) return undefined
    const name = first.toLowerCase()
    const option = this.#config.find(name)
    return option === undefined
      ? this.#loadDirective(name, rest, depth)
      : this.#loadOption(name, option, rest)
  }

  #loadOption(name: string, option: Option, words: Words): string | undefined {
    const isSave = option.name === 'save'
    try {
      this.#config.load(name, wordsOfLine(option, words), isSave && this.#hasSavePoints)
    } catch (error) {
      if (error instanceof Refusal) return error.reason
      throw error
    }
    if (isSave) this.#hasSavePoints = true
    return undefined
  }

  /** The lines that are not options. */
  #loadDirective(name: string, words: Words, depth: number): string | undefined {
    if (name === 'include' && words.length === 1) return this.#include(words[0]!, depth)
    if (name === 'rename-command' && words.length === 2) {
      this.#config.renamedCommands.push(words)
      return this.#world.renameCommand?.(words[0]!, words[1]!)
    }
    if (name === 'user' && words.length > 0) {
      this.#config.users.push(words)
      return this.#world.defineUser?.(words)
    }
    if (name === 'loadmodule' && words.length > 0) {
      this.#config.modules.push(words)
      return undefined
    }
    if (name.includes('.')) {
      if (words.length === 0) return 'Module config specified without value'
      this.#config.moduleOptions.push([name, ...words])
      return undefined
    }
    if (name === 'sentinel') {
      // Redis: the bare word is what '--sentinel' leaves in the text.
      return words.length === 0 ? undefined : 'sentinel directive while not in sentinel mode'
    }
    return FORGOTTEN.has(name) && words.length === 1 ? undefined : BAD_DIRECTIVE
  }

  #include(pattern: string, depth: number): undefined {
    for (const text of this.#textsOf(pattern, depth)) this.load(text, depth + 1)
    return undefined
  }

  #textsOf(pattern: string, depth: number): readonly string[] {
    if (depth >= MAX_INCLUDE_DEPTH) throw new UnreadableConfigFile(pattern, 'included too deeply')
    const read = this.#world.include
    if (read === undefined) throw new UnreadableConfigFile(pattern, 'nothing can be included here')
    try {
      return read(pattern)
    } catch (error) {
      if (error instanceof UnreadableConfigFile) throw error
      throw new UnreadableConfigFile(pattern, (error as Error).message)
    }
  }
}

// Redis: of an option with several words, one quoted argument may hold them all.
function wordsOfLine(option: Option, words: Words): Words {
  if (option.multiArgument !== true || words.length !== 1 || words[0] === '') return words
  return splitWords(words[0]!) ?? []
}

/** For a line that turns out to be wrong only when all have been read. */
export function wrongLine(product: string, line: string, reason: string): ConfigFileError {
  return new ConfigFileError(heading({ product }, [`>>> '${line}'`, reason]))
}

function heading(world: ConfigFileWorld, lines: readonly string[]): string {
  return `\n*** FATAL CONFIG FILE ERROR (${world.product}) ***\n${lines.join('\n')}\n`
}
