// Certificates for tests of TLS, made by the openssl command: an authority, and who it has signed.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  readonly directory: string
  path(name: string): string
  /** Makes `NAME.crt` and `NAME.key`, signed by `ca.crt`. */
  sign(name: string, passphrase?: string): void
  remove(): void
}

export function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0
}

export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'respite-tls-'))
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: directory, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
  }
  const authority = (name: string) =>
    openssl(
      ...`req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ${name}.key -out ${name}.crt`.split(' '),
      '-subj',
      `/CN=${name}`,
    )
  const sign = (name: string, passphrase?: string, by = 'ca') => {
    const secret = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`]
    openssl(
      ...`req -newkey rsa:2048 -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`.split(' '),
      ...secret,
    )
    openssl(
      ...`x509 -req -in ${name}.csr -CA ${by}.crt -CAkey ${by}.key -CAcreateserial -days 30 -out ${name}.crt`.split(
        ' ',
      ),
    )
  }
  authority('ca')
  authority('other-ca')
  sign('stranger', undefined, 'other-ca')
  return {
    directory,
    path: (name) => join(directory, name),
    sign: (name, passphrase) => sign(name, passphrase),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
