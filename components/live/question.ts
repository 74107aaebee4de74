import type { ChecksAnswer } from '#lib/api/checks.ts'
import type { EdgesAnswer } from '#lib/api/edges.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { NamespacesAnswer, ProxiesAnswer, ServicesAnswer, WorkloadsAnswer } from '#lib/api/inventory.ts'
import type { LiveTopic } from '#lib/api/live.ts'
import type { MarkersAnswer } from '#lib/api/markers.ts'
import type { PoliciesAnswer } from '#lib/api/policies.ts'
import type { RoutesAnswer } from '#lib/api/routes.ts'
import type { SeriesAnswer } from '#lib/api/series.ts'
import type { SplitsAnswer } from '#lib/api/splits.ts'
import type { StatusesAnswer } from '#lib/api/statuses.ts'
import type { TopologyAnswer } from '#lib/api/topology.ts'

/** What each topic answers. */
export interface Answers {
  readonly golden: GoldenAnswer
  readonly series: SeriesAnswer
  readonly edges: EdgesAnswer
  readonly topology: TopologyAnswer
  readonly routes: RoutesAnswer
  readonly proxies: ProxiesAnswer
  readonly workloads: WorkloadsAnswer
  readonly services: ServicesAnswer
  readonly namespaces: NamespacesAnswer
  readonly statuses: StatusesAnswer
  readonly policies: PoliciesAnswer
  readonly splits: SplitsAnswer
  readonly checks: ChecksAnswer
  readonly markers: MarkersAnswer
}

export type Answer = Answers[LiveTopic]

/** Something to be asked over REST and then followed: an endpoint, and its query. */
export interface Question<T extends LiveTopic = LiveTopic> {
  readonly topic: T
  readonly params: Readonly<Record<string, string>>
}

/** The same text for equal questions, whatever the order of their params: `golden?namespace=_all&resource=ns`. */
export function questionKey({ topic, params }: Question): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `${topic}?${new URLSearchParams(sorted)}`
}

/** Where REST answers the question, without an origin. */
export function questionPath(question: Question): string {
  return `/api/v1/${questionKey(question)}`
}
