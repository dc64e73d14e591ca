import { beforeEach, describe, expect, test } from 'vitest'
import { geoCommands } from '../../src/commands/geo.ts'
import { keyCommands } from '../../src/commands/key.ts'
import { sortedSetCommands } from '../../src/commands/sorted-set.ts'
import { stringCommands } from '../../src/commands/string.ts'
import { Draw } from '../compat/draw.ts'
import { geo } from '../compat/families/geo.ts'
import { Harness } from '../support/harness.ts'
import { recordEvents } from './stored.ts'

const SYNTAX = '(error) ERR syntax error'
const WRONG_TYPE = '(error) WRONGTYPE Operation against a key holding the wrong kind of value'
const NOT_A_FLOAT = '(error) ERR value is not a valid float'
const NO_UNIT = '(error) ERR unsupported unit provided. please use M, KM, FT, MI'

let server: Harness
const show = (command: string) => server.show(command)

function newServer(seed = 1): Harness {
  return new Harness([stringCommands, keyCommands, sortedSetCommands, geoCommands], seed, 1)
}

beforeEach(() => {
  server = newServer()
  show('GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania')
})

describe('GEOADD', () => {
  test('says how many places are new, or with CH how many are now elsewhere', () => {
    expect(show('GEOADD g 1 2 a 3 4 b')).toBe('(integer) 2')
    expect(show('GEOADD g 1 2 a 5 6 b 7 8 c')).toBe('(integer) 1')
    expect(show('GEOADD g CH 1 2 a 9 9 b 8 8 d')).toBe('(integer) 2')
    expect(show('GEOADD g NX CH 3 3 a 3 3 e')).toBe('(integer) 1')
    expect(show('GEOADD g xx ch 3 3 a 3 3 f')).toBe('(integer) 1')
    expect(show('ZCARD g')).toBe('(integer) 5')
    expect(show('GEOADD nothing XX 1 1 a')).toBe('(integer) 0')
    expect(show('EXISTS nothing')).toBe('(integer) 0')
  })

  test('counts changes, in one event', () => {
    const events = recordEvents(server)
    const { dirty } = server.keyspace
    show('GEOADD g 1 1 a 2 2 b')
    show('GEOADD g 1 1 a 2 3 b')
    show('GEOADD g 1 1 a')
    expect(server.keyspace.dirty).toBe(dirty + 3)
    expect(events).toEqual(['zadd g', 'zadd g'])
  })

  test('refuses what is no place, and then adds nothing', () => {
    const bad: [string, string][] = [
      ['x y a', NOT_A_FLOAT],
      ['1 2 a 1 nan b', NOT_A_FLOAT],
      ['1 2 a 181 2 b', '(error) ERR invalid longitude,latitude pair 181.000000,2.000000'],
      ['181 1.0078125 a', '(error) ERR invalid longitude,latitude pair 181.000000,1.007812'],
      ['181 1.0234375 a', '(error) ERR invalid longitude,latitude pair 181.000000,1.023438'],
      ['0 85.05112879 a', '(error) ERR invalid longitude,latitude pair 0.000000,85.051129'],
      [
        '-inf 1e30 a',
        '(error) ERR invalid longitude,latitude pair -inf,1000000000000000019884624838656.000000',
      ],
      ['NX XX 1 2 a', SYNTAX],
      ['CH 1 2', SYNTAX],
      ['1 2 a 3', SYNTAX],
    ]
    for (const [words, error] of bad) expect(show(`GEOADD g ${words}`)).toBe(error)
    expect(show('EXISTS g')).toBe('(integer) 0')
    show('SET text x')
    expect(show('GEOADD text 1 2 a')).toBe(WRONG_TYPE)
  })
})

describe('GEOPOS, GEOHASH and GEODIST', () => {
  test('tell of places, and of those that are not there nothing', () => {
    expect(show('GEOPOS Sicily Palermo nobody')).toBe(
      '[["13.36138933897018433", "38.11555639549629859"], (nil-array)]',
    )
    expect(show('GEOHASH Sicily Palermo nobody Catania')).toBe('["sqc8b49rny0", (nil-bulk), "sqdtr74hyu0"]')
    expect(show('GEOPOS nothing a')).toBe('[(nil-array)]')
    expect(show('GEOHASH nothing a')).toBe('[(nil-bulk)]')
    expect(show('GEOPOS Sicily')).toBe('[]')
  })

  test('coordinates are doubles in RESP3', () => {
    server.client.protocol = 3
    expect(server.raw('GEOPOS Sicily Palermo').toString()).toBe(
      '*1\r\n*2\r\n,13.36138933897018433\r\n,38.11555639549629859\r\n',
    )
  })

  test('distances come in any unit', () => {
    const of = (unit: string) => show(`GEODIST Sicily Palermo Catania ${unit}`)
    expect(['', 'm', 'KM', 'ft', 'mi'].map(of)).toEqual(
      ['166274.1516', '166274.1516', '166.2742', '545518.8700', '103.3182'].map((text) => `"${text}"`),
    )
    expect(of('ly')).toBe(NO_UNIT)
    expect(of('m m')).toBe(SYNTAX)
    expect(show('GEODIST Sicily Palermo nobody')).toBe('(nil-bulk)')
    expect(show('GEODIST nothing a b')).toBe('(nil-bulk)')
    expect(show('GEODIST nothing a b ly')).toBe(NO_UNIT)
  })
})

describe('GEOSEARCH', () => {
  const search = (words: string) => show(`GEOSEARCH Sicily ${words}`)

  test('finds what is in a circle or in a box', () => {
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km ASC')).toBe('["Catania", "Palermo"]')
    expect(search('FROMLONLAT 15 37 BYRADIUS 100 km')).toBe('["Catania"]')
    expect(search('BYBOX 400 400 km FROMLONLAT 15 37 DESC')).toBe('["Palermo", "Catania"]')
    expect(search('FROMMEMBER Palermo BYRADIUS 0 m')).toBe('["Palermo"]')
    expect(search('FROMLONLAT 100 0 BYRADIUS 10 mi')).toBe('[]')
    expect(show('GEOSEARCH nothing FROMMEMBER a BYRADIUS 1 m')).toBe('[]')
  })

  test('says of each place what is wanted', () => {
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 WITHHASH WITHCOORD WITHDIST')).toBe(
      '[["Catania", "56.4413", (integer) 3479447370796909, ["15.08726745843887329", "37.50266842333162032"]]]',
    )
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km DESC WITHDIST')).toBe(
      '[["Palermo", "190.4424"], ["Catania", "56.4413"]]',
    )
  })

  test('COUNT takes the nearest, or with ANY the first that are found', () => {
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1')).toBe('["Catania"]')
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 DESC')).toBe('["Palermo"]')
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY')).toBe('["Palermo"]')
    expect(search('FROMLONLAT 15 37 BYRADIUS 200 km COUNT 5')).toBe('["Catania", "Palermo"]')
  })

  test('refuses what makes no sense', () => {
    const bad: [string, string][] = [
      ['FROMMEMBER nobody BYRADIUS 1 m', 'ERR could not decode requested zset member'],
      ['FROMLONLAT 1 x BYRADIUS 1 m', 'ERR value is not a valid float'],
      ['FROMLONLAT 1 9 BYRADIUS -1 km', 'ERR radius cannot be negative'],
      ['FROMLONLAT 1 9 BYRADIUS x km', 'ERR need numeric radius'],
      ['FROMLONLAT 1 9 BYBOX x 1 km', 'ERR need numeric width'],
      ['FROMLONLAT 1 9 BYBOX 1 x km', 'ERR need numeric height'],
      ['FROMLONLAT 1 9 BYBOX 1 -1 km', 'ERR height or width cannot be negative'],
      ['FROMLONLAT 1 9 BYBOX 1 1 xx', NO_UNIT.slice(8)],
      ['FROMLONLAT 1 9 FROMMEMBER Palermo BYBOX 1 1 m', 'ERR syntax error'],
      ['FROMLONLAT 1 9 BYBOX 1 1 m BYRADIUS 1 m', 'ERR syntax error'],
      ['FROMLONLAT 1 9 BYBOX 1 1 m STOREDIST', 'ERR syntax error'],
      ['FROMLONLAT 1 9 BYBOX 1 1 m STORE x', 'ERR syntax error'],
      ['FROMLONLAT 1 9 BYBOX 1 1 m COUNT 0', 'ERR COUNT must be > 0'],
      ['FROMLONLAT 1 9 BYBOX 1 1 m ANY', 'ERR the ANY argument requires COUNT argument'],
      ['BYBOX 1 1 m COUNT 1', 'ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH'],
      ['FROMLONLAT 1 9 COUNT 1', 'ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH'],
    ]
    for (const [words, error] of bad) expect(search(words)).toBe(`(error) ${error}`)
  })
})

describe('GEOSEARCHSTORE, and the older commands with STORE', () => {
  test('store geohashes or distances, in the place of whatever is there', () => {
    const events = recordEvents(server)
    const { dirty } = server.keyspace
    expect(show('GEOSEARCHSTORE d Sicily FROMLONLAT 15 37 BYRADIUS 200 km')).toBe('(integer) 2')
    expect(show('ZRANGE d 0 -1 WITHSCORES')).toBe(
      '["Palermo", "3479099956230698", "Catania", "3479447370796909"]',
    )
    show('SET d text')
    expect(show('GEORADIUS Sicily 15 37 200 km STOREDIST d')).toBe('(integer) 2')
    expect(show('ZRANGE d 0 -1')).toBe('["Catania", "Palermo"]')
    expect(show('ZCOUNT d 56.44125 56.44126')).toBe('(integer) 1')
    expect(show('GEORADIUSBYMEMBER Sicily Catania 10 m STORE d')).toBe('(integer) 1')
    expect(show('GEOSEARCHSTORE Sicily Sicily FROMMEMBER Catania BYRADIUS 10 m')).toBe('(integer) 1')
    expect(show('ZCARD Sicily')).toBe('(integer) 1')
    expect(server.keyspace.dirty).toBe(dirty + 7)
    expect(events).toEqual([
      'geosearchstore d',
      'set d',
      'georadiusstore d',
      'georadiusstore d',
      'geosearchstore Sicily',
    ])
  })

  test('where nothing is found the destination goes', () => {
    show('SET d text')
    const events = recordEvents(server)
    expect(show('GEOSEARCHSTORE d Sicily FROMLONLAT 100 1 BYRADIUS 5 km')).toBe('(integer) 0')
    expect(show('GEOSEARCHSTORE d nothing FROMMEMBER a BYRADIUS 5 km')).toBe('(integer) 0')
    expect(show('EXISTS d')).toBe('(integer) 0')
    expect(events).toEqual(['del d'])
  })

  test('do not say what they store', () => {
    expect(show('GEOSEARCHSTORE d Sicily FROMLONLAT 1 1 BYRADIUS 5 km WITHDIST')).toBe(
      '(error) ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
    )
    expect(show('GEORADIUS Sicily 1 1 5 km WITHDIST STORE d')).toBe(
      '(error) ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
    )
  })
})

describe('GEORADIUS and GEORADIUSBYMEMBER', () => {
  test('search as GEOSEARCH does', () => {
    expect(show('GEORADIUS Sicily 15 37 200 km ASC')).toBe('["Catania", "Palermo"]')
    expect(show('GEORADIUS_RO Sicily 15 37 100 km')).toBe('["Catania"]')
    expect(show('GEORADIUSBYMEMBER Sicily Palermo 200 km ASC WITHDIST')).toBe(
      '[["Palermo", "0.0000"], ["Catania", "166.2742"]]',
    )
    expect(show('GEORADIUSBYMEMBER_RO Sicily Palermo 1 km')).toBe('["Palermo"]')
    expect(show('GEORADIUS_RO Sicily 15 37 200 km STORE d')).toBe(SYNTAX)
    expect(show('GEORADIUS Sicily 15 37 200 km FROMMEMBER Palermo')).toBe(SYNTAX)
    expect(show('GEORADIUS Sicily 15 37 200 km STORE')).toBe(SYNTAX)
  })

  test('by a member of a set that is not there find nothing, whatever the radius', () => {
    expect(show('GEORADIUSBYMEMBER nothing a x ly')).toBe('[]')
    expect(show('GEORADIUSBYMEMBER nothing a x ly FOO')).toBe(SYNTAX)
    expect(show('GEORADIUSBYMEMBER Sicily nobody x ly')).toBe(
      '(error) ERR could not decode requested zset member',
    )
    expect(show('GEORADIUSBYMEMBER Sicily Palermo 1 ly')).toBe(NO_UNIT)
  })
})

test('keys of another type are refused before anything else', () => {
  show('SET text x')
  for (const command of [
    'GEOPOS text a',
    'GEOHASH text',
    'GEODIST text a b',
    'GEOSEARCH text FROMLONLAT 1 1 FOO x y z',
    'GEOSEARCHSTORE d text FROMLONLAT 1 1 BYRADIUS 1 m',
    'GEORADIUS text x y z m',
    'GEORADIUSBYMEMBER text a z m',
  ]) {
    expect(show(command)).toBe(WRONG_TYPE)
  }
})

test.each([1, 2])('what is propagated makes the same content elsewhere (seed %i)', (seed) => {
  server = newServer()
  server.recordPropagation()
  const draw = new Draw(seed)
  for (let i = 0; i < 800; i++) {
    for (const { args } of [draw.pick(geo.makers).make(draw)].flat()) server.run(args)
  }
  const replica = newServer(2)
  for (const { command } of server.propagated) replica.run(command)
  for (const key of ['geo1', 'geo2', 'geo3', 'geo4']) {
    const question = `ZRANGE ${key} 0 -1 WITHSCORES`
    expect(replica.show(question)).toBe(server.show(question))
  }
})
