'use client'

import { useMemo } from 'react'
import { edgeFilterOptions } from '#components/golden/edge-filter.ts'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Segments } from '#components/ui/segments.tsx'
import { shellWord } from '#components/ui/shell-word.ts'
import { type EdgeFilter, passesFilter } from '#lib/api/edge-filter.ts'
import type { Edge } from '#lib/api/edges.ts'
import { EdgeTable } from './edge-table.tsx'
import styles from './edge-view.module.css'
import { mentions } from './mentions.ts'

/** What an edge can run between, as an address says it. */
const edgeKinds = ['workload', 'pod', 'namespace'] as const
export type EdgeKind = (typeof edgeKinds)[number]

const kindWords: Readonly<Record<EdgeKind, string>> = {
  workload: 'Workloads',
  pod: 'Pods',
  namespace: 'Namespaces',
}

export interface EdgeChoice {
  readonly kind: EdgeKind
  /** Empty: all. */
  readonly namespace: string
  readonly filter: EdgeFilter
  readonly text: string
}

interface EdgeViewProps {
  /** `null` while loading. */
  readonly rows: readonly Edge[] | null
  readonly choice: EdgeChoice
  readonly onChoice: (choice: EdgeChoice) => void
  /** The time, as the command line takes it. */
  readonly timeFlag: string
}

/** The edges of the mesh or of a namespace, narrowed as the choice says. */
export function EdgeView({ rows, choice, onChoice, timeFlag }: EdgeViewProps) {
  const { kind, namespace, filter, text } = choice
  const named = useMemo(() => rows?.filter(edge => mentions(edge, text)) ?? null, [rows, text])
  const shown = useMemo(() => named?.filter(edge => passesFilter(edge, filter)) ?? null, [named, filter])
  const filters = useMemo(() => edgeFilterOptions(named), [named])
  const where = kind === 'namespace' ? '' : namespace === '' ? ' -A' : ` -n ${shellWord(namespace)}`
  const only = filter === 'all' ? '' : ` --only ${filter}`
  return (
    <Card
      title={kindWords[kind]}
      aside={shown === null || rows === null ? undefined : `${shown.length} of ${rows.length} edges`}
      tools={
        <span className={styles.tools}>
          <label className={styles.choice}>
            <span className={styles.between}>between</span>
            <select
              className={styles.select}
              value={kind}
              onChange={event => onChoice({ ...choice, kind: parseEdgeKind(event.target.value) })}
            >
              {edgeKinds.map(each => (
                <option key={each} value={each}>
                  {kindWords[each].toLowerCase()}
                </option>
              ))}
            </select>
          </label>
        </span>
      }
    >
      <div className={styles.filters}>
        <Segments
          name="Which edges"
          hidesName
          chosen={filter}
          options={filters}
          onChoose={next => onChoice({ ...choice, filter: next })}
        />
        <input
          className={styles.text}
          type="search"
          placeholder="Filter by name or identity"
          aria-label="Filter edges by name or identity"
          value={text}
          onChange={event => onChoice({ ...choice, text: event.target.value })}
        />
      </div>
      {shown?.length === 0 ? (
        <div className={styles.nothing}>
          <Nothing choice={choice} total={rows?.length ?? 0} />
        </div>
      ) : (
        <EdgeTable rows={shown} />
      )}
      <CopyLine command={`meshscope edges ${kind}${where}${timeFlag}${only} -o wide`} />
    </Card>
  )
}

const later = (): void => undefined

/** The view before the address could be read. */
export function EdgeViewAtRest() {
  return (
    <EdgeView
      rows={null}
      choice={{ kind: 'workload', namespace: '', filter: 'all', text: '' }}
      onChoice={later}
      timeFlag=""
    />
  )
}

/** The kind an address names; `workload` for anything else. */
export function parseEdgeKind(text: string | null): EdgeKind {
  return edgeKinds.find(kind => kind === text) ?? 'workload'
}

function Nothing({ choice, total }: { readonly choice: EdgeChoice; readonly total: number }) {
  if (total === 0) {
    return (
      <Notice kind="empty" title="Nobody talked to anybody in this time">
        <p>
          Edges appear with the first request or connection. Choose a longer time, or check that traffic goes
          through the proxies.
        </p>
      </Notice>
    )
  }
  const good: Readonly<Record<EdgeFilter, string>> = {
    all: 'No edge is named like that',
    'not-mtls': 'Every edge is secured by mutual TLS',
    denied: 'Policy refused nothing in this time',
    failing: 'No edge fails more than 5 % of its requests',
  }
  return (
    <Notice kind="empty" title={choice.text === '' ? good[choice.filter] : good.all}>
      <p>
        {total} {total === 1 ? 'edge is' : 'edges are'} hidden by the filter.
      </p>
    </Notice>
  )
}
