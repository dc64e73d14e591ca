// The server's log, in the form of Redis's: `PID:role date level message`. Knows nothing of what is logged.

import fs from 'node:fs'

const LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const
export type LogLevel = (typeof LEVELS)[number]

/** Redis's word for it. */
export const HIDDEN = '*redacted*'

const MARKS = '.-*#'
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What the process is doing: reading its configuration, serving as primary, or as replica. */
export type LogRole = 'C' | 'M' | 'S'

/** Takes a finished line, its line feed included. */
export type LogWriter = (line: string) => void

export class Log {
  role: LogRole = 'C'
  /** Follows `hide-user-data-from-log`. */
  hidesUserData = false
  #threshold = 2
  #write: LogWriter
  readonly #now: () => number

  constructor(now: () => number, write: LogWriter = writeToStdout) {
    this.#now = now
    this.#write = write
  }

  /** 'nothing' silences the log. */
  setLevel(level: string): void {
    const index = LEVELS.indexOf(level as LogLevel)
    this.#threshold = index < 0 ? LEVELS.length : index
  }

  /** Appends to a file, opened for each line as Redis does, so that it can be rotated away; '' is standard output. */
  setFile(path: string): void {
    this.#write = path === '' ? writeToStdout : (line) => appendTo(path, line)
  }

  /** Names and the like that clients have brought, as a line may show them. */
  userData(text: string): string {
    return this.hidesUserData ? HIDDEN : text
  }

  debug(message: string): void {
    this.#log(0, message)
  }

  verbose(message: string): void {
    this.#log(1, message)
  }

  notice(message: string): void {
    this.#log(2, message)
  }

  warning(message: string): void {
    this.#log(3, message)
  }

  /** Lines that nothing comes between. */
  warnings(messages: readonly string[]): void {
    if (3 < this.#threshold) return
    this.#write(messages.map((message) => this.#line(3, message)).join(''))
  }

  /** Text without a line's form, such as a banner. */
  raw(text: string): void {
    if (this.#threshold <= 2) this.#write(`${text}\n`)
  }

  #log(level: number, message: string): void {
    if (level < this.#threshold) return
    this.#write(this.#line(level, message))
  }

  #line(level: number, message: string): string {
    return `${process.pid}:${this.role} ${dateText(new Date(this.#now()))} ${MARKS[level]} ${oneLine(message)}\n`
  }
}

/** A line of the log must not be forged by what a client sent: control characters are shown, not written. */
function oneLine(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return message.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

function dateText(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

function writeToStdout(line: string): void {
  process.stdout.write(line)
}

function appendTo(path: string, line: string): void {
  try {
    fs.appendFileSync(path, line)
  } catch {
    // A log that can't be written must not stop the server; there is nowhere left to say so.
  }
}
