// DEBUG RELOAD: saves the dataset, empties everything and loads the file, or parts of this. And the switch that lets files
// and payloads be loaded whose checksums are wrong.

import { LOADING_DATA, ReplyError } from '../base/reply-error.ts'
import type { Context } from '../command/context.ts'

export interface ReloadRequest {
  /** Whether what is there goes first. */
  readonly flushes: boolean
  /** Whether keys of the file replace those that are there; otherwise the same key in both is an error. */
  readonly merges: boolean
}

export interface Reloading {
  /** Whether something is being loaded already. */
  readonly isLoading: boolean
  /** False if that failed, and the log says why. */
  save(): boolean
  reload(request: ReloadRequest): boolean
  /** Whether nobody looks at checksums. */
  skipsChecksums: boolean
}

const ONLY_THESE = new ReplyError('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
/** Redis has nothing more to say: the log does. */
const NOT_SAVED = new ReplyError('ERR')
const NOT_LOADED = new ReplyError('ERR Error trying to load the RDB dump, check server logs.')

export function reload({ args, effects, reply }: Context, reloading: Reloading): void {
  let saves = true
  let flushes = true
  let merges = false
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'MERGE')) merges = true
    else if (args.is(i, 'NOFLUSH')) flushes = false
    else if (args.is(i, 'NOSAVE')) saves = false
    else throw ONLY_THESE
  }
  if (reloading.isLoading) throw LOADING_DATA
  effects.none()
  if (saves && !reloading.save()) throw NOT_SAVED
  if (!reloading.reload({ flushes, merges })) throw NOT_LOADED
  reply.ok()
}
