// Writing to a socket past its stream. A stream makes an object and schedules a callback for every write, 0.5 us for
// the few bytes of a reply; the system takes them at once nearly always. What it does not take is left to the stream.
// Needs the descriptor behind a socket, which Node keeps to itself: without one nothing is written here.

import fs from 'node:fs'
import type { Socket } from 'node:net'

export const NO_DESCRIPTOR = -1

/** The descriptor of an open socket, or NO_DESCRIPTOR where Node does not show it (or on Windows). */
export function descriptorOf(socket: Socket): number {
  const handle = (socket as unknown as { _handle?: { fd?: number } })._handle
  return handle?.fd ?? NO_DESCRIPTOR
}

/**
 * Writes as many of the bytes as the system takes without waiting, and returns how many. Nothing else of this socket may
 * be on its way.
 */
export function writeDirectly(
  socket: Socket,
  descriptor: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  // The descriptor of a socket that has been closed may be another client's by now.
  if (descriptor < 0 || socket.destroyed) return 0
  try {
    return fs.writeSync(descriptor, bytes, from, to - from)
  } catch {
    // The client reads too slowly, or is gone: the stream finds out which.
    return 0
  }
}
