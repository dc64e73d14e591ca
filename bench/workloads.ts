// Tests that redis-benchmark has no name for: a command, and the data that it works on. Every other name is one of
// redis-benchmark's own. Knows no server.

import { KEY, NUMBER } from './load.ts'

/** One element after the other into a value. */
export interface Fill {
  /**
   * KEY and NUMBER stand for the element and its number. With `__rand_int__` among them they are sent by
   * redis-benchmark, each time with random digits below POINT_RANGE.
   */
  words: string[]
  count: number
  /** The number of the first element. */
  first?: number
}

export interface Workload {
  fills: Fill[]
  /** `__rand_int__` stands for 12 random digits below `range`. */
  command: string[]
  range: number
  /** Requests of the first try at warming up; of slow commands few. */
  first?: number
}

const MILLION = 1_000_000
/** Degrees from 0 to 85, in ten-millionths. */
export const POINT_RANGE = 850_000_000
const ELEMENT = 'key:__rand_int__'

const hash: Fill = { words: ['HSET', 'bench:hash', KEY, 'xxx'], count: MILLION }
const set: Fill = { words: ['SADD', 'bench:set', KEY], count: MILLION }
const sortedSet: Fill = { words: ['ZADD', 'bench:zset', NUMBER, KEY], count: MILLION }
const list: Fill = { words: ['RPUSH', 'bench:list', KEY], count: MILLION }
const shortList: Fill = { words: ['RPUSH', 'bench:short', 'xxx'], count: 100_000 }
const numbers: Fill = { words: ['RPUSH', 'bench:numbers', NUMBER], count: 100_000 }
/** Two sets, and two sorted sets, that share half of their 100,000 members. */
const halves: Fill[] = [0, 50_000].flatMap((first, i) => [
  { words: ['SADD', `bench:half:${i}`, KEY], count: 100_000, first },
  { words: ['ZADD', `bench:zhalf:${i}`, NUMBER, KEY], count: 100_000, first },
])
/** Points between the equator and 85 degrees north and east, written in ten-millionths: some 130 within 50 km of each. */
const points: Fill = {
  words: ['GEOADD', 'bench:geo', '__rand_int__e-7', '__rand_int__e-7', ELEMENT],
  count: MILLION,
}

function lrange(last: number): Workload {
  return { fills: [shortList], command: ['LRANGE', 'bench:short', '0', `${last}`], range: MILLION }
}

function million(fill: Fill, command: string): Workload {
  return { fills: [fill], command: words(command), range: MILLION }
}

function slow(fills: Fill[], command: string): Workload {
  return { fills, command: words(command), range: MILLION, first: 4 }
}

function words(command: string): string[] {
  return command.split(' ')
}

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  lrange_100: lrange(99),
  lrange_300: lrange(299),
  lrange_500: lrange(499),
  lrange_600: lrange(599),
  hget_1m: million(hash, `HGET bench:hash ${ELEMENT}`),
  hset_1m: million(hash, `HSET bench:hash ${ELEMENT} yyy`),
  sadd_1m: million(set, `SADD bench:set ${ELEMENT}`),
  sismember_1m: million(set, `SISMEMBER bench:set ${ELEMENT}`),
  zadd_1m: million(sortedSet, `ZADD bench:zset __rand_int__ ${ELEMENT}`),
  zrank_1m: million(sortedSet, `ZRANK bench:zset ${ELEMENT}`),
  zrangebyscore_1m: million(sortedSet, 'ZRANGEBYSCORE bench:zset __rand_int__ +inf LIMIT 0 10'),
  // Random digits come with zeros in front, which make no index.
  lindex_1m: { ...million(list, 'LINDEX bench:list 333333'), first: 1000 },
  linsert_1m: { ...million(list, 'LINSERT bench:list BEFORE key:000000500000 xxx'), first: 4 },
  sinter_100k: slow(halves, 'SINTER bench:half:0 bench:half:1'),
  zunionstore_100k: slow(halves, 'ZUNIONSTORE bench:union 2 bench:zhalf:0 bench:zhalf:1'),
  sort_100k: slow([numbers], 'SORT bench:numbers LIMIT 0 10'),
  geosearch_1m: {
    fills: [points],
    command: words('GEOSEARCH bench:geo FROMLONLAT __rand_int__e-7 __rand_int__e-7 BYRADIUS 50 km'),
    range: POINT_RANGE,
    first: 1000,
  },
  xadd: { fills: [], command: words('XADD bench:stream * field value'), range: MILLION },
  xrange_100: {
    fills: [{ words: words('XADD bench:range * field __rand_int__'), count: 100_000 }],
    command: words('XRANGE bench:range - + COUNT 100'),
    range: MILLION,
    first: 1000,
  },
  pfadd: { fills: [], command: words(`PFADD bench:hll ${ELEMENT}`), range: MILLION },
  pfcount: {
    fills: [{ words: words(`PFADD bench:count ${KEY}`), count: 100_000 }],
    command: words('PFCOUNT bench:count'),
    range: MILLION,
  },
}
