// The differential test by hand, for long runs:
//   tsx test/compat/run.ts --count 5000000 --seed 1 --protocol 2
// Options: --protocol 2|3, --batch n, --stop-after n, --shrink, --families strings,bits, --ours host:port and
// --theirs host:port (else servers are started; `--ours redis` pits redis-server against itself).
import { parseArgs } from 'node:util'
import { type Address, RespClient } from '../support/resp-client.ts'
import { type ServerProcess, startRedis, startRespite } from '../support/servers.ts'
import { differential, formatDifference, type Outcome } from './differential.ts'
import { FAMILIES } from './generator.ts'
import type { Party } from './pair.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    protocol: { type: 'string', default: '2' },
    batch: { type: 'string', default: '200' },
    'stop-after': { type: 'string', default: '1' },
    shrink: { type: 'boolean', default: false },
    families: { type: 'string', default: FAMILIES.map(({ name }) => name).join(',') },
    ours: { type: 'string' },
    theirs: { type: 'string' },
  },
})

const started: ServerProcess[] = []

async function main(): Promise<number> {
  const protocol = number('protocol', values.protocol) === 3 ? 3 : 2
  const ours = party(await address(values.ours, 'ours'), protocol)
  const theirs = party(await address(values.theirs, 'theirs'), protocol)
  const chosen = values.families.split(',')
  const unknown = chosen.filter((name) => !FAMILIES.some((family) => family.name === name))
  if (unknown.length > 0) throw new Error(`no such family: ${unknown.join(', ')}`)
  const began = performance.now()
  const outcome = await differential({
    ours,
    theirs,
    seed: number('seed', values.seed),
    count: number('count', values.count),
    batch: number('batch', values.batch),
    stopAfter: number('stop-after', values['stop-after']),
    shrink: values.shrink,
    families: FAMILIES.filter(({ name }) => chosen.includes(name)),
    onProgress: progress(number('count', values.count)),
  })
  print(outcome, (performance.now() - began) / 1000)
  return outcome.differences.length === 0 ? 0 : 1
}

function party(address: Address, protocol: 2 | 3): Party {
  return { connect: () => RespClient.connect(address, protocol), answerWithinMs: 30_000 }
}

/** The address given on the command line, or that of a server started for this run. */
async function address(given: string | undefined, side: 'ours' | 'theirs'): Promise<Address> {
  const at = given?.lastIndexOf(':') ?? -1
  if (given !== undefined && at > 0)
    return { host: given.slice(0, at), port: number(side, given.slice(at + 1)) }
  if (given !== undefined && given !== 'redis') throw new Error(`--${side}: host:port or redis, not ${given}`)
  const server = side === 'ours' && given === undefined ? await startRespite() : await startRedis()
  if (server === undefined) throw new Error('redis-server is not on the PATH')
  started.push(server)
  return server
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name}: a whole number, not ${text}`)
  return value
}

/** A line on the terminal that is written over, once a second. */
function progress(count: number): (steps: number, differences: number) => void {
  const began = performance.now()
  let next = began + 1000
  return (steps, differences) => {
    const now = performance.now()
    if (now < next) return
    next = now + 1000
    const rate = Math.round((steps / (now - began)) * 1000)
    const end = process.stderr.isTTY ? '\r' : '\n'
    process.stderr.write(`${steps} of ${count} commands, ${rate}/s, differences: ${differences}  ${end}`)
  }
}

function print({ steps, differences, repeated, known, lost }: Outcome, seconds: number): void {
  for (const difference of differences) console.log(`${formatDifference(difference)}\n`)
  for (const [why, times] of known) console.log(`known, ${times} times: ${why}`)
  if (lost !== undefined) {
    console.log(`a server is gone: ${lost}`)
    for (const server of started) console.log(server.output().slice(-3000))
  }
  const again = repeated > 0 ? `, met again ${repeated} times` : ''
  console.log(`${steps} commands in ${seconds.toFixed(1)} s, differences: ${differences.length}${again}`)
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
} finally {
  for (const server of started) await server.stop()
}
