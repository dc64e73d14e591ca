// INFO's section about memory. What Redis's allocator is asked for is said of the store: bytes in use (allocated), and
// with what lies free between them (active; the system has backed just that, so it is what is resident, too).

import { type Fields, humanBytes, percent, ratio } from './fields.ts'
import type { InfoSources } from './info-sources.ts'
import type { MemoryFigures } from './memory-gauge.ts'

export const ALLOCATOR = 'respite-arena'

export function memoryFields(sources: InfoSources): Fields {
  const figures = sources.memory.measure(sources)
  const { store } = figures
  return {
    ...usedFields(figures),
    allocator_allocated: store.used,
    allocator_active: store.touched,
    allocator_resident: store.touched,
    allocator_muzzy: 0,
    total_system_memory: sources.usage.systemBytes,
    total_system_memory_human: humanBytes(sources.usage.systemBytes),
    ...scriptFields(),
    ...limitFields(sources),
    ...fragmentationFields(figures),
    mem_not_counted_for_evict: figures.replicas,
    mem_replication_backlog: 0,
    mem_total_replication_buffers: 0,
    mem_clients_slaves: figures.replicas,
    mem_clients_normal: figures.clients,
    mem_cluster_links: 0,
    mem_aof_buffer: sources.persistence.bufferedBytes,
    mem_allocator: ALLOCATOR,
    mem_overhead_db_hashtable_rehashing: 0,
    active_defrag_running: 0,
    lazyfree_pending_objects: sources.keyspace.disposals.pending,
    lazyfreed_objects: sources.keyspace.disposals.completed,
  }
}

function usedFields(figures: MemoryFigures): Fields {
  const { used, resident, peak, overhead, startup, dataset } = figures
  return {
    used_memory: used,
    used_memory_human: humanBytes(used),
    used_memory_rss: resident,
    used_memory_rss_human: humanBytes(resident),
    used_memory_peak: peak,
    used_memory_peak_human: humanBytes(peak),
    used_memory_peak_perc: percent(used, peak),
    used_memory_overhead: overhead,
    used_memory_startup: startup,
    used_memory_dataset: dataset,
    used_memory_dataset_perc: percent(dataset, used - startup),
  }
}

/** There are no scripts. */
function scriptFields(): Fields {
  return {
    used_memory_lua: 0,
    used_memory_vm_eval: 0,
    used_memory_lua_human: humanBytes(0),
    used_memory_scripts_eval: 0,
    number_of_cached_scripts: 0,
    number_of_functions: 0,
    number_of_libraries: 0,
    used_memory_vm_functions: 0,
    used_memory_vm_total: 0,
    used_memory_vm_total_human: humanBytes(0),
    used_memory_functions: 0,
    used_memory_scripts: 0,
    used_memory_scripts_human: humanBytes(0),
  }
}

function limitFields({ config }: InfoSources): Fields {
  const limit = config.number('maxmemory')
  return {
    maxmemory: limit,
    maxmemory_human: humanBytes(limit),
    maxmemory_policy: config.string('maxmemory-policy'),
  }
}

function fragmentationFields({ store, resident, used }: MemoryFigures): Fields {
  return {
    allocator_frag_ratio: ratio(store.touched, store.used),
    allocator_frag_bytes: store.touched - store.used,
    allocator_rss_ratio: ratio(store.touched, store.touched),
    allocator_rss_bytes: 0,
    rss_overhead_ratio: ratio(resident, store.touched),
    rss_overhead_bytes: resident - store.touched,
    mem_fragmentation_ratio: ratio(resident, used),
    mem_fragmentation_bytes: resident - used,
  }
}
