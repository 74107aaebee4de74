import { edgeVerdict } from '#lib/topology/edge-verdict.ts'
import type { GraphEdge } from './graph.ts'
import styles from './panel.module.css'

const marks = { denied: '⊘', bad: '■', warn: '▲', good: '●', quiet: '○' } as const

/** The verdict on an edge as a mark of its own shape and colour. */
export function VerdictMark({ edge }: { readonly edge: GraphEdge }) {
  const verdict = edgeVerdict(edge)
  return (
    <span className={`${styles.mark} ${styles[verdict]}`} aria-hidden="true">
      {marks[verdict]}
    </span>
  )
}
