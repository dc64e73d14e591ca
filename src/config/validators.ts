// Rules for single values that their type alone cannot state. Each returns the reason for a refusal, in the words a
// client of Redis expects, or undefined. Knows nothing of where the value came from.

const PROCESS_TITLE_VARIABLES: ReadonlySet<string> = new Set([
  'title',
  'listen-addr',
  'server-mode',
  'port',
  'tls-port',
  'unixsocket',
  'config-file',
])

/** Text with variables in braces; a '}' without its '{' is plain text. */
export function validateProcessTitle(template: string): string | undefined {
  // Redis: the title must not be blank where these two variables are empty, as the mode of a plain server is.
  let isValid = template.replace(/\{(title|server-mode)\}/g, '').trim() !== ''
  for (let open = template.indexOf('{'); open >= 0 && isValid; ) {
    const close = template.indexOf('}', open)
    isValid = close > 0 && PROCESS_TITLE_VARIABLES.has(template.slice(open + 1, close))
    open = template.indexOf('{', open + 1)
  }
  return isValid ? undefined : 'template format is invalid or contains unknown variables'
}

export function validateShutdownWords(words: readonly string[]): string | undefined {
  if (!words.includes('save') || !words.includes('nosave')) return undefined
  return "shutdown options SAVE and NOSAVE can't be used simultaneously"
}

export function plainFileName(option: string, value: string): string | undefined {
  return value.includes('/') ? `${option} can't be a path, just a filename` : undefined
}

export function requiredFileName(option: string, value: string): string | undefined {
  return value === '' ? `${option} can't be empty` : plainFileName(option, value)
}

export function requiredDirectoryName(option: string, value: string): string | undefined {
  if (value === '') return `${option} can't be empty`
  return value.includes('/') ? `${option} can't be a path, just a dirname` : undefined
}

const HOSTNAME_LIMIT = 256

export function validateHostname(name: string): string | undefined {
  if (name.length >= HOSTNAME_LIMIT) return `Hostnames must be less than ${HOSTNAME_LIMIT} characters`
  if (/^[A-Za-z0-9.-]*$/.test(name)) return undefined
  return 'Hostnames may only contain alphanumeric characters, hyphens or dots'
}

/** The name goes into the cluster's line-based file, whose separators it must not contain. */
export function validateNodeName(name: string): string | undefined {
  if (!/[!#$%&()*+:;<>?@[\]^{|}~]/.test(name)) return undefined
  return 'Announced human node name contained invalid character'
}
