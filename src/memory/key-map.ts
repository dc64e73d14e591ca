// A map in the JavaScript heap by keys as they lie in requests: found by their hash and bytes, so that asking makes no
// string. For what belongs to the process and not to the dataset: who watches, who caches, who listens.

import type { Key } from './key.ts'

interface Node<V> {
  readonly hash: number
  readonly bytes: Uint8Array
  value: V
  /** Another key with the same hash. */
  next: Node<V> | undefined
}

export class KeyMap<V> {
  size = 0
  readonly #nodes = new Map<number, Node<V>>()

  get(key: Key): V | undefined {
    return this.#find(key)?.value
  }

  /** Sets a value; a new key is copied. */
  set(key: Key, value: V): void {
    const node = this.#find(key)
    if (node !== undefined) {
      node.value = value
      return
    }
    const { hash } = key
    this.#nodes.set(hash, { hash, bytes: key.copy(), value, next: this.#nodes.get(hash) })
    this.size++
  }

  delete(key: Key): boolean {
    const first = this.#nodes.get(key.hash)
    let before: Node<V> | undefined
    for (let node = first; node !== undefined; before = node, node = node.next) {
      if (!isSame(node.bytes, key)) continue
      if (before !== undefined) before.next = node.next
      else if (node.next !== undefined) this.#nodes.set(key.hash, node.next)
      else this.#nodes.delete(key.hash)
      this.size--
      return true
    }
    return false
  }

  clear(): void {
    this.#nodes.clear()
    this.size = 0
  }

  /** All keys with their values, in no order that means anything. What is added meanwhile may come too. */
  *entries(): IterableIterator<[bytes: Uint8Array, value: V]> {
    for (const first of this.#nodes.values()) {
      for (let node: Node<V> | undefined = first; node !== undefined; node = node.next) {
        yield [node.bytes, node.value]
      }
    }
  }

  #find(key: Key): Node<V> | undefined {
    let node = this.#nodes.get(key.hash)
    while (node !== undefined && !isSame(node.bytes, key)) node = node.next
    return node
  }
}

function isSame(bytes: Uint8Array, key: Key): boolean {
  const { length, start, bytes: other } = key
  if (bytes.length !== length) return false
  for (let i = 0; i < length; i++) if (bytes[i] !== other[start + i]) return false
  return true
}
