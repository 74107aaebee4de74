'use client'

import { edgeFilterOptions } from '#components/golden/edge-filter.ts'
import { Segments } from '#components/ui/segments.tsx'
import { edgeLabels } from './edge-look.ts'
import type { Graph } from './graph.ts'
import { type AddressChange, type GraphAddress, groupings } from './graph-address.ts'
import { NodeSearch } from './node-search.tsx'
import styles from './toolbar.module.css'

interface ToolbarProps {
  readonly address: GraphAddress
  readonly onChange: (change: AddressChange) => void
  /** `null` while loading. */
  readonly graph: Graph | null
  readonly onSeek: (id: string) => void
}

const groupWords = { workload: 'Workload', service: 'Service', namespace: 'Namespace' } as const
const labelWords = { rps: 'RPS', success: 'Success', p95: 'P95', none: 'None' } as const

/** What is shown of the mesh, and how: grouping, filter, labels, search. */
export function Toolbar({ address, onChange, graph, onSeek }: ToolbarProps) {
  return (
    <div className={styles.bar}>
      <NodeSearch graph={graph} onFound={onSeek} />
      <div className={styles.choices}>
        <Segments
          name="Group by"
          chosen={address.groupBy}
          options={groupings.map(value => ({ value, words: groupWords[value] }))}
          onChoose={groupBy => onChange({ groupBy })}
        />
        <Segments
          name="Show"
          chosen={address.filter}
          options={edgeFilterOptions(graph?.edges ?? null)}
          onChoose={filter => onChange({ filter })}
        />
        <Segments
          name="Label"
          chosen={address.label}
          options={edgeLabels.map(value => ({ value, words: labelWords[value] }))}
          onChoose={label => onChange({ label })}
        />
      </div>
    </div>
  )
}
