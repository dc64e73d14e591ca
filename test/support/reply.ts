// Replies as tests see them: plain objects that keep every distinction the wire makes, so that a deep comparison
// of two replies is a comparison of two protocols. Knows no socket and no parsing (reply-decoder.ts does that).
// Strings are latin1: one character per byte.

/** One reply. Nulls come in three kinds because RESP2 has two and RESP3 a third. */
export type Reply =
  | { type: 'simple' | 'error' | 'bulk-error' | 'bulk'; text: string }
  | { type: 'integer'; value: number | bigint }
  /** The text is what was on the wire: tests compare formatting, not values. */
  | { type: 'double' | 'big-number'; text: string }
  | { type: 'verbatim'; format: string; text: string }
  | { type: 'boolean'; value: boolean }
  | { type: 'nil-bulk' | 'nil-array' | 'null' }
  | { type: 'array' | 'set' | 'push'; items: Reply[] }
  | { type: 'map'; entries: [Reply, Reply][] }
  /** A reply that had attributes in front of it. */
  | { type: 'attributed'; attributes: [Reply, Reply][]; reply: Reply }

export type ReplyType = Reply['type']

const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

/** A byte string in double quotes, escaped as redis-cli prints it and reads it back. */
export function quote(text: string): string {
  const escaped = text.replace(/[^\x20-\x7e]|["\\]/g, (character) => {
    const code = character.charCodeAt(0)
    return ESCAPES[character] ?? `\\x${code.toString(16).padStart(2, '0')}`
  })
  return `"${escaped}"`
}

/** A command line that can be pasted into redis-cli. */
export function quoteCommand(args: readonly string[]): string {
  return args.map((arg) => (/^[\w.:#*+-]+$/.test(arg) ? arg : quote(arg))).join(' ')
}

/** A reply in one line, different for any two different replies: for messages and for reading diffs. */
export function format(reply: Reply): string {
  switch (reply.type) {
    case 'simple':
      return /^[ -~]*$/.test(reply.text) ? `+${reply.text}` : `+${quote(reply.text)}`
    case 'error':
      return `(error) ${reply.text}`
    case 'bulk-error':
      return `(bulk error) ${reply.text}`
    case 'bulk':
      return quote(reply.text)
    case 'integer':
      return `(integer) ${reply.value}`
    case 'double':
    case 'big-number':
      return `(${reply.type}) ${reply.text}`
    case 'verbatim':
      return `(verbatim ${reply.format}) ${quote(reply.text)}`
    case 'boolean':
      return `(${reply.value})`
    case 'nil-bulk':
    case 'nil-array':
    case 'null':
      return `(${reply.type})`
    case 'array':
      return `[${reply.items.map(format).join(', ')}]`
    case 'set':
    case 'push':
      return `${reply.type}[${reply.items.map(format).join(', ')}]`
    case 'map':
      return formatEntries(reply.entries)
    case 'attributed':
      return `attributes${formatEntries(reply.attributes)} ${format(reply.reply)}`
  }
}

function formatEntries(entries: [Reply, Reply][]): string {
  return `{${entries.map(([key, value]) => `${format(key)} => ${format(value)}`).join(', ')}}`
}
