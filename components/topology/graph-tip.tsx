import { nodeText } from './draw-labels.ts'
import type { Target } from './emphasis.ts'
import { type Graph, neighboursOf } from './graph.ts'
import styles from './graph-canvas.module.css'
import { edgeLine, nodeTitle } from './graph-words.ts'
import type { Point } from './layout.ts'
import { nodeState, stateMeaning } from './verdict.ts'

interface GraphTipProps {
  readonly graph: Graph
  readonly target: Target
  /** Where the pointer came upon it. */
  readonly at: Point
}

/** A few lines beside the pointer. The side panel says all of it to everybody. */
export function GraphTip({ graph, target, at }: GraphTipProps) {
  const lines = target.type === 'node' ? nodeLines(graph, target.id) : edgeLines(graph, target.id)
  if (lines === null) return null
  return (
    <div
      className={`${styles.tip} ${at.y < 110 ? styles.under : ''}`}
      style={{ left: at.x, top: at.y }}
      aria-hidden="true"
    >
      <b>{lines.title}</b>
      {lines.more.map(line => (
        <span key={line}>{line}</span>
      ))}
    </div>
  )
}

interface TipLines {
  readonly title: string
  readonly more: readonly string[]
}

function nodeLines(graph: Graph, id: string): TipLines | null {
  const node = graph.nodes.find(one => one.id === id)
  if (node === undefined) return null
  const state = nodeState(node)
  const { incoming, outgoing } = neighboursOf(graph, id)
  return {
    title: nodeTitle(node),
    more: [
      nodeText({ node, state }),
      `called by ${incoming.length}, calls ${outgoing.length}`,
      ...(state === 'busy' ? [] : [stateMeaning[state]]),
      ...(node.folded > 0 ? ['Double-click unfolds it'] : []),
    ],
  }
}

function edgeLines(graph: Graph, id: string): TipLines | null {
  const edge = graph.edges.find(one => one.id === id)
  if (edge === undefined) return null
  const title = (end: string): string => {
    const node = graph.nodes.find(one => one.id === end)
    return node === undefined ? end : nodeTitle(node)
  }
  return { title: `${title(edge.source)} → ${title(edge.destination)}`, more: [edgeLine(edge)] }
}
