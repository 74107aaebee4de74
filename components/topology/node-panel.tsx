import type { ReactNode } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { PageLink } from '#components/ui/page-link.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import { parseKind } from '#lib/resources/kinds.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { nodeCommand, resourceWord, tapPath } from './commands.ts'
import type { Target } from './emphasis.ts'
import { Figures } from './figures.tsx'
import { type Graph, type GraphNode, neighboursOf } from './graph.ts'
import { NeighbourList } from './neighbour-list.tsx'
import styles from './panel.module.css'
import { PanelHead } from './panel-head.tsx'
import { nodeState, stateMeaning } from './verdict.ts'

interface NodePanelProps {
  readonly graph: Graph
  readonly node: GraphNode
  readonly timeFlag: string
  readonly onSelect: (target: Target | null) => void
  readonly onUnfold: (namespace: string) => void
}

/** All that is known of a node: its numbers, whom it talks to, and where to look further. */
export function NodePanel({ graph, node, timeFlag, onSelect, onUnfold }: NodePanelProps) {
  const { incoming, outgoing } = neighboursOf(graph, node.id)
  const state = nodeState(node)
  return (
    <>
      <PanelHead
        kind={node.folded > 0 ? `${node.folded} workloads` : node.kind}
        onClose={() => onSelect(null)}
      >
        {node.namespace !== '' && <span className={styles.namespace}>{node.namespace}/</span>}
        {node.name}
      </PanelHead>
      <div className={styles.badges}>
        {state !== 'busy' && (
          <Badge tone={state === 'unanswered' ? 'warn' : 'dashed'} reason={stateMeaning[state]}>
            {stateBadge[state]}
          </Badge>
        )}
        {node.badges.includes('partly-meshed') && (
          <Badge tone="warn" reason="Some of its pods have no proxy">
            partly meshed
          </Badge>
        )}
        {node.badges.includes('denied') && (
          <Badge tone="bad" reason="Policy refused some of what was sent to it">
            ⊘ denied some
          </Badge>
        )}
        {state === 'busy' && node.meshed && <Badge reason="It has a proxy">meshed</Badge>}
      </div>
      {state !== 'busy' && <p className={styles.note}>{stateMeaning[state]}</p>}
      <h3 className={styles.heading}>{node.folded > 0 ? 'Received by all of them' : 'Received'}</h3>
      <Figures golden={node.golden} tcp={node.tcp} reason={missingReason(node)} />
      <NeighbourList title="Called by" graph={graph} edges={incoming} end="source" onSelect={onSelect} />
      <NeighbourList title="Calls" graph={graph} edges={outgoing} end="destination" onSelect={onSelect} />
      <div className={styles.links}>
        {node.folded > 0 && (
          <button type="button" className={styles.linkButton} onClick={() => onUnfold(node.name)}>
            Unfold
          </button>
        )}
        <NodeLinks node={node} />
      </div>
      <CopyLine command={nodeCommand(node, timeFlag)} />
    </>
  )
}

const stateBadge = {
  idle: 'idle',
  unmeshed: 'not meshed',
  external: 'external',
  serviceaccount: 'identity only',
  unanswered: 'no answer',
} as const

function missingReason(node: GraphNode): string {
  if (node.folded > 0) return 'Latencies of several workloads do not add up: unfold the namespace to see them'
  const state = nodeState(node)
  return state === 'busy' ? 'It received no request in this time' : stateMeaning[state]
}

function NodeLinks({ node }: { readonly node: GraphNode }): ReactNode {
  const path = parseKind(node.kind) === undefined ? null : resourcePath(node as ResourceRef)
  const resource = resourceWord(node)
  const tap = tapPath(node)
  if (path === null) return null
  const namespace = node.kind === 'namespace' ? node.name : node.namespace
  const scope = new URLSearchParams({ namespace })
  const ofResource = new URLSearchParams(resource === null ? { namespace } : { namespace, resource })
  return (
    <>
      <PageLink className={styles.link} to={path}>
        {node.kind === 'namespace' ? 'Namespace' : node.kind === 'service' ? 'Service' : 'Workload'}
      </PageLink>
      <PageLink className={styles.link} to={`/edges?${scope}`}>
        Edges
      </PageLink>
      {node.kind !== 'namespace' && (
        <PageLink className={styles.link} to={`/routes?${ofResource}`}>
          Routes
        </PageLink>
      )}
      {tap !== null && (
        <PageLink className={styles.link} to={tap}>
          Tap
        </PageLink>
      )}
    </>
  )
}
