import { memo } from 'react'
import { askAhead } from '#components/live/ask-ahead.ts'
import { readTimeChoice, timeParams } from '#components/time/time-choice.ts'
import type { TopologyAnswer } from '#lib/api/topology.ts'
import { graphOf } from './graph.ts'
import { pictureSubject, readGraphAddress } from './graph-address.ts'
import { GraphCanvas } from './graph-canvas.tsx'
import { layOutAhead, startLayoutThread } from './layout-client.ts'
import { pinnedIn, readPinned } from './pinned-places.ts'
import { layoutRequest, nowhere, structureOf } from './places.ts'
import { planAtOnce } from './plan.ts'
import { topologyParams } from './topology-params.ts'
import { flowNow } from './use-flow.ts'

/** The picture of a graph, drawn anew only when something of it changed. */
export const Picture = memo(GraphCanvas)

if (location.pathname.endsWith('/topology')) layOutEarly(location.search, window.meshscopeEarly?.body)

/** Asks for the topology of an address that somebody is about to open (`search`), and lays it out. */
export function askEarly(search: string): void {
  const params = new URLSearchParams(search)
  const asks = { ...topologyParams(readGraphAddress(params)), ...timeParams(readTimeChoice(params)) }
  layOutEarly(search, askAhead({ topic: 'topology', params: asks }))
}

/**
 * Lays out the picture of an address (`search`) as soon as its answer is here, while the page is still on its way. Where
 * the page comes to ask for another layout, this one is left alone.
 */
function layOutEarly(search: string, answer: Promise<unknown> | undefined): void {
  startLayoutThread()
  void answer?.then(body => {
    if (!isTopology(body)) return
    const flow = flowNow()
    const subject = pictureSubject(readGraphAddress(new URLSearchParams(search)))
    const structure = structureOf(graphOf(body))
    const request = layoutRequest(structure, nowhere, 0, readPinned(pinnedIn(subject, flow)), flow)
    if (request !== null && planAtOnce(request) === null) layOutAhead(request)
  })
}

/** Server and page are one build: what has these lists is a topology. */
function isTopology(answer: unknown): answer is Pick<TopologyAnswer, 'nodes' | 'edges'> {
  return typeof answer === 'object' && answer !== null && 'nodes' in answer && 'edges' in answer
}
