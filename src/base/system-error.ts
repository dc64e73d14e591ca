// Why the system refused something, in the words of C's strerror as Redis prints them. Node has words of its own.

import { getSystemErrorMap } from 'node:util'

/** Where libuv's words are not strerror's. */
const WORDS: Record<string, string> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EMFILE: 'Too many open files',
  EAI_NONAME: 'Name or service not known',
  EISDIR: 'Is a directory',
}

export function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException
  const words = WORDS[code ?? ''] ?? getSystemErrorMap().get(errno ?? 0)?.[1] ?? message ?? String(error)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
