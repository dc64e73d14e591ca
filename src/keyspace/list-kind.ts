// Lists: a small one is a listpack, a large one the root of chunks.

import { ChunkDisposal, chunkFootprint, copyChunks, emitChunks } from '../memory/chunk-disposal.ts'
import { Listpack, type TextSink } from '../memory/listpack.ts'
import { Slice } from '../memory/slice.ts'
import type { DigestBuilder } from './digest-builder.ts'
import type { Kind } from './kind.ts'

export const smallListKind: Kind = {
  mix: (digest, reader, entry) => {
    const pack = new Listpack().openAt(reader.value(entry, new Slice()))
    pack.emit(pack.first, pack.count, mixer(digest))
  },
}

export const largeListKind: Kind = {
  mix: (digest, reader, entry) => emitChunks(reader, reader.value(entry, new Slice()), mixer(digest)),
  dispose: (entries, entry) => {
    const { bytes, start } = entries.value(entry, new Slice())
    return new ChunkDisposal(entries, bytes, start)
  },
  copy: (from, to) => copyChunks(from.entries, from, to.entries, to),
  footprint: (entries, entry, samples) => chunkFootprint(entries, entries.value(entry, new Slice()), samples),
}

function mixer(digest: DigestBuilder): TextSink {
  return {
    bulkBytes: (bytes, start, length) => digest.mix(bytes.subarray(start, start + length)),
  }
}
