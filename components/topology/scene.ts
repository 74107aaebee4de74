import type { Verdict } from '#lib/topology/edge-verdict.ts'
import { arrowAt, type Curve, edgeCurve, pointOn } from './edge-curve.ts'
import { type EdgeLook, edgeLook } from './edge-look.ts'
import type { Target } from './emphasis.ts'
import type { Graph, GraphEdge, GraphNode } from './graph.ts'
import type { Flow, Point } from './layout.ts'
import { NodeIndex } from './node-index.ts'
import { type NodeState, nodeState, nodeVerdict } from './verdict.ts'

export const nodeRadius = 21
const groupRadius = 27
const arrowSize = 9

/** A node in its place. Dragging and gliding move it. */
export interface SceneNode {
  readonly node: GraphNode
  readonly state: NodeState
  readonly verdict: Verdict
  readonly radius: number
  x: number
  y: number
}

/** An edge between nodes in their places. */
export interface SceneEdge {
  readonly edge: GraphEdge
  readonly look: EdgeLook
  readonly from: SceneNode
  readonly to: SceneNode
  curve: Curve
}

/** Edges that look the same, as one line and one set of arrow heads; a few hundred at most. */
export interface EdgeBatch {
  readonly look: EdgeLook
  readonly edges: readonly SceneEdge[]
  lines: Path2D
  arrows: Path2D
}

/** A graph in its places, ready to be drawn again and again. */
export interface Scene {
  readonly flow: Flow
  readonly nodes: readonly SceneNode[]
  readonly byId: ReadonlyMap<string, SceneNode>
  readonly edges: readonly SceneEdge[]
  readonly batches: readonly EdgeBatch[]
}

/** A scene without anything. */
export const emptyScene: Scene = { flow: 'right', nodes: [], byId: new Map(), edges: [], batches: [] }

/** So many lines are drawn in a few milliseconds. */
const mostInBatch = 150

/**
 * The scene of a graph. Nodes without a place are not in it yet, nor are their edges. Where nothing moved since
 * `before`, its lines stay as they are.
 */
export function sceneOf(
  graph: Graph,
  places: ReadonlyMap<string, Point>,
  flow: Flow,
  before: Scene = emptyScene,
): Scene {
  const byId = new Map<string, SceneNode>()
  for (const node of graph.nodes) {
    const place = places.get(node.id)
    if (place === undefined) continue
    byId.set(node.id, {
      node,
      state: nodeState(node),
      verdict: nodeVerdict(node),
      radius: node.folded > 0 ? groupRadius : nodeRadius,
      x: place.x,
      y: place.y,
    })
  }
  const edges: SceneEdge[] = []
  const byLook = new Map<string, { look: EdgeLook; edges: SceneEdge[] }>()
  const known = stands(before, byId, flow) ? new Map(before.edges.map(one => [one.edge.id, one.curve])) : null
  const fresh: SceneEdge[] = []
  for (const edge of graph.edges) {
    const [from, to] = [byId.get(edge.source), byId.get(edge.destination)]
    if (!from || !to) continue
    const look = edgeLook(edge)
    const curve = known?.get(edge.id)
    const placed: SceneEdge = { edge, look, from, to, curve: curve ?? straightest(from, to, flow) }
    edges.push(placed)
    if (curve === undefined) fresh.push(placed)
    const key = `${look.verdict} ${look.dash} ${look.widthPx}`
    const batch = byLook.get(key)
    if (batch) batch.edges.push(placed)
    else byLook.set(key, { look, edges: [placed] })
  }
  const nodes = [...byId.values()]
  routeEdges(fresh, nodes, flow, edges.length)
  const worstLast = [...byLook.values()].sort((a, b) => rankOf(a.look.verdict) - rankOf(b.look.verdict))
  const batches = worstLast.flatMap(({ look, edges: alike }) =>
    Array.from({ length: Math.ceil(alike.length / mostInBatch) }, (_, part) => {
      const some = alike.slice(part * mostInBatch, (part + 1) * mostInBatch)
      return { look, edges: some, ...pathsOf(some) }
    }),
  )
  return { flow, nodes, byId, edges, batches }
}

/** Whether every node is where it was before. */
function stands(before: Scene, byId: ReadonlyMap<string, SceneNode>, flow: Flow): boolean {
  if (before.flow !== flow || before.byId.size !== byId.size) return false
  for (const [id, { x, y, radius }] of byId) {
    const was = before.byId.get(id)
    if (was === undefined || was.x !== x || was.y !== y || was.radius !== radius) return false
  }
  return true
}

const order: readonly Verdict[] = ['quiet', 'good', 'warn', 'bad', 'denied']

function rankOf(verdict: Verdict): number {
  return order.indexOf(verdict)
}

/** Bends the scene's lines anew after nodes moved. */
export function bendEdges(scene: Scene): void {
  routeEdges(scene.edges, scene.nodes, scene.flow, scene.edges.length)
  for (const batch of scene.batches) Object.assign(batch, pathsOf(batch.edges))
}

/** Bends lines anew after one node moved: in a large scene only its own. */
export function bendEdgesAt(scene: Scene, node: SceneNode): void {
  if (scene.edges.length <= mostRouted) {
    bendEdges(scene)
    return
  }
  const isItsOwn = ({ from, to }: SceneEdge): boolean => from === node || to === node
  routeEdges(scene.edges.filter(isItsOwn), scene.nodes, scene.flow, scene.edges.length)
  for (const batch of scene.batches) {
    if (batch.edges.some(isItsOwn)) Object.assign(batch, pathsOf(batch.edges))
  }
}

/** A node with its edges and their other ends. */
export function sceneAround(scene: Scene, node: SceneNode): Scene {
  const edges = scene.edges.filter(({ from, to }) => from === node || to === node)
  const nodes = new Map([[node.node.id, node]])
  for (const { from, to } of edges) nodes.set(from.node.id, from).set(to.node.id, to)
  const batches = edges.map(edge => ({ look: edge.look, edges: [edge], ...pathsOf([edge]) }))
  return { flow: scene.flow, nodes: [...nodes.values()], byId: nodes, edges, batches }
}

/** A node with what it is joined to, or an edge with its ends; `null` for what is not in the scene. */
export function sceneAt(scene: Scene, { type, id }: Target): Scene | null {
  if (type === 'node') {
    const node = scene.byId.get(id)
    return node === undefined ? null : sceneAround(scene, node)
  }
  const edge = scene.edges.find(one => one.edge.id === id)
  if (edge === undefined) return null
  const { from, to, look } = edge
  const byId = new Map([
    [from.node.id, from],
    [to.node.id, to],
  ])
  const batches = [{ look, edges: [edge], ...pathsOf([edge]) }]
  return { flow: scene.flow, nodes: [...byId.values()], byId, edges: [edge], batches }
}

/** With more edges than this, lines go straight: there would be no time, and no room either, to lead them around. */
const mostRouted = 250
const bowsPx = [0, 70, -70, 150, -150, 240, -240] as const

/** Leads each line around the nodes that lie on its way, if a bow of some size does. */
function routeEdges(
  edges: readonly SceneEdge[],
  nodes: readonly SceneNode[],
  flow: Flow,
  allEdges: number,
): void {
  const index = allEdges > mostRouted ? null : new NodeIndex(nodes)
  for (const edge of edges) {
    edge.curve = straightest(edge.from, edge.to, flow)
    if (index === null) continue
    let fewest = hits(edge, edge.curve, index)
    for (const bowPx of bowsPx) {
      if (fewest === 0) break
      const curve = edgeCurve(edge.from, edge.to, edge.from.radius + 3, edge.to.radius + 4, bowPx, flow)
      const met = hits(edge, curve, index)
      if (met < fewest) [fewest, edge.curve] = [met, curve]
    }
  }
}

function straightest(from: SceneNode, to: SceneNode, flow: Flow): Curve {
  return edgeCurve(from, to, from.radius + 3, to.radius + 4, 0, flow)
}

const samples = 14
const clearance = 16

/** How many of some points of a line lie over nodes, or over the names below them. */
function hits({ from, to }: SceneEdge, curve: Curve, index: NodeIndex<SceneNode>): number {
  let met = 0
  for (let sample = 1; sample < samples; sample++) {
    const at = pointOn(curve, sample / samples)
    // The middle of a node and its label lies below the node's own.
    const node = index.nearest({ x: at.x, y: at.y - clearance }, nodeRadius + clearance + 6)
    if (node !== null && node !== from && node !== to) met++
  }
  return met
}

/** The lines and arrow heads of edges. */
export function pathsOf(edges: readonly SceneEdge[]): { lines: Path2D; arrows: Path2D } {
  const lines = new Path2D()
  const arrows = new Path2D()
  for (const { curve, look } of edges) {
    const [a, b, c, d] = curve
    lines.moveTo(a.x, a.y)
    lines.bezierCurveTo(b.x, b.y, c.x, c.y, d.x, d.y)
    const [tip, left, right] = arrowAt(curve, arrowSize + look.widthPx)
    arrows.moveTo(tip.x, tip.y)
    arrows.lineTo(left.x, left.y)
    arrows.lineTo(right.x, right.y)
    arrows.closePath()
  }
  return { lines, arrows }
}
