// Strings lie in their entry as they are, whatever the encoding.

import { Slice } from '../memory/slice.ts'
import type { Kind } from './kind.ts'

export const stringKind: Kind = {
  mix: (digest, reader, entry) => digest.mix(reader.value(entry, new Slice()).view()),
}
