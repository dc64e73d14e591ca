// Reads the options whose values are lists or have a grammar of their own, and gives the structure behind their texts.
// Knows no file and no client: it is given words, and the text that the option had before.

import { parseDouble } from '../base/doubles.ts'
import type { EnumListOption, Option } from './option.ts'
import { looseInteger, parseBytes, Refusal, readEnum, WRONG_NUMBER } from './scalar-values.ts'

/** Where the words come from: a CONFIG SET replaces a list, a further line of a file may add to it. */
export interface Reading {
  readonly previous: string
  /** Lines of the same option in one file, and what the command line adds, make one value. */
  readonly addsToPrevious: boolean
  /** What `dir` becomes; throws an Error whose message is the reason. */
  readonly resolveDirectory: (path: string, current: string) => string
}

type Reader = (words: readonly string[], reading: Reading) => string

const READERS: Readonly<Record<string, Reader>> = {
  save: readSave,
  bind: readBind,
  'client-output-buffer-limit': readOutputBufferLimits,
  'oom-score-adj-values': readOomScores,
  'notify-keyspace-events': readEventClasses,
  'latency-tracking-info-percentiles': readPercentiles,
  replicaof: readReplicaOf,
  dir: readDirectory,
}

/** The canonical text of a special option; throws a Refusal. */
export function readSpecial(option: Option, words: readonly string[], reading: Reading): string {
  const reader = READERS[option.name]
  if (reader === undefined) throw new Error(`no reader for the option ${option.name}`)
  return reader(words, reading)
}

/** The words of an enum list in the order of its table, each once. */
export function readEnumList(option: EnumListOption, words: readonly string[]): string {
  // No word at all is refused like a wrong one.
  const chosen = (words.length > 0 ? words : ['']).map((word) => readEnum(option.values, undefined, word))
  const none = option.values[0]!
  const text = option.values.filter((value) => value !== none && chosen.includes(value)).join(' ')
  const reason = option.validate?.(chosen)
  if (reason !== undefined) throw new Refusal(reason)
  return text === '' ? none : text
}

export interface SavePoint {
  readonly seconds: number
  readonly changes: number
}

/** The points of a `save` text. */
export function savePoints(text: string): SavePoint[] {
  const numbers = text === '' ? [] : text.split(' ').map(Number)
  const points: SavePoint[] = []
  for (let i = 0; i < numbers.length; i += 2) {
    points.push({ seconds: numbers[i]!, changes: numbers[i + 1]! })
  }
  return points
}

function readSave(words: readonly string[], reading: Reading): string {
  if (words.length === 0 || (words.length === 1 && words[0] === '')) return ''
  if (words.length % 2 !== 0) throw new Refusal('Invalid save parameters')
  const numbers: string[] = []
  for (let i = 0; i < words.length; i += 2) {
    const seconds = looseInteger(words[i]!, 10)
    const changes = looseInteger(words[i + 1]!, 10)
    // Redis: the count of changes is cut to 32 bits before it is judged.
    const count = changes === undefined ? -1n : BigInt.asIntN(32, changes)
    if (seconds === undefined || seconds < 1n || count < 0n) throw new Refusal('Invalid save parameters')
    numbers.push(`${seconds} ${count}`)
  }
  const added = numbers.join(' ')
  return reading.addsToPrevious && reading.previous !== '' ? `${reading.previous} ${added}` : added
}

const MAX_ADDRESSES = 16

function readBind(words: readonly string[]): string {
  if (words.length > MAX_ADDRESSES) throw new Refusal('Too many bind addresses specified.')
  return words.join(' ')
}

/** The elements of a text that is a list of words. */
export function wordsOf(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}

const CLIENT_CLASSES = ['normal', 'slave', 'pubsub'] as const
export type ClientClass = (typeof CLIENT_CLASSES)[number]

export interface OutputBufferLimit {
  /** Bytes at which a client is cut at once; 0 for no limit. */
  readonly hardBytes: number
  /** Bytes a client may not hold for softSeconds in a row; 0 for no limit. */
  readonly softBytes: number
  readonly softSeconds: number
}

/** The limits of a `client-output-buffer-limit` text. */
export function outputBufferLimits(text: string): Record<ClientClass, OutputBufferLimit> {
  const words = text.split(' ')
  const limit = (name: ClientClass): OutputBufferLimit => {
    const [hard, soft, seconds] = words.slice(words.indexOf(name) + 1)
    return { hardBytes: Number(hard), softBytes: Number(soft), softSeconds: Number(seconds) }
  }
  return { normal: limit('normal'), slave: limit('slave'), pubsub: limit('pubsub') }
}

function readOutputBufferLimits(words: readonly string[], reading: Reading): string {
  if (words.length % 4 !== 0) throw new Refusal('Wrong number of arguments in buffer limit configuration.')
  const limits = new Map<string, string>()
  const before = reading.previous.split(' ')
  for (let i = 0; i < before.length; i += 4) limits.set(before[i]!, before.slice(i + 1, i + 4).join(' '))
  for (let i = 0; i < words.length; i += 4) {
    limits.set(clientClass(words[i]!), bufferLimit(words[i + 1]!, words[i + 2]!, words[i + 3]!))
  }
  return CLIENT_CLASSES.map((name) => `${name} ${limits.get(name)}`).join(' ')
}

function clientClass(word: string): ClientClass {
  const name = word.toLowerCase() === 'replica' ? 'slave' : word.toLowerCase()
  const found = CLIENT_CLASSES.find((one) => one === name)
  if (found === undefined) throw new Refusal('Invalid client class specified in buffer limit configuration.')
  return found
}

function bufferLimit(hardText: string, softText: string, secondsText: string): string {
  const hard = parseBytes(hardText)
  const soft = parseBytes(softText)
  const seconds = looseInteger(secondsText, 10)
  const isValid = hard !== undefined && soft !== undefined && seconds !== undefined
  if (!isValid || seconds < 0n || seconds >= 2n ** 63n - 1n) {
    throw new Refusal('Error in hard, soft or soft_seconds setting in buffer limit configuration.')
  }
  return `${hard} ${soft} ${seconds}`
}

const OOM_SCORE_LIMIT = 2000n

function readOomScores(words: readonly string[]): string {
  if (words.length !== 3) throw new Refusal(WRONG_NUMBER)
  const scores = words.map((word) => looseInteger(word, 10))
  if (scores.some((score) => score === undefined || score < -OOM_SCORE_LIMIT || score > OOM_SCORE_LIMIT)) {
    throw new Refusal('Invalid oom-score-adj-values, elements must be between -2000 and 2000.')
  }
  return scores.join(' ')
}

/** Classes that 'A' stands for, in the order in which they are shown. */
const ALL_EVENT_CLASSES = 'g$lshzxetd'
/** Where the events go, and the class that belongs to neither list. */
const OTHER_EVENT_CLASSES = 'KEm'

function readEventClasses(words: readonly string[]): string {
  const letters = words[0]!
  for (const letter of letters) {
    if (!`A${ALL_EVENT_CLASSES}n${OTHER_EVENT_CLASSES}`.includes(letter)) {
      throw new Refusal("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    }
  }
  const chosen = (classes: string) => [...classes].filter((letter) => letters.includes(letter)).join('')
  const isAll = letters.includes('A') || chosen(ALL_EVENT_CLASSES) === ALL_EVENT_CLASSES
  return (isAll ? `A${chosen('n')}` : chosen(`${ALL_EVENT_CLASSES}n`)) + chosen(OTHER_EVENT_CLASSES)
}

/** What CONFIG GET replies for a canonical text. */
export function shownText(option: Option, text: string): string {
  // Redis: beside 'A' the class 'n' is in force, yet not shown.
  return option.name === 'notify-keyspace-events' && text.startsWith('A') ? text.replace('n', '') : text
}

function readPercentiles(words: readonly string[]): string {
  if (words.length === 1 && words[0] === '') return ''
  return words.map(readPercentile).join(' ')
}

function readPercentile(word: string): string {
  const bytes = Buffer.from(word, 'latin1')
  const percentile = parseDouble(bytes, 0, bytes.length)
  if (percentile === undefined) throw new Refusal('Invalid latency-tracking-info-percentiles parameters')
  if (percentile < 0 || percentile > 100) {
    throw new Refusal('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]')
  }
  // Redis: six decimals are kept, and so is the sign of a zero.
  const text = String(Number(percentile.toFixed(6)))
  return Object.is(percentile, -0) ? '-0' : text
}

function readReplicaOf(words: readonly string[]): string {
  if (words.length !== 2) throw new Refusal(WRONG_NUMBER)
  const [host, portText] = words as [string, string]
  if (host.toLowerCase() === 'no' && portText.toLowerCase() === 'one') return ''
  const port = looseInteger(portText, 10)
  if (port === undefined || port < 0n || port > 65535n) throw new Refusal('Invalid master port')
  return `${host} ${port}`
}

/** The host and port of a `replicaof` text; undefined if the server follows nobody. */
export function primaryAddress(text: string): { host: string; port: number } | undefined {
  const space = text.lastIndexOf(' ')
  if (space < 0) return undefined
  return { host: text.slice(0, space), port: Number(text.slice(space + 1)) }
}

function readDirectory(words: readonly string[], reading: Reading): string {
  try {
    return reading.resolveDirectory(words[0]!, reading.previous)
  } catch (error) {
    throw new Refusal((error as Error).message)
  }
}
