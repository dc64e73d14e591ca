// Users at work: settings, files, and clients that feel what is done to their user. Over real sockets, as far as
// connections end.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Config } from '../../src/config/config.ts'
import { loadConfigText } from '../../src/config/config-file.ts'
import { Log } from '../../src/server/log.ts'
import { Server } from '../../src/server/server.ts'
import { type LocalServer, startLocalServer } from '../support/local-server.ts'
import { format, RespClient } from '../support/resp-client.ts'

let directory: string
let server: LocalServer | undefined

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'respite-users-'))
})

afterEach(async () => {
  await server?.stop()
  server = undefined
  fs.rmSync(directory, { recursive: true })
})

async function connect(protocol: 2 | 3 = 2): Promise<RespClient> {
  const client = await RespClient.connect(server!, protocol)
  server!.clients.push(client)
  return client
}

async function ask(client: RespClient, line: string): Promise<string> {
  return format(await client.call(...line.split(' ')))
}

/** A client that is user u. */
async function connectAs(rules: string, protocol: 2 | 3 = 2): Promise<RespClient> {
  const admin = await connect()
  expect(await ask(admin, `ACL SETUSER u reset on nopass ${rules}`)).toBe('+OK')
  const client = await connect(protocol)
  expect(await ask(client, 'AUTH u x')).toBe('+OK')
  return client
}

const EVERYTHING = '+@all allkeys allchannels'

/** Whether the connection has ended, once the server has had time to end it. */
async function isGone(client: RespClient, admin: RespClient): Promise<boolean> {
  await ask(admin, 'PING')
  if (client.failure !== undefined) return true
  try {
    await client.call('PING')
    return false
  } catch {
    return true
  }
}

describe('a user that goes', () => {
  test('takes its connections along', async () => {
    server = await startLocalServer()
    const admin = await connect()
    const client = await connectAs(EVERYTHING)
    const other = await connect()
    expect(await ask(admin, 'ACL DELUSER u nobody')).toBe('(integer) 1')
    expect(await isGone(client, admin)).toBe(true)
    expect(await isGone(other, admin)).toBe(false)
    expect(await ask(admin, 'CLIENT LIST')).not.toContain('user=u')
  })

  test('still hears that it has gone, and nothing after that', async () => {
    server = await startLocalServer()
    const client = await connectAs(EVERYTHING)
    client.send(['ACL', 'DELUSER', 'u'])
    client.send(['SET', 'k', 'v'])
    expect(format(await client.next())).toBe('(integer) 1')
    await client.closed
    expect(await ask(await connect(), 'GET k')).toBe('(nil-bulk)')
  })

  test('in the middle of a transaction runs the rest of it as nobody', async () => {
    server = await startLocalServer()
    const client = await connectAs(EVERYTHING)
    for (const line of ['MULTI', 'ACL DELUSER u', 'ACL WHOAMI']) await ask(client, line)
    expect(await ask(client, 'EXEC')).toBe('[(integer) 1, "default"]')
    await client.closed
  })
})

describe('subscribers', () => {
  async function listening(rules: string, ...commands: string[]): Promise<RespClient> {
    const client = await connectAs(`${EVERYTHING} resetchannels ${rules}`)
    for (const line of commands) expect(await ask(client, line)).toMatch(/^\["[ps]*subscribe"/)
    return client
  }

  test.each([
    ['&foo:1', 'SUBSCRIBE foo:1', 'resetchannels'],
    ['&foo:1', 'SSUBSCRIBE foo:1', 'resetchannels &foo:2'],
    ['&bar:*', 'PSUBSCRIBE bar:*', 'resetchannels &bar:1'],
    ['allchannels', 'PSUBSCRIBE foo', 'resetchannels &foo?'],
    ['allchannels', 'SUBSCRIBE foo', 'reset'],
  ])('with %s that have said %s are cut by %s', async (before, command, after) => {
    server = await startLocalServer()
    const admin = await connect()
    const client = await listening(before, command)
    await ask(admin, `ACL SETUSER u ${after}`)
    expect(await isGone(client, admin)).toBe(true)
    expect(await ask(admin, 'PUBSUB NUMSUB foo foo:1')).toBe('["foo", (integer) 0, "foo:1", (integer) 0]')
  })

  test.each([
    'resetchannels &foo:1 &bar:* &more',
    'allchannels',
    'resetchannels (&foo:1 &bar:*)',
    'resetchannels &foo* &bar:*',
    'off',
    '-@all',
  ])('are spared by %s', async (after) => {
    server = await startLocalServer()
    const admin = await connect()
    const client = await listening('&foo:1 &bar:*', 'SUBSCRIBE foo:1', 'SSUBSCRIBE foo:1', 'PSUBSCRIBE bar:*')
    await ask(admin, `ACL SETUSER u ${after}`)
    await ask(admin, 'PUBLISH foo:1 hello')
    expect(format(await client.next())).toBe('["message", "foo:1", "hello"]')
  })

  test('that cut themselves are answered first', async () => {
    server = await startLocalServer()
    const client = await connectAs(EVERYTHING, 3)
    client.send(['SUBSCRIBE', 'a'])
    await client.nextPush()
    expect(await ask(client, 'ACL SETUSER u resetchannels')).toBe('+OK')
    await client.closed
  })
})

describe('a command that waits', () => {
  test('is refused if it is not allowed any more when it is served', async () => {
    server = await startLocalServer()
    const admin = await connect()
    const client = await connectAs(EVERYTHING)
    client.send(['BLPOP', 'list', '0'])
    while (!(await ask(admin, 'INFO clients')).includes('blocked_clients:1'));
    await ask(admin, 'ACL SETUSER u resetkeys')
    await ask(admin, 'RPUSH list x')
    expect(format(await client.next())).toBe('(error) NOPERM No permissions to access a key')
    expect(await ask(admin, 'LLEN list')).toBe('(integer) 1')
    expect(await ask(admin, 'INFO commandstats')).toMatch(
      /cmdstat_blpop:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0/,
    )
    expect(await ask(client, 'PING')).toBe('+PONG')
  })
})

describe('the default user', () => {
  test('that is off, or has a password, lets nobody in; who is in stays', async () => {
    server = await startLocalServer()
    const admin = await connect()
    for (const rule of ['off', '>pw', 'resetpass']) {
      await ask(admin, `ACL SETUSER default on nopass ${rule}`)
      const late = await connect()
      expect(await ask(late, 'PING')).toBe('(error) NOAUTH Authentication required.')
      expect(await ask(late, 'AUTH default other')).toMatch(/^\(error\) WRONGPASS/)
      expect(await ask(admin, 'PING')).toBe('+PONG')
      await ask(admin, 'ACL SETUSER default on nopass')
      expect(await ask(late, 'PING')).toBe('+PONG')
      expect(await ask(late, 'HELLO 3')).toMatch(/^\(error\) NOAUTH HELLO must be called/)
    }
  })

  test('has the password that requirepass says, and others until then', async () => {
    server = await startLocalServer(false, 'requirepass one')
    const client = await connect()
    expect(await ask(client, 'AUTH one')).toBe('+OK')
    await ask(client, 'CONFIG SET requirepass two')
    expect(await ask(client, 'AUTH one')).toMatch(/WRONGPASS/)
    await ask(client, 'ACL SETUSER default >three')
    expect([await ask(client, 'AUTH two'), await ask(client, 'AUTH three')]).toEqual(['+OK', '+OK'])
    expect(await ask(client, 'CONFIG GET requirepass')).toBe('["requirepass", "two"]')
    await client.call('CONFIG', 'SET', 'requirepass', '')
    expect(await ask(client, 'AUTH x')).toMatch(/without any password configured/)
    expect(await ask(client, 'ACL LIST')).toBe('["user default on nopass sanitize-payload ~* &* +@all"]')
  })
})

describe('figures', () => {
  test('count what was denied, until CONFIG RESETSTAT', async () => {
    server = await startLocalServer()
    const admin = await connect()
    const client = await connectAs('+get +publish')
    for (const line of ['GET k', 'GET l', 'PUBLISH c m', 'SET k v', 'AUTH u2 x', 'HELLO 3 AUTH u3 x']) {
      await ask(client, line)
    }
    const stats = await ask(admin, 'INFO stats')
    expect(stats).toContain(
      'acl_access_denied_auth:2\\r\\nacl_access_denied_cmd:1\\r\\nacl_access_denied_key:2\\r\\nacl_access_denied_channel:1',
    )
    await ask(admin, 'CONFIG RESETSTAT')
    expect(await ask(admin, 'INFO stats')).toContain('acl_access_denied_key:0')
    expect(await ask(admin, 'CLIENT LIST')).toContain(' user=u ')
    expect(await ask(admin, 'CLIENT KILL USER u')).toBe('(integer) 1')
    expect(await ask(admin, 'CLIENT KILL USER nobody')).toBe("(error) ERR No such user 'nobody'")
  })

  test('follow acllog-max-len and acl-pubsub-default', async () => {
    server = await startLocalServer(false, 'acllog-max-len 2\nacl-pubsub-default allchannels')
    const admin = await connect()
    for (const name of ['a', 'b', 'c']) await ask(admin, `AUTH ${name} x`)
    expect(server.server.access.denials.newest(9)).toHaveLength(2)
    await ask(admin, 'ACL SETUSER u')
    expect(await ask(admin, 'ACL GETUSER u')).toContain('"channels", "&*"')
    await ask(admin, 'CONFIG SET acl-pubsub-default resetchannels')
    expect(await ask(admin, 'ACL GETUSER u')).toContain('"channels", "&*"')
    await ask(admin, 'ACL SETUSER v')
    expect(await ask(admin, 'ACL GETUSER v')).toContain('"channels", ""')
  })
})

describe('no log', () => {
  test('tells a password, a hash or a user', async () => {
    server = await startLocalServer()
    const monitor = await connect()
    await ask(monitor, 'MONITOR')
    const admin = await connect()
    await ask(admin, 'CONFIG SET slowlog-log-slower-than 0')
    for (const line of [
      'AUTH secret',
      'AUTH default secret',
      'AUTH a secret secret',
      'HELLO 3 AUTH default secret',
      'HELLO 9 AUTH default secret',
      'HELLO x AUTH default secret',
      'HELLO 2 AUTH secret',
      'HELLO 2 SETNAME x auth default secret nonsense',
      'ACL SETUSER eve >secret',
      'ACL SETUSER eve <secret nonsense',
      'ACL GETUSER secret',
      'ACL DELUSER secret',
      'CONFIG SET masterauth secret',
      'CONFIG SET requirepass secret nonsense',
      'CONFIG SET nonsense x requirepass secret',
      'CONFIG SET tls-key-file-pass secret',
      'MIGRATE 127.0.0.1 1 k 0 1 AUTH secret',
      'MIGRATE 127.0.0.1 1 k 0 1 nonsense AUTH2 secret secret',
      'MIGRATE 127.0.0.1 1 k x y COPY AUTH secret KEYS a',
    ]) {
      await ask(admin, line)
    }
    for (const line of [
      'MULTI',
      'AUTH default secret',
      'HELLO 2 AUTH default secret',
      'ACL SETUSER eve >secret',
      'EXEC',
    ]) {
      await ask(admin, line)
    }
    await ask(admin, 'ECHO end')
    const shown: string[] = []
    do shown.push(format(await monitor.next()))
    while (!shown.at(-1)!.includes('"ECHO" "end"'))
    expect(shown.filter((line) => line.includes('secret'))).toEqual([])
    expect(shown.filter((line) => line.includes('(redacted)')).length).toBeGreaterThan(5)
    const slow = await ask(admin, 'SLOWLOG GET -1')
    expect(slow).toContain('"SETUSER", "(redacted)", "(redacted)"')
    expect(slow).not.toContain('secret')
    expect(server.log.join('')).not.toContain('secret')
    expect(await ask(admin, 'ACL LOG')).not.toContain('secret')
  })
})

test('hide-user-data-from-log keeps names that clients choose out of the log', async () => {
  for (const setting of ['no', 'yes']) {
    const started = await startLocalServer(false, `loglevel verbose\nhide-user-data-from-log ${setting}`)
    server = started
    const client = await connect()
    await ask(client, 'CLIENT SETNAME alice')
    client.raw('*1\r\nnonsense\r\n')
    expect(format(await client.next())).toMatch(/^\(error\) ERR Protocol error/)
    await client.closed
    const line = started.log.find((text) => text.includes('Protocol error'))
    expect(line).toContain(setting === 'yes' ? ' name=*redacted* ' : ' name=alice ')
    expect(line).toContain(setting === 'yes' ? ' user=*redacted* ' : ' user=default ')
    await started.stop()
    server = undefined
  }
})

describe('users of the configuration', () => {
  function start(text: string): string {
    const config = new Config({ directory })
    loadConfigText(config, text, { product: 'a test' })
    const lines: string[] = []
    const log = new Log(
      () => 0,
      (line) => lines.push(line.replace(/^.* # |\n/g, '')),
    )
    try {
      const { access } = new Server({ config, log })
      return access.users
        .all()
        .map((user) => `user ${user.name} ${user.describe()}`)
        .join('\n')
    } catch (error) {
      return [...lines, (error as { message: string }).message].join('\n')
    }
  }

  const DEFAULT = 'user default on nopass sanitize-payload ~* &* +@all'

  test('are made at start', () => {
    expect(start('user eve on (~a +get ) ( ~b )\n')).toBe(
      `${DEFAULT}\nuser eve on sanitize-payload resetchannels -@all (~a resetchannels -@all +get) (~b resetchannels -@all)`,
    )
    expect(start('user default on nopass ~* +@all\nrequirepass abc\n')).toBe(
      'user default on nopass sanitize-payload ~* resetchannels +@all',
    )
    expect(start('user eve\nrequirepass abc\n')).toMatch(/^user default on sanitize-payload #ba7816bf/)
  })

  test('may name commands that were renamed, by their own names', () => {
    expect(start('rename-command FLUSHALL ""\nrename-command GET fetch\nuser eve +flushall +get\n')).toMatch(
      /-@all \+flushall \+get$/,
    )
    expect(start('rename-command GET fetch\nuser eve +fetch\n')).toMatch(/Critical error/)
  })

  test('that can’t be made keep the server from starting', () => {
    expect(start('user eve +foo\n')).toBe(
      "Error loading ACL rule '+foo' for the user named 'eve': Unknown command or category name in ACL\nCritical error while loading ACLs. Exiting.",
    )
    expect(start('user "a b" on\n')).toBe(
      'Spaces not allowed in ACL usernames\nCritical error while loading ACLs. Exiting.',
    )
    expect(start('user eve on\naclfile x\n')).toMatch(
      /^Configuring Redis with users defined in redis.conf and/,
    )
  })

  test('may be in a file of their own', () => {
    const file = path.join(directory, 'users.acl')
    fs.writeFileSync(file, 'user eve on nopass ~\xe9* +get\n', 'latin1')
    expect(start('requirepass x\naclfile users.acl\n')).toBe(
      `${DEFAULT}\nuser eve on nopass sanitize-payload ~\xe9* resetchannels -@all +get`,
    )
    fs.writeFileSync(file, 'user eve +foo\n')
    expect(start('aclfile users.acl\n')).toMatch(
      /^Aborting Redis startup because of ACL errors: users.acl:1: Error/,
    )
    expect(start('aclfile none.acl\n')).toBe(
      "Aborting Redis startup because of ACL errors: Error loading ACLs, opening file 'none.acl': No such file or directory",
    )
  })
})

describe('the file of users', () => {
  const file = () => path.join(directory, 'users.acl')

  async function begin(text: string): Promise<RespClient> {
    fs.writeFileSync(file(), text)
    server = await startLocalServer(false, `aclfile ${file()}`)
    return connect()
  }

  test('is written, and keeps its permissions', async () => {
    const admin = await begin('user eve on nopass +get\n')
    fs.chmodSync(file(), 0o600)
    await ask(admin, 'ACL SETUSER bob on >a')
    expect(await ask(admin, 'ACL SAVE')).toBe('+OK')
    expect(fs.readFileSync(file(), 'utf8').split('\n')).toEqual([
      'user bob on sanitize-payload #ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb resetchannels -@all',
      'user default on nopass sanitize-payload ~* &* +@all',
      'user eve on nopass sanitize-payload resetchannels -@all +get',
      '',
    ])
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600)
    expect(fs.readdirSync(directory)).toEqual(['users.acl'])
  })

  test('is loaded: who is still there stays, with new rules; others go', async () => {
    const admin = await begin('user eve on nopass +get +ping ~*\nuser bob on nopass +@all\n')
    const eve = await connect()
    const bob = await connect()
    await ask(eve, 'AUTH eve x')
    await ask(bob, 'AUTH bob x')
    fs.writeFileSync(file(), 'user eve on nopass +set +ping ~*\n')
    expect(await ask(admin, 'ACL LOAD')).toBe('+OK')
    expect(await ask(eve, 'SET k v')).toBe('+OK')
    expect(await ask(eve, 'GET k')).toMatch(/NOPERM/)
    expect(await isGone(bob, admin)).toBe(true)
  })

  test('with a mistake changes nothing', async () => {
    const admin = await begin('user eve on nopass +get\n')
    fs.writeFileSync(file(), 'user eve off what\n')
    expect(await ask(admin, 'ACL LOAD')).toBe(
      `(error) ERR ${file()}:1: Syntax error. WARNING: ACL errors detected, no change to the previously active ACL rules was performed`,
    )
    expect(await ask(admin, 'ACL GETUSER eve')).toContain('+get')
    fs.rmSync(file())
    expect(await ask(admin, 'ACL LOAD')).toMatch(/opening file '.*': No such file or directory$/)
  })

  test('that can’t be written is an error for the client and a line for the log', async () => {
    const admin = await begin('')
    fs.rmSync(file())
    fs.mkdirSync(file())
    expect(await ask(admin, 'ACL SAVE')).toMatch(/^\(error\) ERR There was an error trying to save the ACLs/)
    expect(server!.log.join('')).toContain('Saving the ACL file failed: ')
  })

  test('that there is none is said', async () => {
    server = await startLocalServer()
    const admin = await connect()
    for (const command of ['ACL LOAD', 'ACL SAVE']) {
      expect(await ask(admin, command)).toMatch(
        /^\(error\) ERR This Redis instance is not configured to use an ACL file/,
      )
    }
    expect(server.server.access.configLines()).toEqual([
      'user default on nopass sanitize-payload ~* &* +@all',
    ])
  })
})
