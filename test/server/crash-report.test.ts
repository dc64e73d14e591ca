// What the log says of faults of our own: at length once, nothing that a client can forge or that is to be hidden; and
// that the program ends after one that no command is to blame for.

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Arguments } from '../../src/command/arguments.ts'
import { Config } from '../../src/config/config.ts'
import { CrashReports, REPORT_BEGINS, REPORT_ENDS } from '../../src/server/crash-report.ts'
import { Log } from '../../src/server/log.ts'
import { type LocalServer, startLocalServer } from '../support/local-server.ts'
import { RespClient } from '../support/resp-client.ts'
import { startRespite } from '../support/servers.ts'

function argumentsOf(...texts: string[]): Arguments {
  const args = new Arguments()
  args.load(texts.map((text) => Buffer.from(text, 'latin1')))
  return args
}

describe('a report', () => {
  let written: string
  let writes: number
  let time: number
  let log: Log
  let reports: CrashReports
  let info: () => string

  beforeEach(() => {
    written = ''
    writes = 0
    time = 1000
    info = () => '# Server\r\nredis_version:7\r\n'
    log = new Log(
      () => 0,
      (text) => {
        written += text
        writes++
      },
    )
    reports = new CrashReports({ log, now: () => 0, monotonic: () => time, info: () => info() })
  })

  function lines(): string[] {
    return written.trimEnd().split('\n')
  }

  test('tells in one write where it was, the stack, the command and the figures, between two marks', () => {
    reports.tell(new TypeError('oh'), { place: "in 'set'", args: argumentsOf('SET', 'k', 'v') })
    expect(writes).toBe(1)
    expect(lines()[0]).toContain(REPORT_BEGINS)
    expect(lines().at(-1)).toContain(REPORT_ENDS)
    for (const part of [
      "Internal error in 'set'",
      'TypeError: oh',
      '    at ',
      'argument 2: "v"',
      'redis_version:7',
    ]) {
      expect(written).toContain(part)
    }
  })

  test('of the next fault is a line, until some time has passed', () => {
    reports.tell(new Error('one'), { place: 'here' })
    written = ''
    reports.tell(new Error('two'), { place: 'there' })
    expect(lines()).toHaveLength(1)
    expect(written).toMatch(/Internal error there: Error: two\\x0a {4}at /)
    time += 60_000
    reports.tell(new Error('three'), { place: 'here' })
    expect(written).toContain(REPORT_BEGINS)
  })

  test('is a line if crash-log-enabled is off', () => {
    const config = new Config()
    reports.followSettings(config)
    config.set([['crash-log-enabled', 'no']])
    reports.tell(new Error('oh'), { place: 'here' })
    expect(lines()).toHaveLength(1)
    config.set([['crash-log-enabled', 'yes']])
    reports.tell(new Error('oh'), { place: 'here' })
    expect(written).toContain(REPORT_BEGINS)
  })

  test('has no line that a client has written', () => {
    const forged = `\r\n1:M 01 Jan 2026 00:00:00.000 # forged\n    at ${REPORT_ENDS}`
    reports.tell(new Error(forged), { place: 'here', args: argumentsOf('SET', forged, '\x00\x1b[2J') })
    for (const line of lines()) expect(line.startsWith(`${process.pid}:C `)).toBe(true)
    expect(lines().filter((line) => line.includes(` # ${REPORT_ENDS}`))).toHaveLength(1)
    for (const control of ['\r', '\0', '\x1b']) expect(written).not.toContain(control)
  })

  test('cuts what is long, and says how long it was', () => {
    const many = Array.from({ length: 500 }, (_, i) => `a${i}`)
    reports.tell(new Error('m'.repeat(100_000)), {
      place: 'here',
      args: argumentsOf('x'.repeat(100_000), ...many),
    })
    expect(written).toContain('... (100000 bytes)')
    expect(written).toContain('and 469 more')
    expect(written.length).toBeLessThan(20_000)
    for (const line of lines()) expect(line.length).toBeLessThan(1200)
  })

  test('shows no passwords, and of hidden data the sizes', () => {
    const args = argumentsOf('AUTH', 'secret')
    args.redact(1, 2)
    reports.tell(new Error('oh'), { place: 'here', args })
    expect(written).toContain('argument 1: (redacted)')
    log.hidesUserData = true
    time += 60_000
    written = ''
    reports.tell(new Error('private\n    at private'), { place: 'here', args: argumentsOf('SET', 'private') })
    expect(written).toContain('argument 0: "SET"')
    expect(written).toContain('argument 1: *redacted* (7 bytes)')
    expect(written).toContain('Error: *redacted*')
    expect(written).not.toContain('private')
  })

  test('leaves out what fails again, and takes whatever is thrown', () => {
    info = () => {
      throw new RangeError('again')
    }
    reports.tell('a text', { place: 'here' })
    expect(written).toContain('a text')
    expect(written).toContain('Figures: not to be had (RangeError)')
    for (const thrown of [undefined, null, Symbol('s'), Object.create(null), 7]) {
      time += 60_000
      written = ''
      reports.tell(thrown, { place: 'here' })
      expect(lines().at(-1)).toContain(REPORT_ENDS)
    }
  })
})

describe('in a server', () => {
  let local: LocalServer

  beforeEach(async () => {
    local = await startLocalServer()
  })

  afterEach(() => local.stop())

  test('a command with a fault is answered, and the report shows it, its client and INFO', async () => {
    const client = await RespClient.connect(local)
    local.clients.push(client)
    await client.call('CLIENT', 'SETNAME', 'unlucky')
    const command = local.server.registry.byName('get') as unknown as { run(): void }
    const spy = vi.spyOn(command, 'run').mockImplementation(() => {
      throw new TypeError('broken')
    })
    onTestFinished(() => spy.mockRestore())
    expect(await client.call('GET', 'some key')).toMatchObject({ text: 'ERR internal error' })
    const report = local.log.join('')
    for (const part of [
      "Internal error in 'get'",
      'TypeError: broken',
      'argument 1: "some key"',
      'name=unlucky',
      'used_memory:',
      'cmdstat_',
    ]) {
      expect(report).toContain(part)
    }
    spy.mockRestore()
    expect(await client.call('PING')).toMatchObject({ text: 'PONG' })
  })
})

test('the program ends with 1 after a fault outside of any command', async () => {
  const fault = "process.on('SIGUSR2', () => { throw new Error('beyond') })"
  vi.stubEnv('NODE_OPTIONS', `--import data:text/javascript,${encodeURIComponent(fault)}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const server = await startRespite()
  process.kill(server.pid, 'SIGUSR2')
  expect(await server.exited).toBe(1)
  expect(server.output()).toContain('Internal error outside of any command')
  expect(server.output()).toContain('Error: beyond')
  expect(server.output()).toContain(REPORT_ENDS)
})
