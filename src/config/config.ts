// The settings of one server: read fast by typed names, watched, listed and changed as CONFIG GET and CONFIG SET do.
// Knows no file, no client and no subsystem: who depends on a setting watches it or takes part in applying it.

import { globMatch } from '../base/glob.ts'
import { availableBytes } from '../base/memory-bounds.ts'
import { LOADING_DATA, ReplyError } from '../base/reply-error.ts'
import { type Reading, readEnumList, readSpecial, shownText } from './list-values.ts'
import type { Option } from './option.ts'
import { type BooleanName, type NumberName, OPTIONS, type OptionName, type StringName } from './options.ts'
import { type ConfigValue, Refusal, readScalar, valueOfText, WRONG_NUMBER } from './scalar-values.ts'

/** What Config cannot know by itself. */
export interface ConfigWorld {
  /** The absolute path that `dir` has at start. */
  readonly directory?: string
  /** The memory there is: what percentages are of. */
  readonly availableBytes?: () => number
  /** The absolute form of a `dir` value; throws an Error whose message is the reason, in the words of the OS. */
  readonly resolveDirectory?: (path: string, current: string) => string
}

/** Who asks for a CONFIG SET, and when. */
export interface SetCircumstances {
  /** Whether the client is on this machine: `enable-protected-configs local` depends on it. */
  readonly isLocal?: boolean
  readonly isLoading?: boolean
}

/** Puts a changed setting into force. Returns (a string) or throws the reason if it cannot; the change is then undone. */
export type Apply = (value: ConfigValue) => unknown

export type ValueOf<Name extends OptionName> = Name extends BooleanName
  ? boolean
  : Name extends NumberName
    ? number
    : string

interface Setting {
  readonly option: Option
  /** The state: the canonical text. */
  text: string
  /** Derived from the text, so that reading costs one look-up. */
  value: ConfigValue
  default: string
  readonly watchers: ((value: ConfigValue) => void)[]
  apply: Apply | undefined
}

interface Change {
  /** The name as the client wrote it, for the error text. */
  readonly asked: string
  readonly setting: Setting
  readonly value: string
  readonly before: string
}

/** A directive with a value for each of its words, as the file had it. */
export type Words = readonly string[]

export class Config {
  /** Lines that are no options, kept for the subsystems they concern: each without its first word. */
  readonly renamedCommands: Words[] = []
  readonly users: Words[] = []
  readonly modules: Words[] = []
  /** `module.option value` lines, whole; they mean something only to a loaded module. */
  readonly moduleOptions: Words[] = []

  readonly #settings = new Map<string, Setting>()
  readonly #byName = new Map<string, Setting>()
  readonly #resolveDirectory: (path: string, current: string) => string
  readonly #availableBytes: () => number

  constructor(world: ConfigWorld = {}) {
    this.#resolveDirectory = world.resolveDirectory ?? ((path) => path)
    this.#availableBytes = world.availableBytes ?? availableBytes
    for (const option of OPTIONS) {
      const initial = option.name === 'dir' ? (world.directory ?? option.default) : option.default
      const value = valueOfText(option, initial)
      const setting: Setting = {
        option,
        text: initial,
        value,
        default: initial,
        watchers: [],
        apply: undefined,
      }
      this.#settings.set(option.name, setting)
      this.#byName.set(option.name, setting)
      if (option.alias !== undefined) this.#byName.set(option.alias, setting)
    }
  }

  number(name: NumberName): number {
    return this.#settings.get(name)!.value as number
  }

  boolean(name: BooleanName): boolean {
    return this.#settings.get(name)!.value as boolean
  }

  string(name: StringName): string {
    return this.#settings.get(name)!.value as string
  }

  /** The canonical text of any option; whole numbers are exact here even beyond 2^53. */
  text(name: OptionName): string {
    return this.#settings.get(name)!.text
  }

  isDefault(name: OptionName): boolean {
    const setting = this.#settings.get(name)!
    return setting.text === setting.default
  }

  defaultText(name: OptionName): string {
    return this.#settings.get(name)!.default
  }

  /** Calls `told` with the value now, and again after each change has been applied. */
  watch<Name extends OptionName>(name: Name, told: (value: ValueOf<Name>) => void): void {
    const setting = this.#settings.get(name)!
    setting.watchers.push(told as (value: ConfigValue) => void)
    told(setting.value as ValueOf<Name>)
  }

  /**
   * Makes `apply` a condition of changing these options by CONFIG SET: a reason it returns or throws undoes the whole
   * change. It is called once for a change of several of them, with all new values readable.
   */
  onApply(names: OptionName | readonly OptionName[], apply: Apply): void {
    for (const name of typeof names === 'string' ? [names] : names) {
      const setting = this.#settings.get(name)!
      if (setting.apply !== undefined) throw new Error(`${name} is applied in two places`)
      setting.apply = apply
    }
  }

  /** The option of that name or alias, in any case. */
  find(name: string): Option | undefined {
    return this.#byName.get(name.toLowerCase())?.option
  }

  /** Whether the argument after this name in a CONFIG SET must be kept out of logs. */
  isSensitive(name: string): boolean {
    return this.find(name)?.sensitive === true
  }

  /**
   * What CONFIG GET replies: each match once, pattern by pattern, in the order of the table. An exact name is given
   * back as it was asked for, and finds hidden options too.
   */
  get(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [string, string]>()
    for (const pattern of patterns) {
      for (const [name, setting] of this.#matches(pattern)) {
        const key = name.toLowerCase()
        if (!found.has(key)) found.set(key, [name, shownText(setting.option, setting.text)])
      }
    }
    return [...found.values()]
  }

  #matches(pattern: string): [string, Setting][] {
    if (!/[*?[]/.test(pattern)) {
      const setting = this.#byName.get(pattern.toLowerCase())
      return setting === undefined ? [] : [[pattern, setting]]
    }
    const glob = Buffer.from(pattern, 'latin1')
    return [...this.#byName].filter(([name, setting]) => {
      if (setting.option.hidden) return false
      const bytes = Buffer.from(name, 'latin1')
      return globMatch(glob, 0, glob.length, bytes, 0, bytes.length, true)
    })
  }

  /** CONFIG SET of several options: all or none. Throws the ReplyError that says which could not be set, and why. */
  set(
    pairs: readonly (readonly [name: string, value: string])[],
    circumstances: SetCircumstances = {},
  ): void {
    const asked = this.#admit(pairs, circumstances)
    const changes: Change[] = []
    for (const [name, setting, text] of asked) {
      const before = setting.text
      try {
        const value = this.#read(setting, wordsOfSet(setting.option, text), false)
        if (value !== before || setting.option.volatile) changes.push({ asked: name, setting, value, before })
        // At once, since an alias later in the same command may build upon it.
        assign(setting, value)
      } catch (error) {
        restore(changes)
        throw error instanceof Refusal ? failure(name, error) : error
      }
    }
    this.#apply(changes)
    tellWatchers(changes.map((change) => change.setting))
  }

  /** Finds the options, and refuses what must not be set at all before any value is looked at. */
  #admit(
    pairs: readonly (readonly [string, string])[],
    circumstances: SetCircumstances,
  ): [string, Setting, string][] {
    const names = new Set<string>()
    const admitted: [string, Setting, string][] = []
    for (const [name, text] of pairs) {
      const setting = this.#byName.get(name.toLowerCase())
      if (setting === undefined) {
        throw new ReplyError(`ERR Unknown option or number of arguments for CONFIG SET - '${oneLine(name)}'`)
      }
      if (setting.option.immutable) throw failure(name, new Refusal("can't set immutable config"))
      if (setting.option.protected && !this.#allowsProtected(circumstances)) {
        throw failure(name, new Refusal("can't set protected config"))
      }
      if (names.has(name.toLowerCase())) throw failure(name, new Refusal('duplicate parameter'))
      names.add(name.toLowerCase())
      admitted.push([name, setting, text])
    }
    const mustWait = admitted.some(([, setting]) => setting.option.deniedWhileLoading)
    if (circumstances.isLoading && mustWait) throw LOADING_DATA
    return admitted
  }

  #allowsProtected(circumstances: SetCircumstances): boolean {
    const who = this.string('enable-protected-configs')
    return who === 'yes' || (who === 'local' && circumstances.isLocal === true)
  }

  /** Puts all changes into force, or none. */
  #apply(changes: readonly Change[]): void {
    const applied = new Set<Apply>()
    for (const { asked, setting } of changes) {
      const apply = setting.apply
      if (apply === undefined || applied.has(apply)) continue
      applied.add(apply)
      const error = problemOf(apply, setting.value)
      if (error === undefined) continue
      restore(changes)
      // What was put into force before the failure, and half of it perhaps during it, goes back to the old values.
      for (const change of changes) {
        if (change.setting.apply !== undefined && applied.delete(change.setting.apply)) {
          problemOf(change.setting.apply, change.setting.value)
        }
      }
      throw failure(asked, error)
    }
  }

  /**
   * Sets an option as a line of a file or the command line does: no rule about who may set what, nothing applied.
   * Returns false if there is no such option; throws a Refusal.
   */
  load(name: string, words: Words, addsToPrevious: boolean): boolean {
    const setting = this.#byName.get(name.toLowerCase())
    if (setting === undefined) return false
    assign(setting, this.#read(setting, words, addsToPrevious))
    return true
  }

  /** To be called when a file has been loaded: tells every watcher the value that now holds. */
  finishLoading(): void {
    tellWatchers([...this.#settings.values()])
  }

  #read(setting: Setting, words: Words, addsToPrevious: boolean): string {
    const { option } = setting
    if (option.multiArgument !== true && words.length !== 1) throw new Refusal(WRONG_NUMBER)
    if (option.type === 'enum-list') return readEnumList(option, words)
    if (option.type !== 'special') return readScalar(option, words[0]!, this.#availableBytes)
    const reading: Reading = {
      previous: setting.text,
      addsToPrevious,
      resolveDirectory: this.#resolveDirectory,
    }
    return readSpecial(option, words, reading)
  }
}

// Redis: the words of a CONFIG SET value stand one blank apart; two blanks have an empty word between them.
function wordsOfSet(option: Option, text: string): string[] {
  if (option.multiArgument !== true) return [text]
  return text === '' ? [] : text.split(' ')
}

function assign(setting: Setting, text: string): void {
  setting.text = text
  setting.value = valueOfText(setting.option, text)
}

/** Backwards, since an alias may have changed the same option twice. */
function restore(changes: readonly Change[]): void {
  for (const { setting, before } of [...changes].reverse()) assign(setting, before)
}

function tellWatchers(settings: readonly Setting[]): void {
  for (const setting of new Set(settings)) {
    for (const told of setting.watchers) told(setting.value)
  }
}

/** What an apply function says against the value; it may say so by throwing. */
function problemOf(apply: Apply, value: ConfigValue): unknown {
  try {
    const said = apply(value)
    return typeof said === 'string' ? said : undefined
  } catch (error) {
    return error
  }
}

function failure(name: string, cause: unknown): ReplyError {
  const start = `ERR CONFIG SET failed (possibly related to argument '${oneLine(name)}')`
  if (cause instanceof Refusal) return new ReplyError(`${start} - ${cause.reason}`)
  const reason = typeof cause === 'string' ? cause : (cause as { message?: string }).message
  return new ReplyError(reason ? `${start} - ${oneLine(reason)}` : start)
}

/** An error is one line of the protocol, whatever the client sent. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
