// A client in one line of text, as CLIENT LIST and log messages show it
// (https://redis.io/docs/latest/commands/client-list/). Knows no socket.

import type { Session } from './session.ts'

/**
 * Roughly what the objects of an idle connection take: resident memory with 10,000 of them less that of an empty
 * server, divided.
 */
export const CONNECTION_BYTES = 5_700

/** Fields and order are those of Redis 7.4. `own`: how what the client has chosen by itself is shown. */
export function describeClient(session: Session, now: number, own = (text: string) => text): string {
  const { peer } = session
  // What Redis gives each client and we don't is 0: replies are
  // written into a buffer that all clients share (rbs, rbp, obl).
  return [
    `id=${session.id} addr=${peer.address} laddr=${peer.localAddress} fd=${peer.fileDescriptor}`,
    `name=${own(session.name)} age=${seconds(now - session.createdAt)} idle=${seconds(now - session.lastInteraction)}`,
    `flags=${flagsOf(session)} db=${session.database}`,
    `sub=${session.channels} psub=${session.patterns} ssub=${session.shardChannels}`,
    `multi=${session.queuedCommands} watch=${session.watchedKeys}`,
    `qbuf=${peer.queryBytes} qbuf-free=${peer.queryFreeBytes} argv-mem=${peer.argumentBytes} multi-mem=${session.queuedBytes}`,
    `rbs=0 rbp=0 obl=0 oll=${peer.outputPieces} omem=${peer.outputBytes} tot-mem=${memoryOf(session)}`,
    `events=${peer.outputBytes > 0 ? 'rw' : 'r'} cmd=${session.lastCommand} user=${own(session.user)}`,
    `redir=${session.redirect} resp=${session.protocol}`,
    `lib-name=${own(session.libraryName)} lib-ver=${own(session.libraryVersion)}`,
  ].join(' ')
}

/** Bytes that a client takes, with what is remembered for it elsewhere. */
export function memoryOf(session: Session): number {
  const { peer } = session
  const buffers = peer.queryBytes + peer.argumentBytes + peer.queryFreeBytes + peer.outputBytes
  return CONNECTION_BYTES + buffers + session.queuedBytes + session.namesBytes
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.floor(milliseconds / 1000))
}

function flagsOf(session: Session): string {
  let flags = ''
  if (session.isMonitor) flags += 'O'
  if (session.link === 'replica') flags += 'S'
  if (session.link === 'master') flags += 'M'
  if (session.kind === 'pubsub') flags += 'P'
  if (session.isQueueing) flags += 'x'
  if (session.isBlocked) flags += 'b'
  if (session.tracking !== 'off') flags += 't'
  if (session.isRedirectBroken) flags += 'R'
  if (session.tracking === 'broadcast') flags += 'B'
  if (session.isWatchBroken) flags += 'd'
  if (session.isClosing) flags += 'c'
  if (session.peer.isUnix) flags += 'U'
  if (session.isReadonly) flags += 'r'
  if (!session.isEvictable) flags += 'e'
  if (!session.touchesKeys) flags += 'T'
  return flags === '' ? 'N' : flags
}
