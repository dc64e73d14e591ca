import { describe, expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { OPTIONS } from '../../src/config/options.ts'

describe('the option tables', () => {
  test('name every option once, aliases included', () => {
    const names = OPTIONS.flatMap((option) => [
      option.name,
      ...(option.alias === undefined ? [] : [option.alias]),
    ])
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.length).toBeGreaterThan(200)
  })

  test('spell names in lower case, as they are looked up', () => {
    for (const option of OPTIONS) expect(option.name).toBe(option.name.toLowerCase())
  })

  test('give each option a default that it accepts and that is canonical', () => {
    for (const option of OPTIONS) {
      const config = new Config()
      const words = option.name === 'replicaof' ? ['no', 'one'] : option.default.split(' ')
      config.load(option.name, option.multiArgument ? words : [option.default], false)
      expect([option.name, config.text(option.name as 'port')]).toEqual([option.name, option.default])
    }
  })

  test('hide only what CONFIG GET * of Redis does not show', () => {
    const hidden = OPTIONS.filter((option) => option.hidden).map((option) => option.name)
    expect(hidden.sort()).toEqual([
      'aof-disable-auto-gc',
      'cluster-ping-interval',
      'key-load-delay',
      'loading-process-events-interval-bytes',
      'rdb-key-save-delay',
      'use-exit-on-panic',
      'watchdog-period',
    ])
  })

  test('protect the two options by which a client could write files anywhere', () => {
    const names = OPTIONS.filter((option) => option.protected).map((option) => option.name)
    expect(names).toEqual(['dir', 'dbfilename'])
  })
})
