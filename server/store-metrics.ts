import { Gauge, type Registry } from 'prom-client'
import type { ReadableStore, StoreStats } from '#server/store/store.ts'

const gauges: readonly { name: string; help: string; read: (stats: StoreStats) => number | null }[] = [
  {
    name: 'cells',
    help: 'Label sets of instances that the store holds numbers of',
    read: ({ cells }) => cells,
  },
  { name: 'bytes', help: 'About how much memory these take', read: ({ bytes }) => bytes },
  { name: 'max_bytes', help: 'How much memory these may take', read: ({ maxBytes }) => maxBytes },
  {
    name: 'evicted_cells',
    help: 'Label sets that left early, because memory was full',
    read: ({ evictedCells }) => evictedCells,
  },
  {
    name: 'dropped_deltas',
    help: 'Scrapes that were older than what the store keeps',
    read: ({ droppedDeltas }) => droppedDeltas,
  },
]

/** Reports what the store holds, may hold, and had to leave out. */
export function reportStore(store: ReadableStore, registry: Registry): void {
  for (const { name, help, read } of gauges) {
    new Gauge({
      name: `meshscope_store_${name}`,
      help,
      registers: [registry],
      collect() {
        const value = read(store.stats())
        if (value !== null) this.set(value)
      },
    })
  }
}
