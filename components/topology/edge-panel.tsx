import { MtlsMark, mtlsMeaning } from '#components/golden/mtls-mark.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { PageLink } from '#components/ui/page-link.tsx'
import type { Golden } from '#lib/api/common.ts'
import { isAllRefused, toldGolden } from '#lib/api/edge-filter.ts'
import { amount, quantityText } from '#lib/metrics/format.ts'
import { edgeCommand, tapPath } from './commands.ts'
import type { Target } from './emphasis.ts'
import { Figures } from './figures.tsx'
import type { GraphEdge, GraphNode } from './graph.ts'
import { nodeTitle, protocolNames } from './graph-words.ts'
import styles from './panel.module.css'
import { PanelHead } from './panel-head.tsx'

interface EdgePanelProps {
  readonly edge: GraphEdge
  readonly source: GraphNode
  readonly destination: GraphNode
  readonly timeFlag: string
  readonly onSelect: (target: Target | null) => void
}

/** All that is known of an edge: its numbers, how it is secured and why not, what was denied. */
export function EdgePanel({ edge, source, destination, timeFlag, onSelect }: EdgePanelProps) {
  const { denied, disagreement, merged, protocol } = edge
  const tap = tapPath(source, destination)
  return (
    <>
      <PanelHead
        kind={merged > 1 ? `${merged} edges` : `${protocolNames[protocol]} edge`}
        onClose={() => onSelect(null)}
      >
        <EndButton node={source} onSelect={onSelect} />
        <span className={styles.arrow} role="img" aria-label="calls">
          →
        </span>
        <EndButton node={destination} onSelect={onSelect} />
      </PanelHead>
      {denied > 0 && (
        <p className={styles.denied}>
          <Badge tone="bad">⊘ {quantityText(amount(denied, ''))} denied</Badge> Policy refused them: to the
          caller they are failures
        </p>
      )}
      {disagreement !== undefined && (
        <p className={styles.note}>
          <Badge tone="warn">≠ counted differently</Badge> The caller counted {disagreement.outbound}{' '}
          requests, the callee {disagreement.inbound}
        </p>
      )}
      <h3 className={styles.heading}>Attempts</h3>
      <Figures golden={toldGolden(edge)} tcp={edge.tcp} reason={missingReason(edge)} />
      {edge.effective && !isAllRefused(edge) && (
        <AfterRetries effective={edge.effective} retries={edge.retries ?? 0} />
      )}
      <section className={styles.section} aria-label="Security">
        <h3 className={styles.heading}>Security</h3>
        <MtlsMark of={edge} />
        <p className={styles.note}>{mtlsMeaning(edge)}</p>
        <dl className={styles.pairs}>
          <dt>Client</dt>
          <dd>{edge.clientId === '' ? <Missing merged={merged} /> : <code>{edge.clientId}</code>}</dd>
          <dt>Server</dt>
          <dd>{edge.serverId === '' ? <Missing merged={merged} /> : <code>{edge.serverId}</code>}</dd>
        </dl>
      </section>
      <div className={styles.links}>
        <PageLink
          className={styles.link}
          to={`/edges?${new URLSearchParams(destination.namespace === '' ? {} : { namespace: destination.namespace })}`}
        >
          Edges
        </PageLink>
        {tap !== null && (
          <PageLink className={styles.link} to={tap}>
            Tap
          </PageLink>
        )}
      </div>
      <CopyLine command={edgeCommand(source, destination, timeFlag)} />
    </>
  )
}

/** What callers saw, where that is known and differs from the attempts. */
function AfterRetries({ effective, retries }: { readonly effective: Golden; readonly retries: number }) {
  if (retries === 0) return <p className={styles.note}>Nothing was retried: callers saw the same</p>
  return (
    <section className={styles.section} aria-label="After retries">
      <h3 className={styles.heading}>
        After{' '}
        <span className={styles.count}>
          {quantityText(amount(retries, ''))} {retries === 1 ? 'retry' : 'retries'}
        </span>
      </h3>
      <Figures golden={effective} reason={missingEffective} />
    </section>
  )
}

function EndButton({
  node,
  onSelect,
}: {
  readonly node: GraphNode
  readonly onSelect: EdgePanelProps['onSelect']
}) {
  return (
    <button type="button" className={styles.end} onClick={() => onSelect({ type: 'node', id: node.id })}>
      {nodeTitle(node)}
    </button>
  )
}

function Missing({ merged }: { readonly merged: number }) {
  return (
    <Hint words={merged > 1 ? 'They are several' : 'It showed no certificate, or they were several'}>–</Hint>
  )
}

const missingEffective = 'Not counted for all of its requests'

function missingReason(edge: GraphEdge): string {
  if (isAllRefused(edge)) return 'All of it was refused by policy'
  if (edge.merged > 1) return 'Latencies of several edges do not add up: unfold the namespace to see them'
  if (edge.protocol === 'tcp') return 'Opaque TCP: connections and bytes are counted, not requests'
  return 'No request in this time'
}
