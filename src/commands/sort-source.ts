// What SORT can sort: a line for each type whose values have elements.

import { WRONG_TYPE } from '../base/reply-error.ts'
import type { Context, Entry } from '../command/context.ts'
import type { Key } from '../memory/key.ts'
import type { ElementSource } from '../types/sources.ts'
import type { TextColumn } from '../types/text-column.ts'
import { LIST, SET, SORTED_SET } from '../types/value-type.ts'

/** Copies all elements of a value into the sorter. */
export function readElements(context: Context, key: Key, entry: Entry): void {
  const { cell, db, list, sets, sortedSets, sorting } = context
  db.hold(cell, key, entry)
  const { elements } = sorting.sorter
  switch (db.typeOf(entry)) {
    case LIST: {
      list.open(cell)
      list.emit(0, list.count, elements)
      return
    }
    case SET:
      addAll(elements, sets.value.open(cell))
      return
    case SORTED_SET:
      addAll(elements, sortedSets.value.open(cell))
      return
    default:
      throw WRONG_TYPE
  }
}

function addAll(elements: TextColumn, source: ElementSource): void {
  source.rewind()
  while (source.next()) elements.addSlice(source.member)
}
