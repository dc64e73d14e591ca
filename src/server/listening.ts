// Where clients come from, by the settings, at start and whenever they change: plain TCP, TLS, a unix socket.

import type { Config } from '../config/config.ts'
import { wordsOf } from '../config/list-values.ts'
import { Listeners, type ListenSettings } from './listeners.ts'
import { ListenError } from './tcp-listeners.ts'
import { TlsEndpoint, type TlsParts } from './tls-endpoint.ts'
import { TLS_CONTEXT_OPTIONS } from './tls-options.ts'

const PORT_TAKEN = 'Unable to listen on this port. Check server logs.'
const NOT_BOUND = 'Failed to bind to specified addresses.'
const WRONG_TLS = 'Unable to update TLS configuration. Check server logs.'

export class Listening {
  readonly listeners: Listeners
  readonly #config: Config
  readonly #tls: TlsEndpoint

  constructor(parts: TlsParts) {
    this.#config = parts.config
    this.#tls = new TlsEndpoint(parts)
    this.listeners = new Listeners(parts.serve, this.#tls.accept, parts.log)
  }

  /** Opens the listening sockets, and follows the settings from then on; throws a ListenError. */
  async open(): Promise<void> {
    const config = this.#config
    if (this.#usesTls && !this.#tls.configure()) {
      const failure = 'Failed to configure TLS. Check logs for more info.'
      throw new ListenError(failure, `TLS port ${config.number('tls-port')}`, failure)
    }
    await this.listeners.open(this.#settings())
    config.onApply('port', () => (this.listeners.changeTcp(this.#settings()) ? undefined : PORT_TAKEN))
    config.onApply('bind', () => this.#rebind())
    config.onApply('tls-port', () => this.#changeTlsPort())
    config.onApply(TLS_CONTEXT_OPTIONS, () => this.#changeTls())
  }

  async close(): Promise<void> {
    this.#tls.close()
    await this.listeners.close()
  }

  get #usesTls(): boolean {
    return this.#config.number('tls-port') !== 0
  }

  #settings(): ListenSettings {
    const config = this.#config
    return {
      addresses: wordsOf(config.string('bind')),
      port: config.number('port'),
      tlsPort: config.number('tls-port'),
      unixSocket: config.string('unixsocket'),
      unixSocketMode: config.number('unixsocketperm'),
      backlog: config.number('tcp-backlog'),
    }
  }

  #rebind(): string | undefined {
    const settings = this.#settings()
    // The TLS socket knows its addresses only while it has any: which port that is, is tls-port's matter.
    const isBound = this.listeners.changeTcp(settings)
    return isBound && this.listeners.changeTls(settings) ? undefined : NOT_BOUND
  }

  #changeTlsPort(): string | undefined {
    if (this.#usesTls && !this.#tls.isConfigured && !this.#tls.configure()) return WRONG_TLS
    return this.listeners.changeTls(this.#settings()) ? undefined : PORT_TAKEN
  }

  /** Files are read again even if their names are the same: that is how renewed certificates are taken over. */
  #changeTls(): string | undefined {
    if (this.#usesTls) return this.#tls.configure() ? undefined : WRONG_TLS
    this.#tls.forget()
    return undefined
  }
}
