// proc-title-template: what `ps` shows of the process. Composes the text; the process itself is main.ts's.

export interface TitleFacts {
  /** The program. */
  readonly title: string
  readonly addresses: readonly string[]
  /** 0: there is none. */
  readonly port: number
  readonly tlsPort: number
  readonly unixSocket: string
  readonly configFile: string
}

/** The template with each `{variable}` replaced; one that is not known stays as it is. */
export function processTitle(template: string, facts: TitleFacts): string {
  const { title, port, tlsPort, unixSocket, configFile } = facts
  const values: Readonly<Record<string, string>> = {
    title,
    'listen-addr': listenAddress(facts),
    // A server that is neither a sentinel nor part of a cluster has no mode to show.
    'server-mode': '',
    port: String(port),
    'tls-port': String(tlsPort),
    unixsocket: unixSocket,
    'config-file': configFile || '-',
  }
  return template.replace(/\{([a-z-]+)\}/g, (whole, name: string) => values[name] ?? whole).trim()
}

function listenAddress({ addresses, port, tlsPort, unixSocket }: TitleFacts): string {
  const shown = port || tlsPort
  if (shown === 0 && unixSocket !== '') return unixSocket
  return `${addresses[0] ?? '*'}:${shown}`
}
