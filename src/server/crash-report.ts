// What the log says of a fault of ours: where it happened, what was being run and for whom, and all that INFO tells, in a
// marked block. One line if it has been told at length just now, or if `crash-log-enabled` is off.
//
// Whatever clients have sent is quoted and cut, and every line has a log line's form: nobody can write into the log.

import { quote } from '../base/quoting.ts'
import { REDIS_VERSION, RESPITE_VERSION } from '../base/version.ts'
import type { Arguments } from '../command/arguments.ts'
import { describeClient } from '../command/client-line.ts'
import type { Session } from '../command/session.ts'
import type { Config } from '../config/config.ts'
import { HIDDEN, type Log } from './log.ts'

export const REPORT_BEGINS =
  '=================== Respite has met a fault of its own: report begins ==================='
export const REPORT_ENDS =
  '=================== Respite has met a fault of its own: report ends ====================='

/** A fault that a client can bring about at will must not fill the disk. */
const REPORT_EVERY_MS = 60_000
const MAX_ARGUMENTS = 32
const MAX_ARGUMENT_BYTES = 256
const MAX_LINE = 1024
const MAX_STACK_LINES = 50
const MAX_INFO_LINES = 1000

/** Where a fault has shown. */
export interface Scene {
  /** In words, to follow on 'Internal error '. */
  readonly place: string
  readonly client?: Session | undefined
  /** The command that was running. */
  readonly args?: Arguments | undefined
}

export interface CrashReportParts {
  readonly log: Log
  readonly now: () => number
  readonly monotonic: () => number
  /** INFO's text, all sections. */
  readonly info: () => string
}

export class CrashReports {
  /** Follows `crash-log-enabled`. */
  isEnabled = true
  readonly #parts: CrashReportParts
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(parts: CrashReportParts) {
    this.#parts = parts
  }

  followSettings(config: Config): void {
    config.watch('crash-log-enabled', (value) => {
      this.isEnabled = value
    })
  }

  /** Never throws, whatever state the server is in. */
  tell(error: unknown, scene: Scene): void {
    const { log, monotonic } = this.#parts
    const stack = this.#tolerantStackOf(error)
    const now = monotonic()
    if (!this.isEnabled || now - this.#reportedAt < REPORT_EVERY_MS) {
      log.warning(`Internal error ${scene.place}: ${cut(stack.join('\n'), MAX_LINE * 4)}`)
      return
    }
    this.#reportedAt = now
    log.warnings([
      REPORT_BEGINS,
      `Internal error ${scene.place}, in Respite ${RESPITE_VERSION} (Redis ${REDIS_VERSION}), Node ${process.versions.node}, ${process.platform} ${process.arch}`,
      ...stack,
      ...this.#commandLines(scene),
      ...this.#clientLines(scene),
      ...section('Figures', () => this.#parts.info().split('\r\n').slice(0, MAX_INFO_LINES)),
      REPORT_ENDS,
    ])
  }

  /** Anything can be thrown, also what has no text, or throws again when it is asked for it. */
  #tolerantStackOf(error: unknown): string[] {
    try {
      return this.#stackOf(error)
    } catch {
      return [`A ${typeof error} was thrown that can't be shown`]
    }
  }

  /** The error's text may quote what a client has sent. */
  #stackOf(error: unknown): string[] {
    const { hidesUserData } = this.#parts.log
    if (!(error instanceof Error)) return [hidesUserData ? HIDDEN : cut(String(error), MAX_LINE)]
    const { name, message, stack = '' } = error
    const at = stack.indexOf(message)
    const behind = at < 0 ? stack : stack.slice(at + message.length)
    const frames = behind.split('\n').filter((line) => line.startsWith('    at '))
    return [
      hidesUserData ? `${name}: ${HIDDEN}` : cut(`${name}: ${message}`, MAX_LINE),
      ...frames.slice(0, MAX_STACK_LINES).map((line) => cut(line, MAX_LINE)),
    ]
  }

  #commandLines({ args }: Scene): string[] {
    if (args === undefined) return []
    return section(`Command, ${args.count} arguments`, () => {
      const lines: string[] = []
      const count = Math.min(args.count, MAX_ARGUMENTS)
      for (let i = 0; i < count; i++) lines.push(`argument ${i}: ${this.#argument(args, i)}`)
      if (args.count > count) lines.push(`and ${args.count - count} more`)
      return lines
    })
  }

  /** The command's name is nobody's secret. */
  #argument(args: Arguments, index: number): string {
    const length = args.lengths[index]!
    if (args.isRedacted(index)) return '(redacted)'
    if (index > 0 && this.#parts.log.hidesUserData) return `${HIDDEN} (${length} bytes)`
    const text = quote(args.view(index).subarray(0, MAX_ARGUMENT_BYTES))
    return length > MAX_ARGUMENT_BYTES ? `${text}... (${length} bytes)` : text
  }

  #clientLines({ client }: Scene): string[] {
    if (client === undefined) return []
    const { log, now } = this.#parts
    return section('Client', () => [describeClient(client, now(), (text) => log.userData(text))])
  }
}

/** What fails again while it is told of is left out: perhaps it is just that which is broken. */
function section(title: string, compose: () => string[]): string[] {
  try {
    return [`--- ${title}:`, ...compose().map((line) => cut(line, MAX_LINE))]
  } catch (error) {
    return [`--- ${title}: not to be had (${error instanceof Error ? error.name : 'unknown'})`]
  }
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}... (${text.length} characters)` : text
}
