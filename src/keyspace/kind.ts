// What the keyspace has to know of values that keep more than the bytes in their entry: how they are freed, copied,
// measured and digested. A type says it once per encoding, in a file of its own beside this one, and stands in kinds.ts.
//
// Bytes in an entry may refer to other blocks of the same database (a large hash is a small record that says where its
// table is). So they mean nothing in another database, and no two keys may have the same; moving an entry within its
// database moves the references and needs nothing.

import type { Ref } from '../memory/arena.ts'
import type { Cell } from '../memory/cell.ts'
import type { Entries } from '../memory/entries.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import type { TablePlace } from '../memory/table-copy.ts'
import type { Disposal } from '../memory/table-disposal.ts'
import type { TypeEnvironment } from '../types/environment.ts'
import type { DigestBuilder } from './digest-builder.ts'

export interface Kind {
  /** Adds the value to a digest, as Redis does. The value may be one that a frozen reader sees. */
  mix(digest: DigestBuilder, reader: EntryReader, entry: Ref): void
  /**
   * What has to be freed besides the entry, which goes at once: all that is needed of it is read here. Absent: nothing.
   */
  dispose?(entries: Entries, entry: Ref): Disposal
  /** `to` has a copy of `from`'s bytes: replaces what they refer to by copies of its own. Absent: they refer to nothing. */
  copy?(from: Cell, to: Cell, environment: TypeEnvironment): void
  /** Bytes besides the entry's, exactly or from so many samples (0: all). Absent: none. */
  footprint?(entries: Entries, entry: Ref, samples: number): number
  /** Where the table is whose keys are its elements: its root begins the value. Absent: there is none. */
  table?(entries: Entries, entry: Ref): TablePlace
  /** No element of the value is due before; NO_DEADLINE if none has a deadline. Absent: elements can't have any. */
  earliestDeadline?(reader: EntryReader, entry: Ref): number
}
