// oom-score-adj: how likely Linux is to end this process when the machine is out of memory. Other systems have no such
// thing, and say so when asked for it.

import fs from 'node:fs'
import { reasonOf } from '../base/system-error.ts'
import type { Config } from '../config/config.ts'
import type { Log } from './log.ts'

const SCORE_FILE = '/proc/self/oom_score_adj'
const LIMIT = 1000
const FAILED = 'Failed to set current oom_score_adj. Check server logs.'

export class OomScore {
  readonly #log: Log
  readonly #file: string
  /** What the process had before; undefined: it has not been changed. */
  #before: number | undefined = undefined

  constructor(log: Log, file = SCORE_FILE) {
    this.#log = log
    this.#file = file
  }

  /** Also sets the score that the configuration says at start: a failure is logged, and no reason not to serve. */
  followSettings(config: Config): void {
    const apply = () => this.#apply(config.string('oom-score-adj'), config.string('oom-score-adj-values'))
    config.onApply(['oom-score-adj', 'oom-score-adj-values'], apply)
    apply()
  }

  #apply(mode: string, values: string): string | undefined {
    if (mode === 'no' && this.#before === undefined) return undefined
    try {
      this.#before ??= Number(fs.readFileSync(this.#file, 'latin1'))
      // The first is a primary's; the others are those of a replica and of child processes.
      const value = Number(values.split(' ')[0])
      const wanted = mode === 'no' ? this.#before : mode === 'absolute' ? value : this.#before + value
      fs.writeFileSync(this.#file, `${Math.max(-LIMIT, Math.min(LIMIT, wanted))}\n`)
      if (mode === 'no') this.#before = undefined
      return undefined
    } catch (error) {
      this.#log.warning(`Unable to write ${this.#file}: ${reasonOf(error)}`)
      return FAILED
    }
  }
}
