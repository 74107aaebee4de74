import type { Sums, View } from '#server/store/store.ts'
import { type Callers, type Endpoint, endpointOf } from './callers.ts'
import {
  addProtection,
  addSighting,
  emptyLink,
  type Link,
  onlyOf,
  type Sighting,
  seen,
  witnessOf,
} from './link.ts'
import { connectionsOf, requestsOf } from './sums.ts'
import { pairId, type Told } from './told.ts'

/** Both sides' sightings of the traffic between two endpoints. */
interface Pair {
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly outbound: Sighting[]
  /** Of callers with an identity, and of those without. */
  readonly inbound: Sighting[]
  readonly callers: Sighting[]
  denied: number
}

/** Who talked to whom in one step. Views must be added in the order outbound, inbound, caller, denied. */
export class PairSet {
  readonly #callers: Callers
  readonly #pairs = new Map<string, Pair>()
  /** Of callers that nothing names. */
  readonly #anonymous: Sighting[] = []

  constructor(callers: Callers) {
    this.#callers = callers
  }

  add(view: View, told: Told, sums: Sums): void {
    const sighting = { told, sums }
    if (view === 'outbound') this.#pairOf(told).outbound.push(sighting)
    else if (view === 'caller') this.#pairOf(told).callers.push(sighting)
    else if (view === 'denied') this.#pairOf(told).denied += sums.denied
    else if (told.clientId !== '') this.#addIdentified(sighting)
    else if (!told.isLoopback) this.#anonymous.push(sighting)
  }

  links(services: ReadonlyMap<string, readonly string[]>): Link[] {
    this.#addAnonymous()
    const links: Link[] = []
    for (const pair of this.#pairs.values()) {
      for (const link of this.#linksOf(pair, services)) if (carriesTraffic(link)) links.push(link)
    }
    return links
  }

  /** Several that share an identity and were scraped have counted these requests themselves. */
  #addIdentified(sighting: Sighting): void {
    const { told } = sighting
    const pair = this.#pairOf(told)
    const isCountedAtSource =
      pair.source.ref.kind === 'serviceaccount' &&
      this.#callers.sharing(told.clientId).some(sharing => this.#hasOutbound(sharing, told.destination))
    if (!isCountedAtSource) pair.inbound.push(sighting)
  }

  /** Proxies that don't count callers by address leave them without a name. */
  #addAnonymous(): void {
    if (this.#anonymous.length === 0) return
    const named = new Set<string>()
    for (const pair of this.#pairs.values()) if (pair.callers.length > 0) named.add(pair.destination.id)
    for (const sighting of this.#anonymous) {
      const { destination } = sighting.told
      if (named.has(destination.id)) continue
      const source = this.#callers.atAddress('')
      this.#pair(pairId(source, destination), source, destination).callers.push(sighting)
    }
  }

  #linksOf(pair: Pair, services: ReadonlyMap<string, readonly string[]>): readonly Link[] {
    const links: Link[] = []
    for (const sighting of pair.outbound) {
      const { service } = sighting.told
      let link = links.find(one => one.service === service)
      if (!link) {
        link = emptyLink(pair.source, pair.destination, service)
        link.countedAtSource = true
        links.push(link)
      }
      addSighting(link, sighting)
    }
    if (links.length === 0) links.push(this.#linkFromInbound(pair, services))
    const main = busiest(links)
    this.#compare(main, pair)
    main.denied = pair.denied
    for (const link of links) this.#nameEnds(link, pair)
    return links
  }

  #linkFromInbound(pair: Pair, services: ReadonlyMap<string, readonly string[]>): Link {
    const service = services.get(endpointOf(pair.destination.ref).id)?.[0] ?? ''
    const link = emptyLink(pair.source, pair.destination, service)
    for (const sighting of pair.inbound) addSighting(link, sighting)
    for (const sighting of pair.callers) addSighting(link, sighting)
    return link
  }

  /** Requests without an identity that the source's proxy doesn't know of went past it: they count as unprotected. */
  #compare(link: Link, { outbound, inbound, callers }: Pair): void {
    if (outbound.length === 0) return
    const wentPast = outbound.every(({ told }) => told.protection.kind === 'secured')
    if (wentPast) for (const sighting of callers) addProtection(link, sighting)
    link.outbound = witnessOf(outbound)
    link.inbound = wentPast ? witnessOf(inbound) : witnessOf([...inbound, ...callers])
  }

  #nameEnds(link: Link, pair: Pair): void {
    if (link.requests.secured + link.connections.secured === 0) return
    if (link.clientId === '') {
      for (const { told } of pair.inbound) link.clientId = seen(link.clientId, told.clientId)
      if (pair.inbound.length === 0) link.clientId = onlyOf(this.#callers.identitiesOf(pair.source))
    }
    if (link.serverId === '') link.serverId = onlyOf(this.#callers.identitiesOf(pair.destination))
  }

  #hasOutbound(source: Endpoint, destination: Endpoint): boolean {
    return (this.#pairs.get(pairId(source, destination))?.outbound.length ?? 0) > 0
  }

  #pairOf({ source, destination, pair, clientId }: Told): Pair {
    if (source) return this.#pair(pair, source, destination)
    const found = this.#callers.withIdentity(clientId, caller => this.#hasOutbound(caller, destination))
    return this.#pair(pairId(found, destination), found, destination)
  }

  #pair(id: string, source: Endpoint, destination: Endpoint): Pair {
    let pair = this.#pairs.get(id)
    if (!pair) {
      pair = { source, destination, outbound: [], inbound: [], callers: [], denied: 0 }
      this.#pairs.set(id, pair)
    }
    return pair
  }
}

function busiest([first, ...others]: readonly Link[]): Link {
  let found = first!
  for (const link of others) if (requestsOf(link.sums) > requestsOf(found.sums)) found = link
  return found
}

function carriesTraffic({ sums, denied }: Link): boolean {
  return requestsOf(sums) + connectionsOf(sums) + sums.readBytes + sums.writeBytes + denied > 0
}
