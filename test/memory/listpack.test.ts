import { describe, expect, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Element } from '../../src/memory/element.ts'
import {
  EMPTY_BYTES,
  elementBytes,
  isListpack,
  Listpack,
  NONE,
  writeEmpty,
} from '../../src/memory/listpack.ts'

/** Where the listpack lies in its buffer: not at the start, so that a forgotten offset shows. */
const START = 13

function element(text: string | Buffer): Element {
  const bytes = Buffer.from(text)
  return new Element().point(bytes, 0, bytes.length)
}

function emptyList(room: number): Listpack {
  const bytes = new Uint8Array(START + room)
  bytes.fill(0xee)
  writeEmpty(bytes, START)
  return new Listpack().open(bytes, START)
}

function listOf(...texts: (string | Buffer)[]): Listpack {
  const elements = texts.map(element)
  const list = emptyList(elements.reduce((sum, it) => sum + elementBytes(it), EMPTY_BYTES))
  for (const it of elements) list.append(it)
  return list
}

function bytesOf(list: Listpack): Buffer {
  return Buffer.from(list.bytes.slice(list.start, list.start + list.byteLength))
}

function textAt(list: Listpack, at: number): string {
  return Buffer.from(list.read(at, new Element()).view()).toString('latin1')
}

function textsOf(list: Listpack): string[] {
  const texts: string[] = []
  for (let at = list.first; at !== NONE; at = list.next(at)) texts.push(textAt(list, at))
  return texts
}

function textsFromBehind(list: Listpack): string[] {
  const texts: string[] = []
  for (let at = list.last; at !== NONE; at = list.previous(at)) texts.push(textAt(list, at))
  return texts
}

/** Hashes as DUMP of redis-server 7.0.15 gives them, without what stands around the listpack. */
const HASH = {
  texts:
    'f 1 g -1 h 127 i 128 j 4095 k -4096 l 4096 m 32767 n 32768 o 8388607 p -8388608 q 8388608 r 2147483647 s 2147483648 t 9223372036854775807 u -9223372036854775808 v 9223372036854775808 w 01 x -0 y  z abc'.split(
      ' ',
    ),
  hex: 'bb0000002a008166020101816702dfff028168027f01816902c08002816a02cfff02816b02d00002816c02f1001003816d02f1ff7f03816e02f200800004816f02f2ffff7f04817002f200008004817102f30000800005817202f3ffffff7f05817302f4000000800000000009817402f4ffffffffffffff7f09817502f400000000000000800981760293393232333337323033363835343737353830381481770282303103817802822d30038179028001817a028361626304ff',
}

/** Length of a text of x, and what redis-server 7.0.15 has around it as the value of the field f. */
const LONG_TEXTS: [length: number, head: string, tail: string][] = [
  [63, '4b0000000200816602bf7878', '787840ff'],
  [64, '4d0000000200816602e0407878', '787842ff'],
  [125, '8a0000000200816602e07d7878', '78787fff'],
  [126, '8c0000000200816602e07e7878', '78780180ff'],
  [4095, '0d1000000200816602efff7878', '78782081ff'],
  [4096, '111000000200816602f0001000007878', '78782085ff'],
  [16377, '0a4000000200816602f0f93f00007878', '78787ffeff'],
  [16378, '0c4000000200816602f0fa3f00007878', '787800ffffff'],
  [2097145, '0b0020000200816602f0f9ff1f007878', '78787ffffeff'],
  [2097146, '0d0020000200816602f0faff1f007878', '787800ffffffff'],
]

describe('the bytes', () => {
  test('are those of redis-server, for text and integers of every size', () => {
    const list = listOf(...HASH.texts)
    expect(bytesOf(list).toString('hex')).toBe(HASH.hex)
    expect(textsOf(list)).toEqual(HASH.texts)
    expect(textsFromBehind(list)).toEqual(HASH.texts.toReversed())
    expect(isListpack(list.bytes, START, list.byteLength)).toBe(true)
  })

  test.each(LONG_TEXTS)('are those of redis-server for a text of %d bytes', (length, head, tail) => {
    const list = listOf('f', Buffer.alloc(length, 'x'))
    const hex = bytesOf(list).toString('hex')
    expect(hex.slice(0, head.length)).toBe(head)
    expect(hex.slice(-tail.length)).toBe(tail)
    expect(list.read(list.last, new Element()).length).toBe(length)
    expect(list.previous(list.last)).toBe(list.first)
    expect(isListpack(list.bytes, START, list.byteLength)).toBe(true)
  })
})

describe('integers', () => {
  test.each([
    '0',
    '127',
    '128',
    '-1',
    '-4096',
    '-4097',
    '4095',
    '4096',
    '-32768',
    '-32769',
    '8388607',
    '-8388609',
    '2147483647',
    '-2147483648',
    '2147483648',
    '-2147483649',
    '4294967295',
    '4294967296',
    '-4294967297',
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '-9007199254740992',
    '-9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
  ])('%s is read exactly, as text, number and equal', (text) => {
    const list = listOf('a', text)
    const at = list.last
    const number = Number(text)
    expect(list.isInteger(at)).toBe(true)
    expect(textAt(list, at)).toBe(text)
    expect(list.integerAt(at)).toBe(Number.isSafeInteger(number) ? number : Number.NaN)
    expect(list.equals(at, element(text))).toBe(true)
    const neighbour = (BigInt(text) + 1n).toString()
    expect(list.equals(at, element(neighbour))).toBe(false)
    const again = emptyList(100)
    again.append(element('a'))
    if (Number.isSafeInteger(number)) again.append(new Element().setInteger(number))
    else again.append(new Element().setInt64(BigInt(text)))
    expect(bytesOf(again)).toEqual(bytesOf(list))
  })

  test.each([
    '',
    '-',
    '-0',
    '00',
    '01',
    '+1',
    '1 ',
    ' 1',
    '9223372036854775808',
    '-9223372036854775809',
    '1a',
    '1e3',
  ])('%j is text', (text) => {
    const list = listOf(text)
    expect(list.isInteger(list.first)).toBe(false)
    expect(list.integerAt(list.first)).toBeNaN()
    expect(textsOf(list)).toEqual([text])
    expect(list.find(element(text), list.first)).toBe(list.first)
  })
})

/** Texts that repeat now and then, of all encodings. */
function randomText(random: Random): string {
  const kind = random.below(20)
  if (kind < 4) return String(random.below(300) - 100)
  if (kind < 6) return String(random.below(20_000) - 10_000)
  if (kind < 8) return String((random.below(2 ** 32) - 2 ** 31) * 2 ** random.below(21))
  if (kind < 9) return (BigInt(random.uint32()) * 2147483648n - BigInt(random.uint32())).toString()
  if (kind < 16) return 'abcdefgh'.slice(0, random.below(9))
  if (kind < 18) return 'x'.repeat(random.below(200))
  return kind < 19 ? 'y'.repeat(random.below(5000)) : 'z'.repeat(16_370 + random.below(20))
}

describe('any changes in a row', () => {
  test.each([1, 2, 3, 4])('leave what a plain array has (seed %d)', (seed) => {
    const random = new Random(seed)
    const list = emptyList(4_000_000)
    const model: string[] = []
    for (let step = 0; step < 3000; step++) {
      const kind = random.below(10)
      const index = random.below(model.length + 1)
      const at = index === model.length ? list.end : list.seek(index)
      if (kind < 5 || model.length === 0) {
        const text = randomText(random)
        list.insert(at, element(text))
        model.splice(index, 0, text)
      } else if (kind < 7 && index < model.length) {
        const text = randomText(random)
        const behind = list.replace(at, element(text))
        expect(behind).toBe(list.after(at))
        model[index] = text
      } else if (kind < 9) {
        const count = Math.min(model.length - index, random.below(4))
        list.remove(at, count)
        model.splice(index, count)
      } else {
        const texts = [randomText(random), randomText(random), randomText(random)]
        const removed = Math.min(model.length - index, random.below(3))
        const other = listOf(...texts)
        const length = other.byteLength - EMPTY_BYTES
        list.reshape(at, removed, 3, length)
        list.putRange(at, other, other.first, length)
        model.splice(index, removed, ...texts)
      }
      expect(list.count).toBe(model.length)
      if (step % 50 === 0) checkAgainst(list, model, random)
    }
    checkAgainst(list, model, random)
    expect(list.bytes[START - 1]).toBe(0xee)
  })
})

function checkAgainst(list: Listpack, model: string[], random: Random): void {
  expect(textsOf(list)).toEqual(model)
  expect(textsFromBehind(list)).toEqual(model.toReversed())
  expect(isListpack(list.bytes, list.start, list.byteLength)).toBe(true)
  for (let i = 0; i < 20; i++) {
    const index = random.below(model.length + 4) - 2
    const wanted = random.below(2) === 0 ? index : index - model.length
    const at = list.seek(wanted)
    expect(at === NONE ? undefined : textAt(list, at)).toBe(
      model.at(wanted < -model.length ? model.length : wanted),
    )
    const text = model[random.below(model.length)] ?? randomText(random)
    const step = 1 + random.below(3)
    const from = random.below(model.length + 1)
    const found = model.findIndex((it, i) => i >= from && (i - from) % step === 0 && it === text)
    const start = from < model.length ? list.seek(from) : NONE
    expect(list.find(element(text), start, step)).toBe(found < 0 ? NONE : list.seek(found))
  }
}

test('more elements than the header can count are counted by walking', () => {
  const list = emptyList(300_000)
  const one = element('1')
  for (let i = 0; i < 65_534; i++) list.append(one)
  expect(bytesOf(list).readUInt16LE(4)).toBe(65_534)
  for (let i = 0; i < 3; i++) list.append(element('last'))
  expect(bytesOf(list).readUInt16LE(4)).toBe(65_535)
  expect(list.count).toBe(65_537)
  expect(textAt(list, list.seek(65_534))).toBe('last')
  expect(textAt(list, list.seek(-4))).toBe('1')
  expect(list.seek(65_537)).toBe(NONE)
  expect(list.seek(-65_538)).toBe(NONE)
  list.remove(list.first, 5)
  expect(list.count).toBe(65_532)
  expect(isListpack(list.bytes, START, list.byteLength)).toBe(true)
})

describe('isListpack', () => {
  test('refuses every shortening and every wrong length', () => {
    const bytes = bytesOf(listOf(...HASH.texts, 'x'.repeat(100), 'y'.repeat(5000)))
    expect(isListpack(bytes, 0, bytes.length)).toBe(true)
    for (let length = 0; length < bytes.length; length++) {
      expect(isListpack(bytes, 0, length)).toBe(false)
      const cut = Buffer.from(bytes.subarray(0, length))
      if (length >= 4) cut.writeUInt32LE(length, 0)
      expect(isListpack(cut, 0, length)).toBe(false)
    }
  })

  test('accepts, of bytes changed at random, only what can be walked both ways inside', () => {
    const random = new Random(5)
    let accepted = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = bytesOf(listOf('abc', '12', '-5000', 'x'.repeat(70), '123456789012', 'f', '70000'))
      for (let i = random.below(3); i >= 0; i--) bytes[random.below(bytes.length)] = random.below(256)
      if (!isListpack(bytes, 0, bytes.length)) continue
      accepted++
      const list = new Listpack().open(bytes, 0)
      const texts = textsOf(list)
      expect(textsFromBehind(list)).toEqual(texts.toReversed())
      expect(list.byteLength).toBe(bytes.length)
    }
    expect(accepted).toBeGreaterThan(1000)
  })
})
