// INFO: its sections in order, and which of them a client gets. What a section says stands in info-*.ts.

import { type Fields, fieldLines } from './fields.ts'
import { clusterFields, keyspaceFields, moduleFields, replicationFields } from './info-data.ts'
import { memoryFields } from './info-memory.ts'
import { persistenceFields } from './info-persistence.ts'
import { clientFields, cpuFields, serverFields } from './info-process.ts'
import type { InfoSources } from './info-sources.ts'
import { commandFields, errorFields, latencyFields, statisticsFields } from './info-statistics.ts'

interface Section {
  readonly title: string
  /** Whether it is there when nothing is asked for. */
  readonly isDefault: boolean
  readonly fields: (sources: InfoSources) => Fields
}

const SECTIONS: readonly Section[] = [
  { title: 'Server', isDefault: true, fields: serverFields },
  { title: 'Clients', isDefault: true, fields: clientFields },
  { title: 'Memory', isDefault: true, fields: memoryFields },
  { title: 'Persistence', isDefault: true, fields: persistenceFields },
  { title: 'Stats', isDefault: true, fields: statisticsFields },
  { title: 'Replication', isDefault: true, fields: replicationFields },
  { title: 'CPU', isDefault: true, fields: cpuFields },
  { title: 'Modules', isDefault: true, fields: moduleFields },
  { title: 'Commandstats', isDefault: false, fields: commandFields },
  { title: 'Errorstats', isDefault: true, fields: errorFields },
  { title: 'Latencystats', isDefault: false, fields: latencyFields },
  { title: 'Cluster', isDefault: true, fields: clusterFields },
  { title: 'Keyspace', isDefault: true, fields: keyspaceFields },
]

/**
 * The text of the sections asked for, in lower case; `default`, `all` and `everything` stand for several. Whatever the
 * order of asking, sections come in theirs, each once. A section that doesn't exist is no mistake.
 */
export function composeInfo(sources: InfoSources, asked: readonly string[]): string {
  const names = new Set(asked.length === 0 ? ['default'] : asked)
  const hasAll = names.has('all') || names.has('everything')
  const texts: string[] = []
  for (const { title, isDefault, fields } of SECTIONS) {
    if (!hasAll && !(isDefault && names.has('default')) && !names.has(title.toLowerCase())) continue
    texts.push([`# ${title}`, ...fieldLines(fields(sources)), ''].join('\r\n'))
  }
  return texts.join('\r\n')
}
