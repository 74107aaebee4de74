import { EVERYWHERE } from './default-policy.ts'
import type { Authorization, Network } from './server-policy.ts'

/** Whom an authorization lets in, in words, one for each kind of client: an identity, `*.shop…`, `anyone from 10.0.0.0/8`. */
export function describeClients({ authentication, networks }: Omit<Authorization, 'ref'>): readonly string[] {
  const from = isEverywhere(networks) ? '' : ` from ${networks.map(networkText).join(', ') || 'nowhere'}`
  switch (authentication.kind) {
    case 'unauthenticated':
      return [`anyone${from}`]
    case 'tls':
      return [`anyone over TLS${from}`]
    case 'identity': {
      const { identities, suffixes } = authentication
      const all = [...identities, ...suffixes.map(suffix => (suffix === '*' ? 'any identity' : suffix))]
      return all.map(name => `${name}${from}`)
    }
  }
}

function isEverywhere(networks: readonly Network[]): boolean {
  return EVERYWHERE.every(({ cidr }) => networks.some(one => one.cidr === cidr && one.except.length === 0))
}

function networkText({ cidr, except }: Network): string {
  return except.length === 0 ? cidr : `${cidr} but ${except.join(', ')}`
}
