// Splitting and quoting for texts that hold bytes as latin1, as all texts of a configuration do.

import { needsQuoting, quote, splitArguments } from '../base/quoting.ts'

/** The words of a line; undefined if its quotes are not balanced. */
export function splitWords(line: string): string[] | undefined {
  return splitArguments(bytesOf(line))?.map((word) => Buffer.from(word).toString('latin1'))
}

export function quoteWord(word: string): string {
  return quote(bytesOf(word))
}

/** The word as a line can hold it: quoted only if it would not be read back as it is. */
export function plainWord(word: string): string {
  return needsQuoting(bytesOf(word)) ? quoteWord(word) : word
}

/** A line without the blanks at its ends. Not String.trim: that takes byte 0xa0, part of many a letter, for a blank. */
export function trimLine(line: string): string {
  return line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
