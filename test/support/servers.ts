// Starts servers for tests, ours and a real redis-server, each in a directory of its own, and sees to it that none
// outlives the test process. Knows processes and log lines; what is asked of a server is the test's business.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface StartOptions {
  /** Further arguments, such as `['--maxmemory', '1mb']`. They come last, so they win. */
  args?: readonly string[]
  /** A fixed port; else any free one. */
  port?: number
  /** How long the server may take until it is ready. */
  readyWithinMs?: number
}

/** A server process that accepts connections on 127.0.0.1. */
export interface ServerProcess {
  readonly host: string
  readonly port: number
  readonly pid: number
  /** Its working directory, removed by stop(). */
  readonly directory: string
  /** All it has printed so far, both streams: for failure messages. */
  output(): string
  /** Fulfilled with the exit code, or the signal's name, once the process is gone. */
  readonly exited: Promise<number | string>
  /** SIGTERM, then SIGKILL if that does not end it in time. Fulfilled like `exited`; may be called twice. */
  stop(): Promise<number | string>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const READY = 'Ready to accept connections'
const QUIET = ['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes', '--bind', '127.0.0.1']
const STOP_WITHIN_MS = 5_000

/** Starts Respite from src/main.ts in a process of its own. */
export function startRespite(options: StartOptions = {}): Promise<ServerProcess> {
  // The repository is the working directory, or Node would not find tsx.
  const command = ['--import', 'tsx', 'src/main.ts', '--port', String(options.port ?? 0)]
  return start({ program: process.execPath, command, cwd: ROOT, options, portIn: loggedPort })
}

/** Starts the real redis-server, if there is one on the PATH. */
export async function startRedis(options: StartOptions = {}): Promise<ServerProcess | undefined> {
  const program = findRedis()
  if (program === undefined) return undefined
  // redis-server takes port 0 as "no TCP", so a free port is looked for here. Someone else may take it first.
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    try {
      const command = ['--port', String(port)]
      return await start({ program, command, cwd: undefined, options, portIn: () => port })
    } catch (error) {
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error
    }
  }
}

/** The path of redis-server, or undefined where it is not installed. */
export function findRedis(): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(directory, 'redis-server')
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // Not in this directory: look in the next.
    }
  }
  return undefined
}

/** What `redis-server --version` says of itself, such as 7.0.15, or undefined where it is not installed. */
export function redisVersion(): string | undefined {
  const program = findRedis()
  if (program === undefined) return undefined
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return /\bv=(\S+)/.exec(stdout)?.[1] ?? 'unknown'
}

interface Launch {
  program: string
  command: readonly string[]
  /** undefined: the server's own temporary directory. */
  cwd: string | undefined
  options: StartOptions
  /** The port, read from the log of a server that is ready. */
  portIn: (log: string) => number
}

async function start(launch: Launch): Promise<ServerProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'respite-test-'))
  const args = [...launch.command, ...QUIET, '--dir', directory, ...(launch.options.args ?? [])]
  const child = spawn(launch.program, args, {
    cwd: launch.cwd ?? directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const exited = exitOf(child, directory)
  const stop = () => stopChild(child, exited)
  try {
    await ready(child, () => output, launch.options.readyWithinMs ?? 20_000)
    const port = launch.portIn(output)
    return { host: '127.0.0.1', port, pid: child.pid!, directory, output: () => output, exited, stop }
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}\n$ ${launch.program} ${args.join(' ')}\n${output}`)
  }
}

/** Waits for the log line that says so; output arrives in pieces, so all of it is looked at each time. */
function ready(child: ChildProcess, output: () => string, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready within ${withinMs} ms`)), withinMs)
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      child.stdout?.off('data', look)
      outcome()
    }
    const look = () => {
      if (output().includes(READY)) settle(resolve)
    }
    child.stdout?.on('data', look)
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (code) =>
      settle(() => reject(new Error(`the server ended (exit code ${code}) before it was ready`))),
    )
  })
}

/** The last port the log speaks of: `port=6379` or `port 6379`. */
function loggedPort(log: string): number {
  const ports = [...log.matchAll(/\bport[ =:]+(\d+)/gi)].map((match) => Number(match[1]))
  const port = ports.findLast((candidate) => candidate > 0)
  if (port === undefined) throw new Error('the log names no port')
  return port
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function stopChild(child: ChildProcess, exited: Promise<number | string>): Promise<number | string> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  const outcome = await exited
  clearTimeout(timer)
  return outcome
}

const running = new Map<ChildProcess, string>()

function exitOf(child: ChildProcess, directory: string): Promise<number | string> {
  if (running.size === 0) installLastResort()
  running.set(child, directory)
  return new Promise((resolve) => {
    const gone = (outcome: number | string) => {
      running.delete(child)
      rmSync(directory, { recursive: true, force: true })
      resolve(outcome)
    }
    child.once('close', (code, signal) => gone(code ?? signal ?? 'unknown'))
    child.once('error', (error) => gone(error.message))
  })
}

let lastResortInstalled = false

/** However this process ends (short of SIGKILL), no server stays behind. */
function installLastResort(): void {
  if (lastResortInstalled) return
  lastResortInstalled = true
  process.on('exit', () => {
    for (const [child, directory] of running) {
      child.kill('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    }
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1))
  }
}
