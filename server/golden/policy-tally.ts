import type { PolicyObject, PolicyRow, RefusedSource, WayIn } from '#lib/api/policies.ts'
import { parseIp } from '#lib/policy/ip-address.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Sums } from '#server/store/store.ts'
import type { Callers } from './callers.ts'
import { compareText } from './coverage.ts'
import type { WrittenAuthorization } from './policy-written.ts'
import { addSums, emptySums, goldenOf, requestsOf } from './sums.ts'

const MAX_REFUSED = 50

interface Refusal {
  readonly client: string
  readonly tls: string
  readonly route: string
}

type Rates = { count: number; perSecond: number }

/** What was counted on one port. */
export class PolicyTally {
  /** All that was let in, its connections too. */
  readonly allowed = emptySums()
  private readonly byWay = new Map<string, { authorization: string; route: string; sums: Sums }>()
  private readonly sources = new Map<string, RefusedSource>()
  private readonly denied: Rates = { count: 0, perSecond: 0 }
  private readonly limited: Rates = { count: 0, perSecond: 0 }
  private readonly unrouted: Rates = { count: 0, perSecond: 0 }

  constructor(private readonly callers: Callers) {}

  /** Adds what one authorization let in; connections are let in by none that is known. */
  allow(authorization: string, route: string, sums: Sums): void {
    addSums(this.allowed, sums)
    if (requestsOf(sums) === 0) return
    const id = `${authorization} ${route}`
    const way = this.byWay.get(id) ?? { authorization, route, sums: emptySums() }
    this.byWay.set(id, way)
    addSums(way.sums, sums)
  }

  /** Adds refusals of one pod, whose scrapes covered so much of the range. */
  refuse({ client, route, tls }: Refusal, sums: Sums, coveredMs: number): void {
    const add = (to: Rates, count: number) => {
      to.count += count
      if (coveredMs > 0) to.perSecond += (count * 1_000) / coveredMs
    }
    add(this.denied, sums.denied)
    add(this.limited, sums.limited)
    add(this.unrouted, sums.unrouted)
    const id = [client, tls, route].join(' ')
    const source = this.sources.get(id) ?? {
      source: this.sourceOf(client, tls),
      client,
      tls,
      route: routeOf(route),
      denied: 0,
      limited: 0,
      unrouted: 0,
    }
    this.sources.set(id, source)
    source.denied += sums.denied
    source.limited += sums.limited
    source.unrouted += sums.unrouted
  }

  /** Every way in that is written or was used; the numbers of one for the whole port are those of its routes. */
  waysIn(written: readonly WrittenAuthorization[], isHeard: boolean): WayIn[] {
    const used = [...this.byWay.values()]
    const unused = written.filter(
      one =>
        !used.some(way => way.authorization === one.object && (one.route === '' || way.route === one.route)),
    )
    const clientsOf = (authorization: string, route: string) =>
      written.find(one => one.object === authorization && (one.route === '' || one.route === route))
        ?.clients ??
      (authorization === 'default/localhost'
        ? ['the pod itself']
        : authorization === 'default/probe'
          ? ['probes']
          : [])
    return [
      ...used.map(({ authorization, route, sums }) => ({
        authorization: objectOf(authorization),
        route: routeOf(route),
        clients: [...clientsOf(authorization, route)],
        golden: goldenOf(sums, isHeard),
      })),
      ...unused.map(({ clients, object, route }) => ({
        authorization: objectOf(object),
        route: routeOf(route),
        clients: [...clients],
        golden: goldenOf(undefined, isHeard),
      })),
    ].sort((a, b) => compareText(wayId(a), wayId(b)))
  }

  refusals(isHeard: boolean): Pick<PolicyRow, 'denied' | 'limited' | 'unrouted'> {
    const told = (rates: Rates) =>
      isHeard || rates.count > 0 ? { ...rates } : { count: null, perSecond: null }
    return { denied: told(this.denied), limited: told(this.limited), unrouted: told(this.unrouted) }
  }

  /** Who was refused, most first. */
  refusedSources(): RefusedSource[] {
    const total = ({ denied, limited, unrouted }: RefusedSource) => denied + limited + unrouted
    return [...this.sources.values()]
      .filter(source => total(source) > 0)
      .sort((a, b) => total(b) - total(a) || compareText(sourceId(a), sourceId(b)))
      .slice(0, MAX_REFUSED)
  }

  private sourceOf(client: string, tls: string): ResourceRef {
    const isIdentity = tls === 'true' && client !== '' && parseIp(client) === null
    return (isIdentity ? this.callers.withIdentity(client, () => true) : this.callers.atAddress(client)).ref
  }
}

/** The object that a label of the store names, as `kind/name`. */
export function objectOf(label: string): PolicyObject {
  const slash = label.indexOf('/')
  return { kind: label.slice(0, slash), name: label.slice(slash + 1) }
}

function routeOf(label: string): PolicyObject | null {
  return label === '' ? null : objectOf(label)
}

function wayId({ authorization, route }: WayIn): string {
  return `${route?.kind ?? ''}/${route?.name ?? ''} ${authorization.kind}/${authorization.name}`
}

function sourceId({ client, route, source }: RefusedSource): string {
  return `${resourceId(source as ResourceRef)} ${client} ${route?.name ?? ''}`
}
