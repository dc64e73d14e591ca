// What can happen to a key, and the class of `notify-keyspace-events` that each event belongs to
// (https://redis.io/docs/latest/develop/use/keyspace-notifications/). A typing error in an event's name does not compile.

export const KEY_EVENTS = {
  // $: strings
  set: '$',
  setrange: '$',
  incrby: '$',
  incrbyfloat: '$',
  append: '$',
  setbit: '$',
  // s: sets
  sadd: 's',
  srem: 's',
  spop: 's',
  sinterstore: 's',
  sunionstore: 's',
  sdiffstore: 's',
  // h: hashes
  hset: 'h',
  hincrby: 'h',
  hincrbyfloat: 'h',
  hdel: 'h',
  hexpire: 'h',
  hexpired: 'h',
  hpersist: 'h',
  pfadd: '$',
  // l: lists
  sortstore: 'l',
  lpush: 'l',
  rpush: 'l',
  lpop: 'l',
  rpop: 'l',
  linsert: 'l',
  lset: 'l',
  lrem: 'l',
  ltrim: 'l',
  // z: sorted sets
  zadd: 'z',
  zincr: 'z',
  zrem: 'z',
  zremrangebyrank: 'z',
  zremrangebyscore: 'z',
  zremrangebylex: 'z',
  zpopmin: 'z',
  zpopmax: 'z',
  zunionstore: 'z',
  zinterstore: 'z',
  zdiffstore: 'z',
  zrangestore: 'z',
  geosearchstore: 'z',
  georadiusstore: 'z',
  // g: commands for any type
  del: 'g',
  expire: 'g',
  persist: 'g',
  rename_from: 'g',
  rename_to: 'g',
  move_from: 'g',
  move_to: 'g',
  copy_to: 'g',
  restore: 'g',
  // t: streams
  xadd: 't',
  xdel: 't',
  xtrim: 't',
  xsetid: 't',
  'xgroup-create': 't',
  'xgroup-createconsumer': 't',
  'xgroup-delconsumer': 't',
  'xgroup-destroy': 't',
  'xgroup-setid': 't',
  // x, e, n, m: what befalls a key
  expired: 'x',
  evicted: 'e',
  new: 'n',
  keymiss: 'm',
} as const

export type KeyEvent = keyof typeof KEY_EVENTS

/** What a key that vanishes by itself is propagated as: whether whoever repeats it may free the memory later. */
export type RemovalCommand = 'DEL' | 'UNLINK'
