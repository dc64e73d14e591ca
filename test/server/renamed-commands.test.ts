// What lines of the configuration say of commands' names.

import { expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { Server } from '../../src/server/server.ts'

function serverWith(text: string): Server {
  const config = new Config()
  loadConfigText(config, text, { product: 'Redis' })
  return new Server({ config })
}

test('a renamed command is known by its new name, one that was taken away by none', () => {
  const { registry } = serverWith('rename-command FLUSHALL hidden\nrename-command KEYS ""\n')
  expect(registry.byName('hidden')?.fullName).toBe('flushall')
  expect([registry.byName('flushall'), registry.byName('keys')]).toEqual([undefined, undefined])
})

test('a server with a command that does not exist does not come to be', () => {
  expect(() => serverWith('rename-command NOSUCH x\n')).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/>>> 'rename-command NOSUCH x'\nNo such command in rename-command\n$/),
    }),
  )
})
