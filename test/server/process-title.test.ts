import { expect, test } from 'vitest'
import { processTitle } from '../../src/server/process-title.ts'

const FACTS = {
  title: 'respite',
  addresses: ['*', '-::*'],
  port: 7000,
  tlsPort: 0,
  unixSocket: '',
  configFile: '/etc/respite.conf',
}

test('the default tells the program and where it listens', () => {
  expect(processTitle('{title} {listen-addr} {server-mode}', FACTS)).toBe('respite *:7000')
})

test('every variable has its value', () => {
  expect(processTitle('{port}/{tls-port} {config-file} <{unixsocket}>', FACTS)).toBe(
    '7000/0 /etc/respite.conf <>',
  )
  expect(processTitle('{listen-addr}', { ...FACTS, port: 0, tlsPort: 7001 })).toBe('*:7001')
  expect(processTitle('{listen-addr}', { ...FACTS, port: 0, unixSocket: '/run/r.sock' })).toBe('/run/r.sock')
  expect(processTitle('{listen-addr}', { ...FACTS, addresses: ['127.0.0.1'] })).toBe('127.0.0.1:7000')
})

test('text outside of variables stays', () => {
  expect(processTitle('a } b {title}', FACTS)).toBe('a } b respite')
})
