// How long an RDB file takes to load, in process: `npx tsx bench/rdb-load.ts dump.rdb [rounds]`. CPU time, so that what
// else the machine does counts little. What redis-server says of the same file is "DB loaded from disk" in its log.

import { Random } from '../src/base/random.ts'
import { Keyspace } from '../src/keyspace/keyspace.ts'
import { KeptFunctions } from '../src/persistence/kept-functions.ts'
import { RdbLoad } from '../src/persistence/rdb-load.ts'
import { inlineMore } from '../src/server/inlining.ts'

const [path = 'dump.rdb', rounds = '3'] = process.argv.slice(2)

inlineMore()
for (let round = 0; round < Number(rounds); round++) {
  const report = { keysLoaded: 0, keysExpired: 0, loadedUsedMemory: 0 }
  const keyspace = new Keyspace(16, { low: 1, high: 2 }, new Random(1))
  keyspace.now = Date.now()
  const load = RdbLoad.open(path, {
    keyspace,
    functions: new KeptFunctions(),
    report,
    log: { notice: () => {}, warning: () => {} },
    checksSum: true,
  })
  if (load === undefined) throw new Error(`no file ${path}`)
  const before = process.cpuUsage()
  const start = performance.now()
  load.step(() => false)
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(before)
  const cpu = (user + system) / 1e6
  const rate = Math.round(report.keysLoaded / cpu / 1000)
  console.log(
    `${report.keysLoaded} keys in ${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU: ${rate}k keys per second of CPU`,
  )
}
