// The one or two servers of a run, and the order in which they take their turns.

import { freePort, type ServerCommand, ServerProcess } from './servers.ts'

const DYING_MS = 300

export interface Side {
  command: ServerCommand
  port: number
  /** Name and version, known once the server has run. */
  label: string
}

/** Ours first, the one it is compared with second. Ports follow each other from `port`, or are free ones. */
export async function sidesOf(commands: ServerCommand[], port: number | undefined): Promise<Side[]> {
  const sides: Side[] = []
  for (const command of commands) {
    const chosen = port === undefined ? await freePort() : port + sides.length
    sides.push({ command, port: chosen, label: command.name })
  }
  return sides
}

/** Sides by turns first and second, so that what the first of a pair suffers or gains is shared. */
export function inTurn<T>(items: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...items] : [...items].reverse()
}

/** Runs `work` against a fresh server of the side and stops it, whatever happens. */
export async function withServer<T>(side: Side, work: (server: ServerProcess) => Promise<T>): Promise<T> {
  const server = await ServerProcess.start(side.command, side.port)
  side.label = server.label
  try {
    return await work(server)
  } catch (error) {
    // A connection breaks a moment before the process is seen to end; the server's last words say more than that.
    await new Promise((resolve) => setTimeout(resolve, DYING_MS))
    throw server.gone.aborted ? server.gone.reason : error
  } finally {
    await server.stop()
  }
}
