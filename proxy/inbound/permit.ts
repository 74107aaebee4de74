import { authorize } from '#lib/policy/authorize.ts'
import type { Authorization, ClientConnection, ServerPolicy } from '#lib/policy/server-policy.ts'

const LOCALHOST: Authorization = {
  ref: { group: '', kind: 'default', name: 'localhost' },
  networks: [
    { cidr: '127.0.0.1/32', except: [] },
    { cidr: '::1/128', except: [] },
  ],
  authentication: { kind: 'unauthenticated' },
}

/**
 * What lets a client in; `null`: nothing. The instance itself, by 127.0.0.1, is always let in where instances
 * have addresses of their own (`hasOwnAddress`).
 */
export function permit(
  policy: ServerPolicy,
  client: ClientConnection,
  hasOwnAddress: boolean,
): Authorization | null {
  const byPolicy = authorize(policy, client)
  if (byPolicy !== null || !hasOwnAddress) return byPolicy
  return authorize({ ...policy, authorizations: [LOCALHOST] }, client)
}
