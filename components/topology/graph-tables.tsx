'use client'

import { useMemo } from 'react'
import {
  deniedColumn,
  edgeBytesColumn,
  edgeGoldenColumns,
  edgeMtlsColumn,
  identitiesColumn,
} from '#components/golden/edge-columns.tsx'
import { quantileColumns } from '#components/golden/quantile-columns.tsx'
import { ResourceLink } from '#components/golden/resource-link.tsx'
import { SuccessRate } from '#components/golden/success-rate.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import { toldGolden } from '#lib/api/edge-filter.ts'
import type { Edge } from '#lib/api/edges.ts'
import { amount, requestRate } from '#lib/metrics/format.ts'
import { nodeText } from './draw-labels.ts'
import type { Emphasis, Target } from './emphasis.ts'
import { type Graph, type GraphEdge, type GraphNode, nodeOf } from './graph.ts'
import styles from './graph-tables.module.css'
import { protocolNames } from './graph-words.ts'
import { nodeState, stateMeaning } from './verdict.ts'

type EdgeRow = Edge & Pick<GraphEdge, 'protocol' | 'merged'>

const nothing = 'It received no request in this time'

const nodeColumns: readonly Column<GraphNode>[] = [
  {
    id: 'node',
    heading: 'Node',
    width: 'name',
    cell: node => <ResourceLink resource={node} />,
    sortBy: node => `${node.namespace}/${node.name}`,
  },
  {
    id: 'state',
    heading: 'State',
    meaning: 'What it is, where that matters more than its numbers',
    width: 'words',
    cell: node => {
      const state = nodeState(node)
      return (
        <span className={styles.badges}>
          {state === 'busy' ? (
            <Badge reason={stateMeaning.busy}>meshed</Badge>
          ) : (
            <Badge tone={state === 'unanswered' ? 'warn' : 'dashed'} reason={stateMeaning[state]}>
              {nodeText({ node: { ...node, golden: { ...node.golden, requests: null } }, state })}
            </Badge>
          )}
          {node.badges.includes('denied') && <Badge tone="bad">⊘ denied</Badge>}
          {node.badges.includes('partly-meshed') && <Badge tone="warn">partly meshed</Badge>}
        </span>
      )
    },
    sortBy: node => nodeState(node),
  },
  {
    id: 'rps',
    heading: 'RPS',
    meaning: 'Requests per second that it received',
    width: 'narrow',
    cell: ({ golden }) => (
      <QuantityText of={requestRate(golden.rps)} align={{ decimals: 1, unit: 'rate' }} reason={nothing} />
    ),
    sortBy: node => node.golden.rps,
  },
  {
    id: 'success',
    heading: 'Success',
    width: 'number',
    cell: ({ golden }) => <SuccessRate ratio={golden.successRate} aligned reason={nothing} />,
    sortBy: node => node.golden.successRate,
  },
  ...quantileColumns<GraphNode>({
    latencyIn: ({ golden }) => golden.latencyMs,
    reasonOf: () => nothing,
    p95Stays: true,
  }),
  {
    id: 'tcp',
    heading: 'TCP',
    meaning: 'TCP connections open now',
    width: 'short',
    leaves: 'minor',
    cell: ({ tcp }) => <QuantityText of={amount(tcp.open, '')} />,
    sortBy: node => node.tcp.open,
  },
]

const edgeColumns = (onSelect: (target: Target) => void): readonly Column<EdgeRow>[] => [
  {
    id: 'edge',
    heading: 'Edge',
    meaning: 'Who calls whom',
    width: 'name',
    cell: edge => (
      <button
        type="button"
        className={styles.edge}
        aria-description={`${endTitle(edge.source)} → ${endTitle(edge.destination)}`}
        onClick={() => onSelect({ type: 'edge', id: edge.id })}
      >
        {endTitle(edge.source)} → {endTitle(edge.destination)}
      </button>
    ),
    sortBy: edge => `${endTitle(edge.source)} ${endTitle(edge.destination)}`,
  },
  {
    id: 'protocol',
    heading: 'Protocol',
    width: 'short',
    leaves: 'middling',
    cell: edge => protocolNames[edge.protocol],
    sortBy: edge => edge.protocol,
  },
  edgeMtlsColumn,
  deniedColumn,
  ...edgeGoldenColumns,
  edgeBytesColumn,
  identitiesColumn,
]

interface GraphTablesProps {
  /** `null` while loading. */
  readonly graph: Graph | null
  /** `null`: all of it; else only what stands out. */
  readonly emphasis: Emphasis | null
  readonly command: string
  readonly onSelect: (target: Target) => void
}

/** All that the picture says, as a table of nodes and one of edges. */
export function GraphTables({ graph, emphasis, command, onSelect }: GraphTablesProps) {
  const columns = useMemo(() => edgeColumns(onSelect), [onSelect])
  const nodes = graph?.nodes.filter(({ id }) => emphasis === null || emphasis.nodes.has(id)) ?? null
  const edges = graph?.edges.filter(({ id }) => emphasis === null || emphasis.edges.has(id)) ?? null
  return (
    <div className={styles.tables}>
      <Card title="Edges" aside={edges === null ? undefined : `${edges.length}`}>
        <SortableTable
          param="sort-edges"
          caption="Every edge of the topology: who calls whom, how it is secured, and how it goes"
          columns={columns}
          rows={graph === null || edges === null ? null : edges.map(edge => edgeRow(graph, edge))}
          toneOf={edge =>
            (edge.golden.requests ?? 0) === 0 && edge.denied === 0 && edge.protocol !== 'tcp'
              ? 'quiet'
              : 'plain'
          }
        />
      </Card>
      <Card title="Nodes" aside={nodes === null ? undefined : `${nodes.length}`}>
        <SortableTable
          param="sort-nodes"
          caption="Every node of the topology: what it is, and what it received"
          columns={nodeColumns}
          rows={nodes}
          toneOf={node =>
            nodeState(node) === 'busy' ? 'plain' : nodeState(node) === 'idle' ? 'quiet' : 'hatched'
          }
        />
        <CopyLine command={command} />
      </Card>
    </div>
  )
}

function edgeRow(graph: Graph, edge: GraphEdge): EdgeRow {
  return {
    ...edge,
    golden: toldGolden(edge),
    source: endOf(graph, edge.source),
    destination: endOf(graph, edge.destination),
  }
}

function endOf(graph: Graph, id: string): Edge['source'] {
  const { namespace = '', kind = '', name = id } = nodeOf(graph, id) ?? {}
  return { namespace, kind, name }
}

function endTitle({ namespace, name }: Edge['source']): string {
  return namespace === '' ? name : `${namespace}/${name}`
}
