// LOLWUT: the history of an elementary cellular automaton, drawn in braille (2 by 4 cells a character), with our name
// and version beneath. `VERSION n` asks for rule n; further numbers are columns and rows of characters.

import { REDIS_VERSION, RESPITE_VERSION } from '../base/version.ts'
import type { Context } from '../command/context.ts'

/** Rules that draw something worth looking at. */
const RULES = [18, 30, 45, 60, 73, 90, 105, 110, 126, 150]
const DEFAULT_COLUMNS = 40
const DEFAULT_ROWS = 10
const MAX_COLUMNS = 200
const MAX_ROWS = 100
const CELLS_WIDE = 2
const CELLS_HIGH = 4
/** Braille patterns begin here; a bit for each dot. */
const BRAILLE = 0x2800
/** The bit of a dot, row by row, left and right. */
const DOTS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]

export function lolwut(context: Context): void {
  const { args, reply } = context
  const { random } = context.keyspace
  let rule = RULES[random.below(RULES.length)]!
  let columns = DEFAULT_COLUMNS
  let rows = DEFAULT_ROWS
  if (args.count > 2 && args.is(1, 'VERSION')) {
    rule = args.integer(2) & 0xff
    if (args.count > 3) columns = clamp(args.integer(3), MAX_COLUMNS)
    if (args.count > 4) rows = clamp(args.integer(4), MAX_ROWS)
  }
  const generations = automaton(rule, columns * CELLS_WIDE, rows * CELLS_HIGH)
  const text = `${draw(generations, columns, rows)}\n\nRule ${rule}, from a single cell. Respite ${RESPITE_VERSION}, Redis ver. ${REDIS_VERSION}\n`
  // The writer takes a character for a byte.
  reply.verbatim('txt', Buffer.from(text, 'utf8').toString('latin1'))
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 1), max)
}

/** So many generations of a row of cells whose ends meet. */
function automaton(rule: number, width: number, count: number): Uint8Array[] {
  let cells = new Uint8Array(width)
  cells[width >> 1] = 1
  const generations = [cells]
  while (generations.length < count) {
    const next = new Uint8Array(width)
    for (let x = 0; x < width; x++) {
      const left = cells[(x + width - 1) % width]!
      const right = cells[(x + 1) % width]!
      // The rule's bits are the next state for each of the eight neighbourhoods.
      next[x] = (rule >>> ((left << 2) | (cells[x]! << 1) | right)) & 1
    }
    generations.push(next)
    cells = next
  }
  return generations
}

function draw(generations: readonly Uint8Array[], columns: number, rows: number): string {
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let column = 0; column < columns; column++) {
      let dots = 0
      for (let dot = 0; dot < DOTS.length; dot++) {
        const y = row * CELLS_HIGH + (dot >> 1)
        if (generations[y]![column * CELLS_WIDE + (dot & 1)] === 1) dots |= DOTS[dot]!
      }
      line += String.fromCharCode(BRAILLE + dots)
    }
    lines.push(line)
  }
  return lines.join('\n')
}
