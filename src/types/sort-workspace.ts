// All that SORT works with, once for all of its calls: nothing of it is kept from one to the next.

import { DraftCell } from '../memory/draft-cell.ts'
import { Key } from '../memory/key.ts'
import type { TypeEnvironment } from './environment.ts'
import { Sorter } from './sorter.ts'

export class SortWorkspace {
  readonly sorter = new Sorter()
  /** The list that is made. */
  readonly draft = new DraftCell()
  /** For keys made of patterns. */
  readonly key: Key

  constructor({ seed }: TypeEnvironment) {
    this.key = new Key(seed)
  }
}
