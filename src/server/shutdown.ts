// The server's end, by command or by signal: whether the dataset is saved first, and whether the server may end at all.
// Ending itself is handed in.

import type { Ending, ShutdownRequest } from '../commands/server.ts'
import type { Config } from '../config/config.ts'
import { wordsOf } from '../config/list-values.ts'
import type { AppendOnly } from './append-only.ts'
import type { Log } from './log.ts'
import type { Saving } from './saving.ts'

export type EndingSignal = 'SIGTERM' | 'SIGINT'

export interface ShutdownParts {
  readonly config: Config
  readonly log: Log
  readonly saving: Saving
  readonly append: AppendOnly
  readonly isLoading: () => boolean
  readonly end: () => void
}

export class Shutdown implements Ending {
  readonly #parts: ShutdownParts
  #isEnding = false

  constructor(parts: ShutdownParts) {
    this.#parts = parts
  }

  begin(request: ShutdownRequest): boolean {
    const { log, end } = this.#parts
    if (this.#isEnding) return true
    log.warning('User requested shutdown...')
    if (!this.#prepare(request)) {
      log.warning('Errors trying to shut down the server. Check the logs for more information.')
      return false
    }
    this.#isEnding = true
    // Not in the middle of a batch of requests: what they were answered is still to be sent.
    setImmediate(end)
    return true
  }

  /** It takes no time, so there is never one to call off. */
  abort(): boolean {
    return false
  }

  /** False: the server goes on, for reasons that are in the log. */
  signal(signal: EndingSignal): boolean {
    const { config, log } = this.#parts
    log.warning(`Received ${signal} scheduling shutdown...`)
    const words = wordsOf(config.text(signal === 'SIGTERM' ? 'shutdown-on-sigterm' : 'shutdown-on-sigint'))
    const saving = words.includes('save') ? 'save' : words.includes('nosave') ? 'nosave' : 'default'
    return this.begin({ saving, isHurried: words.includes('now'), isForced: words.includes('force') })
  }

  #prepare({ saving: wish, isForced }: ShutdownRequest): boolean {
    const { log, saving } = this.#parts
    if (saving.kill()) log.warning('There is a thread saving an .rdb. Ending it!')
    if (!this.#parts.append.prepareToEnd(isForced || wish === 'nosave')) return false
    // Redis: half of a dataset is not worth saving.
    if (wish === 'nosave' || this.#parts.isLoading()) return true
    if (wish === 'default' && !saving.isWanted) return true
    log.notice('Saving the final RDB snapshot before exiting.')
    if (saving.saveNow()) return true
    log.warning(
      isForced ? 'Error trying to save the DB. Exit anyway.' : "Error trying to save the DB, can't exit.",
    )
    return isForced
  }
}
