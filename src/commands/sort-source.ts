// What SORT can sort: a line for each type whose values have elements.

import { WRONG_TYPE } from '../base/reply-error.ts'
import type { Context, Entry } from '../command/context.ts'
import type { Key } from '../memory/key.ts'
import { LIST, SET } from '../types/value-type.ts'

/** Copies all elements of a value into the sorter. */
export function readElements(context: Context, key: Key, entry: Entry): void {
  const { cell, db, element, list, sets, sorting } = context
  db.hold(cell, key, entry)
  const { elements } = sorting.sorter
  switch (db.typeOf(entry)) {
    case LIST: {
      list.open(cell)
      for (let isThere = list.seek(0); isThere; isThere = list.next()) elements.addSlice(list.read(element))
      return
    }
    case SET: {
      const set = sets.value.open(cell)
      set.rewind()
      while (set.next()) elements.addSlice(set.member)
      return
    }
    default:
      throw WRONG_TYPE
  }
}
