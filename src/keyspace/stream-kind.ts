// Streams: a record in the entry, nodes, trees and tables outside of it. As Redis, the digest is of the entries alone:
// groups are no part of it.

import { Element } from '../memory/element.ts'
import { IdTreeView } from '../memory/id-tree-view.ts'
import { Slice } from '../memory/slice.ts'
import { readWord } from '../memory/table-root.ts'
import { copyStream } from '../types/stream-copy.ts'
import { StreamCursor } from '../types/stream-cursor.ts'
import { disposeStream } from '../types/stream-disposal.ts'
import { streamFootprint } from '../types/stream-footprint.ts'
import { StreamId } from '../types/stream-id.ts'
import { NODE_WORDS, STREAM } from '../types/stream-layout.ts'
import type { DigestBuilder } from './digest-builder.ts'
import type { Kind } from './kind.ts'

export const streamKind: Kind = {
  mix(digest, reader, entry) {
    const { bytes, start } = reader.value(entry, new Slice())
    const root = readWord(bytes, start + STREAM.nodes)
    const nodes = new IdTreeView(NODE_WORDS).view(reader.words, root, 0)
    const smallest = new StreamId()
    const largest = new StreamId().set(-1, -1, -1, -1)
    const cursor = new StreamCursor().forwards(reader, nodes, smallest, largest)
    while (cursor.next()) mixEntry(digest, cursor)
  },

  dispose(entries, entry) {
    const { bytes, start } = entries.value(entry, new Slice())
    return disposeStream(entries, bytes, start)
  },

  copy(from, to, { seed }) {
    copyStream(from, to, seed)
  },

  footprint: (entries, entry, samples) =>
    streamFootprint(entries, entries.value(entry, new Slice()), samples),
}

function mixEntry(digest: DigestBuilder, { id, node }: StreamCursor): void {
  const field = new Element()
  const value = new Element()
  digest.mix(Buffer.from(`${id.milliseconds}.${id.sequence}`))
  for (let i = 0; i < node.pairCount; i++) {
    node.readPair(field, value)
    digest.mix(field.view())
    digest.mix(value.view())
  }
}
