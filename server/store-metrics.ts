import { Gauge, type Registry } from 'prom-client'
import type { ReadableStore } from '#server/store/store.ts'

/** Reports what the store holds: cells, bytes, and deltas that came too late. */
export function reportStore(store: ReadableStore, registry: Registry): void {
  const registers = [registry]
  new Gauge({
    name: 'meshscope_store_cells',
    help: 'Label sets of instances that the store holds numbers of',
    registers,
    collect() {
      this.set(store.stats().cells)
    },
  })
  new Gauge({
    name: 'meshscope_store_bytes',
    help: 'About how much memory these take',
    registers,
    collect() {
      this.set(store.stats().bytes)
    },
  })
  new Gauge({
    name: 'meshscope_store_dropped_deltas',
    help: 'Scrapes that were older than what the store keeps',
    registers,
    collect() {
      this.set(store.stats().droppedDeltas)
    },
  })
}
