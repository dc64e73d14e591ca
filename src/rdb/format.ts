// The numbers of the RDB format: what a value's first byte says of its form. Which version brought a form stands beside
// it (https://rdb.fnordig.de/file_format.html; later ones as redis-server writes them).

/** The newest version of the format that is read and written: redis-server 7.4's. */
export const NEWEST_VERSION = 12
/** What redis-server 7.0 reads, and what it takes for sets in listpacks and activity of consumers; then field deadlines. */
export const VERSION_7_0 = 10
export const VERSION_7_2 = 11
export const VERSION_7_4 = 12

export const FORM = {
  string: 0,
  list: 1,
  set: 2,
  /** Scores as text. */
  textSortedSet: 3,
  hash: 4,
  /** Scores as eight bytes. Version 8. */
  sortedSet: 5,
  zipmapHash: 9,
  ziplistList: 10,
  intset: 11,
  ziplistSortedSet: 12,
  ziplistHash: 13,
  /** Nodes that are ziplists. Version 7. */
  ziplistNodes: 14,
  /** Version 9. */
  stream: 15,
  /** Version 10. */
  listpackHash: 16,
  listpackSortedSet: 17,
  listNodes: 18,
  countedStream: 19,
  /** Version 11. */
  listpackSet: 20,
  activeStream: 21,
  /** As the next two, without the earliest deadline in front: release candidates of 7.4 wrote them. */
  earlyHashWithDeadlines: 22,
  earlyListpackHashWithDeadlines: 23,
  /** Version 12. */
  hashWithDeadlines: 24,
  listpackHashWithDeadlines: 25,
} as const

/** How a node of a list is kept: one text, or a listpack. */
export const PLAIN_NODE = 1
export const PACKED_NODE = 2

/** First bytes of lengths: the upper two bits say how long the length is, or that a string in another form follows. */
export const LENGTH_32 = 0x80
export const LENGTH_64 = 0x81
export const INTEGER_8 = 0xc0
export const INTEGER_16 = 0xc1
export const INTEGER_32 = 0xc2
export const COMPRESSED = 0xc3

/** Records of a file that are no keys, and what is said of a key before its form. */
export const RECORD = {
  /** Keys of a cluster's slot. Version 12. */
  slot: 0xf4,
  functions: 0xf5,
  moduleNote: 0xf7,
  idle: 0xf8,
  frequency: 0xf9,
  note: 0xfa,
  sizes: 0xfb,
  deadline: 0xfc,
  deadlineSeconds: 0xfd,
  database: 0xfe,
  end: 0xff,
} as const
