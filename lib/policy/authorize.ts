import { parseIp } from './ip-address.ts'
import { networkContains } from './network.ts'
import type { Authorization, ClientConnection, ServerPolicy } from './server-policy.ts'

/** The first authorization that lets the client in; `null` when none does, and it is to be refused. */
export function authorize(
  policy: Pick<ServerPolicy, 'authorizations'>,
  client: ClientConnection,
): Authorization | null {
  const address = parseIp(client.ip)
  for (const authorization of policy.authorizations) {
    if (!authorization.networks.some(network => networkContains(network, address))) continue
    if (isAuthenticated(authorization.authentication, client.tls)) return authorization
  }
  return null
}

function isAuthenticated(need: Authorization['authentication'], tls: ClientConnection['tls']): boolean {
  switch (need.kind) {
    case 'unauthenticated':
      return true
    case 'tls':
      return tls.kind === 'mesh'
    case 'identity': {
      if (tls.kind !== 'mesh' || tls.clientId === '') return false
      const { clientId } = tls
      return (
        need.identities.includes(clientId) || need.suffixes.some(suffix => endsInSuffix(clientId, suffix))
      )
    }
  }
}

/** A suffix is whole labels: `shop.cluster.local` is the end of `web.shop.cluster.local`, not of `myshop.cluster.local`. */
function endsInSuffix(identity: string, suffix: string): boolean {
  const labels = suffix.replace(/^\*?\.?/, '')
  return labels === '' || identity.endsWith(`.${labels}`)
}
