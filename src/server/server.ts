// The composition root: builds all parts of one server, wires them to its settings, and drives them by timers.
// Several may run in one process; nothing here is global. What a process does at start and end is main.ts's business.

import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '../base/clock.ts'
import { Random } from '../base/random.ts'
import { sleep } from '../base/sleep.ts'
import { REDIS_VERSION } from '../base/version.ts'
import type { CommandFamily } from '../command/definition.ts'
import { Registry } from '../command/registry.ts'
import { NOBODY, Session } from '../command/session.ts'
import { bitmapCommands } from '../commands/bitmap.ts'
import { clientCommands } from '../commands/client.ts'
import { commandCommands } from '../commands/command.ts'
import { configCommands } from '../commands/config.ts'
import { connectionCommands } from '../commands/connection.ts'
import { databaseCommands } from '../commands/database.ts'
import { type DebugTargets, debugCommands } from '../commands/debug.ts'
import { type DumpSettings, dumpCommands, restoreAskingCommands } from '../commands/dump.ts'
import { geoCommands } from '../commands/geo.ts'
import { hashCommands } from '../commands/hash.ts'
import { hyperloglogCommands } from '../commands/hyperloglog.ts'
import { keyCommands } from '../commands/key.ts'
import { keyExpiryCommands } from '../commands/key-expiry.ts'
import { listCommands } from '../commands/list.ts'
import { objectCommands } from '../commands/object.ts'
import { scanCommands } from '../commands/scan.ts'
import { serverCommands } from '../commands/server.ts'
import { setCommands } from '../commands/set.ts'
import { sortCommands } from '../commands/sort.ts'
import { sortedSetCommands } from '../commands/sorted-set.ts'
import { streamCommands } from '../commands/stream.ts'
import { stringCommands } from '../commands/string.ts'
import { Config } from '../config/config.ts'
import { wrongLine } from '../config/config-file.ts'
import { outputBufferLimits } from '../config/list-values.ts'
import { rewriteConfigText } from '../config/rewrite.ts'
import { ActiveExpiry } from '../keyspace/expiry.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import type { HashSeed } from '../memory/key.ts'
import { ErrorStatistics } from '../monitoring/error-statistics.ts'
import { composeInfo } from '../monitoring/info.ts'
import { LatencyMonitor } from '../monitoring/latency-monitor.ts'
import { PersistenceStatus } from '../monitoring/persistence-status.ts'
import { SlowLog } from '../monitoring/slow-log.ts'
import { AccessControl } from './access-control.ts'
import { BusyPoll } from './busy-poll.ts'
import { ClientUpkeep } from './client-upkeep.ts'
import { Clients } from './clients.ts'
import { ConfigFileOnDisk } from './config-file.ts'
import type { ConnectionHost } from './connection.ts'
import { CrashReports } from './crash-report.ts'
import { Cron } from './cron.ts'
import { Dispatcher } from './dispatch.ts'
import { Durability } from './durability.ts'
import { Faults, waitingRoomOf } from './faults.ts'
import { Gates } from './gates.ts'
import { KeyMovers } from './key-mover.ts'
import { followKeyspaceSettings } from './keyspace-settings.ts'
import type { Listeners } from './listeners.ts'
import { Listening } from './listening.ts'
import { Log } from './log.ts'
import { Memory } from './memory.ts'
import { MessageQueue } from './message-queue.ts'
import { Messaging } from './messaging.ts'
import { Observation } from './observation.ts'
import { OutputLimits } from './output-limits.ts'
import { Pause } from './pause.ts'
import { Reception } from './reception.ts'
import { ReplyQueue } from './reply-queue.ts'
import { Shutdown } from './shutdown.ts'
import { WaitTimer } from './wait-timer.ts'
import { Waking } from './waking.ts'

/** What a server can be given instead of the real thing. */
export interface ServerParts {
  readonly config?: Config
  readonly clock?: Clock
  readonly log?: Log
  /** Seed of all chance but for secrets. */
  readonly seed?: number
  /** Absolute paths of the program and of the file that the configuration was read from. */
  readonly executable?: string
  readonly configFile?: string
  /** The process and its event loop are the server's alone, and there are processors besides. */
  readonly isAlone?: boolean
  /** Ends everything after SHUTDOWN; if absent, the server closes and the process goes on. */
  readonly shutDown?: () => void
  /** Ends everything at once: what clients were told is kept can't be. If absent, the server closes. */
  readonly onLost?: () => void
}

export class Server {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly keyspace: Keyspace
  readonly registry = new Registry()
  readonly gates = new Gates()
  readonly slowLog = new SlowLog()
  readonly errors = new ErrorStatistics()
  readonly latency = new LatencyMonitor()
  readonly persistence = new PersistenceStatus()
  readonly durability: Durability
  readonly shutdown: Shutdown
  readonly messaging: Messaging
  readonly dispatcher: Dispatcher
  readonly #listening: Listening
  readonly clients = new Clients()
  readonly outputLimits = new OutputLimits()
  readonly access: AccessControl
  readonly pause: Pause
  readonly faults: Faults
  readonly crashReports: CrashReports
  readonly memory: Memory
  readonly #waitTimer: WaitTimer
  readonly #waking: Waking
  readonly keyMovers: KeyMovers
  readonly reception: Reception
  readonly #upkeep: ClientUpkeep
  readonly #hyperloglogs = { sparseBytes: 0 }
  readonly expiry: ActiveExpiry
  readonly cron: Cron
  readonly observation: Observation
  readonly #configFile: ConfigFileOnDisk | undefined
  readonly #replies: ReplyQueue

  constructor(parts: ServerParts = {}) {
    this.config = parts.config ?? new Config()
    this.clock = parts.clock ?? systemClock
    this.log = parts.log ?? new Log(() => this.clock.now())
    const secret = randomBytes(12)
    this.random = new Random(parts.seed ?? secret.readInt32LE(8))
    this.keyspace = new Keyspace(this.config.number('databases'), hashSeed(parts, secret), this.random)
    this.messaging = new Messaging(this.keyspace, this.clock)
    this.access = new AccessControl(this.registry, this.config, this.log)
    this.pause = new Pause(this.gates, this.keyspace, this.clock)
    this.faults = new Faults(this.gates, this.clock)
    this.expiry = new ActiveExpiry(this.keyspace, () => this.clock.monotonic())
    this.dispatcher = this.#makeDispatcher()
    this.crashReports = this.#makeCrashReports()
    this.memory = new Memory(this)
    this.#replies = new ReplyQueue(this.dispatcher.reply, this.clients)
    if (parts.isAlone === true) this.#replies.poll = this.#makeBusyPoll()
    this.#waking = new Waking(this.dispatcher)
    this.#waking.onHold = (held) => this.pause.hold(held)
    const { blocked } = this.dispatcher.context
    this.#waitTimer = new WaitTimer(blocked, this.clock, (now) => this.#waking.expire(now))
    this.keyMovers = this.#makeKeyMovers()
    this.reception = new Reception(this.#connectionHost(), this.access.authentication, this.clock)
    this.messaging.connect(this.dispatcher, this.clients)
    this.access.connect(this)
    this.clients.onRemoved = (client) => {
      this.messaging.forget(client.session)
      this.memory.clients.forget(client)
    }
    this.dispatcher.onHttp = (client) => this.reception.reportHttp(client)
    this.#upkeep = new ClientUpkeep(this.clients, this.outputLimits, this.log)
    this.#listening = this.#makeListening()
    this.cron = this.#makeCron()
    const { executable = '', configFile = '' } = parts
    // Redis: an empty dataset at start counts as saved then.
    this.persistence.savedAt = this.clock.now()
    this.observation = new Observation(this, { executable, configFile })
    this.#configFile = configFile === '' ? undefined : new ConfigFileOnDisk(configFile, this.log)
    const close = () => void this.close()
    this.durability = this.#makeDurability(parts.onLost ?? close)
    this.shutdown = this.#makeShutdown(parts.shutDown ?? close)
    for (const family of this.#families()) this.registry.add(family)
    this.#renameCommands()
    this.access.start()
    this.#followSettings()
    this.messaging.followSettings(this.config)
  }

  #makeDispatcher(): Dispatcher {
    return new Dispatcher(
      {
        registry: this.registry,
        keyspace: this.keyspace,
        clock: this.clock,
        gates: this.gates,
        transactions: this.messaging.transactions,
        slowLog: this.slowLog,
        latency: this.latency,
        errors: this.errors,
        onFault: (error, command) => this.#fault(error, command),
      },
      new Session(0, NOBODY, this.clock.now()),
    )
  }

  #makeBusyPoll(): BusyPoll {
    const poll = new BusyPoll(() => this.clock.monotonic())
    this.config.watch('busy-poll-usec', (value) => {
      poll.milliseconds = value / 1000
    })
    return poll
  }

  #makeListening(): Listening {
    const { config, clock, log, reception } = this
    return new Listening({ config, clock, log, serve: (...accepted) => reception.accept(...accepted) })
  }

  #makeDurability(onLost: () => void): Durability {
    const { config, keyspace, clock, log, gates, latency, persistence: status, dispatcher, registry } = this
    const durability = new Durability({
      ...{ config, keyspace, clock, log, gates, latency, status, dispatcher, registry, onLost },
      transactions: this.messaging.transactions,
      usedMemory: () => this.observation.usedMemory,
      syncClock: () => dispatcher.syncClock(),
    })
    durability.append.connect(this.#replies)
    return durability
  }

  #makeShutdown(end: () => void): Shutdown {
    const { config, log, persistence: status } = this
    const { saving, append } = this.durability
    return new Shutdown({ config, log, saving, append, isLoading: () => status.isLoading, end })
  }

  #makeKeyMovers(): KeyMovers {
    return new KeyMovers({
      monotonic: () => this.clock.monotonic(),
      wake: (client) => this.#waking.wake(client, this.clock.now()),
      onKept: (count) => {
        this.clients.migrationLinks = count
      },
    })
  }

  /** Every command there is. */
  #families(): CommandFamily[] {
    const { authentication } = this.access
    return [
      stringCommands,
      bitmapCommands,
      hashCommands,
      hyperloglogCommands(this.#hyperloglogs),
      listCommands,
      sortedSetCommands,
      geoCommands,
      keyCommands,
      dumpCommands(this.#dumpSettings(), this.keyMovers),
      restoreAskingCommands(this.#dumpSettings()),
      keyExpiryCommands,
      scanCommands,
      setCommands,
      sortCommands((context) => this.access.guard.readsAllKeys(context)),
      streamCommands,
      objectCommands,
      databaseCommands,
      connectionCommands(authentication, { mode: 'standalone', role: 'master' }, (client) =>
        this.messaging.reset(client),
      ),
      ...this.messaging.families(this.dispatcher),
      clientCommands(this.clients, this.pause, authentication, this.messaging.tracking),
      this.access.family(),
      commandCommands(this.registry),
      debugCommands(this.#debugTargets()),
      ...this.observation.families(),
      configCommands({
        config: this.config,
        file: this.#configFile,
        isLoading: () => this.persistence.isLoading,
        resetStatistics: () => this.observation.resetStatistics(),
        userLines: () => this.access.configLines(),
      }),
      serverCommands(this.clock, this.shutdown),
      ...this.durability.families(),
    ]
  }

  #dumpSettings(): DumpSettings {
    const { config } = this
    const { authentication } = this.access
    return {
      compresses: () => config.boolean('rdbcompression'),
      checksSums: () => !this.durability.rdbLoading.skipsChecksums,
      onRefused: (reason) => this.log.warning(`Internal error in RDB reading ${reason}`),
      sanitizes: (client) => {
        const wish = config.string('sanitize-dump-payload')
        return wish === 'yes' || (wish === 'clients' && authentication.userOf(client).sanitizesPayload)
      },
    }
  }

  /** Throws a ConfigFileError. */
  #renameCommands(): void {
    for (const [name, newName] of this.config.renamedCommands) {
      const reason = this.registry.rename(name!, newName!)
      if (reason !== undefined)
        throw wrongLine(`Redis ${REDIS_VERSION}`, `rename-command ${name} ${newName}`, reason)
    }
  }

  /** With all options, for DEBUG. */
  #rewriteConfig(): void {
    // Redis's words where there is no file.
    if (this.#configFile === undefined) throw new Error('Bad address')
    const text = this.#configFile.read()
    const users = this.access.configLines()
    this.#configFile.replace(rewriteConfigText(this.config, text, { users, isComplete: true }))
  }

  #debugTargets(): DebugTargets {
    const { config, log, expiry, cron } = this
    const { limits } = this.keyspace.types
    return {
      enabledFor: () => config.string('enable-debug-command'),
      sleep,
      log: (text) => log.warning(`DEBUG LOG: ${text}`),
      loadLog: () => this.durability.logLoading.reload(),
      setLogDelay: (microseconds) => {
        this.durability.append.writer.sleepMicroseconds = microseconds
      },
      reloading: this.durability.rdbLoading,
      rewriteConfig: () => this.#rewriteConfig(),
      expiry,
      get isCronPaused() {
        return cron.isCronPaused
      },
      set isCronPaused(isPaused: boolean) {
        cron.isCronPaused = isPaused
      },
      get packedThreshold() {
        return limits.listPackedThreshold
      },
      set packedThreshold(bytes: number) {
        limits.listPackedThreshold = bytes
      },
    }
  }

  #makeCron(): Cron {
    return new Cron({
      keyspace: this.keyspace,
      expiry: this.expiry,
      latency: this.latency,
      syncClock: () => this.dispatcher.syncClock(),
      monotonic: () => this.clock.monotonic(),
      onTick: (seconds) => {
        this.#upkeep.run(this.keyspace.now, seconds)
        this.memory.clients.enforce()
        this.observation.sample()
        this.durability.tick()
        this.keyMovers.tick()
      },
    })
  }

  /** Opens the listening sockets; throws ListenError. */
  async listen(): Promise<void> {
    await this.#listening.open()
    this.observation.sample()
    this.cron.start()
  }

  /** Loads the dataset, while clients are told to wait. Rejects with a LoadError, or if the server is closed meanwhile. */
  async load(): Promise<void> {
    await this.durability.start()
  }

  /** The clock has been moved: what is due by now happens now. Not to be called while a command runs. */
  catchUp(): void {
    this.cron.catchUp()
    this.#waitTimer.check()
    this.pause.check()
    this.faults.check()
  }

  get listeners(): Listeners {
    return this.#listening.listeners
  }

  /** Ends every connection and timer; resolves when no handle is left. */
  async close(): Promise<void> {
    this.cron.stop()
    const closed = this.#listening.close()
    this.pause.close()
    this.faults.close()
    this.memory.close()
    this.#waitTimer.close()
    this.keyMovers.close()
    for (const connection of this.clients.connections()) connection.close(false)
    await this.durability.close()
    await closed
  }

  #fault(error: unknown, command: string): void {
    const { context, runningClient: client } = this.dispatcher
    this.crashReports.tell(error, { place: `in '${command}'`, client, args: context.args })
  }

  #makeCrashReports(): CrashReports {
    return new CrashReports({
      log: this.log,
      now: () => this.keyspace.now,
      monotonic: () => this.clock.monotonic(),
      info: () => composeInfo(this.observation.sources, ['everything']),
    })
  }

  #connectionHost(): ConnectionHost {
    const { config, dispatcher, clients, pause, outputLimits, log } = this
    const replies = this.#replies
    const messages = new MessageQueue(this.clock, replies)
    const host = {
      dispatcher,
      replies,
      messages,
      clients,
      clientMemory: this.memory.clients,
      pause: waitingRoomOf(this.faults, pause),
      outputLimits,
      log,
      crashReports: this.crashReports,
      maxBulkBytes: 0,
      maxQueryBytes: 0,
    }
    config.watch('proto-max-bulk-len', (value) => {
      host.maxBulkBytes = value
    })
    config.watch('client-query-buffer-limit', (value) => {
      host.maxQueryBytes = value
    })
    return host
  }

  #followSettings(): void {
    const { config, slowLog, keyspace } = this
    config.watch('slowlog-log-slower-than', (value) => {
      slowLog.threshold = value
    })
    config.watch('slowlog-max-len', (value) => {
      slowLog.maxLength = value
    })
    config.watch('latency-monitor-threshold', (value) => {
      this.latency.threshold = value
    })
    config.watch('latency-tracking', (value) => {
      this.dispatcher.tracksLatency = value
    })
    config.watch('maxclients', (value) => {
      this.clients.maximum = value
    })
    config.watch('timeout', (value) => {
      this.#upkeep.timeoutSeconds = value
    })
    config.watch('tcp-keepalive', (value) => {
      this.reception.keepAliveSeconds = value
    })
    config.watch('protected-mode', (value) => {
      this.reception.isProtected = value
    })
    config.watch('client-output-buffer-limit', (value) => {
      const limits = outputBufferLimits(value)
      this.outputLimits.normal = limits.normal
      this.outputLimits.replica = limits.slave
      this.outputLimits.pubsub = limits.pubsub
    })
    followKeyspaceSettings(config, keyspace)
    this.memory.followSettings(config)
    this.crashReports.followSettings(config)
    config.watch('hz', (value) => {
      this.cron.hz = value
    })
    config.watch('loglevel', (value) => this.log.setLevel(value))
    config.watch('hide-user-data-from-log', (value) => {
      this.log.hidesUserData = value
    })
    config.watch('hll-sparse-max-bytes', (value) => {
      this.#hyperloglogs.sparseBytes = value
    })
  }
}

/** Who wants the same chance in every run wants keys in the same order too. */
function hashSeed(parts: ServerParts, secret: Buffer): HashSeed {
  if (parts.seed !== undefined) return { low: parts.seed, high: ~parts.seed }
  return { low: secret.readInt32LE(0), high: secret.readInt32LE(4) }
}
