// How the list commands get at lists, and how they say that one has lost elements.

import { SYNTAX_ERROR, WRONG_TYPE } from '../base/reply-error.ts'
import type { Arguments } from '../command/arguments.ts'
import { ABSENT, type Context } from '../command/context.ts'
import type { Element } from '../memory/element.ts'
import type { Key } from '../memory/key.ts'
import { EMPTY_LIST_BYTES, type ListValue } from '../types/list.ts'
import { LIST, LIST_LISTPACK } from '../types/value-type.ts'

/** An end of a list. */
export type Side = 'left' | 'right'

export function readSide(args: Arguments, index: number): Side {
  if (args.is(index, 'LEFT')) return 'left'
  if (args.is(index, 'RIGHT')) return 'right'
  throw SYNTAX_ERROR
}

/** The list at a key, for reading; undefined if there is none. */
export function findList(context: Context, key: Key): ListValue | undefined {
  const { db, cell, list } = context
  const entry = db.find(key)
  if (entry === ABSENT) return undefined
  if (db.typeOf(entry) !== LIST) throw WRONG_TYPE
  return list.open(db.hold(cell, key, entry))
}

/** The list at a key, for changing; undefined if there is none. */
export function findListForWrite(context: Context, key: Key): ListValue | undefined {
  const { db, cell, list } = context
  const entry = db.findForWrite(key)
  if (entry === ABSENT) return undefined
  if (db.typeOf(entry) !== LIST) throw WRONG_TYPE
  return list.open(db.hold(cell, key, entry))
}

/** A new list at a key that must be absent. It has to get an element at once. */
export function createList({ db, cell, list }: Context, key: Key): ListValue {
  return list.create(db.putCell(cell, key, LIST, LIST_LISTPACK, EMPTY_LIST_BYTES))
}

export function push(list: ListValue, side: Side, element: Element): void {
  if (side === 'left') list.pushFirst(element)
  else list.pushLast(element)
}

/** Replies elements from one end on; they must be there. */
export function replyFrom({ reply, element }: Context, list: ListValue, side: Side, count: number): void {
  if (side === 'left') list.emit(0, count, reply)
  else if (count === 1) list.emit(list.count - 1, 1, reply)
  else {
    list.seek(-1)
    for (let i = 0; i < count; i++) {
      reply.bulk(list.read(element))
      list.previous()
    }
  }
}

/** Takes elements off one end, perhaps all, and says so; they must be there. */
export function takeOff({ db }: Context, key: Key, list: ListValue, side: Side, count: number): void {
  const event = side === 'left' ? 'lpop' : 'rpop'
  const { count: length } = list
  if (count === length) {
    db.detach(key, list.cell.ref)
    db.changed(key, event, count)
    db.changed(key, 'del', 0)
    return
  }
  list.removeRange(side === 'left' ? 0 : length - count, count)
  list.shrink()
  db.changed(key, event, count)
}
