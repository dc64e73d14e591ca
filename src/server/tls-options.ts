// The TLS settings as Node takes them: reads the files they name, and says in Redis's words what is wrong with one.
// Knows no socket.

import { constants, X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { createSecureContext, getCiphers, type TlsOptions } from 'node:tls'
import { reasonOf } from '../base/system-error.ts'
import type { Config } from '../config/config.ts'
import type { OptionName } from '../config/options.ts'

/** Thrown with a message for the log. */
export class TlsSettingsError extends Error {}

/** All options that a change of which makes a new context. */
export const TLS_CONTEXT_OPTIONS = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-auth-clients',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-session-caching',
  'tls-session-cache-size',
  'tls-session-cache-timeout',
] as const satisfies readonly OptionName[]

/** Bits that forbid a version of the protocol. */
const VERSIONS: Readonly<Record<string, number>> = {
  tlsv1: constants.SSL_OP_NO_TLSv1,
  'tlsv1.1': constants.SSL_OP_NO_TLSv1_1,
  'tlsv1.2': constants.SSL_OP_NO_TLSv1_2,
  'tlsv1.3': constants.SSL_OP_NO_TLSv1_3,
}
const DEFAULT_PROTOCOLS = 'TLSv1.2 TLSv1.3'
const WRONG_PROTOCOLS =
  "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'."
/** Without a suite among the ciphers Node would do without TLS 1.3. */
const DEFAULT_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'
const DEFAULT_CIPHERS = 'HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:!PSK:!SRP:!CAMELLIA:!kRSA:!DSS'
const SESSION_CONTEXT = 'redis'

/** What the settings come to; throws a TlsSettingsError. */
export function tlsOptions(config: Config): TlsOptions {
  const clients = config.string('tls-auth-clients')
  const options: TlsOptions = {
    ...identity(config),
    ...authorities(config, clients === 'yes'),
    ...protocols(config),
    ...ciphers(config),
    requestCert: clients !== 'no',
    rejectUnauthorized: clients === 'yes',
    sessionIdContext: SESSION_CONTEXT,
  }
  // 0 stands for the library's own 300 seconds, in Redis too.
  const lifetime = config.number('tls-session-cache-timeout')
  if (lifetime > 0) options.sessionTimeout = lifetime
  try {
    createSecureContext(options)
  } catch (error) {
    throw new TlsSettingsError(`Failed to configure TLS: ${tlsReason(error)}`)
  }
  return options
}

/** The server's certificate and its key, which have to belong together. */
function identity(config: Config): TlsOptions {
  const certFile = config.string('tls-cert-file')
  const keyFile = config.string('tls-key-file')
  if (certFile === '') throw new TlsSettingsError('No tls-cert-file configured!')
  if (keyFile === '') throw new TlsSettingsError('No tls-key-file configured!')
  const cert = read(certFile, 'certificate')
  const key = read(keyFile, 'private key')
  const passphrase = config.string('tls-key-file-pass')
  const secret = passphrase === '' ? {} : { passphrase }
  check(`certificate: ${certFile}`, () => createSecureContext({ cert }))
  check(`private key: ${keyFile}`, () => createSecureContext({ key, cert, ...secret }))
  const dhFile = config.string('tls-dh-params-file')
  if (dhFile === '') return { cert, key, ...secret }
  const dhparam = read(dhFile, 'DH params file')
  check(`DH params file: ${dhFile}`, () => createSecureContext({ dhparam }))
  return { cert, key, ...secret, dhparam }
}

/** Who signs the certificates of clients. */
function authorities(config: Config, isNeeded: boolean): TlsOptions {
  const file = config.string('tls-ca-cert-file')
  const directory = config.string('tls-ca-cert-dir')
  if (file === '' && directory === '') {
    if (!isNeeded) return {}
    throw new TlsSettingsError(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!',
    )
  }
  const ca = file === '' ? [] : [read(file, 'CA certificate(s) file')]
  if (directory !== '') ca.push(...certificatesIn(directory))
  check(`CA certificate(s) file/directory: ${file || directory}`, () => {
    // Node takes what is no certificate without a word.
    if (file !== '') new X509Certificate(ca[0]!)
    createSecureContext({ ca })
  })
  return { ca }
}

/** The certificates among a directory's files, whatever they are called: the usual names are hashes, and links. */
function certificatesIn(directory: string): Buffer[] {
  const found = new Map<string, Buffer>()
  for (const name of listed(directory)) {
    const file = path.join(directory, name)
    if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue
    const bytes = read(file, 'CA certificate(s) file')
    if (bytes.includes('-----BEGIN CERTIFICATE-----')) found.set(bytes.toString('latin1'), bytes)
  }
  return [...found.values()]
}

function listed(directory: string): string[] {
  try {
    return fs.readdirSync(directory)
  } catch (error) {
    throw new TlsSettingsError(
      `Failed to configure CA certificate(s) directory: ${directory}: ${reasonOf(error)}`,
    )
  }
}

function protocols(config: Config): TlsOptions {
  const words = (config.string('tls-protocols') || DEFAULT_PROTOCOLS).toLowerCase().split(/\s+/)
  const allowed = words.filter((word) => word !== '')
  if (allowed.length === 0 || allowed.some((word) => VERSIONS[word] === undefined)) {
    throw new TlsSettingsError(WRONG_PROTOCOLS)
  }
  let secureOptions = constants.SSL_OP_NO_SSLv2 | constants.SSL_OP_NO_SSLv3
  for (const [version, bit] of Object.entries(VERSIONS)) if (!allowed.includes(version)) secureOptions |= bit
  // A ticket is a session that the client keeps.
  if (!config.boolean('tls-session-caching')) secureOptions |= constants.SSL_OP_NO_TICKET
  return { secureOptions, minVersion: 'TLSv1', maxVersion: 'TLSv1.3' }
}

function ciphers(config: Config): TlsOptions {
  const old = config.string('tls-ciphers')
  const suites = config.string('tls-ciphersuites')
  if (old !== '') check(`ciphers: ${old}`, () => createSecureContext({ ciphers: old }), 'configure')
  if (suites !== '') check(`ciphersuites: ${suites}`, () => checkSuites(suites), 'configure')
  return {
    ciphers: `${suites || DEFAULT_SUITES}:${old || DEFAULT_CIPHERS}`,
    honorCipherOrder: config.boolean('tls-prefer-server-ciphers'),
  }
}

function checkSuites(suites: string): void {
  const known = getCiphers()
  for (const suite of suites.split(':'))
    if (!known.includes(suite.toLowerCase())) throw new Error('no such suite')
}

function read(file: string, what: string): Buffer {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    throw new TlsSettingsError(`Failed to load ${what}: ${file}: ${reasonOf(error)}`)
  }
}

/** The library's errors in the form in which everybody else shows them, without places in its source; others as ever. */
export function tlsReason(error: unknown): string {
  const { message = '' } = error as Error
  const [, code, library, reason] = /error:([0-9A-F]+):([^:]*):[^:]*:([^:\n]*)/.exec(message) ?? []
  return code === undefined ? reasonOf(error) : `error:${code}:${library}::${reason}`
}

/** Has the library judge a part alone, so that it can be told which it was. */
function check(part: string, attempt: () => unknown, verb = 'load'): void {
  try {
    attempt()
  } catch (error) {
    throw new TlsSettingsError(`Failed to ${verb} ${part}: ${tlsReason(error)}`)
  }
}
