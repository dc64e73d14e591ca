import { beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Arguments } from '../../src/command/arguments.ts'
import { AppendLog } from '../../src/persistence/append-log.ts'
import { PARSED, RequestParser } from '../../src/resp/parser.ts'
import { bytesOf } from './log-harness.ts'

let log: AppendLog
beforeEach(() => {
  log = new AppendLog()
})
const text = () => bytesOf(log).toString('latin1')
const encode = (words: readonly (string | Uint8Array)[]) =>
  Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [
      Buffer.from(`$${word.length}\r\n`),
      Buffer.from(word as string, 'latin1'),
      Buffer.from('\r\n'),
    ]),
  ])
const SELECT_0 = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n'

describe('the log', () => {
  test('selects a database where it changes', () => {
    log.propagate(0, ['SET', 'a', '1'])
    log.propagate(0, ['SET', 'b', '1'])
    log.propagate(9, ['DEL', 'a'])
    log.propagate(0, ['DEL', 'b'])
    expect(text()).toBe(
      [
        encode(['SELECT', '0']),
        encode(['SET', 'a', '1']),
        encode(['SET', 'b', '1']),
        encode(['SELECT', '9']),
        encode(['DEL', 'a']),
        encode(['SELECT', '0']),
        encode(['DEL', 'b']),
      ].join(''),
    )
    expect(log.appended).toBe(text().length)
  })

  test('selects again at the beginning of a file', () => {
    log.propagate(0, ['DEL', 'a'])
    log.clear()
    log.beginFile()
    log.propagate(0, ['DEL', 'a'])
    expect(text()).toBe(`${SELECT_0}${encode(['DEL', 'a'])}`)
  })

  test('notes the time once a second, if asked', () => {
    let seconds = 100
    log.seconds = () => seconds
    log.notesTime = true
    log.propagate(0, ['DEL', 'a'])
    log.propagate(0, ['DEL', 'a'])
    seconds = 101
    log.propagate(0, ['DEL', 'a'])
    const del = encode(['DEL', 'a'])
    expect(text()).toBe(`#TS:100\r\n${SELECT_0}${del}${del}#TS:101\r\n${del}`)
  })

  test('tells when there is something to write, once', () => {
    let told = 0
    log.onFirst = () => told++
    log.propagate(0, ['DEL', 'a'])
    log.propagate(0, ['DEL', 'a'])
    expect(told).toBe(1)
    log.clear()
    log.propagate(0, ['DEL', 'a'])
    expect(told).toBe(2)
  })

  test('copies requests as they lie in a pipeline, queued ones, inline ones and large ones: 5,000 random ones', () => {
    const random = new Random(3)
    const parser = new RequestParser(new Arguments())
    const expected: Buffer[] = [Buffer.from(SELECT_0)]
    for (let n = 0; n < 5000; n++) {
      const words = Array.from({ length: 1 + random.below(random.below(20) === 0 ? 40 : 5) }, () =>
        Buffer.from(
          Array.from({ length: random.below(random.below(10) === 0 ? 300 : 14) }, () => random.below(256)),
        ),
      )
      // Something in front, as in a pipeline, and sometimes what looks like a header.
      const front = Buffer.from(['', '*1\r\n$4\r\nPING\r\n', '*2\r\n', '$3\r\n'][random.below(4)]!)
      const request = encode(words)
      const args = parser.request
      parser.reset(front.length)
      const bytes = Buffer.concat([front, request, Buffer.from('*1')])
      expect(parser.next(bytes, bytes.length - 2, { maxBulkBytes: 1000, authenticated: true })).toBe(PARSED)
      if (random.below(3) === 0) {
        const copy = new Arguments()
        copy.load(args.toArrays())
        log.propagate(0, copy)
      } else log.propagate(0, args)
      expected.push(request)
    }
    expect(bytesOf(log).equals(Buffer.concat(expected))).toBe(true)
  })

  test('keeps what was not written, in order', () => {
    const big = 'x'.repeat(400_000)
    log.propagate(0, ['SET', 'a', big])
    const taken = log.take()
    log.propagate(0, ['SET', 'b', big])
    log.putBack(taken)
    log.propagate(0, ['DEL', 'c'])
    const whole = `${SELECT_0}${encode(['SET', 'a', big])}${encode(['SET', 'b', big])}${encode(['DEL', 'c'])}`
    expect(text() === whole).toBe(true)
    expect(log.length).toBe(whole.length)
    log.drop(100)
    log.propagate(0, ['DEL', 'd'])
    expect(text() === `${whole.slice(100)}${encode(['DEL', 'd'])}`).toBe(true)
  })
})
