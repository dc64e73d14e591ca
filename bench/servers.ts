// The servers under measurement as processes: which command, start, what they use, stop. Knows nothing of what is measured.

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask, HOST } from './ask.ts'
import { tie } from './children.ts'
import { cpuSeconds, descendsFrom, residentBytes } from './process-usage.ts'

export interface ServerCommand {
  name: string
  words: string[]
}

const START_PATIENCE_MS = 20_000
const STOP_PATIENCE_MS = 10_000
const OUTPUT_KEPT = 4000

/** Respite from this checkout: as it is where Node strips types, through tsx where it does not. */
export function respiteCommand(): ServerCommand {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  if (!existsSync(main)) throw new Error(`${main} does not exist: name a server with --server`)
  const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)
  const loader = stripsTypes ? [] : ['--import', import.meta.resolve('tsx')]
  // As `npm start` does: a request leaves next to no garbage, so the nursery of Node's heap may stay small.
  return { name: 'respite', words: [process.execPath, '--max-semi-space-size=2', ...loader, main] }
}

/** The redis-server on the PATH, if there is one. */
export function redisCommand(): ServerCommand | undefined {
  const file = findOnPath('redis-server')
  return file === undefined ? undefined : { name: 'redis-server', words: [file] }
}

/** A command line given as an option: words apart at blanks, together in quotes. No shell sees it. */
export function parseCommand(line: string): ServerCommand {
  const words: string[] = []
  for (const [, double, single, plain] of line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)) {
    words.push(double ?? single ?? plain ?? '')
  }
  const program = words[0]
  if (program === undefined || program === '') throw new Error('an empty command was given for a server')
  return { name: nameOf(words), words }
}

/** `node --import tsx src/main.ts` is best known by its script, anything else by its program. */
function nameOf(words: string[]): string {
  const script = words.find((word) => /\.[cm]?[jt]s$/.test(word))
  return basename(script ?? (words[0] as string)).replace(/\.[cm]?[jt]s$/, '')
}

/** The file that a shell would run for `name`, if any. */
export function findOnPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder: look in the next one.
    }
  }
  return undefined
}

/** The words that start `command` on `port` without persistence. */
export function wordsFor(command: ServerCommand, port: number): string[] {
  if (command.words.some((word) => word.includes('{port}'))) {
    return command.words.map((word) => word.replaceAll('{port}', `${port}`))
  }
  return [...command.words, '--port', `${port}`, '--save', '', '--appendonly', 'no']
}

/** A port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, HOST, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** A running server. It answers commands from the moment `start` resolves. */
export class ServerProcess {
  readonly port: number
  /** Ends everything that waits for this server, should it die. */
  readonly gone: AbortSignal
  #child: ChildProcess
  #name: string
  #version = ''
  /** The server itself, where the child is only a wrapper around it. */
  #pid: number
  #output: () => string

  private constructor(name: string, port: number, child: ChildProcess) {
    const gone = new AbortController()
    this.port = port
    this.gone = gone.signal
    this.#child = child
    this.#name = name
    this.#pid = child.pid ?? 0
    this.#output = lastOutput(child)
    child.once('exit', () => gone.abort(new Error(`${name} ended. Its last words:\n${this.#output()}`)))
    child.once('error', (error) => gone.abort(new Error(`${name} could not be started: ${error.message}`)))
  }

  static async start(command: ServerCommand, port: number): Promise<ServerProcess> {
    // Whoever listens there already would answer in the new server's place, and be measured for it.
    if (await answers(port)) throw new Error(`port ${port} is in use`)
    const [file, ...args] = wordsFor(command, port) as [string, ...string[]]
    const child = tie(spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] }))
    const server = new ServerProcess(command.name, port, child)
    await server.#ready()
    await server.#identify()
    return server
  }

  /** Name and version: `redis-server 7.0.15`. */
  get label(): string {
    return this.#version === '' ? this.#name : `${this.#name} ${this.#version}`
  }

  get pid(): number {
    return this.#pid
  }

  residentBytes(): number | undefined {
    return residentBytes(this.#pid)
  }

  /** CPU seconds of the whole process so far: the system's account, else the server's own. */
  async cpuSeconds(): Promise<number | undefined> {
    return cpuSeconds(this.#pid) ?? (await this.#cpuSecondsByInfo())
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), STOP_PATIENCE_MS)
    this.#child.kill('SIGTERM')
    await ended
    clearTimeout(impatience)
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + START_PATIENCE_MS
    while (!(await answers(this.port))) {
      this.gone.throwIfAborted()
      if (performance.now() > deadline) {
        this.#child.kill('SIGKILL')
        throw new Error(
          `${this.#name} does not answer on port ${this.port}. Its last words:\n${this.#output()}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  async #identify(): Promise<void> {
    const info = await this.#info('server')
    this.#version =
      info.get('respite_version') ?? info.get('valkey_version') ?? info.get('redis_version') ?? ''
    const pid = Number(info.get('process_id'))
    // In another process namespace the number would be somebody else's: believe it only if it is our descendant.
    if (pid > 1 && descendsFrom(pid, this.#pid)) this.#pid = pid
  }

  async #cpuSecondsByInfo(): Promise<number | undefined> {
    const info = await this.#info('cpu')
    const sum = Number(info.get('used_cpu_user')) + Number(info.get('used_cpu_sys'))
    return Number.isNaN(sum) ? undefined : sum
  }

  /** The fields of a section of INFO; none if the server knows no INFO. */
  async #info(section: string): Promise<Map<string, string>> {
    const text = await ask(this.port, 'INFO', section).catch(() => '')
    return parseInfo(text)
  }
}

/** `name:value` lines of INFO; comments are left out. */
export function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

async function answers(port: number): Promise<boolean> {
  return ask(port, 'PING').then(
    () => true,
    () => false,
  )
}

/** Keeps the end of what the child prints, for the day it fails; and empties its pipes, or it would block. */
function lastOutput(child: ChildProcess): () => string {
  let text = ''
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-OUTPUT_KEPT)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => text
}
