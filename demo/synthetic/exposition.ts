import { ExpositionWriter, labelsText } from '#lib/metrics/exposition-writer.ts'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import { identityName } from '#lib/resources/identity-name.ts'
import { type FlowCounts, flowCounts } from './flow-counts.ts'
import type { Flow, SyntheticWorkload } from './graph.ts'

const port = 8080
const requestBytes = 240
const answerBytes = 420
const defaultPolicy = 'all-unauthenticated'

type LabelPairs = readonly (readonly [name: string, value: string])[]

/** The identity in a workload's certificate. */
function identityOf({ namespace, name }: SyntheticWorkload): string {
  return identityName({
    serviceAccount: name,
    namespace,
    controlPlaneNamespace: 'linkerd',
    trustDomain: 'cluster.local',
  })
}

function targetOf({ ip }: SyntheticWorkload): LabelPairs {
  return [
    ['target_addr', `${ip}:${port}`],
    ['target_ip', ip],
    ['target_port', String(port)],
  ]
}

/** What the server side says of who called. */
function callerOf(source: SyntheticWorkload): LabelPairs {
  return source.isMeshed
    ? [
        ['tls', 'true'],
        ['client_id', identityOf(source)],
      ]
    : [
        ['tls', 'no_identity'],
        ['no_tls_reason', 'no_tls_from_remote'],
      ]
}

/** The labels of a flow, each set as text, made once. */
interface FlowLabels {
  readonly flow: Flow
  readonly http: string
  readonly tcp: string
  /** Of the policy's counters. */
  readonly authz: string
  /** Of what is counted of callers without an identity; empty for others. */
  readonly client: string
}

function outboundLabels(flow: Flow): FlowLabels {
  const { namespace, kind, name } = flow.destination
  const shared: LabelPairs = [
    ['authority', `${name}.${namespace}.svc.cluster.local:80`],
    ...targetOf(flow.destination),
    ['tls', 'true'],
    ['server_id', identityOf(flow.destination)],
    ['dst_control_plane_ns', 'linkerd'],
    [`dst_${kind}`, name],
    ['dst_namespace', namespace],
    ['dst_pod', `${name}-0`],
    ['dst_service', name],
    ['dst_serviceaccount', name],
    ['dst_zone_locality', 'unknown'],
  ]
  return {
    flow,
    http: labelsText([['direction', 'outbound'], ...shared]),
    tcp: labelsText([['direction', 'outbound'], ['peer', 'dst'], ...shared]),
    authz: '',
    client: '',
  }
}

function inboundLabels(flow: Flow): FlowLabels {
  const target = targetOf(flow.destination)
  const caller = callerOf(flow.source)
  const server: LabelPairs = [
    ['srv_group', ''],
    ['srv_kind', 'default'],
    ['srv_name', defaultPolicy],
    ['srv_port', String(port)],
  ]
  const route: LabelPairs = [
    ['route_group', ''],
    ['route_kind', 'default'],
    ['route_name', 'default'],
  ]
  const authorization: LabelPairs = [
    ['authz_group', ''],
    ['authz_kind', 'default'],
    ['authz_name', defaultPolicy],
  ]
  const client: LabelPairs = [['client_ip', flow.source.ip], ...target.slice(1), ...caller]
  return {
    flow,
    http: labelsText([['direction', 'inbound'], ...target, ...caller, ...server, ...route, ...authorization]),
    tcp: labelsText([['direction', 'inbound'], ['peer', 'src'], ...target, ...caller, ...server]),
    authz: labelsText([...target, ...server, ...route, ...(flow.isDenied ? [] : authorization), ...caller]),
    client: flow.source.isMeshed ? '' : labelsText(client),
  }
}

/** What the proxy beside one workload would print, from what its flows have come to. */
export class SyntheticProxy {
  readonly #outbound: readonly FlowLabels[]
  readonly #inbound: readonly FlowLabels[]

  constructor(workload: SyntheticWorkload, flows: readonly Flow[]) {
    this.#outbound = flows.filter(({ source }) => source === workload).map(outboundLabels)
    this.#inbound = flows.filter(({ destination }) => destination === workload).map(inboundLabels)
  }

  /** Its `/metrics` `seconds` after `startedAtSeconds`, a Unix time. */
  exposition(startedAtSeconds: number, seconds: number): string {
    const writer = new ExpositionWriter()
    const count = (one: FlowLabels) => ({ ...one, counts: flowCounts(one.flow, seconds) })
    const outbound = this.#outbound.map(count)
    const inbound = this.#inbound.map(count)
    const answered = inbound.filter(({ flow }) => !flow.isDenied)
    const ends = [...answered, ...outbound]
    writer.family('request_total', 'counter', 'Requests through this proxy')
    for (const { http, counts } of ends) writer.sample('request_total', http, counts.requests)
    writer.family('response_total', 'counter', 'Responses through this proxy, by how they ended')
    for (const { flow, http, counts } of ends) {
      responses(writer, 'response_total', http, flow, counts, ',grpc_status="",error=""')
    }
    writer.family('response_latency_ms', 'histogram', 'Milliseconds to the first frame of a response')
    for (const { flow, http, counts } of ends) latencies(writer, 'response_latency_ms', http, flow, counts)
    transports(
      writer,
      '',
      [...inbound, ...outbound].map(({ tcp, counts }) => ({ labels: tcp, counts })),
    )
    policies(writer, inbound)
    const clients = inbound.filter(({ client }) => client !== '')
    if (clients.length > 0) unknownCallers(writer, clients)
    writer.openMetricsFamily('process_start_time_seconds', 'gauge', 'When the process started', 'seconds')
    writer.sample('process_start_time_seconds', '', startedAtSeconds)
    writer.end()
    return writer.text()
  }
}

interface Counted extends FlowLabels {
  readonly counts: FlowCounts
}

/** What a caller sees of a flow that policy refuses is an answer, too: 403. */
function statusOf(flow: Flow): string {
  return flow.isDenied ? '403' : '200'
}

function responses(
  writer: ExpositionWriter,
  name: string,
  labels: string,
  flow: Flow,
  { successes, failures, requests }: FlowCounts,
  end: string,
): void {
  const sample = (status: string, classification: string, value: number) =>
    writer.sample(name, `${labels},status_code="${status}",classification="${classification}"${end}`, value)
  sample(statusOf(flow), 'success', flow.isDenied ? requests : successes)
  if (failures > 0 && !flow.isDenied) sample('500', 'failure', failures)
}

function latencies(
  writer: ExpositionWriter,
  name: string,
  labels: string,
  flow: Flow,
  { latencyCounts, latencySumMs }: FlowCounts,
): void {
  const withStatus = `${labels},status_code="${statusOf(flow)}"`
  writer.histogram(name, withStatus, linkerdLatencyBoundsMs, latencyCounts, latencySumMs)
}

function transports(
  writer: ExpositionWriter,
  prefix: string,
  ends: readonly { readonly labels: string; readonly counts: FlowCounts }[],
): void {
  const family = (
    name: string,
    kind: 'counter' | 'gauge',
    help: string,
    value: (c: FlowCounts) => number,
  ) => {
    writer.family(`${prefix}${name}`, kind, help)
    for (const { labels, counts } of ends) writer.sample(`${prefix}${name}`, labels, value(counts))
  }
  family('tcp_open_total', 'counter', 'Connections opened', () => 2)
  if (prefix === '') family('tcp_open_connections', 'gauge', 'Connections open now', () => 2)
  family('tcp_read_bytes_total', 'counter', 'Bytes read from peers', c => c.requests * requestBytes)
  family('tcp_write_bytes_total', 'counter', 'Bytes written to peers', c => c.requests * answerBytes)
}

function policies(writer: ExpositionWriter, inbound: readonly Counted[]): void {
  for (const isDenied of [false, true]) {
    const name = `inbound_http_authz_${isDenied ? 'deny' : 'allow'}_total`
    writer.family(name, 'counter', `HTTP requests ${isDenied ? 'refused' : 'let in'} by policy`)
    for (const { flow, authz, counts } of inbound) {
      if (flow.isDenied === isDenied) writer.sample(name, authz, counts.requests)
    }
  }
}

function unknownCallers(writer: ExpositionWriter, clients: readonly Counted[]): void {
  const prefix = 'meshscope_inbound_client_'
  const answered = clients.filter(({ flow }) => !flow.isDenied)
  writer.family(`${prefix}response_total`, 'counter', 'Responses of callers without an identity')
  for (const { flow, client, counts } of answered) {
    responses(writer, `${prefix}response_total`, client, flow, counts, '')
  }
  writer.family(`${prefix}response_latency_ms`, 'histogram', 'Milliseconds to the first frame of a response')
  for (const { flow, client, counts } of answered) {
    latencies(writer, `${prefix}response_latency_ms`, client, flow, counts)
  }
  transports(
    writer,
    prefix,
    clients.map(({ client, counts }) => ({ labels: client, counts })),
  )
  writer.family(`${prefix}denied_total`, 'counter', 'Requests refused, of callers without an identity')
  for (const { flow, client, counts } of clients) {
    if (flow.isDenied) writer.sample(`${prefix}denied_total`, client, counts.requests)
  }
}
