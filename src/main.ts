#!/usr/bin/env node
// The program: command line and configuration to a running server, signals to an orderly end.
// The only file that ends the process.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { userLineJudge } from './acl/user-lines.ts'
import { systemClock } from './base/clock.ts'
import { globMatch } from './base/glob.ts'
import { containerBytes } from './base/memory-bounds.ts'
import { reasonOf } from './base/system-error.ts'
import { REDIS_VERSION, RESPITE_VERSION } from './base/version.ts'
import { parseCommandLine, type RunCommandLine, wholeConfigText } from './config/command-line.ts'
import { Config } from './config/config.ts'
import { ConfigFileError, loadConfigText, UnreadableConfigFile } from './config/config-file.ts'
import { wordsOf } from './config/list-values.ts'
import { humanBytes } from './monitoring/fields.ts'
import { LoadError } from './persistence/load-source.ts'
import { UsersError } from './server/access-control.ts'
import { inlineMore } from './server/inlining.ts'
import { LoadingStopped } from './server/loading.ts'
import { Log } from './server/log.ts'
import { processTitle } from './server/process-title.ts'
import { Server, type ServerParts } from './server/server.ts'
import type { EndingSignal } from './server/shutdown.ts'
import { ListenError } from './server/tcp-listeners.ts'

const USAGE = `Usage: respite [/path/to/redis.conf] [options] [-]
       respite - (read the configuration from standard input)
       respite -v or --version
       respite -h or --help

Any directive of redis.conf can be given as an option:
       respite --port 7777
       respite /etc/respite.conf --loglevel verbose -
       respite --save "" --appendonly no --maxmemory 100mb

What the directives mean is told in redis.conf.example. Lines of it in the environment variable
RESPITE_DEFAULTS are read first, so that file and options win over them.
`

/** In the environment of the process that a `daemonize yes` has left behind. */
const DAEMON_MARK = 'RESPITE_IS_DAEMON'

async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2))
  switch (commandLine.kind) {
    case 'version':
      process.stdout.write(
        `Respite server v=${RESPITE_VERSION} redis=${REDIS_VERSION} node=${process.versions.node} bits=64\n`,
      )
      return
    case 'help':
      process.stderr.write(USAGE)
      process.exit(1)
      break
    case 'run':
      await run(commandLine)
      return
    default:
      process.stderr.write(`respite: this check of the machine is not part of Respite\n`)
      process.exit(1)
  }
}

async function run(commandLine: RunCommandLine): Promise<void> {
  inlineMore()
  const log = new Log(() => systemClock.now())
  // Before `dir` changes what relative paths mean.
  const configPath = commandLine.file === undefined ? '' : path.resolve(commandLine.file)
  const executable = path.resolve(process.argv[1] ?? '')
  const config = configure(commandLine, log)
  if (config.boolean('daemonize') && process.env[DAEMON_MARK] === undefined) daemonize()
  changeDirectory(config)
  log.setLevel(config.string('loglevel'))
  log.setFile(config.string('logfile'))
  log.notice('oO0OoO0OoO0Oo Respite is starting oO0OoO0OoO0Oo')
  log.notice(
    `Respite version=${RESPITE_VERSION}, Redis version=${REDIS_VERSION}, bits=64, pid=${process.pid}, just started`,
  )
  log.notice(
    commandLine.file === undefined && commandLine.options === ''
      ? 'Warning: no config file specified, using the default config. In order to specify a config file use respite /path/to/redis.conf'
      : 'Configuration loaded',
  )
  log.role = 'M'
  const server = compose({
    ...{ config, log, executable, configFile: configPath },
    isAlone: os.availableParallelism() > 1,
  })
  endOnFault(server)
  try {
    await server.listen()
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    log.warning(error.message)
    process.exit(1)
  }
  writePidFile(config, log)
  showTitle(server, configPath)
  announce(server)
  handleSignals(server)
  await load(server)
  announceReady(server)
}

/** After a fault outside of any command nobody knows what still holds: better to end, and to be started again. */
function endOnFault({ crashReports }: Server): void {
  process.on('uncaughtException', (error) => {
    try {
      crashReports.tell(error, { place: 'outside of any command' })
    } finally {
      process.exit(1)
    }
  })
}

/** Data that can't be loaded end the process: nothing is to be served, or saved, in their place. */
async function load(server: Server): Promise<void> {
  try {
    await server.load()
  } catch (error) {
    // It is ending, and whoever ends it sees to the rest.
    if (error instanceof LoadingStopped) await new Promise(() => {})
    if (!(error instanceof LoadError)) throw error
    server.log.warning(error.message)
    process.exit(1)
  }
}

/** A mistake in the configuration that only shows now ends the process. */
function compose(parts: ServerParts): Server {
  try {
    const server: Server = new Server({
      ...parts,
      shutDown: () => void finish(server),
      onLost: () => process.exit(1),
    })
    return server
  } catch (error) {
    if (error instanceof ConfigFileError) process.stderr.write(error.message)
    else if (error instanceof UsersError) parts.log?.warning(error.message)
    else throw error
    process.exit(1)
  }
}

/** Reads file, standard input and options, in this order; a mistake ends the process. */
function configure(commandLine: RunCommandLine, log: Log): Config {
  const config = new Config({
    directory: process.cwd(),
    resolveDirectory: (directory, current) => resolveDirectory(directory, current),
  })
  try {
    // What an image or a service unit wants otherwise than we do, and a user may want otherwise again.
    loadConfigText(config, latin1Of(process.env.RESPITE_DEFAULTS ?? ''), {
      product: `Redis ${REDIS_VERSION}`,
    })
    const fileText = commandLine.file === undefined ? '' : readConfig(commandLine.file)
    const stdinText = commandLine.readsStdin ? fs.readFileSync(0, 'latin1') : ''
    loadConfigText(config, wholeConfigText(fileText, stdinText, commandLine.options), {
      product: `Redis ${REDIS_VERSION}`,
      defineUser: userLineJudge(),
      include: (pattern) => expand(pattern, config.string('dir')).map(readConfig),
    })
  } catch (error) {
    if (error instanceof ConfigFileError) process.stderr.write(error.message)
    else if (error instanceof UnreadableConfigFile) log.warning(error.message)
    else throw error
    process.exit(1)
  }
  if (config.moduleOptions.length > 0 || config.modules.length > 0) {
    log.warning('Module Configuration detected, but Respite loads no modules: aborting')
    process.exit(1)
  }
  return config
}

function latin1Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function readConfig(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1')
  } catch (error) {
    throw new UnreadableConfigFile(file, reasonOf(error))
  }
}

/** The files that an include's pattern names, in order; relative ones stand in the directory that `dir` has named. */
function expand(pattern: string, directory: string): string[] {
  const whole = path.resolve(directory, pattern)
  if (!/[*?[]/.test(pattern)) return [whole]
  const parent = path.dirname(whole)
  if (!fs.existsSync(parent)) return []
  const last = Buffer.from(path.basename(whole), 'latin1')
  return fs
    .readdirSync(parent, 'latin1')
    .filter((name) => {
      const text = Buffer.from(name, 'latin1')
      return !name.startsWith('.') && globMatch(last, 0, last.length, text, 0, text.length, false)
    })
    .sort()
    .map((name) => path.join(parent, name))
}

function resolveDirectory(directory: string, current: string): string {
  if (directory === '') throw new Error('No such file or directory')
  const resolved = path.resolve(current, directory)
  let isDirectory: boolean
  try {
    isDirectory = fs.statSync(resolved).isDirectory()
  } catch (error) {
    throw new Error(reasonOf(error))
  }
  if (!isDirectory) throw new Error('Not a directory')
  return resolved
}

/** Goes on in a process of its own, without a terminal: Node can't fork, so it starts again. Ends this one. */
function daemonize(): never {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, [DAEMON_MARK]: '1' },
  })
  child.unref()
  process.exit(0)
}

function showTitle({ config, listeners }: Server, configFile: string): void {
  if (!config.boolean('set-proc-title')) return
  const { port, tlsPort, unixSocket } = listeners
  const addresses = wordsOf(config.string('bind'))
  const facts = { title: 'respite', addresses, port, tlsPort, unixSocket, configFile }
  config.watch('proc-title-template', (template) => {
    process.title = processTitle(template, facts)
  })
}

/** Redis: the file is written if it is asked for, or for a daemon; failing to is no reason not to serve. */
function writePidFile(config: Config, log: Log): void {
  const file = config.string('pidfile') || (config.boolean('daemonize') ? '/var/run/redis.pid' : '')
  if (file === '') return
  try {
    fs.writeFileSync(file, `${process.pid}\n`)
    process.once('exit', () => fs.rmSync(file, { force: true }))
  } catch (error) {
    log.warning(`Failed to write PID file: ${reasonOf(error)}`)
  }
}

/** The process works in `dir`, also when that changes: relative names of other files then start there. */
function changeDirectory(config: Config): void {
  process.chdir(config.string('dir'))
  config.onApply('dir', () => {
    try {
      process.chdir(config.string('dir'))
    } catch (error) {
      return reasonOf(error)
    }
    return undefined
  })
}

/** Somebody has set a limit, and we go on as if there were none: until the system ends the process. */
function warnOfContainer({ config, log }: Server): void {
  const bytes = containerBytes()
  if (bytes === undefined || config.number('maxmemory') > 0) return
  log.warning(
    `This container may use ${humanBytes(bytes)} of memory (${bytes} bytes), and maxmemory is not set: the system will end Respite when the data grow beyond that. maxmemory takes percentages: 'maxmemory 70%' would be ${humanBytes(bytes * 0.7)} here.`,
  )
}

function announce(server: Server): void {
  const { log, config, listeners } = server
  if (config.boolean('always-show-logo')) log.raw(logo(listeners.port || listeners.tlsPort))
  else log.notice(`Running mode=standalone, port=${listeners.port || listeners.tlsPort}.`)
  log.notice('Server initialized')
  warnOfContainer(server)
}

function announceReady({ log, listeners }: Server): void {
  if (listeners.port !== 0) log.notice('Ready to accept connections tcp')
  if (listeners.tlsPort !== 0) log.notice('Ready to accept connections tls')
  if (listeners.unixSocket !== '') log.notice('Ready to accept connections unix')
}

function logo(port: number): string {
  return [
    '',
    `      ___   Respite ${RESPITE_VERSION} (Redis ${REDIS_VERSION}) 64 bit`,
    '     /   \\',
    '    | o o |  Running in standalone mode',
    `     \\ _ /   Port: ${port}`,
    `             PID: ${process.pid}`,
    '',
  ].join('\n')
}

function handleSignals(server: Server): void {
  const end = (signal: EndingSignal) => {
    // A further SIGINT ends the process by itself, even in the middle of saving.
    process.off('SIGINT', end)
    if (!server.shutdown.signal(signal)) process.on('SIGINT', end)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** Ends the server and the process with it. */
async function finish(server: Server): Promise<void> {
  await server.close()
  server.log.warning('Respite is now ready to exit, bye bye...')
  process.exit(0)
}

await main()
