// Which block sizes the arena hands out. Blocks are measured in units of 8 bytes.
// Up to 512 bytes every unit is a class of its own; above, eight classes per doubling (at most 12.5 % unused),
// and one class made to measure for the table's segments, the most frequent large block.

export const UNIT_BITS = 3
export const UNIT_BYTES = 1 << UNIT_BITS

/** The largest block. What is larger gets a buffer of its own (large-values.ts). */
export const MAX_BLOCK_BYTES = 65_536

/** Header and 1,024 slots of 6 bytes: see table.ts. */
export const SEGMENT_BYTES = 16 + 1024 * 6

const MAX_UNITS = MAX_BLOCK_BYTES >>> UNIT_BITS

function classSizes(): number[] {
  const units: number[] = [0]
  for (let u = 1; u <= 64; u++) units.push(u)
  for (let base = 64; base < MAX_UNITS; base *= 2) {
    for (let step = 1; step <= 8; step++) units.push(base + (base / 8) * step)
  }
  units.push(SEGMENT_BYTES >>> UNIT_BITS)
  return units.sort((a, b) => a - b)
}

const sizes = classSizes()

/** Units of a block of each class. Class 0 is no class. */
export const CLASS_UNITS = Int32Array.from(sizes)

export const CLASS_COUNT = sizes.length

/** The smallest class that holds so many units. */
export const CLASS_OF_UNITS = new Uint8Array(MAX_UNITS + 1)

for (let units = 1, cls = 1; units <= MAX_UNITS; units++) {
  if (units > CLASS_UNITS[cls]!) cls++
  CLASS_OF_UNITS[units] = cls
}

/** Bytes that a block of this many bytes really takes. */
export function blockBytes(bytes: number): number {
  return CLASS_UNITS[CLASS_OF_UNITS[(bytes + UNIT_BYTES - 1) >>> UNIT_BITS]!]! << UNIT_BITS
}
