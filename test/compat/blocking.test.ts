// Several clients that wait and are served, ours beside a real redis-server: after every command the same clients must
// have been answered, and with the same. Redis 7.0 serves from the key that became ready first, 7.2 and later run the
// command again, from its first key on: so no more than one key of a waiter becomes ready at a time here.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encode, format, RespClient } from '../support/resp-client.ts'
import { findRedis, type ServerProcess, startRedis, startRespite } from '../support/servers.ts'
import { Draw } from './draw.ts'

const CLIENTS = 6
const STEPS = 500
/** Only ever lists, and only ever sorted sets: for waiters at several keys. */
const LISTS = ['l1', 'l2', 'l3']
const SORTED_SETS = ['z1', 'z2', 'z3']
/** Of any type. */
const ANY = ['k1', 'k2']

class Waiting {
  readonly client: RespClient
  readonly id: string
  /** Replies that have come since the last look. */
  replies: string[] = []
  /** Requests that have not been answered. */
  open = 0

  constructor(client: RespClient, id: string) {
    this.client = client
    this.id = id
  }

  send(commands: string[][]): void {
    this.client.raw(Buffer.concat(commands.map((command) => encode(command))))
    for (let i = 0; i < commands.length; i++) {
      this.open++
      this.client.next().then(
        (reply) => {
          this.open--
          this.replies.push(format(reply))
        },
        // Some still wait when the servers are stopped.
        () => undefined,
      )
    }
  }
}

/** One server with its clients. */
class Side {
  readonly #control: RespClient
  readonly clients: Waiting[]

  constructor(control: RespClient, clients: Waiting[]) {
    this.#control = control
    this.clients = clients
  }

  static async connect(server: ServerProcess): Promise<Side> {
    const clients: Waiting[] = []
    for (let i = 0; i < CLIENTS; i++) {
      const client = await RespClient.connect(server)
      const id = format(await client.call('CLIENT', 'ID')).replace('(integer) ', '')
      clients.push(new Waiting(client, id))
    }
    return new Side(await RespClient.connect(server), clients)
  }

  async ask(...command: string[]): Promise<string> {
    return format(await this.#control.call(...command))
  }

  /** Waits until every client has been answered or is blocked; what came meanwhile, by client. */
  async settle(): Promise<string[][]> {
    for (let isSettled = false; !isSettled; ) {
      const before = this.clients.map(({ open }) => open).join()
      const reply = await this.#control.call('CLIENT', 'LIST')
      const list = reply.type === 'bulk' ? reply.text : ''
      const isBlocked = ({ id }: Waiting) => new RegExp(`^id=${id} .* flags=b`, 'm').test(list)
      // What has been answered meanwhile may have served somebody whom the list still shows as blocked.
      isSettled =
        this.clients.map(({ open }) => open).join() === before &&
        this.clients.every((client) => client.open === 0 || isBlocked(client))
    }
    return this.clients.map((client) => client.replies.splice(0))
  }
}

function several(draw: Draw, keys: readonly string[]): string[] {
  return draw.several(1, 3, () => draw.pick(keys))
}

function side(draw: Draw): string {
  return draw.pick(['LEFT', 'RIGHT'])
}

function wait(draw: Draw): string[] {
  const keys = draw.chance(0.6) ? several(draw, LISTS) : [draw.pick(ANY)]
  const sorted = draw.chance(0.7) ? several(draw, SORTED_SETS) : [draw.pick(ANY)]
  switch (draw.below(9)) {
    case 0:
    case 1:
      return ['BLPOP', ...keys, '0']
    case 2:
      return ['BRPOP', ...keys, '0']
    case 3:
      return ['BLMOVE', keys[0]!, draw.pick([...LISTS, ...ANY]), side(draw), side(draw), '0']
    case 4:
      return ['BRPOPLPUSH', keys[0]!, draw.pick(LISTS), '0']
    case 5:
      return ['BLMPOP', '0', String(keys.length), ...keys, side(draw), 'COUNT', String(draw.between(1, 3))]
    case 6:
      return ['BZPOPMIN', ...sorted, '0']
    case 7:
      return ['BZPOPMAX', ...sorted, '0']
    default:
      return ['BZMPOP', '0', String(sorted.length), ...sorted, 'MIN', 'COUNT', String(draw.between(1, 3))]
  }
}

/** What may serve somebody: one key at a time. */
function write(draw: Draw, ids: readonly string[]): string[][] {
  const list = draw.pick([...LISTS, ...ANY])
  const values = draw.several(1, 4, () => draw.text(3))
  const members = draw.several(1, 3, () => [String(draw.below(9)), draw.text(2)]).flat()
  switch (draw.below(13)) {
    case 0:
    case 1:
    case 2:
      return [[draw.pick(['LPUSH', 'RPUSH']), list, ...values]]
    case 3:
    case 4:
      return [['ZADD', draw.pick([...SORTED_SETS, ...ANY]), ...members]]
    case 5:
      return [['SET', draw.pick(ANY), 'x']]
    case 6:
      return [['DEL', draw.pick([...LISTS, ...SORTED_SETS, ...ANY])]]
    case 7:
      return [['MULTI'], ['RPUSH', list, ...values], ['LPOP', list], ['EXEC']]
    case 8:
      return [
        ['MULTI'],
        ['RPUSH', list, ...values],
        ['DEL', list],
        draw.chance(0.5) ? ['PING'] : ['LPUSH', list, 'y'],
        ['EXEC'],
      ]
    case 9:
      return [
        ['DEL', 'from'],
        ['RPUSH', 'from', ...values],
        [draw.pick(['RENAME', 'COPY']), 'from', draw.pick(LISTS)],
      ]
    case 10:
      return [['CLIENT', 'UNBLOCK', `client:${draw.below(ids.length)}`, draw.pick(['TIMEOUT', 'ERROR'])]]
    case 11:
      return [['LMOVE', draw.pick(LISTS), list, side(draw), side(draw)]]
    default:
      return [['MULTI'], wait(draw), ['EXEC']]
  }
}

describe.skipIf(findRedis() === undefined)('clients that wait', () => {
  let ours: ServerProcess
  let theirs: ServerProcess

  beforeAll(async () => {
    ours = await startRespite()
    theirs = (await startRedis())!
  })

  afterAll(async () => {
    await ours.stop()
    await theirs.stop()
  })

  test.each([1, 2])('are served as redis-server serves them (seed %i)', async (seed) => {
    const sides = [await Side.connect(ours), await Side.connect(theirs)] as const
    for (const each of sides) await each.ask('FLUSHALL')
    const draw = new Draw(seed)
    let served = 0
    for (let i = 0; i < STEPS; i++) {
      const free = sides[0].clients.flatMap((client, at) => (client.open === 0 ? [at] : []))
      // Somebody must be left to write.
      const at = free.length === 0 ? -1 : draw.pick(free)
      const isWaiting = free.length > 1 && draw.chance(0.5)
      const commands = isWaiting
        ? [wait(draw), ['PING']]
        : write(
            draw,
            sides[0].clients.map(({ id }) => id),
          )
      for (const each of sides) {
        const real = commands.map((words) =>
          words.map((word) => (word.startsWith('client:') ? each.clients[Number(word.slice(7))]!.id : word)),
        )
        each.clients[at]!.send(real)
      }
      const [mine, other] = [await sides[0].settle(), await sides[1].settle()]
      served += mine.filter((replies, client) => client !== at && replies.length > 0).length
      expect(mine, `step ${i}: client ${at}: ${commands.map((words) => words.join(' ')).join('; ')}`).toEqual(
        other,
      )
      expect(await sides[0].ask('DEBUG', 'DIGEST')).toBe(await sides[1].ask('DEBUG', 'DIGEST'))
    }
    expect(served).toBeGreaterThan(STEPS / 20)
    expect(await sides[0].ask('DEBUG', 'DIGEST')).toBe(await sides[1].ask('DEBUG', 'DIGEST'))
  })
})
