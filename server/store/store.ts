import type { Delta } from './delta.ts'

/**
 * What a row of counts is about. The first six name the scraped instance and how it saw the traffic.
 * - `view`: `inbound` and `outbound` requests and connections; `route` requests by ServiceProfile route;
 *   `caller` requests of callers without an identity; `denied` refusals by policy;
 *   `limited` requests over a rate limit, or of no route.
 * - `peer*`: outbound, the destination as discovery named it.
 * - `peerId`: the identity at the other end, or for `caller` its address.
 * - `service`: `namespace/name` of the leaf service; `authority`: what the client asked for.
 * - `route`: of a ServiceProfile; inbound and refused, of policy as `httproute/name`, empty for the default one.
 * - `server`, `authorization`: which policy objects decided, as `server/name`; `default/name` for built-in ones.
 * - `tls`: `true`, or the reason why not.
 */
export const dimensions = [
  'view',
  'direction',
  'namespace',
  'kind',
  'name',
  'pod',
  'peerNamespace',
  'peerKind',
  'peerName',
  'peerPod',
  'peerId',
  'service',
  'authority',
  'port',
  'route',
  'server',
  'authorization',
  'tls',
] as const
export type Dimension = (typeof dimensions)[number]
export type View = 'inbound' | 'outbound' | 'route' | 'caller' | 'denied' | 'limited'

/** A question that would cut its range into more steps is refused with a RangeError. */
export const maxSteps = 20_000

/** The full set of labels of one cell; a dimension that does not apply is empty. */
export type CellKey = Readonly<Record<Dimension, string>> & { readonly view: View }

/** Rows whose dimensions hold these values, or one of them. */
export type Selector = { readonly view: View } & {
  readonly [D in Exclude<Dimension, 'view'>]?: string | readonly string[]
}

/** From `startMs` to before `endMs`, in Unix milliseconds. */
export interface Range {
  readonly startMs: number
  readonly endMs: number
}

export interface Question {
  readonly by: readonly Dimension[]
  readonly where: Selector
  readonly range: Range
  /**
   * Cuts the range into steps of this length, rounded up to whole slots; each row then is one step of one group.
   * A step in which nothing was counted has no row: `coveredMsByStep` tells silence from ignorance.
   */
  readonly stepSeconds?: number
  /** Rows tell by what status responses were, too. */
  readonly withStatuses?: boolean
}

/** Responses of one status. */
export interface StatusCount {
  readonly requests: number
  readonly perSecond: number
}

/** Integers that were counted in the range; rates are the sum over instances of count ÷ covered seconds. */
export interface Sums {
  /** Classified responses. */
  success: number
  failure: number
  /** Responses by latency to the first body frame, in the bounds of `boundsMs`; `null` when none was counted. */
  latency: { readonly boundsMs: readonly number[]; readonly counts: readonly number[] } | null
  /** Route view only: every attempt, where `success` and `failure` are what the client saw. */
  actualSuccess: number
  actualFailure: number
  denied: number
  /** Requests over a rate limit, and those that no route of their port takes. */
  limited: number
  unrouted: number
  tcpOpened: number
  tcpClosed: number
  /** Connections open at the end of the range. */
  tcpOpen: number
  readBytes: number
  writeBytes: number
  responsesPerSecond: number
  readBytesPerSecond: number
  writeBytesPerSecond: number
  /** The classified responses by `statusKey`, together as many as these; `null` unless asked for. */
  statuses: ReadonlyMap<string, StatusCount> | null
}

export interface Row {
  /** The values of `by`, in the order asked. */
  readonly key: readonly string[]
  /** Start of the step in Unix milliseconds; the start of the range when no step was asked. */
  readonly atMs: number
  readonly sums: Sums
}

/**
 * How much of the range one instance's scrapes covered, whether or not it has rows. Instances never scraped in
 * it have no entry.
 */
export interface InstanceCoverage {
  readonly namespace: string
  readonly pod: string
  readonly coveredMs: number
  readonly lastSampleAtMs: number
  /** The same for each step of the range, oldest first, when steps were asked: 0 where no scrape ended. */
  readonly coveredMsByStep?: readonly number[]
}

export interface Answer {
  /** The range after snapping outward to `stepSeconds`: the step asked, or else the length of a slot. */
  readonly range: Range
  readonly stepSeconds: number
  readonly rows: readonly Row[]
  readonly coverage: readonly InstanceCoverage[]
}

/** How much a store holds. */
export interface StoreStats {
  /** Label sets of instances. */
  readonly cells: number
  /** About how much memory they take, and the most that they may; `null` without a bound of its own. */
  readonly bytes: number
  readonly maxBytes: number | null
  /** Label sets that left early, because memory was full. */
  readonly evictedCells: number
  /** Deltas that were older than the store keeps. */
  readonly droppedDeltas: number
}

/** Numbers that can be asked for. Answers are rows of integers, equal for equal snapped ranges whatever the store. */
export interface ReadableStore {
  /** Rejects with a StoreError when the numbers cannot be had at present. */
  sum(question: Question): Promise<Answer>
  /** The shortest window that can be answered: two scrape intervals. */
  readonly minimumWindowMs: number
  /**
   * The end of the last slot that every instance which still answers (newest sample at most three intervals old)
   * has passed, so that its counts are final; `null` before any scrape.
   */
  lastCompleteSlotEndMs(nowMs: number): number | null
  /** Where what it was told of begins: of the time before it knows nothing. `null` before any. */
  readonly heardSinceMs: number | null
  /**
   * Times in which no server ran, oldest first: what proxies counted in one is told in the slot of its end. At most
   * a thousand, the newest.
   */
  readonly gaps: readonly Range[]
  /** Why part of what the store should keep cannot be had at present, and what helps; `null` when all can. */
  readonly problem: string | null
  /**
   * Of the time before it, numbers of label sets that were idle longest may be gone, because memory was full; `null`
   * when none are.
   */
  readonly lostBeforeMs: number | null
  /** The span the store can answer for at this moment. */
  retained(nowMs: number): Range
  stats(): StoreStats
  close(): Promise<void>
}

/** Where deltas live. */
export interface Store extends ReadableStore {
  /** Takes what one scrape added. A delta older than the store keeps is dropped and counted. */
  append(delta: Delta): void
}
