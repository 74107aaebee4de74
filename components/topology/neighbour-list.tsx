import type { Target } from './emphasis.ts'
import type { Graph, GraphEdge } from './graph.ts'
import { nodeOf } from './graph.ts'
import { edgeLine, nodeTitle } from './graph-words.ts'
import styles from './panel.module.css'
import { VerdictMark } from './verdict-mark.tsx'

interface NeighbourListProps {
  readonly title: string
  readonly graph: Graph
  readonly edges: readonly GraphEdge[]
  /** Which end of the edges is the neighbour; `both` names both. */
  readonly end: 'source' | 'destination' | 'both'
  readonly onSelect: (target: Target) => void
}

const mostShown = 20

/** Edges as buttons, each with its neighbour and its numbers. */
export function NeighbourList({ title, graph, edges, end, onSelect }: NeighbourListProps) {
  if (edges.length === 0) return null
  const name = (id: string): string => {
    const node = nodeOf(graph, id)
    return node === undefined ? id : nodeTitle(node)
  }
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={styles.heading}>
        {title} <span className={styles.count}>{edges.length}</span>
      </h3>
      <ul className={styles.list}>
        {edges.slice(0, mostShown).map(edge => (
          <li key={edge.id}>
            <button
              type="button"
              className={styles.neighbour}
              onClick={() => onSelect({ type: 'edge', id: edge.id })}
            >
              <VerdictMark edge={edge} />
              <span className={styles.neighbourName}>
                {end === 'both' ? `${name(edge.source)} → ${name(edge.destination)}` : name(edge[end])}
              </span>
              <span className={styles.neighbourLine}>{edgeLine(edge)}</span>
            </button>
          </li>
        ))}
      </ul>
      {edges.length > mostShown && (
        <p className={styles.note}>and {edges.length - mostShown} more: the table shows all of them</p>
      )}
    </section>
  )
}
