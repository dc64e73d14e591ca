// Random values of all types and encodings, as the commands that make them: the same for the same seed, in any server.

import type { Random } from '../../src/base/random.ts'

export type Command = (string | Uint8Array)[]

/** Texts that packed structures keep in different ways: integers of all sizes, short and long text, what compresses. */
export function drawText(random: Random, long: boolean): string {
  switch (random.below(long ? 9 : 7)) {
    case 0:
      return String(random.below(256) - 128)
    case 1:
      return String(random.below(100_000) - 50_000)
    case 2:
      return String(BigInt.asIntN(64, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())))
    case 3:
      return String(random.uint32() - 2 ** 31)
    case 4:
      return `0${random.below(1000)}`
    case 5:
      return Array.from({ length: random.below(60) }, () => String.fromCharCode(random.below(256))).join('')
    case 6:
      return 'ab'.repeat(random.below(30)) + random.below(1000)
    case 7:
      return 'lorem ipsum '.repeat(random.below(500))
    default:
      return `${random.uint32()}:`.repeat(1 + random.below(8000))
  }
}

const MAKERS: Readonly<Record<string, (random: Random, key: string, size: number) => Command[]>> = {
  string: (random, key) => [['SET', key, drawText(random, true)]],
  list: (random, key, size) => [['RPUSH', key, ...texts(random, size, true)]],
  set: (random, key, size) => [['SADD', key, ...texts(random, size, random.below(3) === 0)]],
  integers: (random, key, size) => {
    const scale = 2 ** random.below(52)
    return [['SADD', key, ...drawn(size, () => String((random.below(1000) - 500) * scale))]]
  },
  hash: (random, key, size) => [['HSET', key, ...texts(random, 2 * size, random.below(3) === 0)]],
  sortedSet: (random, key, size) => {
    const pairs = drawn(size, () => [drawScore(random), drawText(random, random.below(20) === 0)])
    return [['ZADD', key, ...pairs.flat()]]
  },
  stream: drawStream,
}

export const KINDS = Object.keys(MAKERS)

/** The commands that make a value under a key. */
export function drawValue(random: Random, key: string): Command[] {
  const kind = KINDS[random.below(KINDS.length)]!
  const size = 1 + random.below([3, 20, 150, 700][random.below(4)]!)
  return MAKERS[kind]!(random, key, size).map((command) =>
    command.map((word) => (typeof word === 'string' ? Buffer.from(word, 'latin1') : word)),
  )
}

function drawn<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw)
}

function texts(random: Random, count: number, long: boolean): string[] {
  return drawn(count, () => drawText(random, long && random.below(10) === 0))
}

function drawScore(random: Random): string {
  const scores = ['inf', '-inf', '0', '1e300', '-2.5e-7', '3.14159265358979']
  const kind = random.below(20)
  if (kind < scores.length) return scores[kind]!
  return kind < 12 ? String(random.below(100)) : String((random.uint32() - 2 ** 31) / 1000)
}

function drawStream(random: Random, key: string, size: number): Command[] {
  const commands: Command[] = []
  let milliseconds = 1_700_000_000_000
  const ids: string[] = []
  for (let i = 0; i < size; i++) {
    milliseconds += random.below(1000)
    const id = `${milliseconds}-${i + random.below(2) * 2 ** 40}`
    ids.push(id)
    const pairs =
      random.below(3) === 0 ? texts(random, 2 + 2 * random.below(3), true) : ['a', '1', 'b', 'xyz']
    commands.push(['XADD', key, id, ...pairs])
    milliseconds++
  }
  for (let i = random.below(size); i > 0; i--) commands.push(['XDEL', key, ids[random.below(size)]!])
  if (random.below(4) === 0) commands.push(['XTRIM', key, 'MAXLEN', String(random.below(size))])
  for (let i = random.below(3); i > 0; i--) {
    commands.push(['XGROUP', 'CREATE', key, `group ${i}`, random.below(2) === 0 ? '0' : '$'])
    for (let j = random.below(3); j > 0; j--) {
      // Before 7.2 a consumer that got nothing was not made.
      commands.push(['XGROUP', 'CREATECONSUMER', key, `group ${i}`, `consumer ${j}`])
      commands.push([
        'XREADGROUP',
        'GROUP',
        `group ${i}`,
        `consumer ${j}`,
        'COUNT',
        String(1 + j * 7),
        'STREAMS',
        key,
        '>',
      ])
    }
    commands.push(['XACK', key, `group ${i}`, ids[random.below(size)]!])
  }
  return commands
}
