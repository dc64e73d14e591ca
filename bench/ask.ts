// One question to a server and its reply, for what the bench wants to know outside the measurements.
// Understands status, error, integer and bulk replies: enough for PING and INFO.

import { connect } from 'node:net'

export const HOST = '127.0.0.1'

const PATIENCE_MS = 10_000

/** Sends one command over a connection of its own. An error reply rejects, as do a refused and a cut connection. */
export function ask(port: number, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST)
    let received = ''
    const end = (settle: () => void) => {
      socket.destroy()
      settle()
    }
    socket.setEncoding('latin1')
    socket.setTimeout(PATIENCE_MS, () => end(() => reject(new Error(`no reply to ${words[0]}`))))
    socket.on('error', (error) => end(() => reject(error)))
    socket.on('close', () => reject(new Error(`connection closed before the reply to ${words[0]}`)))
    socket.on('data', (chunk) => {
      received += chunk
      const reply = readReply(received)
      if (reply === undefined) return
      end(() => (reply.isError ? reject(new Error(reply.text)) : resolve(reply.text)))
    })
    socket.write(encodeRequest(words))
  })
}

/** A command as an array of bulk strings. Words are latin1. */
export function encodeRequest(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

/** The first reply in `received`, or undefined while it is incomplete. */
export function readReply(received: string): { text: string; isError: boolean } | undefined {
  const lineEnd = received.indexOf('\r\n')
  if (lineEnd < 0) return undefined
  const line = received.slice(1, lineEnd)
  if (received[0] !== '$') return { text: line, isError: received[0] === '-' }
  const start = lineEnd + 2
  const length = Math.max(0, Number(line))
  return received.length < start + length
    ? undefined
    : { text: received.slice(start, start + length), isError: false }
}
