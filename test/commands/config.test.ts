import { beforeEach, describe, expect, test } from 'vitest'
import { Session } from '../../src/command/session.ts'
import { type ConfigFile, type ConfigWorld, configCommands } from '../../src/commands/config.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { resetStatistics } from '../../src/monitoring/reset-statistics.ts'
import { Harness } from '../support/harness.ts'
import { infoSources } from '../support/info-sources.ts'

let server: Harness
let config: Config
let world: ConfigWorld

/** A server that was started with a file of this text. */
function start(text = '', file?: ConfigFile): void {
  server = new Harness([stringCommands])
  config = new Config({ directory: '/data' })
  loadConfigText(config, text, { product: 'Redis', include: () => [] })
  const sources = infoSources(server)
  world = {
    config,
    file,
    isLoading: () => false,
    resetStatistics: () => resetStatistics(sources),
  }
  server.registry.add(configCommands(world))
}

beforeEach(() => start())

function show(command: string): string {
  return server.show(command)
}

describe('CONFIG GET', () => {
  test('replies a map of what matches', () => {
    expect(show('CONFIG GET maxclients nothing PORT maxclients')).toBe(
      '["maxclients", "10000", "PORT", "6379"]',
    )
    server.client.protocol = 3
    expect(show('CONFIG GET slowlog-max*')).toBe('{"slowlog-max-len" => "128"}')
  })
})

describe('CONFIG SET', () => {
  test('sets options', () => {
    expect(show('CONFIG SET maxmemory 100mb maxmemory-policy allkeys-lru')).toBe('+OK')
    expect(show('CONFIG GET maxmemory maxmemory-policy')).toBe(
      '["maxmemory", "104857600", "maxmemory-policy", "allkeys-lru"]',
    )
  })

  test('sets all or none', () => {
    expect(show('CONFIG SET maxmemory 1 maxclients x')).toMatch(
      "CONFIG SET failed (possibly related to argument 'maxclients')",
    )
    expect(config.number('maxmemory')).toBe(0)
  })

  test('refuses an option without a value', () => {
    expect(show('CONFIG SET maxmemory 1 maxclients')).toBe('(error) ERR syntax error')
  })

  test('refuses protected options as long as the file does not allow them', () => {
    const refusal =
      "(error) ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"
    expect(show('CONFIG SET dir /tmp')).toBe(refusal)
    start('enable-protected-configs local')
    const far = new Session(2, { ...server.client.peer, address: '10.0.0.1:4000' }, 0)
    expect(server.show('CONFIG SET dir /tmp', far)).toBe(refusal)
    expect(show('CONFIG SET dir /tmp')).toBe('+OK')
    start('enable-protected-configs yes')
    expect(server.show('CONFIG SET dir /tmp', far)).toBe('+OK')
  })

  test('keeps passwords out of the slow log, be they set or not', () => {
    server.slowLog.threshold = 0
    show('CONFIG SET masterauth secret maxmemory 1 requirepass word')
    expect(server.slowLog.newest(1)[0]!.args.slice(2)).toEqual([
      'masterauth',
      '(redacted)',
      'maxmemory',
      '1',
      'requirepass',
      '(redacted)',
    ])
    show('CONFIG SET masterauth secret nonsense')
    expect(server.slowLog.newest(1)[0]!.args).not.toContain('secret')
  })
})

describe('CONFIG REWRITE', () => {
  test('needs a file', () => {
    expect(show('CONFIG REWRITE')).toBe('(error) ERR The server is running without a config file')
  })

  test('replaces the file by one that gives the settings in force', () => {
    let text = '# mine\nmaxclients 50\n'
    start(text, {
      read: () => text,
      replace: (written) => {
        text = written
      },
    })
    show('CONFIG SET maxclients 60 maxmemory 1mb')
    expect(show('CONFIG REWRITE')).toBe('+OK')
    expect(text.split('\n').slice(0, 2)).toEqual(['# mine', 'maxclients 60'])
    expect(text).toContain('\nmaxmemory 1mb\n')
  })

  test('says why it could not', () => {
    start('', {
      read: () => '',
      replace: () => {
        throw new Error('Permission denied')
      },
    })
    expect(show('CONFIG REWRITE')).toBe('(error) ERR Rewriting config file: Permission denied')
  })
})

describe('CONFIG RESETSTAT', () => {
  test('lets counters start anew, with itself the first to be counted', () => {
    show('SET a b')
    show('GET a')
    show('GET b')
    show('nonsense')
    expect(show('CONFIG RESETSTAT')).toBe('+OK')
    const called = [...server.registry.everyCommand()].filter((command) => command.calls > 0)
    expect(called.map((command) => command.fullName)).toEqual(['config|resetstat'])
    expect(server.dispatcher.executed).toBe(1)
    expect(server.errors.total).toBe(0)
    expect(server.errors.counts()).toEqual([])
    expect(server.keyspace.stats).toEqual({
      hits: 0,
      misses: 0,
      expired: 0,
      expiredElements: 0,
      evicted: 0,
      sanitizations: 0,
    })
  })

  test('keeps data and settings', () => {
    show('SET a b')
    show('CONFIG SET maxclients 60')
    show('CONFIG RESETSTAT')
    expect(show('GET a')).toBe('"b"')
    expect(config.number('maxclients')).toBe(60)
  })
})
