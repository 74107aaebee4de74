import { DEFAULT_POLICY_NAMES } from '#lib/policy/default-policy.ts'
import { isLoopbackHost } from '#lib/policy/loopback-host.ts'
import { parseCidr } from '#lib/policy/network.ts'
import type { Config, ControlAddress } from './config.ts'
import { Environment } from './environment.ts'
import { parsePemBundle } from './identity/certificate-chain.ts'
import { parseLogLevel } from './log.ts'
import { readDestinationListeners } from './read-destination-listeners.ts'
import { readHttp2Settings } from './read-http2-settings.ts'

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] }

const LINKERD = 'LINKERD2_PROXY_'
const OWN = 'MESHSCOPE_PROXY_'

/** The configuration in these variables (linkerd2-proxy's names and defaults, and our own), or all its problems. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): ConfigResult {
  const env = new Environment(variables)
  const config = read(env, variables)
  checkNetworks(env, config)
  checkIdentity(env, config)
  if (config.mode === 'redirect') {
    env.problems.push(`${OWN}MODE: redirect is not supported by this version, expected explicit`)
  }
  return env.problems.length === 0 ? { ok: true, config } : { ok: false, problems: env.problems }
}

function read(env: Environment, variables: Readonly<Record<string, string | undefined>>): Config {
  const destinationContext = env.text(`${LINKERD}DESTINATION_CONTEXT`)
  const localName = env.required(`${LINKERD}IDENTITY_LOCAL_NAME`)
  const ms = (name: string, fallbackMs: number): number => env.durationMs(LINKERD + name, fallbackMs)
  const inboundPorts = env.ports(`${LINKERD}INBOUND_PORTS`)
  const appPorts = env.ports(`${OWN}APP_PORTS`)
  const domain = clusterDomain(env)
  const namespace = ownNamespace(env, destinationContext, localName)
  return {
    inboundListen: env.address(`${LINKERD}INBOUND_LISTEN_ADDR`, '0.0.0.0:4143'),
    outboundListen: env.address(outboundListenName(env), '127.0.0.1:4140'),
    destinationListeners: readDestinationListeners(env, { namespace, clusterDomain: domain }),
    adminListen: env.address(`${LINKERD}ADMIN_LISTEN_ADDR`, '127.0.0.1:4191'),
    controlListen: env.address(`${LINKERD}CONTROL_LISTEN_ADDR`, '0.0.0.0:4190'),
    tapClientName: env.text(`${LINKERD}TAP_SVC_NAME`) || null,
    mode: env.oneOf(`${OWN}MODE`, ['explicit', 'redirect'], 'explicit'),
    appHost: env.text(`${OWN}APP_HOST`, '127.0.0.1'),
    appPorts: appPorts.length > 0 ? appPorts : inboundPorts,
    inboundPorts,
    inboundIps: env.list(`${LINKERD}INBOUND_IPS`),
    egress: env.oneOf(`${OWN}EGRESS`, ['deny', 'allow'], 'deny'),
    requestIds: env.flag(`${OWN}REQUEST_ID`, { on: 'on', off: 'off' }, true),
    clusterDomain: domain,
    namespace,
    inboundConnectTimeoutMs: ms('INBOUND_CONNECT_TIMEOUT', 300),
    outboundConnectTimeoutMs: ms('OUTBOUND_CONNECT_TIMEOUT', 1000),
    inboundDetectTimeoutMs: ms('INBOUND_DETECT_TIMEOUT', 10_000),
    outboundDetectTimeoutMs: ms('OUTBOUND_DETECT_TIMEOUT', 10_000),
    poolIdleTimeoutMs: ms('OUTBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT', 3000),
    maxIdlePerEndpoint: env.number(`${LINKERD}OUTBOUND_MAX_IDLE_CONNS_PER_ENDPOINT`, 10_000),
    maxInFlight: env.number(`${LINKERD}OUTBOUND_MAX_IN_FLIGHT`, 100_000),
    failfastTimeoutMs: ms('OUTBOUND_HTTP_FAILFAST_TIMEOUT', 3000),
    queueCapacity: env.number(`${LINKERD}OUTBOUND_HTTP_QUEUE_CAPACITY`, 10_000),
    discoveryIdleTimeoutMs: ms('OUTBOUND_DISCOVERY_IDLE_TIMEOUT', 5000),
    profileTimeoutMs: ms('DESTINATION_PROFILE_INITIAL_TIMEOUT', 500),
    http2: readHttp2Settings(env),
    shutdownGracePeriodMs: ms('SHUTDOWN_GRACE_PERIOD', 120_000),
    metricsRetainIdleMs: ms('METRICS_RETAIN_IDLE', 600_000),
    informationalHeaders: !flag(env, 'OUTBOUND_DISABLE_INFORMATIONAL_HEADERS'),
    shutdownEndpoint: flag(env, 'SHUTDOWN_ENDPOINT_ENABLED'),
    inboundDefaultPolicy: env.oneOf(
      `${LINKERD}INBOUND_DEFAULT_POLICY`,
      DEFAULT_POLICY_NAMES,
      'all-unauthenticated',
    ),
    clusterNetworks: env.list(`${LINKERD}POLICY_CLUSTER_NETWORKS`),
    destination: controlAddress(env, 'DESTINATION'),
    policy: { ...controlAddress(env, 'POLICY'), workload: env.required(`${LINKERD}POLICY_WORKLOAD`) },
    identity: {
      ...controlAddress(env, 'IDENTITY'),
      directory: env.required(`${LINKERD}IDENTITY_DIR`),
      trustAnchorsPem: env.required(`${LINKERD}IDENTITY_TRUST_ANCHORS`),
      tokenFile: env.required(`${LINKERD}IDENTITY_TOKEN_FILE`),
      localName,
      minRefreshMs: ms('IDENTITY_MIN_REFRESH', 10_000),
      maxRefreshMs: ms('IDENTITY_MAX_REFRESH', 86_400_000),
    },
    destinationContext,
    logLevel: parseLogLevel(env.text(`${LINKERD}LOG`, 'warn,linkerd=info')),
    environment: ownVariables(variables),
  }
}

function flag(env: Environment, name: string): boolean {
  return env.flag(LINKERD + name, { on: 'true', off: 'false' }, false)
}

/** The newer name takes up to two addresses, for two IP versions; the first is used. */
function outboundListenName(env: Environment): string {
  const [first, second] = [`${LINKERD}OUTBOUND_LISTEN_ADDRS`, `${LINKERD}OUTBOUND_LISTEN_ADDR`]
  return env.has(first) ? first : second
}

function controlAddress(env: Environment, service: string): ControlAddress {
  const addressName = `${LINKERD}${service}_SVC_ADDR`
  if (env.required(addressName) === '') return { host: '', port: 0, name: null }
  const address = env.address(addressName, '')
  if (isLoopbackHost(address.host)) return { ...address, name: null }
  return { ...address, name: env.required(`${LINKERD}${service}_SVC_NAME`) }
}

/** `svc.cluster.local.` is where profiles are asked for; what follows `svc.` is the cluster's domain. */
function clusterDomain(env: Environment): string {
  const [suffix = 'svc.cluster.local.'] = env.list(`${LINKERD}DESTINATION_PROFILE_SUFFIXES`)
  return suffix.replace(/^\.?svc\./, '').replace(/\.$/, '')
}

/** From the discovery context; without one, from the identity `<serviceaccount>.<namespace>.serviceaccount.…`. */
function ownNamespace(env: Environment, context: string, localName: string): string {
  const fromIdentity = localName.split('.')[1] ?? 'default'
  if (!context.startsWith('{')) return fromIdentity
  try {
    const parsed: unknown = JSON.parse(context)
    if (typeof parsed === 'object' && parsed !== null && 'ns' in parsed && typeof parsed.ns === 'string') {
      return parsed.ns
    }
    return fromIdentity
  } catch {
    env.problems.push(
      `${LINKERD}DESTINATION_CONTEXT: expected JSON like {"ns":"shop","pod":"web-1"}, got "${context}"`,
    )
    return fromIdentity
  }
}

function checkNetworks(env: Environment, { inboundDefaultPolicy, clusterNetworks }: Config): void {
  const name = `${LINKERD}POLICY_CLUSTER_NETWORKS`
  if (inboundDefaultPolicy.startsWith('cluster-') && clusterNetworks.length === 0) {
    env.problems.push(`${name} is required by the default policy ${inboundDefaultPolicy} and not set`)
  }
  for (const cidr of clusterNetworks) {
    try {
      parseCidr(cidr)
    } catch {
      env.problems.push(`${name}: expected networks like 10.0.0.0/8, got "${cidr}"`)
    }
  }
}

function checkIdentity(env: Environment, { identity }: Config): void {
  if (env.has(`${LINKERD}IDENTITY_DISABLED`))
    env.problems.push(`${LINKERD}IDENTITY_DISABLED is not supported`)
  if (identity.minRefreshMs > identity.maxRefreshMs) {
    env.problems.push(`${LINKERD}IDENTITY_MIN_REFRESH: expected no more than IDENTITY_MAX_REFRESH`)
  }
  if (identity.trustAnchorsPem === '') return
  try {
    parsePemBundle(identity.trustAnchorsPem)
  } catch {
    env.problems.push(`${LINKERD}IDENTITY_TRUST_ANCHORS: expected PEM certificates, got something else`)
  }
}

/** What `/env.json` may show: other variables of the machine are nobody's business. */
function ownVariables(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const own = Object.entries(variables).flatMap(([name, value]): [string, string][] =>
    value !== undefined && (name.startsWith(LINKERD) || name.startsWith(OWN)) ? [[name, value]] : [],
  )
  return Object.fromEntries(own)
}
