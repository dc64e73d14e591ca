// The npm package, from its tarball: installed without a network in an empty project, imported, started, type-checked.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { RESPITE_VERSION } from '../src/base/version.ts'
import { until } from './support/local-server.ts'
import { ROOT } from './support/source-code.ts'

const TSC = join(ROOT, '.ci/node_modules/typescript/bin/tsc')
const NODE_TYPES = join(ROOT, '.ci/node_modules/@types')
const isWindows = process.platform === 'win32'

let project = ''
let files: string[] = []

function run(program: string, args: readonly string[], cwd = project): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    shell: isWindows,
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? status}\n${stdout}\n${stderr}`)
  return stdout
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'respite-package-'))
  const packed = run('npm', ['pack', '--json', '--silent', '--pack-destination', project], ROOT)
  const [{ filename, files: listed }] = JSON.parse(packed.slice(packed.indexOf('['))) as [
    { filename: string; files: { path: string }[] },
  ]
  files = listed.map(({ path }) => path)
  writeFileSync(join(project, 'package.json'), '{ "name": "scratch", "private": true, "type": "module" }')
  const quiet = ['--offline', '--no-audit', '--no-fund', '--cache', join(project, 'cache')]
  run('npm', ['install', ...quiet, join(project, filename)])
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

test('it holds JavaScript, declarations and what a reader needs, and nothing else', () => {
  const kinds = new Set(
    files.map((path) => (path.startsWith('dist/') ? path.replace(/.*?(\.d)?\./, 'dist/*$1.') : path)),
  )
  expect([...kinds].sort()).toEqual(
    ['LICENSE', 'README.md', 'dist/*.d.ts', 'dist/*.js', 'package.json', 'redis.conf.example'].sort(),
  )
})

test('it brings no other package', () => {
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'respite',
  ])
})

test('a program embeds the server', () => {
  writeFileSync(
    join(project, 'embed.js'),
    `import { createServer, CommandError } from 'respite'
     const server = await createServer({
       databases: 1,
       commands: [{ name: 'HI', arity: 1, run: ({ reply }) => reply.bulk('hello') }],
     })
     server.call('SET', 'k', 'v')
     try { server.call('INCR', 'k') } catch (error) { console.log(error instanceof CommandError) }
     console.log(server.db(0).get('k'), server.call('HI'), server.port > 0)
     await server.close()`,
  )
  expect(run(process.execPath, ['embed.js'])).toBe('true\nv hello true\n')
})

test('a worker starts from a file of the package', () => {
  writeFileSync(
    join(project, 'worker.js'),
    `import { parentPort } from 'node:worker_threads'
     parentPort.postMessage('hello')`,
  )
  writeFileSync(
    join(project, 'start-worker.js'),
    `import { startWorker } from './node_modules/respite/dist/base/worker.js'
     startWorker(new URL('./worker.js', import.meta.url)).on('message', console.log)`,
  )
  expect(run(process.execPath, ['start-worker.js'])).toBe('hello\n')
})

test('a snapshot is written by a worker of the package', () => {
  writeFileSync(
    join(project, 'save.js'),
    `import { createServer } from 'respite'
     import { existsSync, mkdirSync } from 'node:fs'
     mkdirSync('data')
     const server = await createServer({ dir: 'data', save: '' })
     server.call('SET', 'k', 'v')
     server.call('BGSAVE')
     for (let waited = 0; waited < 20_000 && !existsSync('data/dump.rdb'); waited += 10)
       await new Promise((resolve) => setTimeout(resolve, 10))
     console.log(existsSync('data/dump.rdb'), server.call('CONFIG', 'GET', 'dir').dir === process.cwd() + '/data')
     await server.close()`,
  )
  expect(run(process.execPath, ['save.js'])).toBe('true true\n')
})

test('no file names a TypeScript file, to import it or to start a worker from it', () => {
  const dist = join(project, 'node_modules/respite/dist')
  const wrong = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && name !== join('base', 'worker.js'))
    .filter((name) => /["'`][^"'`\n]*\.ts["'`]/.test(readFileSync(join(dist, name), 'utf8')))
  expect(wrong).toEqual([])
})

describe('the program', () => {
  const program = () => join(project, 'node_modules/.bin/respite')

  test('tells its version and how to use it', () => {
    expect(run(program(), ['--version'])).toContain(`v=${RESPITE_VERSION}`)
    const { stderr } = spawnSync(program(), ['--help'], { encoding: 'utf8', shell: isWindows })
    expect(stderr).toContain('Usage: respite [/path/to/redis.conf] [options]')
  })

  test.skipIf(isWindows)('serves, and ends on SIGTERM', async () => {
    const server = spawn(program(), ['--port', '0', '--bind', '127.0.0.1'], { cwd: project })
    onTestFinished(() => void server.kill('SIGKILL'))
    let output = ''
    server.stdout.on('data', (chunk) => (output += chunk))
    await until(() => output.includes('Ready to accept connections'), 'it is ready')
    const client = createConnection(Number(/port=(\d+)/.exec(output)![1]), '127.0.0.1')
    let answer = ''
    client.on('data', (chunk) => (answer += chunk))
    client.write('PING\r\n')
    await until(() => answer === '+PONG\r\n', 'it has answered')
    client.destroy()
    const ended = new Promise((resolve) => server.once('exit', (code) => resolve(code)))
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})

/** A program that uses everything public, strictly. */
const TYPED = `import { type CommandDefinition, CommandError, createServer, type RespiteServer } from 'respite'
const HI: CommandDefinition = {
  name: 'HI',
  arity: -1,
  flags: ['write'],
  run({ args, reply, call }) {
    if (args.is(1, 'X')) throw new CommandError('ERR x')
    reply.value(call('INCR', args.string(1)))
  },
}
const server: RespiteServer = await createServer({
  maxmemory: '100mb',
  appendonly: false,
  'maxmemory-policy': 'allkeys-lru',
  save: ['60', 1],
  commands: [HI],
  fault: ({ command }) => (command === 'get' ? { delay: 10 } : undefined),
})
server.clock.advance(10)
const value: string | null = server.db(0).get('k')
const scores: number[] = server.db(0).zrange('z').map(({ score }) => score)
const where: { host: string; port: number } | { path: string } = server.address
// @ts-expect-error: there is no such policy
await createServer({ 'maxmemory-policy': 'allkeys' })
// @ts-expect-error: there is no such option
await createServer({ maxmemmory: 1 })
await server.close()
export { scores, value, where }
`

const STRICT = {
  target: 'es2022',
  lib: ['es2022'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  types: [],
}

describe.skipIf(!existsSync(TSC))('declarations', () => {
  function check(name: string, options: object, sources: Record<string, string>): void {
    const folder = join(project, name)
    mkdirSync(folder)
    for (const [file, text] of Object.entries(sources)) writeFileSync(join(folder, file), text)
    const config = { compilerOptions: { ...STRICT, ...options }, files: Object.keys(sources) }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    run(process.execPath, [TSC, '-p', '.'], folder)
  }

  test.each([
    ['nodenext', true],
    ['nodenext', false],
    ['bundler', true],
    ['bundler', false],
  ])('a strict program compiles, moduleResolution %s, skipLibCheck %s', (moduleResolution, skipLibCheck) => {
    const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext'
    const sources = { 'main.ts': TYPED }
    check(`${moduleResolution}-${skipLibCheck}`, { module, moduleResolution, skipLibCheck }, sources)
  })

  test('say the same of settings as the source', () => {
    const source = JSON.stringify(join(ROOT, 'src/embedding/settings.ts'))
    const text = `import type { Settings as Packed } from 'respite'
      import type { Settings as Source } from ${source}
      export const there: Required<Source> = {} as unknown as Required<Packed>
      export const back: Required<Packed> = {} as unknown as Required<Source>`
    const options = {
      module: 'nodenext',
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      lib: ['es2023'],
      types: ['node'],
      typeRoots: [NODE_TYPES],
    }
    check(
      'settings',
      { ...options, noUncheckedIndexedAccess: false, noPropertyAccessFromIndexSignature: false },
      { 'same.ts': text },
    )
  })
})
