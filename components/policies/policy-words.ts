import { mtlsReason } from '#lib/api/mtls-reasons.ts'
import type { PolicyRow, RefusedSource } from '#lib/api/policies.ts'

/** `checkout.shop` of an identity; anything else as it is. */
export function clientWords(client: string): string {
  return client.replace(/\.serviceaccount\.identity\..*$/, '')
}

/** What a port's Server, or its default policy, is called. */
export function serverWords({ server }: Pick<PolicyRow, 'server'>): string {
  return server.name === '' ? 'default policy' : server.name
}

/** Who may use a port, in a word or two: the clients of all its ways in. */
export function allowedWords({ server, waysIn }: Pick<PolicyRow, 'server' | 'waysIn'>): string {
  if (server.kind === 'default' && server.name === '') return 'as the mesh has it'
  const clients = new Set(waysIn.flatMap(way => way.clients.map(clientWords)))
  clients.delete('the pod itself')
  if (clients.has('anyone')) return 'anyone'
  if (clients.has('any identity')) return 'any identity'
  return [...clients].join(', ') || 'nobody'
}

/** Whether callers without a proof of who they are may use the port. */
export function isOpen({ waysIn }: Pick<PolicyRow, 'waysIn'>): boolean {
  return waysIn.some(({ clients }) => clients.some(client => client.startsWith('anyone')))
}

/** Why a caller was refused: everything that holds, the most frequent first. */
export function refusalWords(
  refused: Pick<RefusedSource, 'client' | 'denied' | 'limited' | 'route' | 'tls' | 'unrouted'>,
  { rateLimit, server }: Pick<PolicyRow, 'rateLimit' | 'server'>,
): string {
  const { denied, limited, tls, unrouted } = refused
  const of = server.kind === 'server' ? server.name : `default policy ${server.name}`
  const unknown = tls === 'true' ? 'its TLS shows no identity' : `no identity: ${mtlsReason(tls).words}`
  const isKnown = tls === 'true' && refused.client.includes('.serviceaccount.')
  const reasons: [number, string][] = [
    [denied, isKnown ? `${of} does not let it in` : unknown],
    [limited, `over the rate limit ${rateLimit?.name ?? ''}`.trim()],
    [unrouted, `no HTTPRoute of ${of} takes it`],
  ]
  return reasons
    .filter(([count]) => count > 0)
    .sort(([a], [b]) => b - a)
    .map(([, words]) => words)
    .join('; ')
}

/** All words of a row that a filter may mean. */
export function searchText(row: PolicyRow): string {
  const clients = [
    ...row.waysIn.flatMap(({ authorization, clients: of }) => [authorization.name, ...of]),
    ...row.refused.flatMap(({ client, source }) => [client, source.name]),
  ]
  const names = row.workloads.map(({ name, namespace }) => `${namespace}/${name}`)
  return [
    `${row.namespace}/${row.server.name}:${row.port}`,
    row.protocol,
    ...names,
    ...row.routes,
    ...clients,
  ].join(' ')
}
