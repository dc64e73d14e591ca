// All that SORT works with, once for all of its calls: nothing of it is kept from one to the next.

import { DraftCell } from '../memory/draft-cell.ts'
import { Element } from '../memory/element.ts'
import { Key } from '../memory/key.ts'
import type { TypeEnvironment } from './environment.ts'
import { ListValue } from './list.ts'
import { Sorter } from './sorter.ts'

export class SortWorkspace {
  readonly sorter = new Sorter()
  /** The list that is sorted, or, later, the one that is made. */
  readonly list: ListValue
  readonly draft = new DraftCell()
  readonly element = new Element()
  /** For keys made of patterns. */
  readonly key: Key

  constructor(environment: TypeEnvironment) {
    this.list = new ListValue(environment)
    this.key = new Key(environment.seed)
  }
}
