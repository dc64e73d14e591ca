// What commands on streams work with: one of each per server, for all streams. Nothing of it is kept between commands.

import { Element } from '../memory/element.ts'
import type { TypeEnvironment } from './environment.ts'
import { Stream } from './stream.ts'
import { StreamGroups } from './stream-groups.ts'
import { ID_TEXT_BYTES, StreamId, writeLower, writeUpper } from './stream-id.ts'

export class StreamWorkspace {
  readonly stream: Stream
  readonly groups: StreamGroups
  readonly id = new StreamId()
  readonly firstId = new StreamId()
  readonly lastId = new StreamId()
  readonly field = new Element()
  readonly value = new Element()
  /** An id as text: see `write`. */
  readonly text = new Uint8Array(ID_TEXT_BYTES)
  /** The id whose first half is in `text`, and how long that is with its sign. */
  readonly #written = new StreamId()
  #writtenLength = writeUpper(this.text, this.#written)

  constructor({ limits, seed }: TypeEnvironment) {
    this.stream = new Stream(limits)
    this.groups = new StreamGroups(seed, this.stream)
  }

  /**
   * Writes an id into `text` and returns its length. Ids that follow each other often have the same milliseconds: then
   * these are there already, which saves a twelfth of XADD's time.
   */
  write(id: StreamId): number {
    const written = this.#written
    if (id.upperLow !== written.upperLow || id.upperHigh !== written.upperHigh) {
      written.copyFrom(id)
      this.#writtenLength = writeUpper(this.text, id)
    }
    return writeLower(this.text, this.#writtenLength, id)
  }
}
