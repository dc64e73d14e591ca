// Fields of INFO: how sections say them and how figures are written. Knows no section.

/** The fields of a section in order; what is undefined is left out. */
export type Fields = Readonly<Record<string, string | number | undefined>>

/** `name:value` for each field that has one. */
export function fieldLines(fields: Fields): string[] {
  const lines: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) lines.push(`${name}:${typeof value === 'number' ? whole(value) : value}`)
  }
  return lines
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P', 'E']

/** A size for humans, as Redis writes it: `1.50M`, `512B`. */
export function humanBytes(bytes: number): string {
  let unit = 0
  let size = bytes
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return unit === 0 ? `${whole(bytes)}B` : `${size.toFixed(2)}${UNITS[unit]}`
}

/** A quotient with two digits; nothing divided by nothing is 0. */
export function ratio(dividend: number, divisor: number): string {
  return (divisor > 0 ? dividend / divisor : 0).toFixed(2)
}

export function percent(part: number, all: number): string {
  return `${(all > 0 ? (part / all) * 100 : 0).toFixed(2)}%`
}

/** Microseconds as seconds with six digits. */
export function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6)
}

/** A name that is part of a field's name must not end the field or the line. */
export function safeName(name: string): string {
  return name.replace(/[#:\r\n]/g, '_')
}

function whole(value: number): string {
  return String(Math.floor(value))
}
