import type { PeerKind } from '#lib/resources/kinds.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import type { Dimension, Row, View } from '#server/store/store.ts'
import { askOf } from './asks.ts'
import { type Callers, type Endpoint, endpointOf } from './callers.ts'
import { type Protection, protectionOf } from './security.ts'

/** What the values of a row say of an edge, whatever its numbers are. */
export interface Told {
  /** `null` where a caller's identity leaves it open, or nothing names the caller. */
  readonly source: Endpoint | null
  readonly destination: Endpoint
  /** Equal for equal ends; empty without a source. */
  readonly pair: string
  /** What the caller proved to be; empty when it did not. */
  readonly clientId: string
  readonly serverId: string
  readonly service: string
  /** What the source's proxy was asked for, by `askOf`; empty where the destination tells. */
  readonly ask: string
  readonly protection: Protection
  /** From the same machine, past every proxy. */
  readonly isLoopback: boolean
}

/** What rows say, each set of values read once: a store gives the same key again for the same group. */
export class Reading {
  readonly #callers: Callers
  readonly #told = new Map<View, WeakMap<readonly string[], Told>>()

  constructor(callers: Callers) {
    this.#callers = callers
  }

  /** What a row of the view says whose key holds the values of `by`. */
  read(view: View, by: readonly Dimension[], { key }: Row): Told {
    const ofView = this.#told.get(view) ?? new WeakMap<readonly string[], Told>()
    this.#told.set(view, ofView)
    const known = ofView.get(key)
    if (known) return known
    const label = (dimension: Dimension): string => key[by.indexOf(dimension)] ?? ''
    const told = view === 'outbound' ? this.#sent(label) : this.#received(view, label)
    ofView.set(key, told)
    return told
  }

  #sent(label: Label): Told {
    const source = endpoint(label('namespace'), label('kind'), label('name'), label('pod'))
    const destination = destinationOf(label)
    const tls = label('tls')
    return {
      source,
      destination,
      pair: pairId(source, destination),
      clientId: '',
      serverId: tls === 'true' ? label('peerId') : '',
      service: label('service'),
      ask: label('authority') === '' ? '' : askOf(resourceId(source.ref), label('authority')),
      protection: protectionOf(tls, label('peerId'), this.#callers.identitiesOf(destination), 'server'),
      isLoopback: false,
    }
  }

  /** Of callers without an identity `caller` and `denied` tell the address, `inbound` nothing. */
  #received(view: View, label: Label): Told {
    const destination = endpoint(label('namespace'), label('kind'), label('name'), label('pod'))
    const tls = label('tls')
    const clientId = tls === 'true' && view !== 'caller' ? label('peerId') : ''
    const byAddress = view === 'inbound' ? null : this.#callers.atAddress(label('peerId'))
    const source = clientId === '' ? byAddress : this.#callers.onlyOne(clientId)
    return {
      source,
      destination,
      pair: source ? pairId(source, destination) : '',
      clientId,
      serverId: '',
      service: '',
      ask: '',
      protection: protectionOf(tls, clientId, null, 'client'),
      isLoopback: tls === 'loopback',
    }
  }
}

type Label = (dimension: Dimension) => string

/** Equal for equal ends. */
export function pairId(source: Endpoint, destination: Endpoint): string {
  return `${source.id}>${destination.id}`
}

function endpoint(namespace: string, kind: string, name: string, pod: string): Endpoint {
  return endpointOf({ namespace, kind: kind as PeerKind, name }, pod)
}

/** What discovery called the destination; without it the service, or what the client asked for. */
function destinationOf(label: Label): Endpoint {
  if (label('peerKind') !== '' && label('peerName') !== '') {
    return endpoint(label('peerNamespace'), label('peerKind'), label('peerName'), label('peerPod'))
  }
  const [namespace = '', name = ''] = label('service').split('/')
  if (namespace !== '' || name !== '') return endpoint(namespace, 'service', name, '')
  return endpoint('', 'external', label('authority') === '' ? 'unknown' : label('authority'), '')
}
