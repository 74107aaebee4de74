import type { Sums } from '#server/store/store.ts'
import type { Endpoint } from './callers.ts'
import { addTally, emptyTally, type Tally } from './security.ts'
import { addSums, connectionsOf, emptySums, requestsOf } from './sums.ts'
import type { Told } from './told.ts'

/** What one end counted of an edge, to be compared with the other. */
export interface Witness {
  requests: number
  perSecond: number
}

/** The one identity that was seen; empty when none was, `null` when several were. */
export type SeenIdentity = string | null

/** Everything known of the traffic between two endpoints, by way of one service. */
export interface Link {
  readonly source: Endpoint
  readonly destination: Endpoint
  /** `namespace/name`; empty when no service is known to be on the way. */
  readonly service: string
  /** Counted at one end only: the source if it was scraped. */
  readonly sums: Sums
  /** The numbers of `sums` are the source's own, so that a refused request is among its successes. */
  countedAtSource: boolean
  /** Refused requests among the successes of links that were added to this one. */
  refusedOfAdded: number
  readonly requests: Tally
  readonly connections: Tally
  /** Each once. */
  readonly reasons: string[]
  clientId: SeenIdentity
  serverId: SeenIdentity
  /** What the sources asked for, by `askOf`; `null` where none of them was scraped. */
  asks: Set<string> | null
  denied: number
  /** Of the same requests; `null` unless that end counted any. */
  outbound: Witness | null
  inbound: Witness | null
}

/** What one label set says of a link. */
export interface Sighting {
  readonly told: Told
  readonly sums: Sums
}

export function emptyLink(source: Endpoint, destination: Endpoint, service: string): Link {
  return {
    source,
    destination,
    service,
    sums: emptySums(),
    countedAtSource: false,
    refusedOfAdded: 0,
    requests: emptyTally(),
    connections: emptyTally(),
    reasons: [],
    clientId: '',
    serverId: '',
    asks: null,
    denied: 0,
    outbound: null,
    inbound: null,
  }
}

/** Adds the counts of a sighting, and how they were protected. */
export function addSighting(link: Link, sighting: Sighting): void {
  addSums(link.sums, sighting.sums)
  if (sighting.told.ask !== '') addAsk(link, sighting.told.ask)
  addProtection(link, sighting)
}

/** Adds how a sighting's traffic was protected, but not its counts. */
export function addProtection(link: Link, { told, sums }: Sighting): void {
  const { protection } = told
  const requests = requestsOf(sums)
  const connections = connectionsOf(sums)
  if (requests + connections === 0) return
  link.requests[protection.kind] += requests
  link.connections[protection.kind] += connections
  if (protection.kind !== 'secured') addReason(link, protection.reason)
  link.clientId = seen(link.clientId, told.clientId)
  link.serverId = seen(link.serverId, told.serverId)
}

function addAsk(link: Link, ask: string): void {
  link.asks ??= new Set()
  link.asks.add(ask)
}

function addReason({ reasons }: Link, reason: string): void {
  if (!reasons.includes(reason)) reasons.push(reason)
}

/** What was seen when another identity, or several, are added to those before. */
export function seen(before: SeenIdentity, more: SeenIdentity): SeenIdentity {
  if (more === '' || more === before) return before
  return before === '' ? more : null
}

/** What is seen of a set of identities. */
export function onlyOf(ids: ReadonlySet<string>): SeenIdentity {
  const [id = '', second] = ids
  return second === undefined ? id : null
}

/** What these sightings add up to, for comparison; `null` when none of them counted a request. */
export function witnessOf(sightings: readonly Sighting[]): Witness | null {
  const witness = { requests: 0, perSecond: 0 }
  for (const { sums } of sightings) {
    witness.requests += requestsOf(sums)
    witness.perSecond += sums.responsesPerSecond
  }
  return witness.requests === 0 ? null : witness
}

/** How many of a link's successes are refusals. */
export function refusedOf({ countedAtSource, denied, refusedOfAdded }: Link): number {
  return countedAtSource ? denied : refusedOfAdded
}

/** The link between other ends, to which more can be added. One whose ends stay is not copied. */
export function asGroup(link: Link, source: Endpoint, destination: Endpoint): Link {
  if (source === link.source && destination === link.destination) {
    link.refusedOfAdded = refusedOf(link)
    link.countedAtSource = false
    return link
  }
  const group = emptyLink(source, destination, link.service)
  addLink(group, link)
  return group
}

/** Adds a link of other traffic, as when workloads are drawn together to their namespace. */
export function addLink(into: Link, more: Link): void {
  addSums(into.sums, more.sums)
  addTally(into.requests, more.requests)
  addTally(into.connections, more.connections)
  for (const reason of more.reasons) addReason(into, reason)
  into.clientId = seen(into.clientId, more.clientId)
  into.serverId = seen(into.serverId, more.serverId)
  for (const ask of more.asks ?? []) addAsk(into, ask)
  into.denied += more.denied
  into.refusedOfAdded += refusedOf(more)
  into.outbound = addWitness(into.outbound, more.outbound)
  into.inbound = addWitness(into.inbound, more.inbound)
}

function addWitness(a: Witness | null, b: Witness | null): Witness | null {
  if (!a || !b) return a ? { ...a } : b && { ...b }
  return { requests: a.requests + b.requests, perSecond: a.perSecond + b.perSecond }
}
