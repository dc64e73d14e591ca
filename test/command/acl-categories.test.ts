import { describe, expect, test } from 'vitest'
import { aclCategories } from '../../src/command/acl-categories.ts'

// What `COMMAND INFO` of redis-server says of GET, SET, CONFIG GET, XREAD, SUBSCRIBE, EVAL_RO and PFDEBUG.
describe('categories', () => {
  test('follow from flags', () => {
    expect(aclCategories(['readonly', 'fast'], ['string'])).toEqual(['read', 'string', 'fast'])
    expect(aclCategories(['write', 'denyoom'], ['string'])).toEqual(['write', 'string', 'slow'])
    expect(aclCategories(['readonly', 'blocking'], ['stream'])).toEqual([
      'read',
      'stream',
      'slow',
      'blocking',
    ])
    expect(aclCategories(['pubsub', 'noscript', 'loading', 'stale'])).toEqual(['pubsub', 'slow'])
  })

  test('of administration are dangerous', () => {
    expect(aclCategories(['admin', 'noscript'])).toEqual(['admin', 'slow', 'dangerous'])
  })

  test('of reading scripts do not include read', () => {
    expect(aclCategories(['readonly', 'stale'], ['scripting'])).toEqual(['slow', 'scripting'])
  })

  test('that are named and implied stand there once', () => {
    expect(aclCategories(['write', 'admin'], ['hyperloglog', 'admin', 'dangerous'])).toEqual([
      'write',
      'hyperloglog',
      'admin',
      'slow',
      'dangerous',
    ])
  })
})
