// redis-cli's modes against Respite, if there is a redis-cli on the PATH: those that end by themselves.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { ServerProcess } from '../support/servers.ts'

type Script = [string, () => Promise<void>]

export function redisCliScripts(server: ServerProcess, password: string): Script[] {
  if (spawnSync('redis-cli', ['--version']).status !== 0) return []
  return [['redis-cli, its modes', async () => modes(new Cli(server, password))]]
}

class Cli {
  readonly #words: string[]
  readonly #environment: NodeJS.ProcessEnv

  constructor(server: ServerProcess, password: string) {
    this.#words = ['-h', server.host, '-p', String(server.port)]
    this.#environment = { ...process.env, REDISCLI_AUTH: password }
  }

  run(words: readonly string[], input = ''): string {
    const done = spawnSync('redis-cli', [...this.#words, ...words], {
      input,
      env: this.#environment,
      encoding: 'latin1',
      timeout: 60_000,
    })
    assert.equal(done.status, 0, `redis-cli ${words.join(' ')}: ${done.stdout}${done.stderr}`)
    return done.stdout
  }
}

function modes(cli: Cli): void {
  cli.run(['FLUSHALL'])
  // Before there are keys: those of another policy have no counters.
  cli.run(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu'])
  const lines: string[] = []
  for (let n = 0; n < 500; n++)
    lines.push(`SET cli:s${n} ${'x'.repeat(n + 1)}`, `RPUSH cli:l ${n}`, `SADD cli:set ${n}`)
  assert.match(cli.run(['--pipe'], `${lines.join('\r\n')}\r\n`), /errors: 0, replies: 1500/)
  assert.equal(cli.run(['--scan', '--pattern', 'cli:s4?']).trim().split('\n').length, 10)
  assert.match(cli.run(['--bigkeys']), /Biggest string found '"cli:s499"' has 500 bytes/)
  assert.match(cli.run(['--memkeys']), /Biggest\s+list found '"cli:l"' has \d+ bytes/)
  assert.match(cli.run(['--hotkeys']), /hot key found with counter: \d+/)
  cli.run(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'])
  assert.equal(cli.run(['-x', 'SET', 'cli:x'], 'from input'), 'OK\n')
  assert.equal(cli.run(['GET', 'cli:x']), 'from input\n')
  assert.equal(cli.run(['-X', 'here', 'SET', 'cli:y', 'here'], 'in place'), 'OK\n')
  assert.equal(cli.run(['-r', '3', '-i', '0.01', 'INCR', 'cli:n']), '1\n2\n3\n')
  assert.equal(cli.run(['-n', '3', 'DBSIZE']), '0\n')
  assert.equal(cli.run(['--csv', 'LRANGE', 'cli:l', '0', '2']), '"0","1","2"\n')
  assert.equal(cli.run(['-3', '--json', 'CONFIG', 'GET', 'port']).startsWith('{"port":'), true)
  cli.run(['FLUSHALL'])
}
