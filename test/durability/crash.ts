// `npx tsx test/durability/crash.ts [rounds] [policy,policy] [scenario,scenario] [server command] [first port]`: kills a server again and
// again, at random moments, while clients write to it, and looks after each restart whether everything that was acknowledged
// is there, and nothing by halves.
//
// What was written to a file has reached the system, which outlives the process: so under every `appendfsync` all must be
// there.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from '../support/reply.ts'
import { RespClient } from '../support/resp-client.ts'

export const POLICIES = ['always', 'everysec', 'no'] as const
export type Policy = (typeof POLICIES)[number]
/** What goes on beside the writing when the server is killed. */
export const SCENARIOS = ['writing', 'saving', 'rewriting', 'switching', 'starting'] as const
export type Scenario = (typeof SCENARIOS)[number]

export interface CrashOptions {
  readonly rounds: number
  readonly policy: Policy
  readonly scenario: Scenario
  readonly port: number
  /** The program that is the server, and its first arguments. */
  readonly command: readonly string[]
  readonly random?: () => number
}

const WRITERS = 6
const LONGEST_LIFE_MS = 350
const LONGEST_START_MS = 600
const FILLING = 2000
const READY = 'Ready to accept connections'

/** What one client has written: whole numbers that only grow. */
class Writer {
  readonly name: string
  /** Of transactions, and of single commands. */
  sent = { units: 0, counts: 0 }
  acknowledged = { units: 0, counts: 0 }

  constructor(name: string) {
    this.name = name
  }

  /** Writes until the connection is cut. */
  async run(client: RespClient, random: () => number): Promise<void> {
    try {
      for (;;) await this.#batch(client, 1 + Math.floor(random() * 4))
    } catch {
      // The server has been killed.
    }
  }

  async #batch(client: RespClient, units: number): Promise<void> {
    const replies: Promise<unknown>[] = []
    const { name } = this
    for (let i = 0; i < units; i++) {
      const unit = String(++this.sent.units)
      client.send(['MULTI'])
      client.send(['SET', `${name}:a`, unit])
      client.send(['RPUSH', `${name}:list`, unit])
      client.send(['HSET', `${name}:hash`, 'n', unit])
      client.send(['SET', `${name}:b`, unit])
      client.send(['EXEC'])
      for (let k = 0; k < 5; k++) replies.push(client.next())
      replies.push(
        client.next().then((reply) => {
          this.#expectArray(format(reply))
          this.acknowledged.units++
        }),
      )
      this.sent.counts++
      client.send(['INCR', `${name}:count`])
      replies.push(
        client.next().then(() => {
          this.acknowledged.counts++
        }),
      )
    }
    await Promise.all(replies)
  }

  #expectArray(reply: string): void {
    if (reply.includes('ERR')) throw new Error(`${this.name}: ${reply}`)
  }

  /** Looks at what is there, and goes on from it. */
  async check(client: RespClient): Promise<void> {
    const { name, sent, acknowledged } = this
    const ask = async (...command: string[]) =>
      format(await client.call(...command)).replace(/^"|"$|\(integer\) /g, '')
    const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : 0)
    const units = number(await ask('GET', `${name}:a`))
    const others = [
      number(await ask('GET', `${name}:b`)),
      number(await ask('LLEN', `${name}:list`)),
      number(await ask('LINDEX', `${name}:list`, '-1')),
      number(await ask('HGET', `${name}:hash`, 'n')),
    ]
    const counts = number(await ask('GET', `${name}:count`))
    if (others.some((other) => other !== units)) throw new Error(`${name}: half there: ${units}, ${others}`)
    if (units < acknowledged.units || counts < acknowledged.counts) {
      throw new Error(
        `${name}: lost: ${units} of ${acknowledged.units} transactions, ${counts} of ${acknowledged.counts} commands`,
      )
    }
    if (units > sent.units || counts > sent.counts) throw new Error(`${name}: more than was sent`)
    this.sent = { units, counts }
    this.acknowledged = { units, counts }
  }
}

class Subject {
  readonly #options: CrashOptions
  readonly #directory = mkdtempSync(join(tmpdir(), 'respite-crash-'))
  #child: ChildProcess | undefined = undefined
  #output = ''

  constructor(options: CrashOptions) {
    this.#options = options
  }

  /** Resolves when it is ready; or, with a time after which it is killed, when it has been. */
  async start(killedAfterMs?: number): Promise<void> {
    const { command, port, policy } = this.#options
    const [program, ...first] = command
    const settings = ['--port', String(port), '--dir', this.#directory, '--save', '', '--bind', '127.0.0.1']
    const log = ['--appendonly', 'yes', '--appendfsync', policy, '--auto-aof-rewrite-percentage', '0']
    this.#output = ''
    const child = spawn(program!, [...first, ...settings, ...log], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const isReady = new Promise<void>((resolve, reject) => {
      const take = (bytes: Buffer) => {
        this.#output += bytes.toString('latin1')
        if (this.#output.includes(READY)) resolve()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.once('exit', (code) => reject(new Error(`the server ended (${code}):\n${this.#output}`)))
    })
    if (killedAfterMs === undefined) return await isReady
    isReady.catch(() => {})
    await delay(killedAfterMs)
    await this.kill()
  }

  async kill(): Promise<void> {
    const child = this.#child!
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  connect(): Promise<RespClient> {
    return RespClient.connect({ host: '127.0.0.1', port: this.#options.port })
  }
}

/** Throws if something was lost. Returns how many transactions were acknowledged in all. */
export async function crash(options: CrashOptions): Promise<number> {
  const random = options.random ?? Math.random
  const subject = new Subject(options)
  const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(`writer${i}`))
  let acknowledged = 0
  try {
    for (let round = 0; round < options.rounds; round++) {
      if (options.scenario === 'starting' && round > 0) await subject.start(random() * LONGEST_START_MS)
      await subject.start()
      const before = await check(subject, writers)
      await runAndKill(subject, writers, options.scenario, random)
      acknowledged += writers.reduce((sum, writer) => sum + writer.acknowledged.units, 0) - before
    }
    await subject.start()
    await check(subject, writers)
  } finally {
    await subject.kill()
    subject.remove()
  }
  return acknowledged
}

async function check(subject: Subject, writers: readonly Writer[]): Promise<number> {
  const client = await subject.connect()
  for (const writer of writers) await writer.check(client)
  await client.end()
  return writers.reduce((sum, writer) => sum + writer.acknowledged.units, 0)
}

async function runAndKill(
  subject: Subject,
  writers: readonly Writer[],
  scenario: Scenario,
  random: () => number,
): Promise<void> {
  const clients = await Promise.all(writers.map(() => subject.connect()))
  const running = writers.map((writer, i) => writer.run(clients[i]!, random))
  const other = await subject.connect()
  const beside = goOn(other, scenario).catch(() => {})
  await delay(random() * LONGEST_LIFE_MS)
  await subject.kill()
  await Promise.all([...running, beside])
  for (const client of [...clients, other]) await client.destroy()
}

/** Lets the server do what it is to be killed at, until it is. */
async function goOn(client: RespClient, scenario: Scenario): Promise<void> {
  if (scenario === 'writing' || scenario === 'starting') return
  const filling = scenario === 'switching' ? 0 : FILLING
  const fillers = Array.from({ length: filling }, (_, i) => ['SET', `filling:${i}`, 'x'.repeat(100)])
  await client.pipeline(fillers)
  const command = scenario === 'saving' ? 'BGSAVE' : 'BGREWRITEAOF'
  for (;;) {
    await client.call(command)
    await delay(scenario === 'switching' ? 1 : 20)
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Respite, started from its source. */
export const RESPITE = [process.execPath, '--import', 'tsx', 'src/main.ts']

async function main(): Promise<void> {
  const [rounds = '200', policies = POLICIES.join(), scenarios = SCENARIOS.join(), command, firstPort] =
    process.argv.slice(2)
  let port = Number(firstPort ?? 23_900)
  for (const policy of policies.split(',') as Policy[]) {
    for (const scenario of scenarios.split(',') as Scenario[]) {
      const began = performance.now()
      const acknowledged = await crash({
        rounds: Number(rounds),
        policy,
        scenario,
        port: port++,
        command: command === undefined ? RESPITE : command.split(' '),
      })
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      process.stdout.write(
        `${policy} ${scenario}: killed ${rounds} times, ${acknowledged} transactions acknowledged, none lost, ${seconds} s\n`,
      )
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
