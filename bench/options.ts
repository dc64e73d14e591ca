// The options of `npm run bench`: their names, defaults and help. Pure: starts nothing, prints nothing.

import { parseArgs } from 'node:util'
import { WORKLOADS } from './workloads.ts'

export interface Options {
  /** Names as redis-benchmark's -t takes them, lower case. Empty: no throughput. */
  tests: string[]
  depths: number[]
  rounds: number
  clients: number
  keyspace: number
  /** Requests of one measurement; undefined: as many as take `seconds`, found while warming up. */
  requests: number | undefined
  /** What one measurement should take when `requests` is undefined. */
  seconds: number
  /** Numbers of keys at which memory is measured. Empty: not measured. */
  memory: number[]
  /** Whether the memory of collections is measured. */
  shapes: boolean
  /** Whether transactions, messages and consumer groups are measured. */
  scenarios: boolean
  /** Seconds of random overwrites while another connection pings. 0: pauses are not measured. */
  pauses: number
  pauseKeys: number
  /** Keys while BGSAVE is measured. 0: it is not. */
  snapshotKeys: number
  /** Command lines in place of Respite and of redis-server. */
  server: string | undefined
  against: string | undefined
  /** Measure our side only. */
  alone: boolean
  /** The two servers' ports are this one and the next; undefined: free ones. */
  port: number | undefined
  out: string
  help: boolean
}

/** What the user typed cannot be understood: the message says what and why. */
export class OptionError extends Error {}

export const HELP = `npm run bench -- [options]

Measures Respite against the redis-server on the PATH, in one run: requests per second and server CPU per
command (by redis-benchmark), memory per key, the longest pause a second connection sees, and what BGSAVE costs.

  --tests LIST        tests of redis-benchmark, or of      (core,collections)
                      bench/workloads.ts; core, collections,
                      large: groups of them
  --depths LIST       pipeline depths                      (1,16,100)
  --rounds N          measurements of each, medians win    (5)
  --clients N         connections                          (50)
  --keyspace N        random keys                          (100000)
  --requests N        requests of one measurement          (as many as take --seconds)
  --seconds N         length of one measurement            (2.2)
  --no-throughput     leave requests per second out
  --memory LIST       numbers of keys                      (1000000,5000000)
  --no-memory         leave memory per key out
  --no-shapes         leave the memory of collections out
  --no-scenarios      leave transactions, messages and consumer groups out
  --pauses SECONDS    length of the random overwrites      (20)
  --pause-keys N      keys while pauses are measured       (5000000)
  --no-pauses         leave pauses out
  --snapshot-keys N   keys while BGSAVE is measured        (5000000)
  --no-snapshot       leave BGSAVE out
  --server "CMD"      measure CMD in Respite's place
  --against "CMD"     measure CMD in redis-server's place
  --alone             measure one server, compare with none
  --port N            ports N and N+1                      (free ones)
  --quick             two short rounds of everything: for a look, not for a claim
  --out DIR           where the JSON and the chart go      (bench/results)
  --help              this text

CMD is split at spaces (quotes hold words together) and run without a shell. {port} in it becomes the port; without
{port}, redis-server's way is assumed: --port N --save "" --appendonly no is put behind it.
`

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  core: ['ping_mbulk', 'set', 'get', 'incr', 'mset'],
  collections: [
    ...['lpush', 'rpush', 'lpop', 'rpop', 'sadd', 'hset', 'spop', 'zadd', 'zpopmin'],
    ...['lrange_100', 'lrange_300', 'lrange_500', 'lrange_600'],
  ],
  large: Object.keys(WORKLOADS).filter((name) => !name.startsWith('lrange_')),
}

/** The tests of a group, or the one test. */
function testsOf(name: string): readonly string[] {
  return GROUPS[name] ?? [name]
}

const USUAL = {
  tests: 'core,collections',
  depths: '1,16,100',
  rounds: '5',
  clients: '50',
  keyspace: '100000',
  seconds: '2.2',
  memory: '1000000,5000000',
  pauses: '20',
  'pause-keys': '5000000',
  'snapshot-keys': '5000000',
}

const QUICK: typeof USUAL = {
  ...USUAL,
  rounds: '2',
  seconds: '0.4',
  memory: '200000',
  pauses: '3',
  'pause-keys': '500000',
  'snapshot-keys': '500000',
}

/** Reads the arguments behind the program's name. `results` is where --out points by default. */
export function parseOptions(argv: string[], results: string): Options {
  const values = split(argv)
  const usual = values.quick ? QUICK : USUAL
  const text = (name: keyof typeof USUAL) => values[name] ?? usual[name]
  return {
    tests: values['no-throughput'] ? [] : list('tests', text('tests').toLowerCase()).flatMap(testsOf),
    depths: list('depths', text('depths')).map((word) => whole('depths', word)),
    rounds: whole('rounds', text('rounds')),
    clients: whole('clients', text('clients')),
    keyspace: whole('keyspace', text('keyspace')),
    requests: values.requests === undefined ? undefined : whole('requests', values.requests),
    seconds: positive('seconds', text('seconds')),
    memory: values['no-memory'] ? [] : list('memory', text('memory')).map((word) => whole('memory', word)),
    shapes: !values['no-shapes'],
    scenarios: !values['no-scenarios'],
    pauses: values['no-pauses'] ? 0 : positive('pauses', text('pauses')),
    pauseKeys: whole('pause-keys', text('pause-keys')),
    snapshotKeys: values['no-snapshot'] ? 0 : whole('snapshot-keys', text('snapshot-keys')),
    server: values.server,
    against: values.against,
    alone: values.alone,
    port: values.port === undefined ? undefined : port(values.port),
    out: values.out ?? results,
    help: values.help,
  }
}

function split(argv: string[]) {
  const word = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = {
    tests: word,
    depths: word,
    rounds: word,
    clients: word,
    keyspace: word,
    requests: word,
    seconds: word,
    memory: word,
    pauses: word,
    'pause-keys': word,
    'snapshot-keys': word,
    server: word,
    against: word,
    port: word,
    out: word,
    alone: flag,
    quick: flag,
    'no-throughput': flag,
    'no-memory': flag,
    'no-shapes': flag,
    'no-scenarios': flag,
    'no-pauses': flag,
    'no-snapshot': flag,
    help: flag,
  }
  try {
    return parseArgs({ args: argv, options, strict: true, allowPositionals: false }).values
  } catch (error) {
    // Node's own sentence is good, but of the wrong kind: ours is printed without a stack.
    throw new OptionError((error as Error).message)
  }
}

function list(name: string, text: string): string[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (words.length === 0) throw new OptionError(`--${name} needs at least one word`)
  return words
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 1e12) {
    throw new OptionError(`--${name} needs a whole number above 0, not '${text}'`)
  }
  return value
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0 && value < 1e6)) {
    throw new OptionError(`--${name} needs a number of seconds above 0, not '${text}'`)
  }
  return value
}

function port(text: string): number {
  const value = whole('port', text)
  if (value > 65_534) throw new OptionError(`--port needs a port up to 65534, not '${text}'`)
  return value
}
