// What commands on streams work with: one of each per server, for all streams. Nothing of it is kept between commands.

import { Element } from '../memory/element.ts'
import type { TypeEnvironment } from './environment.ts'
import { Stream } from './stream.ts'
import { StreamGroups } from './stream-groups.ts'
import { ID_TEXT_BYTES, StreamId } from './stream-id.ts'

export class StreamWorkspace {
  readonly stream: Stream
  readonly groups: StreamGroups
  readonly id = new StreamId()
  readonly firstId = new StreamId()
  readonly lastId = new StreamId()
  readonly field = new Element()
  readonly value = new Element()
  /** For an id as text. */
  readonly text = new Uint8Array(ID_TEXT_BYTES)

  constructor({ limits, seed }: TypeEnvironment) {
    this.stream = new Stream(limits)
    this.groups = new StreamGroups(seed, this.stream)
  }
}
