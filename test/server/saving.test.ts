// When and how the RDB file is written, and what a failure leaves behind: SAVE, BGSAVE, save points, FLUSHALL.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databaseCommands } from '../../src/commands/database.ts'
import { persistenceCommands } from '../../src/commands/persistence.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { transactionCommands } from '../../src/commands/transaction.ts'
import { Config } from '../../src/config/config.ts'
import { PersistenceStatus } from '../../src/monitoring/persistence-status.ts'
import { Durability } from '../../src/server/durability.ts'
import { DISK_ERROR } from '../../src/server/gates.ts'
import { Log } from '../../src/server/log.ts'
import { Shutdown } from '../../src/server/shutdown.ts'
import { loadFile } from '../persistence/snapshot-harness.ts'
import { Harness } from '../support/harness.ts'
import { until } from '../support/local-server.ts'

const MISCONF = /^\(error\) MISCONF Redis is configured to save RDB snapshots/

let directory: string
let config: Config
let harness: Harness
let durability: Durability
let status: PersistenceStatus
let log: string[]
let ends: number
let shutdown: Shutdown

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respite-test-'))
  config = new Config({ directory })
  config.load('save', [''], false)
  config.load('enable-protected-configs', ['yes'], false)
  config.finishLoading()
  harness = new Harness([stringCommands, databaseCommands], 1, 4)
  status = new PersistenceStatus()
  status.savedAt = harness.clock.now()
  log = []
  ends = 0
  const { clock, keyspace, gates, latency, registry, transactions, dispatcher } = harness
  const logged = new Log(
    () => 0,
    (line) => log.push(line),
  )
  durability = new Durability({
    config,
    clock,
    keyspace,
    gates,
    latency,
    log: logged,
    status,
    dispatcher,
    registry,
    transactions,
    onLost: () => {},
    usedMemory: () => 1,
    syncClock: () => {},
  })
  shutdown = new Shutdown({
    config,
    log: logged,
    saving: durability.saving,
    append: durability.append,
    isLoading: () => status.isLoading,
    end: () => ends++,
  })
  registry.add(persistenceCommands(durability.saving))
  registry.add(transactionCommands(transactions, dispatcher))
})

afterEach(async () => {
  await durability.close()
  rmSync(directory, { recursive: true })
})

const run = (command: string) => harness.show(command)
const set = (name: string, value: string) => config.set([[name, value]])
const files = () => readdirSync(directory)
const hasLogged = (text: string) => log.some((line) => line.includes(text))
const saved = () => until(() => !status.isSaving, 'the end of saving')
const keysOf = (name = 'dump.rdb') => loadFile(join(directory, name)).keys

/** Lets writing take long. */
function slowDown(): void {
  set('rdb-key-save-delay', '1000000')
}

describe('SAVE', () => {
  test('writes the file and begins to count changes anew', () => {
    run('SET a 1')
    run('SET b 1')
    harness.clock.advance(5000)
    expect(run('SAVE')).toBe('+OK')
    expect(keysOf()).toBe(2)
    expect(files()).toEqual(['dump.rdb'])
    expect(harness.keyspace.dirty).toBe(0)
    expect(run('LASTSAVE')).toBe(`(integer) ${Math.floor(harness.clock.now() / 1000)}`)
    expect(hasLogged('DB saved on disk')).toBe(true)
    expect(status.saves).toBe(1)
  })

  test('takes the name and the directory that are set now', () => {
    mkdirSync(join(directory, 'below'))
    set('dbfilename', 'other.rdb')
    set('dir', join(directory, 'below'))
    run('SET a 1')
    expect(run('SAVE')).toBe('+OK')
    expect(keysOf('below/other.rdb')).toBe(1)
  })

  test('says in the log why it has failed, leaves nothing behind and does not count as a failed BGSAVE', () => {
    mkdirSync(join(directory, 'taken', 'x'), { recursive: true })
    set('dbfilename', 'taken')
    run('SET a 1')
    expect(run('SAVE')).toBe('(error) ERR')
    expect(
      hasLogged(`Error moving temp DB file temp-${process.pid}.rdb on the final destination taken`),
    ).toBe(true)
    set('dir', join(directory, 'missing'))
    expect(run('SAVE')).toBe('(error) ERR')
    expect(hasLogged(`Failed opening the temp RDB file temp-${process.pid}.rdb (in server root dir`)).toBe(
      true,
    )
    expect(files()).toEqual(['taken'])
    expect(status.lastSaveSucceeded).toBe(true)
    expect(harness.keyspace.dirty).toBe(1)
  })

  test('is not repeated by logs and replicas, though the count of changes falls', () => {
    harness.recordPropagation()
    run('SET a 1')
    run('SAVE')
    expect(harness.propagated.map(({ command }) => command[0])).toEqual(['SET'])
  })
})

describe('BGSAVE', () => {
  test('writes what there is now; what is changed meanwhile is counted', async () => {
    run('SET a 1')
    run('SET b 1')
    expect(run('BGSAVE')).toBe('+Background saving started')
    run('SET c 1')
    expect(run('BGSAVE')).toBe('(error) ERR Background save already in progress')
    expect(run('BGSAVE SCHEDULE')).toBe('(error) ERR Background save already in progress')
    expect(run('SAVE')).toBe('(error) ERR Background save already in progress')
    expect(status).toMatchObject({ isSaving: true, keysTotal: 2, saves: 1, snapshots: 1 })
    await saved()
    expect(keysOf()).toBe(2)
    expect(files()).toEqual(['dump.rdb'])
    expect(harness.keyspace.dirty).toBe(1)
    expect(status).toMatchObject({
      isSaving: false,
      lastSaveSucceeded: true,
      keysTotal: 0,
      saveStartedAt: -1,
    })
    for (const text of [
      'Background saving started',
      'DB saved on disk',
      'Background saving terminated with success',
    ])
      expect([text, hasLogged(text)]).toEqual([text, true])
  })

  test('tells how far it is', async () => {
    for (let i = 0; i < 100; i++) run(`SET key:${i} 1`)
    set('rdb-key-save-delay', '2000')
    run('BGSAVE')
    await until(() => {
      run('SET key:5 2')
      durability.tick()
      return status.keysProcessed > 10
    }, 'some keys')
    expect(status.keysProcessed).toBeLessThan(100)
    expect(status.keptBytes).toBeGreaterThan(0)
    await saved()
    expect(status.lastSaveKeptBytes).toBeGreaterThan(0)
    expect(harness.keyspace.databases[0]!.table.entries.frozen).toBe(false)
  })

  test('waits for its turn where that is asked for', async () => {
    const settings = durability.fileSettings({ isLogBase: true })
    const rewriting = durability.jobs.write('rewrite', {
      path: join(directory, 'base'),
      format: 'rdb',
      settings,
    })
    expect(run('BGSAVE')).toMatch(
      /^\(error\) ERR Another child process is active \(AOF\?\): can't BGSAVE right now/,
    )
    expect(run('BGSAVE SCHEDULE')).toBe('+Background saving scheduled')
    expect(run('SAVE')).toBe('+OK')
    durability.tick()
    expect(status.isSaving).toBe(false)
    await rewriting
    durability.tick()
    expect(status.isSaving).toBe(true)
    await saved()
  })

  test('begins after a transaction', async () => {
    run('MULTI')
    run('SET a 1')
    run('BGSAVE')
    run('SET b 1')
    expect(run('EXEC')).toBe('[+OK, +Background saving scheduled, +OK]')
    expect(status.isSaving).toBe(false)
    durability.tick()
    await saved()
    expect(keysOf()).toBe(2)
  })

  test('is cancelled, scheduled or running, and that is no failure', async () => {
    expect(run('BGSAVE CANCEL')).toBe(
      '(error) ERR Background saving is currently not in progress or scheduled',
    )
    run('SET a 1')
    run('SET b 1')
    slowDown()
    run('BGSAVE')
    await until(() => files().length > 0, 'the temporary file')
    expect(run('BGSAVE CANCEL')).toBe('+Background saving cancelled')
    await saved()
    expect(files()).toEqual([])
    expect(status.lastSaveSucceeded).toBe(true)
    expect(harness.keyspace.dirty).toBe(2)
    for (const db of harness.keyspace.databases) expect(db.table.entries.frozen).toBe(false)
    durability.jobs.schedule('save', () => {})
    expect(run('BGSAVE CANCEL')).toBe('+Scheduled background saving cancelled')
  })

  test('refuses other words', () => {
    expect(run('BGSAVE NOW')).toBe('(error) ERR syntax error')
    expect(run('BGSAVE SCHEDULE SCHEDULE')).toBe('(error) ERR syntax error')
  })

  test('that fails stops writes, if there are save points and nobody minds, until one succeeds', async () => {
    set('save', '3600 1')
    run('SET a 1')
    set('dir', join(directory, 'missing'))
    run('BGSAVE')
    await saved()
    expect(hasLogged('Background saving error')).toBe(true)
    expect(status.lastSaveSucceeded).toBe(false)
    expect(run('SET a 2')).toMatch(MISCONF)
    expect(run('GET a')).toBe('"1"')
    set('stop-writes-on-bgsave-error', 'no')
    expect(run('SET a 2')).toBe('+OK')
    set('stop-writes-on-bgsave-error', 'yes')
    expect(run('SET a 3')).toMatch(MISCONF)
    set('save', '')
    expect(run('SET a 3')).toBe('+OK')
    set('save', '3600 1')
    expect(harness.gates.closed & DISK_ERROR).toBe(DISK_ERROR)
    set('dir', directory)
    run('BGSAVE')
    await saved()
    expect(run('SET a 4')).toBe('+OK')
  })
})

describe('save points', () => {
  test('save when so much has changed in so many seconds', async () => {
    set('save', '100 3 10 1000')
    run('SET a 1')
    run('SET b 1')
    harness.clock.advance(200_000)
    durability.tick()
    expect(status.isSaving).toBe(false)
    run('SET c 1')
    durability.tick()
    expect(status.isSaving).toBe(true)
    expect(hasLogged('3 changes in 100 seconds. Saving...')).toBe(true)
    await saved()
    expect(keysOf()).toBe(3)
    durability.tick()
    expect(status.isSaving).toBe(false)
  })

  test('do not save before their time', () => {
    set('save', '100 1')
    run('SET a 1')
    harness.clock.advance(100_000)
    durability.tick()
    expect(status.isSaving).toBe(false)
    harness.clock.advance(1)
    durability.tick()
    expect(status.isSaving).toBe(true)
  })

  test('try again five seconds after a failure', async () => {
    set('save', '1 1')
    set('dir', join(directory, 'missing'))
    run('SET a 1')
    harness.clock.advance(2000)
    durability.tick()
    await saved()
    harness.clock.advance(5000)
    durability.tick()
    expect(status.isSaving).toBe(false)
    harness.clock.advance(1)
    set('dir', directory)
    durability.tick()
    expect(status.isSaving).toBe(true)
    await saved()
    expect(status.lastSaveSucceeded).toBe(true)
  })
})

describe('FLUSHALL', () => {
  test('saves the empty dataset where there are save points, and calls off what is being saved', async () => {
    set('save', '3600 1')
    run('SET a 1')
    run('SET b 1')
    slowDown()
    run('BGSAVE')
    run('FLUSHALL')
    expect(keysOf()).toBe(0)
    expect(harness.keyspace.dirty).toBe(0)
    await saved()
    expect(keysOf()).toBe(0)
    expect(files()).toEqual(['dump.rdb'])
    expect(status.lastSaveSucceeded).toBe(true)
  })

  test('is what the file says at last, whenever it comes while something is being saved', async () => {
    set('save', '3600 1')
    for (const wait of [0, 100, 200, 300, 400]) {
      run('SET a 1')
      run('BGSAVE')
      const end = performance.now() + wait
      while (status.isSaving && performance.now() < end) await new Promise((resolve) => setImmediate(resolve))
      run('FLUSHALL')
      await saved()
      expect([wait, keysOf()]).toEqual([wait, 0])
    }
    expect(files()).toEqual(['dump.rdb'])
  })

  test('saves nothing where there are none, and FLUSHDB never does', () => {
    run('SET a 1')
    run('FLUSHALL')
    set('save', '3600 1')
    run('SET a 1')
    run('FLUSHDB')
    expect(files()).toEqual([])
  })
})

describe('the end of the server', () => {
  const end = (saving: 'default' | 'save' | 'nosave', isForced = false) =>
    shutdown.begin({ saving, isHurried: false, isForced })

  test('saves where there are save points or that is asked for', async () => {
    run('SET a 1')
    expect(end('default')).toBe(true)
    expect(existsSync(join(directory, 'dump.rdb'))).toBe(false)
    await until(() => ends === 1, 'the end')
  })

  test.each(['default', 'save'] as const)('saves (%s), once', async (wish) => {
    if (wish === 'default') set('save', '3600 1')
    run('SET a 1')
    expect(end(wish)).toBe(true)
    expect(end(wish)).toBe(true)
    expect(keysOf()).toBe(1)
    expect(log.filter((line) => line.includes('Saving the final RDB snapshot before exiting.'))).toHaveLength(
      1,
    )
    await until(() => ends === 1, 'the end')
  })

  test.each(['nosave', 'save'] as const)(
    'comes without saving if that is asked for, or while loading',
    async (wish) => {
      set('save', '3600 1')
      status.isLoading = wish === 'save'
      expect(end(wish)).toBe(true)
      expect(files()).toEqual([])
      await until(() => ends === 1, 'the end')
    },
  )

  test('does not come if saving fails, unless it is forced', async () => {
    set('dir', join(directory, 'missing'))
    expect(end('save')).toBe(false)
    expect(hasLogged("Error trying to save the DB, can't exit.")).toBe(true)
    expect(end('save', true)).toBe(true)
    expect(hasLogged('Error trying to save the DB. Exit anyway.')).toBe(true)
    await until(() => ends === 1, 'the end')
  })

  test('calls off what is being saved, whose file goes', async () => {
    run('SET a 1')
    run('SET b 1')
    slowDown()
    run('BGSAVE')
    await until(() => files().length > 0, 'the temporary file')
    expect(end('nosave')).toBe(true)
    await until(() => ends === 1, 'the end')
    expect(hasLogged('There is a thread saving an .rdb. Ending it!')).toBe(true)
    await durability.close()
    expect(files()).toEqual([])
  })

  test('a signal does as its option says', async () => {
    set('save', '3600 1')
    set('shutdown-on-sigint', 'nosave')
    set('dir', join(directory, 'missing'))
    run('SET a 1')
    expect(shutdown.signal('SIGTERM')).toBe(false)
    expect(hasLogged('Received SIGTERM scheduling shutdown...')).toBe(true)
    set('shutdown-on-sigterm', 'force save')
    expect(shutdown.signal('SIGINT')).toBe(true)
    await until(() => ends === 1, 'the end')
  })
})
