import { labelsText } from '#lib/metrics/exposition-writer.ts'
import type { PolicyRef } from '#lib/policy/server-policy.ts'
import type {
  BalancerLabels,
  ControlAddressLabels,
  InboundHttpLabels,
  InboundLabels,
  OutboundLabels,
  PolicyRouteLabels,
  ResourceLabels,
  TlsLabels,
} from './telemetry.ts'

type Labels = readonly (readonly [name: string, value: string])[]

export function inboundHttpLabels(labels: InboundHttpLabels, authorization: PolicyRef): string {
  return labelsText([
    ['direction', 'inbound'],
    ...target(labels.targetIp, labels.targetPort),
    ...tls(labels.tls),
    ...server(labels),
    ...policy('route', labels.route),
    ...policy('authz', authorization),
  ])
}

export function outboundHttpLabels(labels: OutboundLabels): string {
  return labelsText([['direction', 'outbound'], ...endpoint(labels)])
}

/** Labels of `control_*`: of a service of the control plane. */
export function controlLabels({ host, name, port }: ControlAddressLabels): string {
  const address = host.includes(':') ? `[${host}]` : host
  return labelsText([
    ['addr', `${address}:${port}`],
    ...tls(name === null ? { kind: 'none', reason: 'loopback' } : { kind: 'client', serverId: name }),
  ])
}

export function routeLabels(
  direction: 'inbound' | 'outbound',
  dst: string,
  route: Readonly<Record<string, string>>,
): string {
  return labelsText([['direction', direction], ['dst', dst], ...prefixed('rt', route)])
}

/** Labels of `route_retryable_total`; `skipped` says why an attempt was not sent again. */
export function retryableLabels(
  dst: string,
  route: Readonly<Record<string, string>>,
  skipped: string | null,
): string {
  const more = skipped === null ? '' : `,${labelsText([['skipped', skipped]])}`
  return `${routeLabels('outbound', dst, route)}${more}`
}

/** Labels of `outbound_http_route_*`; those of a backend without its `hostname`. */
export function policyRouteLabels(
  { backend, parent, route }: PolicyRouteLabels,
  of: 'route' | 'backend',
): string {
  return labelsText([
    ...resource('parent', parent),
    ...resource('route', route).slice(0, 4),
    ...(of === 'backend' ? resource('backend', backend) : [['hostname', ''] as const]),
  ])
}

export function balancerLabels({ backend, parent }: BalancerLabels): string {
  return labelsText([...resource('parent', parent), ...resource('backend', backend)])
}

export function parentLabels(parent: ResourceLabels): string {
  return labelsText(resource('parent', parent))
}

/** Labels of `outbound_tcp_route_*`; those of a close say how it went. There is one route of what is no HTTP. */
export function tcpRouteLabels(
  parent: string,
  { ip, port }: { readonly ip: string; readonly port: number },
  error: string | null,
): string {
  const more = labelsText([
    ['route_group', ''],
    ['route_kind', 'default'],
    ['route_namespace', ''],
    ['route_name', 'opaq'],
    ...target(ip, port),
    ...(error === null ? [] : [['error', error] as const]),
  ])
  return `${parent},${more}`
}

/** Labels of `inbound_tcp_detect_http_*`. */
export function serverLabels(labels: Pick<InboundLabels, 'server' | 'targetPort'>): string {
  return labelsText(server(labels))
}

export function inboundSourceLabels(labels: InboundLabels): string {
  return labelsText([
    ['direction', 'inbound'],
    ['peer', 'src'],
    ...target(labels.targetIp, labels.targetPort),
    ...tls(labels.tls),
    ...server(labels),
  ])
}

export function inboundDestinationLabels(): string {
  return labelsText([['direction', 'inbound'], ['peer', 'dst'], ...tls({ kind: 'none', reason: 'loopback' })])
}

export function outboundSourceLabels(targetIp: string, targetPort: number): string {
  return labelsText([
    ['direction', 'outbound'],
    ['peer', 'src'],
    ...target(targetIp, targetPort),
    ...tls({ kind: 'none', reason: 'loopback' }),
  ])
}

export function outboundDestinationLabels(labels: OutboundLabels): string {
  return labelsText([['direction', 'outbound'], ['peer', 'dst'], ...endpoint(labels)])
}

/** Labels of `inbound_http_authz_*`; without an authorization those of a denial. */
export function httpAuthzLabels(labels: InboundHttpLabels, authorization: PolicyRef | null): string {
  return labelsText([
    ...target(labels.targetIp, labels.targetPort),
    ...server(labels),
    ...policy('route', labels.route),
    ...(authorization === null ? [] : policy('authz', authorization)),
    ...tls(labels.tls),
  ])
}

export function routeNotFoundLabels(labels: InboundLabels): string {
  return labelsText([...target(labels.targetIp, labels.targetPort), ...server(labels), ...tls(labels.tls)])
}

export function rateLimitLabels(labels: InboundLabels, limit: PolicyRef, scope: string): string {
  return labelsText([
    ...target(labels.targetIp, labels.targetPort),
    ...server(labels),
    ...policy('ratelimit', limit),
    ['ratelimit_scope', scope],
    ...tls(labels.tls),
  ])
}

/** Labels of `inbound_tcp_authz_*`; without an authorization those of a denial. */
export function tcpAuthzLabels(labels: InboundLabels, authorization: PolicyRef | null): string {
  return labelsText([
    ...target(labels.targetIp, labels.targetPort),
    ...server(labels),
    ...(authorization === null ? [] : policy('authz', authorization)),
    ...tls(labels.tls),
  ])
}

export function inboundHttpErrorLabels(error: string, labels: InboundLabels): string {
  return labelsText([['error', error], ...target(labels.targetIp, labels.targetPort), ...server(labels)])
}

export function inboundTcpErrorLabels(error: string, targetIp: string, targetPort: number): string {
  return labelsText([['error', error], ...target(targetIp, targetPort)])
}

export function outboundTcpErrorLabels(error: string, targetIp: string, targetPort: number): string {
  return labelsText([...target(targetIp, targetPort), ['error', error]])
}

/** Labels of `meshscope_inbound_client_*`: a caller without an identity, known by its address. */
export function clientLabels(labels: InboundLabels, clientIp: string): string {
  return labelsText([
    ['client_ip', clientIp],
    ['target_ip', labels.targetIp],
    ['target_port', String(labels.targetPort)],
    ['tls', TLS_OF_CLIENT[labels.tls.kind]],
    ['no_tls_reason', labels.tls.kind === 'none' ? labels.tls.reason : ''],
  ])
}

const TLS_OF_CLIENT = { none: 'no_identity', opaque: 'opaque', server: 'true', client: 'true' } as const

/** The same for a refusal, which names what refused. */
export function clientRefusedLabels(
  labels: InboundLabels & { readonly route?: PolicyRef },
  clientIp: string,
): string {
  const refused = labelsText([
    ...server(labels),
    ...(labels.route === undefined ? [] : policy('route', labels.route)),
  ])
  return `${clientLabels(labels, clientIp)},${refused}`
}

/** Whether the caller proved no identity. */
export function isUnidentified({ tls: seen }: InboundLabels): boolean {
  return seen.kind === 'none' || seen.kind === 'opaque' || (seen.kind === 'server' && seen.clientId === '')
}

function endpoint(labels: OutboundLabels): Labels {
  return [
    ...(labels.authority === '' ? [] : [['authority', labels.authority] as const]),
    ...target(labels.targetIp, labels.targetPort),
    ...tls(labels.tls),
    ...prefixed('dst', labels.destination),
  ]
}

function target(ip: string, port: number): Labels {
  const host = ip.includes(':') ? `[${ip}]` : ip
  return [
    ['target_addr', `${host}:${port}`],
    ['target_ip', ip],
    ['target_port', String(port)],
  ]
}

function tls(seen: TlsLabels): Labels {
  switch (seen.kind) {
    case 'server':
      return [
        ['tls', 'true'],
        ['client_id', seen.clientId],
      ]
    case 'client':
      return [
        ['tls', 'true'],
        ['server_id', seen.serverId],
      ]
    case 'opaque':
      return [
        ['tls', 'opaque'],
        ['sni', seen.serverName],
      ]
    case 'none':
      return [
        ['tls', 'no_identity'],
        ['no_tls_reason', seen.reason],
      ]
  }
}

function server(labels: Pick<InboundLabels, 'server' | 'targetPort'>): Labels {
  return [...policy('srv', labels.server), ['srv_port', String(labels.targetPort)]]
}

function policy(prefix: string, ref: PolicyRef): Labels {
  return [
    [`${prefix}_group`, ref.group],
    [`${prefix}_kind`, ref.kind],
    [`${prefix}_name`, ref.name],
  ]
}

/** Of a route only the first four are told. */
function resource(prefix: string, of: ResourceLabels): Labels {
  return [
    [`${prefix}_group`, of.group],
    [`${prefix}_kind`, of.kind],
    [`${prefix}_namespace`, of.namespace],
    [`${prefix}_name`, of.name],
    [`${prefix}_port`, of.port === 0 ? '' : String(of.port)],
    [`${prefix}_section_name`, of.section],
  ]
}

const NOT_IN_A_NAME = /[^a-zA-Z0-9_]/g

/** Labels that came from elsewhere, sorted by name; characters that no label name may have become `_`. */
function prefixed(prefix: string, labels: Readonly<Record<string, string>>): Labels {
  const named = new Map(
    Object.entries(labels).map(([name, value]) => [
      `${prefix}_${name.replaceAll(NOT_IN_A_NAME, '_')}`,
      value,
    ]),
  )
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1))
}
