// Writes what a whole RDB file says, record by record: notes, databases with their sizes, keys with what is known of them,
// and the end. Where the bytes go, and what they add up to, is the output's owner's business.

import type { Ref } from '../memory/arena.ts'
import { NO_DEADLINE } from '../memory/deadline.ts'
import type { EntryReader } from '../memory/entry-reader.ts'
import { Slice } from '../memory/slice.ts'
import { RECORD } from './format.ts'
import type { RdbOutput } from './output.ts'
import { type RdbVersion, ValueWriter } from './value-writer.ts'

/** What the file is to say of each key's access. */
export type AccessRecord = 'none' | 'idle' | 'frequency'

export class FileWriter {
  readonly #output: RdbOutput
  readonly #version: RdbVersion
  readonly #values: ValueWriter
  readonly #key = new Slice()

  constructor(output: RdbOutput, version: RdbVersion) {
    this.#output = output
    this.#version = version
    this.#values = new ValueWriter(output, version)
  }

  header(): void {
    const text = Buffer.from(`REDIS${String(this.#version).padStart(4, '0')}`, 'latin1')
    this.#output.raw(text, 0, text.length)
  }

  /** Something about the file or its writer, such as `redis-ver`. */
  note(name: string, value: string): void {
    this.#output.byte(RECORD.note)
    this.#text(name)
    this.#text(value)
  }

  /** A library of functions. */
  functions(code: Uint8Array): void {
    this.#output.byte(RECORD.functions)
    this.#output.string(code, 0, code.length)
  }

  /** The following keys are in this database. Of `keys` keys, `deadlines` have a deadline. */
  database(index: number, keys: number, deadlines: number): void {
    const output = this.#output
    output.byte(RECORD.database)
    output.size(index)
    output.byte(RECORD.sizes)
    output.size(keys)
    output.size(deadlines)
  }

  /** Of the next key: seconds since it was used. */
  idle(seconds: number): void {
    this.#output.byte(RECORD.idle)
    this.#output.size(seconds)
  }

  /** Of the next key: how often it is used. */
  frequency(counter: number): void {
    this.#output.byte(RECORD.frequency)
    this.#output.byte(counter)
  }

  /** Of the next key, before its idle time or frequency. */
  deadline(deadline: number): void {
    if (deadline === NO_DEADLINE) return
    this.#output.byte(RECORD.deadline)
    this.#output.milliseconds(deadline)
  }

  /** A key and its value. */
  entry(reader: EntryReader, ref: Ref): void {
    const output = this.#output
    const values = this.#values
    output.byte(values.formOf(reader, ref))
    output.text(reader.key(ref, this.#key))
    values.write(reader, ref)
  }

  /** No record follows; a checksum of eight bytes does. */
  end(): void {
    this.#output.byte(RECORD.end)
  }

  #text(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    this.#output.string(bytes, 0, bytes.length)
  }
}
