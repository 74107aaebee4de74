'use client'

import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { VisuallyHidden } from '#components/ui/visually-hidden.tsx'
import type { EdgeLabel } from './edge-look.ts'
import { type Emphasis, emphasisOf, type Target } from './emphasis.ts'
import { type Graph, neighboursOf } from './graph.ts'
import styles from './graph-canvas.module.css'
import { GraphTip } from './graph-tip.tsx'
import { nodeLine } from './graph-words.ts'
import type { Point } from './layout.ts'
import { Legend } from './legend.tsx'
import { pinnedIn } from './pinned-places.ts'
import { structureOf } from './places.ts'
import { openStage, type Stage } from './stage.ts'
import { useFlow } from './use-flow.ts'
import { usePlaces } from './use-places.ts'
import { type Direction, walkFrom } from './walk.ts'
import { ZoomButtons } from './zoom-buttons.tsx'

export interface GraphCanvasProps {
  readonly graph: Graph
  /** Which picture it is: another one is arranged anew. */
  readonly picture: string
  /** Under which name the places that somebody chose are kept. */
  readonly keptAs: string
  readonly label: EdgeLabel
  /** Draws a box around each namespace. */
  readonly hasBoxes: boolean
  readonly selected: Target | null
  /** What stands out while nothing is looked at; `null`: nothing is faint. */
  readonly emphasis: Emphasis | null
  /** A node to bring into the middle, with `count` 0 only if it cannot be read; another `count` brings it there again. */
  readonly sought: { readonly id: string; readonly count: number } | null
  readonly onSelect: (target: Target | null) => void
  readonly onOpen: (id: string) => void
}

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** The picture of a graph: moved by pointer, walked by keyboard, read out as a list of one node and its neighbours. */
export function GraphCanvas(props: GraphCanvasProps) {
  const { graph, picture, keptAs, label, hasBoxes, selected, emphasis, sought } = props
  const structure = useMemo(() => structureOf(graph), [graph])
  const flow = useFlow()
  const places = usePlaces(structure, `${picture} ${flow}`, pinnedIn(keptAs, flow), flow)
  const [hovered, setHovered] = useState<{ readonly target: Target; readonly at: Point } | null>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const stage = useRef<Stage | null>(null)
  const plan = useRef(0)
  const handlers = useRef({ props, pin: places.pin })
  handlers.current = { props, pin: places.pin }
  const listId = useId()

  useEffect(() => {
    if (canvas.current === null) return
    const opened = openStage(canvas.current, {
      onSelect: target => handlers.current.props.onSelect(target),
      onHover: (target, at) => setHovered(before => nextHover(before, target, at)),
      onOpen: id => handlers.current.props.onOpen(id),
      onMoved: (id, to) => handlers.current.pin(id, to),
    })
    stage.current = opened
    return () => {
      stage.current = null
      opened.close()
    }
  }, [])

  useEffect(() => {
    stage.current?.show(graph, places.points, flow, plan.current !== places.plan)
    plan.current = places.plan
  }, [graph, places.points, places.plan, flow])

  const looked = hovered?.target ?? null
  const atRest = useMemo(
    () => emphasis ?? (selected && emphasisOf(graph, selected)),
    [graph, emphasis, selected],
  )
  const atLook = useMemo(
    () => (looked === null ? null : emphasisOf(graph, looked)),
    [graph, looked?.type, looked?.id],
  )
  useEffect(() => {
    const dress = { label, hasBoxes, emphasis: atRest, selected, hovered: looked, looked: atLook, focused }
    stage.current?.dress(dress)
  }, [label, hasBoxes, atRest, atLook, selected, focused])

  const isPlaced = sought !== null && places.points.has(sought.id)
  useEffect(() => {
    if (sought !== null && isPlaced) stage.current?.centre(sought.id, sought.count === 0)
  }, [sought, isPlaced])

  const focus = (id: string | null): void => {
    setFocused(id)
    if (id !== null) stage.current?.centre(id, true)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const direction = directions[event.key]
    if (direction !== undefined) {
      const placeOf = (id: string) => stage.current?.placeOf(id) ?? null
      const next = focused && walkFrom(graph, focused, direction, placeOf, flow)
      if (next) focus(next)
    } else if (event.key === 'Enter' && focused !== null) props.onSelect({ type: 'node', id: focused })
    else if (event.key === 'Escape') props.onSelect(null)
    else if (event.key === '+' || event.key === '=') stage.current?.zoomBy(1.3)
    else if (event.key === '-') stage.current?.zoomBy(1 / 1.3)
    else if (event.key === '0') stage.current?.fit()
    else return
    event.preventDefault()
  }
  const onFocus = (): void => {
    if (focused !== null && graph.nodes.some(({ id }) => id === focused)) return
    const first = selected?.type === 'node' ? selected.id : leftmost(places.points)
    focus(first)
  }

  const options = focused === null ? [] : walkable(graph, focused)
  return (
    <div className={styles.frame}>
      <div
        className={styles.keys}
        role="listbox"
        tabIndex={0}
        aria-label={`Topology: ${graph.nodes.length} nodes and ${graph.edges.length} edges. Arrow keys walk along calls, Enter shows details, Escape closes them`}
        aria-activedescendant={focused === null ? undefined : `${listId}-${focused}`}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onBlur={() => setFocused(null)}
      >
        <canvas className={styles.canvas} ref={canvas} />
        <VisuallyHidden>
          {options.map(({ id, words }) => (
            <span
              key={id}
              id={`${listId}-${id}`}
              role="option"
              aria-selected={selected?.id === id}
              tabIndex={-1}
            >
              {words}
            </span>
          ))}
        </VisuallyHidden>
      </div>
      {places.points.size === 0 && (
        <p className={styles.arranging} role="status">
          {places.failure === null
            ? 'Arranging the picture'
            : `The picture could not be arranged: ${places.failure}. The table shows all of it`}
        </p>
      )}
      {hovered !== null && <GraphTip graph={graph} target={hovered.target} at={hovered.at} />}
      <ZoomButtons
        onZoom={factor => stage.current?.zoomBy(factor)}
        onFit={() => stage.current?.fit()}
        onReset={places.reset}
        pinned={places.pinned}
      />
      <div className={styles.corner}>
        <Legend />
      </div>
    </div>
  )
}

type Hover = { readonly target: Target; readonly at: Point } | null

function nextHover(before: Hover, target: Target | null, at: Point): Hover {
  if (target === null) return null
  return before !== null && before.target.id === target.id ? before : { target, at }
}

function leftmost(points: ReadonlyMap<string, Point>): string | null {
  let first: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const [id, { x }] of points) if (x < least) [first, least] = [id, x]
  return first
}

/** The node one is at and those around it, in words. */
function walkable(graph: Graph, id: string): { readonly id: string; readonly words: string }[] {
  const { incoming, outgoing } = neighboursOf(graph, id)
  const ids = new Set([
    id,
    ...incoming.map(({ source }) => source),
    ...outgoing.map(edge => edge.destination),
  ])
  return graph.nodes
    .filter(node => ids.has(node.id))
    .map(node => ({
      id: node.id,
      words:
        node.id === id
          ? `${nodeLine(node)}; called by ${incoming.length}, calls ${outgoing.length}`
          : nodeLine(node),
    }))
}
