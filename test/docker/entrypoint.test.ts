// The image's entrypoint, in every form of arguments, with stand-ins for what needs root or the image's own programs.
// And the Dockerfile, as far as it can be told without building it.

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../support/source-code.ts'

const ENTRYPOINT = join(ROOT, 'src/docker/entrypoint.sh')
const ROOT_USER = 0
const REDIS_USER = 999

interface Run {
  status: number | null
  /** What was called, a line each: the name of the stand-in and its arguments in angle brackets. */
  calls: string[]
  stderr: string
}

interface Circumstances {
  uid?: number
  env?: Record<string, string>
  umask?: string
  /** Stand-ins that fail. */
  failing?: readonly string[]
}

/** A folder for the PATH with stand-ins, each of which notes how it was called. */
function standIns({ uid = ROOT_USER, failing = [] }: Circumstances): string {
  const folder = mkdtempSync(join(tmpdir(), 'respite-entrypoint-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const stub = (name: string, body: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}`, { mode: 0o755 })
  const note = (name: string) =>
    `{ printf '${name}'; printf '<%s>' "$@"; printf '\\n'; } >> "${folder}/calls"\n`
  writeFileSync(join(folder, 'calls'), '')
  // Who has dropped privileges is somebody else from then on.
  stub('id', `if [ -e "${folder}/dropped" ]; then echo ${REDIS_USER}; else echo ${uid}; fi\n`)
  stub(
    'setpriv',
    `${failing.includes('setpriv') ? 'exit 1\n' : ''}shift 3\nif [ "$1" = true ]; then exit 0; fi\ntouch "${folder}/dropped"\n${note('setpriv')}exec "$@"\n`,
  )
  stub('find', `${note('find')}${failing.includes('find') ? 'exit 1\n' : ''}`)
  for (const name of ['redis-server', 'respite', 'redis-cli', 'bash']) {
    stub(name, `${note(name)}echo "umask $(umask)" >> "${folder}/calls"\nexit 7\n`)
  }
  return folder
}

function enter(args: readonly string[], circumstances: Circumstances = {}): Run {
  const folder = standIns(circumstances)
  const command = `umask ${circumstances.umask ?? '0022'}; exec "$0" "$@"`
  const { status, stderr } = spawnSync('/bin/sh', ['-c', command, ENTRYPOINT, ...args], {
    env: { PATH: `${folder}:${process.env.PATH}`, ...circumstances.env },
    encoding: 'utf8',
  })
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
  return { status, calls: calls.map((line) => line.replace(ENTRYPOINT, 'ENTRYPOINT')), stderr }
}

const FIX = 'find<.><!><-user><redis><-exec><chown><redis><{}><+>'

describe.skipIf(process.platform === 'win32')('as root', () => {
  test.each<[string, string[], string]>([
    ['nothing at all', [], 'redis-server<>'],
    ["the image's command", ['redis-server'], 'redis-server<>'],
    ['an option', ['--appendonly', 'yes'], 'redis-server<--appendonly><yes>'],
    ['an option with an empty value', ['--save', ''], 'redis-server<--save><>'],
    ['a file', ['/etc/my.conf'], 'redis-server</etc/my.conf>'],
    ['a file and an option', ['/etc/my.conf', '--port', '7000'], 'redis-server</etc/my.conf><--port><7000>'],
    ['a dash for standard input', ['-'], 'redis-server<->'],
    ['our own name', ['respite', '--port', '7000'], 'respite<--port><7000>'],
    ['an argument with a blank', ['--requirepass', 'a b'], 'redis-server<--requirepass><a b>'],
  ])('%s starts the server, as the user redis, who owns the data', (_what, args, expected) => {
    const { status, calls } = enter(args)
    expect(calls[0]).toBe(FIX)
    expect(calls[1]).toMatch(/^setpriv<ENTRYPOINT><(redis-server|respite)>/)
    expect(calls.slice(2)).toEqual([expected, 'umask 0077'])
    // It is the server itself whose end is the container's.
    expect(status).toBe(7)
  })

  test.each<[string[], string]>([
    [['redis-cli', '-h', 'cache', 'ping'], 'redis-cli<-h><cache><ping>'],
    [['bash'], 'bash<>'],
  ])('%j is run as it is', (args, expected) => {
    expect(enter(args).calls).toEqual([expected, 'umask 0022'])
  })

  test('files stay whose they are if that is asked for', () => {
    const { calls } = enter(['--port', '1'], { env: { SKIP_FIX_PERMS: '1' } })
    expect(calls.map((call) => call.split('<')[0])).toEqual(['setpriv', 'redis-server', 'umask 0077'])
  })

  test('it stays root if that is asked for', () => {
    const { calls } = enter([], { env: { SKIP_DROP_PRIVS: '1' } })
    expect(calls).toEqual(['redis-server<>', 'umask 0077'])
  })

  test("files that can't be given away are told of, and are no reason not to start", () => {
    const { calls, status, stderr } = enter([], { failing: ['find'] })
    expect(calls.at(-2)).toBe('redis-server<>')
    expect([status, stderr]).toEqual([7, expect.stringContaining('stay as they are')])
  })

  test('without the capabilities to become somebody else it starts all the same', () => {
    expect(enter([], { failing: ['setpriv'] }).calls).toEqual([FIX, 'redis-server<>', 'umask 0077'])
  })
})

describe.skipIf(process.platform === 'win32')('as another user', () => {
  test('it starts the server as that', () => {
    expect(enter(['--port', '1'], { uid: 1000 }).calls).toEqual(['redis-server<--port><1>', 'umask 0077'])
  })

  test('a umask that was chosen stays', () => {
    expect(enter([], { uid: 1000, umask: '0002' }).calls).toEqual(['redis-server<>', 'umask 0002'])
  })

  test('more flags come last, split at blanks and not expanded', () => {
    const env = { RESPITE_EXTRA_FLAGS: '--maxmemory 100mb  --notify-keyspace-events *' }
    expect(enter(['--port', '1'], { uid: 1000, env }).calls[0]).toBe(
      'redis-server<--port><1><--maxmemory><100mb><--notify-keyspace-events><*>',
    )
    expect(enter(['redis-cli', 'ping'], { uid: 1000, env }).calls[0]).toBe('redis-cli<ping>')
  })
})

describe('the Dockerfile', () => {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')

  test('copies what exists, and what .dockerignore lets through', () => {
    const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
      .match(/^!.*/gm)!
      .map((line) => line.slice(1))
    const copied = [...text.matchAll(/^COPY (.*) \S+$/gm)].flatMap((match) => match[1]!.split(' '))
    expect(copied.length).toBeGreaterThan(2)
    for (const name of copied) {
      expect(existsSync(join(ROOT, name)), name).toBe(true)
      expect(allowed).toContain(name)
    }
  })

  test.skipIf(process.platform === 'win32')('links programs that can be run', () => {
    const linked = [...text.matchAll(/ln -sf? \/opt\/respite\/(\S+)/g)].map((match) => match[1]!)
    expect(linked.length).toBe(3)
    for (const name of linked) accessSync(join(ROOT, name), constants.X_OK)
  })
})
