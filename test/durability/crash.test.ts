import { describe, expect, test } from 'vitest'
import { crash, RESPITE, SCENARIOS } from './crash.ts'

describe('a server that is killed while clients write to it', () => {
  test.each(SCENARIOS.map((scenario, i) => ({ scenario, port: 23_850 + i })))(
    'has all that it has acknowledged, and nothing by halves: $scenario',
    async ({ scenario, port }) => {
      const policy = scenario === 'writing' ? 'everysec' : 'always'
      expect(await crash({ rounds: 2, policy, scenario, port, command: RESPITE })).toBeGreaterThanOrEqual(0)
    },
    120_000,
  )
})
