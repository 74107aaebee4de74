import { CopyLine } from '#components/ui/copy-line.tsx'
import { type EdgeFilter, isInsecure, passesFilter } from '#lib/api/edge-filter.ts'
import { isFailing } from '#lib/topology/edge-verdict.ts'
import type { Target } from './emphasis.ts'
import { busiestFirst, type Graph } from './graph.ts'
import { NeighbourList } from './neighbour-list.tsx'
import styles from './panel.module.css'
import { nodeState } from './verdict.ts'

interface SummaryPanelProps {
  readonly graph: Graph
  readonly command: string
  readonly onSelect: (target: Target) => void
  readonly onUnfoldAll: (() => void) | null
  readonly onFold: (() => void) | null
}

const attention: readonly { readonly filter: EdgeFilter; readonly title: string }[] = [
  { filter: 'failing', title: 'Failing' },
  { filter: 'denied', title: 'Denied by policy' },
  { filter: 'not-mtls', title: 'Not mTLS' },
]

/** The picture in figures, and the edges that need a look: what is shown while nothing is selected. */
export function SummaryPanel({ graph, command, onSelect, onUnfoldAll, onFold }: SummaryPanelProps) {
  const { nodes, edges, folded } = graph
  const count = (state: ReturnType<typeof nodeState>): number =>
    nodes.filter(node => nodeState(node) === state).length
  const secured = edges.filter(edge => edge.mtls === 'all').length
  const isCalm = !edges.some(edge => isFailing(edge) || isInsecure(edge))
  return (
    <>
      <header className={styles.head}>
        <div className={styles.names}>
          <p className={styles.kind}>Nothing selected</p>
          <h2 className={styles.title}>At a glance</h2>
        </div>
      </header>
      <dl className={styles.figures}>
        <Count name="Nodes" value={nodes.length} />
        <Count name="Edges" value={edges.length} />
        <Count name="mTLS edges" value={secured} of={edges.length} />
        <Count name="Idle" value={count('idle')} />
        <Count name="Not meshed" value={count('unmeshed')} />
        <Count name="External" value={count('external')} />
      </dl>
      {folded.length > 0 && (
        <p className={styles.note}>
          {folded.length} namespaces are folded, for there are too many workloads to read. Ends of failing and
          of denied edges stay.{' '}
          {onUnfoldAll && (
            <button type="button" className={styles.linkButton} onClick={onUnfoldAll}>
              Unfold all
            </button>
          )}
        </p>
      )}
      {onFold && (
        <p className={styles.note}>
          <button type="button" className={styles.linkButton} onClick={onFold}>
            Fold namespaces
          </button>
        </p>
      )}
      {attention.map(({ filter, title }) => (
        <NeighbourList
          key={filter}
          title={title}
          graph={graph}
          edges={edges.filter(edge => passesFilter(edge, filter)).sort(busiestFirst)}
          end="both"
          onSelect={onSelect}
        />
      ))}
      {isCalm && edges.length > 0 && (
        <p className={styles.calm}>● Every edge is secured by mTLS, none fails, none is denied</p>
      )}
      <p className={styles.hint}>
        Click a node or an edge for its details. <kbd>/</kbd> finds a node, arrow keys walk along calls.
      </p>
      <CopyLine command={command} />
    </>
  )
}

function Count({ name, value, of }: { readonly name: string; readonly value: number; readonly of?: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {of !== undefined && <span className={styles.of}> of {of}</span>}
      </dd>
    </div>
  )
}
