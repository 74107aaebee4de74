import type { PeerKind } from '#lib/resources/kinds.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import type { Dimension, Row, View } from '#server/store/store.ts'
import { type Callers, type Endpoint, endpointId } from './callers.ts'
import { addProtection, addSighting, emptyLink, type Link, type Sighting, witnessOf } from './link.ts'
import { protectionOf } from './security.ts'
import { connectionsOf, requestsOf } from './sums.ts'

/** A row's values by dimension; empty where it was not asked for. */
export type Labels = Record<Dimension, string>

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
  readonly #anonymous: { readonly destination: Endpoint; readonly sighting: Sighting }[] = []

  constructor(callers: Callers) {
    this.#callers = callers
  }

  add(view: View, labels: Labels, { sums }: Row): void {
    const self = endpoint(labels.namespace, labels.kind, labels.name, labels.pod)
    if (view === 'outbound') {
      const destination = destinationOf(labels)
      const expected = this.#callers.identitiesOf(destination)
      const protection = protectionOf(labels.tls, labels.peerId, expected, 'server')
      const serverId = labels.tls === 'true' ? labels.peerId : ''
      const sighting = { service: labels.service, protection, clientId: '', serverId, sums }
      this.#pair(self, destination).outbound.push(sighting)
      return
    }
    const isIdentity = labels.tls === 'true' && labels.peerId !== '' && view !== 'caller'
    if (view === 'denied') {
      const source = isIdentity
        ? this.#withIdentity(labels.peerId, self)
        : this.#callers.atAddress(labels.peerId)
      this.#pair(source, self).denied += sums.denied
      return
    }
    const protection = protectionOf(labels.tls, isIdentity ? labels.peerId : '', null, 'client')
    const clientId = isIdentity ? labels.peerId : ''
    const sighting = { service: '', protection, clientId, serverId: '', sums }
    if (view === 'caller') this.#pair(this.#callers.atAddress(labels.peerId), self).callers.push(sighting)
    else if (isIdentity) this.#addIdentified(labels.peerId, self, sighting)
    else if (labels.tls !== 'loopback') this.#anonymous.push({ destination: self, sighting })
  }

  links(services: ReadonlyMap<string, readonly string[]>): Link[] {
    this.#addAnonymous()
    return [...this.#pairs.values()].flatMap(pair => this.#linksOf(pair, services)).filter(carriesTraffic)
  }

  /** Several that share an identity and were scraped have counted these requests themselves. */
  #addIdentified(identity: string, destination: Endpoint, sighting: Sighting): void {
    const source = this.#withIdentity(identity, destination)
    const isCountedAtSource =
      source.ref.kind === 'serviceaccount' &&
      this.#callers.sharing(identity).some(sharing => this.#hasOutbound(sharing, destination))
    if (!isCountedAtSource) this.#pair(source, destination).inbound.push(sighting)
  }

  /** Proxies that don't count callers by address leave them without a name. */
  #addAnonymous(): void {
    const named = new Set<string>()
    for (const pair of this.#pairs.values()) {
      if (pair.callers.length > 0) named.add(endpointId(pair.destination))
    }
    for (const { destination, sighting } of this.#anonymous) {
      if (named.has(endpointId(destination))) continue
      this.#pair(this.#callers.atAddress(''), destination).callers.push(sighting)
    }
  }

  #linksOf(pair: Pair, services: ReadonlyMap<string, readonly string[]>): Link[] {
    const links = new Map<string, Link>()
    for (const sighting of pair.outbound) {
      const link = links.get(sighting.service) ?? emptyLink(pair.source, pair.destination, sighting.service)
      links.set(sighting.service, link)
      link.countedAtSource = true
      addSighting(link, sighting)
    }
    const main = busiest(links) ?? this.#linkFromInbound(pair, services)
    this.#compare(main, pair)
    main.denied = pair.denied
    this.#nameEnds(links.size > 0 ? [...links.values()] : [main], pair)
    return links.size > 0 ? [...links.values()] : [main]
  }

  #linkFromInbound(pair: Pair, services: ReadonlyMap<string, readonly string[]>): Link {
    const service = services.get(resourceId(pair.destination.ref))?.[0] ?? ''
    const link = emptyLink(pair.source, pair.destination, service)
    for (const sighting of [...pair.inbound, ...pair.callers]) addSighting(link, sighting)
    return link
  }

  /** Requests without an identity that the source's proxy doesn't know of went past it: they count as unprotected. */
  #compare(link: Link, pair: Pair): void {
    if (pair.outbound.length === 0) return
    const wentPast = pair.outbound.every(({ protection }) => protection.kind === 'secured')
    if (wentPast) for (const sighting of pair.callers) addProtection(link, sighting)
    link.outbound = witnessOf(pair.outbound)
    link.inbound = witnessOf(wentPast ? pair.inbound : [...pair.inbound, ...pair.callers])
  }

  #nameEnds(links: readonly Link[], pair: Pair): void {
    const seen = new Set(pair.inbound.map(({ clientId }) => clientId))
    const clientIds = seen.size > 0 ? seen : this.#callers.identitiesOf(pair.source)
    const serverIds = this.#callers.identitiesOf(pair.destination)
    for (const link of links) {
      const isSecured = link.requests.secured + link.connections.secured > 0
      if (!isSecured) continue
      if (link.clientIds.size === 0) for (const id of clientIds) link.clientIds.add(id)
      if (link.serverIds.size === 0) for (const id of serverIds) link.serverIds.add(id)
    }
  }

  #withIdentity(identity: string, destination: Endpoint): Endpoint {
    return this.#callers.withIdentity(identity, caller => this.#hasOutbound(caller, destination))
  }

  #hasOutbound(source: Endpoint, destination: Endpoint): boolean {
    return (this.#pairs.get(pairId(source, destination))?.outbound.length ?? 0) > 0
  }

  #pair(source: Endpoint, destination: Endpoint): Pair {
    const id = pairId(source, destination)
    const pair = this.#pairs.get(id) ?? {
      source,
      destination,
      outbound: [],
      inbound: [],
      callers: [],
      denied: 0,
    }
    this.#pairs.set(id, pair)
    return pair
  }
}

function pairId(source: Endpoint, destination: Endpoint): string {
  return `${endpointId(source)}>${endpointId(destination)}`
}

function busiest(links: ReadonlyMap<string, Link>): Link | undefined {
  return [...links.values()].sort((a, b) => requestsOf(b.sums) - requestsOf(a.sums))[0]
}

function carriesTraffic({ sums, denied }: Link): boolean {
  return requestsOf(sums) + connectionsOf(sums) + sums.readBytes + sums.writeBytes + denied > 0
}

function endpoint(namespace: string, kind: string, name: string, pod: string): Endpoint {
  return { ref: { namespace, kind: kind as PeerKind, name }, pod }
}

/** What discovery called the destination; without it the service, or what the client asked for. */
function destinationOf(labels: Labels): Endpoint {
  if (labels.peerKind !== '' && labels.peerName !== '') {
    return endpoint(labels.peerNamespace, labels.peerKind, labels.peerName, labels.peerPod)
  }
  if (labels.service !== '') {
    const [namespace = '', name = ''] = labels.service.split('/')
    return endpoint(namespace, 'service', name, '')
  }
  return endpoint('', 'external', labels.authority === '' ? 'unknown' : labels.authority, '')
}
