// Respite inside a Node process: a server without a process of its own, for tests and tools.

import { EmbeddedServer } from './embedding/embedded-server.ts'
import type { RespiteOptions, RespiteServer } from './embedding/public.ts'

export { CommandError } from './embedding/command-error.ts'
export type * from './embedding/public.ts'

/**
 * Starts a server on a free port of the loopback interface, or wherever `options` say; resolves when clients can connect.
 * It reads no file, writes none and logs nothing, unless an option asks for it. Rejects with an Error that says what is
 * wrong with an option, or why the port or socket can't be listened on.
 */
export function createServer(options: RespiteOptions = {}): Promise<RespiteServer> {
  return EmbeddedServer.start(options)
}
