// Hostile input for a running server: random bytes, and valid requests with bytes changed, dropped, doubled or swapped.
// By hand: tsx test/server/fuzz.ts [streams of each kind] [seed]

import { createConnection, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Random } from '../../src/base/random.ts'
import { quote } from '../support/reply.ts'
import { encode, RespClient } from '../support/resp-client.ts'
import { type ServerProcess, startRespite } from '../support/servers.ts'

/** Streams that go to one connection before it is given up, if the server has not closed it. */
const STREAMS_PER_CONNECTION = 200
const CONNECTIONS_AT_ONCE = 20

/** Commands to be damaged. None of them may stop or hold up a server when its words get mixed up. */
const SEEDS: readonly string[][] = [
  ['SET', 'k', 'v', 'EX', '10', 'NX', 'GET'],
  ['GET', 'k'],
  ['MSET', 'a', '1', 'b', '2'],
  ['INCRBYFLOAT', 'n', '1.5e3'],
  ['INCRBY', 'n', '9223372036854775807'],
  ['SETRANGE', 'k', '100', 'abc'],
  ['GETRANGE', 'k', '-5', '-1'],
  ['SETBIT', 'b', '1000', '1'],
  ['BITFIELD', 'b', 'INCRBY', 'i5', '#3', '7', 'OVERFLOW', 'FAIL', 'GET', 'u63', '0'],
  ['BITOP', 'XOR', 'c', 'a', 'b'],
  ['BITCOUNT', 'b', '0', '-1', 'BIT'],
  ['LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', '2', 'WITHMATCHLEN'],
  ['EXPIRE', 'k', '100', 'GT'],
  ['SCAN', '0', 'MATCH', '*', 'COUNT', '10', 'TYPE', 'string'],
  ['COPY', 'k', 'j', 'DB', '1', 'REPLACE'],
  ['RENAME', 'k', 'j'],
  ['OBJECT', 'ENCODING', 'k'],
  ['HELLO', '3', 'SETNAME', 'fuzz'],
  ['CLIENT', 'SETNAME', 'fuzz'],
  ['CLIENT', 'LIST', 'ID', '1', '2'],
  ['CLIENT', 'REPLY', 'SKIP'],
  ['CONFIG', 'GET', 'max*', '*bytes*'],
  ['COMMAND', 'GETKEYS', 'MSET', 'a', '1', 'b', '2'],
  ['COMMAND', 'DOCS', 'get'],
  ['INFO', 'everything'],
  ['DEBUG', 'OBJECT', 'k'],
  ['MEMORY', 'USAGE', 'k', 'SAMPLES', '5'],
  ['SLOWLOG', 'GET', '-1'],
  ['LATENCY', 'HISTOGRAM', 'set'],
  ['SELECT', '3'],
  ['AUTH', 'default', 'x'],
  ['PING', 'hello'],
]

/** Bytes that mean something to a parser. */
const TELLING = '*$+-:\r\n"\'\\ 0123456789\x00\xff'

export function randomStream(random: Random): Buffer {
  const bytes = Buffer.alloc(1 + random.below(120))
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = random.below(3) === 0 ? random.below(256) : TELLING.charCodeAt(random.below(TELLING.length))
  }
  return bytes
}

export function damagedRequest(random: Random): Buffer {
  const words = [...SEEDS[random.below(SEEDS.length)]!]
  // Half of the damage is to the words, half to the bytes on the wire.
  if (random.below(2) === 0) words[random.below(words.length)] = randomStream(random).toString('latin1')
  if (random.below(4) === 0) words.splice(random.below(words.length), 1)
  let bytes: Buffer<ArrayBuffer> = Buffer.from(encode(words))
  for (let n = random.below(4); n > 0 && bytes.length > 1; n--) bytes = damage(bytes, random)
  return bytes
}

function damage(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length)
  switch (random.below(4)) {
    case 0:
      bytes[at] = random.below(256)
      return bytes
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at >>> 1)])
    default:
      bytes[at] = TELLING.charCodeAt(random.below(TELLING.length))
      return bytes
  }
}

/** Sends so many streams; fails if the server stops answering a client that behaves. */
export async function fuzz(
  server: ServerProcess,
  streams: number,
  make: (random: Random) => Buffer,
  seed: number,
): Promise<void> {
  const random = new Random(seed)
  const witness = await RespClient.connect(server)
  let left = streams
  const attack = async () => {
    while (left > 0) {
      const batch = Math.min(left, STREAMS_PER_CONNECTION)
      left -= batch
      await attackOnce(
        server,
        Array.from({ length: batch }, () => make(random)),
      )
    }
  }
  const attackers = Array.from({ length: CONNECTIONS_AT_ONCE }, attack)
  const attacks = Promise.all(attackers)
  let isDone = false
  attacks.then(
    () => {
      isDone = true
    },
    () => {
      isDone = true
    },
  )
  while (!isDone) {
    const reply = await witness.call('PING', 'here')
    if (reply.type !== 'bulk' || reply.text !== 'here') throw new Error('the witness got another reply')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await attacks
  witness.destroy()
}

/** One connection after the other until all streams are sent: a protocol error ends a connection early. */
async function attackOnce(server: ServerProcess, streams: readonly Buffer[]): Promise<void> {
  let next = 0
  while (next < streams.length) {
    const socket = createConnection(server)
    socket.on('error', () => {})
    socket.resume()
    await new Promise<void>((resolve) => {
      socket.once('connect', () => resolve())
      socket.once('close', () => resolve())
    })
    while (next < streams.length && socket.writable && !socket.readableEnded) {
      await written(socket, streams[next++]!)
    }
    socket.destroy()
  }
}

function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(bytes, () => resolve())
  })
}

async function usedMemory(server: ServerProcess): Promise<number> {
  const client = await RespClient.connect(server)
  await client.call('FLUSHALL')
  const reply = await client.call('INFO', 'memory')
  client.destroy()
  const text = reply.type === 'bulk' || reply.type === 'verbatim' ? reply.text : ''
  return Number(/used_memory_dataset:(\d+)/.exec(text)?.[1] ?? Number.NaN)
}

async function main(streams: number, seed: number): Promise<void> {
  const server = await startRespite()
  const before = await usedMemory(server)
  for (const make of [randomStream, damagedRequest]) {
    const start = performance.now()
    await fuzz(server, streams, make, seed)
    process.stdout.write(`${make.name}: ${streams} in ${Math.round(performance.now() - start)} ms\n`)
  }
  process.stdout.write(`dataset memory: ${before} before, ${await usedMemory(server)} after\n`)
  const problems = server.output().match(/Internal error.*/g) ?? []
  process.stdout.write(
    `internal errors: ${problems.length} ${problems
      .slice(0, 5)
      .map((p) => quote(p))
      .join('\n')}\n`,
  )
  process.stdout.write(`exit: ${await server.stop()}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1))
}
