// `npx tsx bench/hot-path.ts [keys] [seconds] [test,test] [limit]`: what a request costs without sockets (`limit`: with a
// maxmemory that is never reached). Parses, finds, runs and encodes, as a connection does with what it has read; prints nanoseconds of processor time and bytes of JS heap per command (one
// view per read hands the replies over, which at P=1 is one per command). For before and after a change on that path: it
// sees a few per cent where the network would hide them. What else runs on the machine takes caches, but no time.

import { systemClock } from '../src/base/clock.ts'
import { Random } from '../src/base/random.ts'
import { Registry } from '../src/command/registry.ts'
import { NOBODY, type Peer, Session } from '../src/command/session.ts'
import { hashCommands } from '../src/commands/hash.ts'
import { keyCommands } from '../src/commands/key.ts'
import { listCommands } from '../src/commands/list.ts'
import { setCommands } from '../src/commands/set.ts'
import { sortedSetCommands } from '../src/commands/sorted-set.ts'
import { stringCommands } from '../src/commands/string.ts'
import { transactionCommands } from '../src/commands/transaction.ts'
import { Config } from '../src/config/config.ts'
import { Keyspace } from '../src/keyspace/keyspace.ts'
import { ErrorStatistics } from '../src/monitoring/error-statistics.ts'
import { LatencyMonitor } from '../src/monitoring/latency-monitor.ts'
import { SlowLog } from '../src/monitoring/slow-log.ts'
import { PARSED, type ParserLimits, RequestParser } from '../src/resp/parser.ts'
import { Dispatcher } from '../src/server/dispatch.ts'
import { Gates } from '../src/server/gates.ts'
import { inlineMore } from '../src/server/inlining.ts'
import { READ_BUFFER_BYTES } from '../src/server/listener.ts'
import { Log } from '../src/server/log.ts'
import { MemoryLimit } from '../src/server/memory-limit.ts'
import { Transactions } from '../src/transactions/transactions.ts'
import { encodeRequest } from './ask.ts'
import { keyName } from './load.ts'
import { table } from './report.ts'
import { median } from './statistics.ts'

const DEPTHS = [1, 16, 100]
const SEED = 1
/** Different requests of one kind: enough that their keys do not all sit in the processor's caches. */
const REQUESTS = 100_000
const SLICES = 15

const LIMITS: ParserLimits = { maxBulkBytes: 512 * 1024 * 1024, authenticated: true }

const NO_PEER: Peer = {
  ...NOBODY,
  address: '127.0.0.1:50000',
  localAddress: '127.0.0.1:6379',
  fileDescriptor: -1,
}

const FAMILIES = [stringCommands, keyCommands, hashCommands, setCommands, sortedSetCommands, listCommands]

type Words = (key: () => string) => string[]

const hset: Words = (key) => ['HSET', 'myhash', key(), 'xxx']
const sadd: Words = (key) => ['SADD', 'myset', key()]
const zadd: Words = (key) => ['ZADD', 'myzset', key().slice(4), key()]
const lpush: Words = () => ['LPUSH', 'mylist', 'xxx']
const rpush: Words = () => ['RPUSH', 'mylist', 'xxx']

/** The requests of `redis-benchmark`'s tests of the same names, and what has to be done before there is what they take. */
const TESTS: [name: string, words: Words, fill?: Words][] = [
  ['SET', (key) => ['SET', key(), 'xxx']],
  ['GET', (key) => ['GET', key()]],
  ['GET missing', () => ['GET', 'nothing-is-here']],
  ['INCR', (key) => ['INCR', key().replace('key', 'counter')]],
  ['MSET (10 keys)', (key) => ['MSET', ...Array.from({ length: 10 }, () => [key(), 'xxx']).flat()]],
  ['EXISTS (10 keys)', (key) => ['EXISTS', ...Array.from({ length: 10 }, key)]],
  ['HSET', hset],
  ['HGET', (key) => ['HGET', 'myhash', key()]],
  ['SADD', sadd],
  ['SISMEMBER', (key) => ['SISMEMBER', 'myset', key()]],
  ['ZADD', zadd],
  ['ZRANK', (key) => ['ZRANK', 'myzset', key()]],
  ['LPUSH', lpush],
  ['LPOP', () => ['LPOP', 'mylist'], lpush],
  ['RPUSH', rpush],
  ['RPOP', () => ['RPOP', 'mylist'], rpush],
  ['SPOP', () => ['SPOP', 'myset'], sadd],
  ['ZPOPMIN', () => ['ZPOPMIN', 'myzset'], zadd],
  ['LRANGE_100', () => ['LRANGE', 'mylist', '0', '99'], lpush],
  ['LRANGE_600', () => ['LRANGE', 'mylist', '0', '599'], lpush],
  ['LPUSH short', (key) => ['LPUSH', key().replace('key', 'list'), 'xxx']],
  ['RPOP short', (key) => ['RPOP', key().replace('key', 'list')]],
  ['transaction', transaction()],
]

/** Of eight SETs: ten requests, of which each counts as a command. */
function transaction(): Words {
  let requests = 0
  return (key) => {
    const place = requests++ % 10
    if (place === 0) return ['MULTI']
    return place === 9 ? ['EXEC'] : ['SET', key(), 'xxx']
  }
}

/** A server's inside, and one client of it. */
class HotPath {
  readonly #dispatcher: Dispatcher
  readonly #session = new Session(1, NO_PEER, systemClock.now())
  readonly #parser: RequestParser
  readonly #transactions: Transactions
  readonly #read = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)

  constructor(isLimited: boolean) {
    const registry = new Registry()
    const keyspace = new Keyspace(16, { low: SEED, high: ~SEED }, new Random(SEED))
    this.#transactions = new Transactions(keyspace)
    const parts = {
      registry,
      keyspace,
      clock: systemClock,
      gates: new Gates(),
      transactions: this.#transactions,
      slowLog: new SlowLog(),
      latency: new LatencyMonitor(),
      errors: new ErrorStatistics(),
      onFault: (error: unknown) => {
        throw error
      },
    }
    this.#dispatcher = new Dispatcher(parts, this.#session)
    if (isLimited) this.#limit(parts)
    for (const family of FAMILIES) registry.add(family)
    registry.add(transactionCommands(this.#transactions, this.#dispatcher))
    this.#parser = new RequestParser(this.#dispatcher.request)
  }

  #limit(parts: { keyspace: Keyspace; gates: Gates; latency: LatencyMonitor }): void {
    const limit = new MemoryLimit({
      ...parts,
      clients: { memoryBytes: 0 },
      messaging: { trackedBytes: 0 },
      current: this.#dispatcher.context,
      monotonic: () => systemClock.monotonic(),
      log: new Log(() => 0),
    })
    const config = new Config()
    limit.followSettings(config)
    config.set([['maxmemory', '100gb']])
  }

  /** Ends what the client is in the middle of. */
  reset(): void {
    this.#transactions.end(this.#session)
  }

  /** Runs all requests in `sent`, as if they had come in one read; gives the bytes of their replies. */
  run(sent: Buffer): Buffer {
    const dispatcher = this.#dispatcher
    const parser = this.#parser
    // All that is read comes into one buffer.
    const bytes = this.#read
    const end = sent.copy(bytes)
    parser.reset(0)
    dispatcher.begin(this.#session)
    let lookedTo = 0
    while (parser.next(bytes, end, LIMITS) === PARSED) {
      dispatcher.execute(dispatcher.request)
      if (parser.position >= lookedTo && parser.position < end) {
        lookedTo = dispatcher.lookAhead(bytes, parser.position, end)
      }
    }
    dispatcher.end()
    const replies = dispatcher.reply.take()
    dispatcher.reply.trim()
    return replies
  }
}

/** A test as reads of so many requests each. */
interface Reads {
  depth: number
  reads: Buffer[]
  /** To be run before each slice; then a slice takes less than half of what they bring. */
  fill: Buffer[]
}

/** Nanoseconds of the fastest slice of the time given, and the slices' median bytes of heap, per command. */
function measure(
  path: HotPath,
  { depth, reads, fill }: Reads,
  seconds: number,
): { ns: number; bytes: number } {
  const most = fill.length > 0 ? REQUESTS / 2 : Number.POSITIVE_INFINITY
  const times: number[] = []
  const bytes: number[] = []
  const sliceMicroseconds = (seconds * 1e6) / SLICES
  for (let slice = 0, at = 0; slice < SLICES; slice++) {
    for (const read of fill) path.run(read)
    const heap = process.memoryUsage().heapUsed
    const start = process.cpuUsage()
    let commands = 0
    let elapsed = 0
    while (elapsed < sliceMicroseconds && commands < most) {
      // The time is looked at every thousand commands or so: that is not part of the path.
      for (let left = Math.ceil(1000 / depth); left > 0; left--) {
        path.run(reads[at] as Buffer)
        at = at + 1 === reads.length ? 0 : at + 1
        commands += depth
      }
      const { user, system } = process.cpuUsage(start)
      elapsed = user + system
    }
    times.push((elapsed * 1000) / commands)
    // Negative where a collection fell into the slice; the median passes over it.
    bytes.push((process.memoryUsage().heapUsed - heap) / commands)
  }
  // Nothing makes the same work faster than it is, much makes it slower: the fastest slice is the least disturbed.
  return { ns: Math.min(...times), bytes: median(bytes) ?? 0 }
}

/** Requests as reads of `depth` each. */
function readsOf(words: Words, keys: number, depth: number): Buffer[] {
  const random = new Random(SEED)
  const key = () => keyName(random.below(keys))
  return Array.from({ length: Math.ceil(REQUESTS / depth) }, () =>
    Buffer.from(Array.from({ length: depth }, () => encodeRequest(words(key))).join(''), 'latin1'),
  )
}

function main(): void {
  const [keys = 100_000, seconds = 1] = process.argv.slice(2, 4).map(Number)
  if (!(keys >= 1 && seconds > 0))
    throw new Error('usage: npx tsx bench/hot-path.ts [keys] [seconds] [tests]')
  const only = process.argv[4]?.toLowerCase().split(',')
  inlineMore()
  const path = new HotPath(process.argv[5] === 'limit')
  for (let i = 0; i < keys; i++) path.run(Buffer.from(encodeRequest(['SET', keyName(i), 'xxx'])))
  const rows = [['', ...DEPTHS.map((depth) => `P=${depth}`), ...DEPTHS.map((depth) => `heap P=${depth}`)]]
  for (const [name, words, fill] of TESTS) {
    if (only !== undefined && !only.includes(name.toLowerCase())) continue
    const results = DEPTHS.map((depth) => {
      const reads = {
        depth,
        reads: readsOf(words, keys, depth),
        fill: fill === undefined ? [] : readsOf(fill, keys, 100),
      }
      path.reset()
      const first = path.run(reads.reads[0] as Buffer)
      if (first[0] === 0x2d) throw new Error(`${name}: ${first.toString('latin1', 0, 80)}`)
      path.reset()
      measure(path, reads, seconds / 4)
      path.reset()
      return measure(path, reads, seconds)
    })
    rows.push([
      name,
      ...results.map(({ ns }) => `${ns.toFixed(0)} ns`),
      ...results.map(({ bytes }) => `${bytes.toFixed(1)} B`),
    ])
  }
  process.stdout.write(`Per command, ${keys} keys, Node ${process.versions.node}\n${table(rows)}\n`)
}

main()
