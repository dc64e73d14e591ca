import { beforeEach, describe, expect, test } from 'vitest'
import { REDIS_VERSION, RESPITE_VERSION } from '../../src/base/version.ts'
import { Session } from '../../src/command/session.ts'
import { type Ending, type ShutdownRequest, serverCommands } from '../../src/commands/server.ts'
import { Harness } from '../support/harness.ts'

class FakeEnding implements Ending {
  readonly requests: ShutdownRequest[] = []
  isPossible = true
  isUnderWay = false

  begin(request: ShutdownRequest) {
    this.requests.push(request)
    return this.isPossible
  }

  abort() {
    return this.isUnderWay
  }
}

let server: Harness
let ending: FakeEnding

beforeEach(() => {
  server = new Harness([])
  ending = new FakeEnding()
  server.registry.add(serverCommands(server.clock, ending))
})

test('TIME tells seconds and microseconds of the second', () => {
  server.clock.set(1_700_000_001_234.5)
  expect(server.show('TIME')).toBe('["1700000001", "234500"]')
})

describe('SHUTDOWN', () => {
  test.each([
    ['', { saving: 'default', isHurried: false, isForced: false }],
    ['nosave', { saving: 'nosave', isHurried: false, isForced: false }],
    ['SAVE NOW save', { saving: 'save', isHurried: true, isForced: false }],
    ['FORCE now NOSAVE', { saving: 'nosave', isHurried: true, isForced: true }],
  ])('%s ends the server and is answered by the end of the connection', (options, request) => {
    const closings: boolean[] = []
    const peer = { ...server.client.peer, close: (afterReplies: boolean) => closings.push(afterReplies) }
    expect(server.raw(`SHUTDOWN ${options}`, new Session(2, peer, 0))).toHaveLength(0)
    expect(ending.requests).toEqual([request])
    expect(closings).toEqual([true])
  })

  test.each(['x', 'SAVE NOSAVE', 'NOSAVE SAVE', 'ABORT NOW', 'FORCE ABORT', 'SAVE ABORT'])(
    'refuses %s',
    (options) => {
      expect(server.show(`SHUTDOWN ${options}`)).toBe('(error) ERR syntax error')
      expect(ending.requests).toEqual([])
    },
  )

  test('says so if the server goes on', () => {
    ending.isPossible = false
    expect(server.show('SHUTDOWN SAVE')).toBe('(error) ERR Errors trying to SHUTDOWN. Check logs.')
  })

  test('ABORT calls off a shutdown that is under way', () => {
    expect(server.show('SHUTDOWN ABORT')).toBe('(error) ERR No shutdown in progress.')
    ending.isUnderWay = true
    expect(server.show('SHUTDOWN ABORT ABORT')).toBe('+OK')
    expect(ending.requests).toEqual([])
  })
})

/** What braille characters show, row by row. */
function cellsOf(lines: readonly string[]): boolean[][] {
  const bits = [
    [0x01, 0x08],
    [0x02, 0x10],
    [0x04, 0x20],
    [0x40, 0x80],
  ]
  return lines.flatMap((line) =>
    bits.map((pair) => [...line].flatMap((c) => pair.map((bit) => (c.charCodeAt(0) & bit) !== 0))),
  )
}

describe('LOLWUT', () => {
  /** The drawing's lines, and what is written beneath. */
  function drawing(command: string): { lines: string[]; legend: string } {
    const reply = server.run(command)
    if (reply.type !== 'bulk') throw new Error(`LOLWUT replied ${reply.type}`)
    const [picture, legend] = Buffer.from(reply.text, 'latin1').toString('utf8').split('\n\n')
    return { lines: picture!.split('\n'), legend: legend! }
  }

  test('draws, and tells who we are', () => {
    const { lines, legend } = drawing('LOLWUT')
    expect(lines).toHaveLength(10)
    for (const line of lines) expect(line).toMatch(/^[\u2800-\u28ff]{40}$/)
    expect(legend).toContain(`Respite ${RESPITE_VERSION}`)
    expect(legend).toContain(`Redis ver. ${REDIS_VERSION}`)
  })

  test('VERSION 90 draws the triangle of Sierpiński', () => {
    const cells = cellsOf(drawing('LOLWUT VERSION 90 32 8').lines)
    for (let y = 0; y < 32; y++) {
      for (let k = 0; k <= y; k++) {
        // Pascal's triangle, even and odd.
        expect(cells[y]![32 - y + 2 * k]).toBe((k & (y - k)) === 0)
      }
      expect(cells[y]!.filter(Boolean)).toHaveLength(
        2 ** [...y.toString(2)].filter((bit) => bit === '1').length,
      )
    }
  })

  test('keeps its size within bounds', () => {
    expect(drawing('LOLWUT VERSION 30 0 -5').lines).toHaveLength(1)
    const { lines } = drawing('LOLWUT VERSION 30 100000 100000')
    expect([lines.length, lines[0]!.length]).toEqual([100, 200])
  })

  test.each(['x', '5 x', '5 1 x', '9999999999999999999999'])('VERSION %s is refused', (options) => {
    expect(server.show(`LOLWUT VERSION ${options}`)).toBe(
      '(error) ERR value is not an integer or out of range',
    )
  })

  test('does not mind other words', () => {
    expect(drawing('LOLWUT foo bar').lines).toHaveLength(10)
    expect(drawing('LOLWUT VERSION').lines).toHaveLength(10)
  })
})
