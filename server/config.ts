import { homedir } from 'node:os'
import { join } from 'node:path'
import { isLoopbackHost } from '#lib/policy/loopback-host.ts'
import { sensitiveHeaders } from '#lib/tap/redact.ts'
import {
  authentication,
  count,
  domain,
  durationMs,
  durationOrZeroMs,
  headerNames,
  host,
  httpUrl,
  labelMatchers,
  oneOf,
  onOrOff,
  path,
  pathPrefix,
  pattern,
  port,
  scrapeIntervalMs,
  sizeBytes,
} from './flag-values.ts'
import { type Flag, type Flags, readFlags } from './flags.ts'
import { urlHost } from './url-host.ts'

const roles = ['control', 'collect', 'web'] as const
type Role = (typeof roles)[number]

/** All the server needs to know before it starts. */
export interface Config {
  readonly roles: ReadonlySet<Role>
  readonly meshFile: string
  readonly dataDir: string
  /** Where dashboard and API listen. */
  readonly address: string
  /** Where the ports for proxies listen. */
  readonly controlAddress: string
  /** Where proxies find tokens and trust anchors; `undefined`: in the data directory. */
  readonly credentialsDir: string | undefined
  readonly port: number
  /** The port was asked for: when it is taken, that is an error. Else the next free one is used. */
  readonly portGiven: boolean
  readonly scrapeIntervalMs: number
  /** How many series a proxy may have, and all together. */
  readonly maxSeriesPerProxy: number
  readonly maxSeries: number
  /** How much memory the numbers of the last hour may take. */
  readonly recentMemoryBytes: number
  readonly identityPort: number
  readonly destinationPort: number
  readonly policyPort: number
  readonly controlPlaneNamespace: string
  readonly trustDomain: string
  readonly clusterDomain: string
  readonly issuanceLifetimeMs: number
  readonly clockSkewAllowanceMs: number
  readonly defaultInboundPolicy: string
  /** Whether proxies carry HTTP/1 in HTTP/2 to each other. */
  readonly h2Upgrade: boolean
  /** Whether clients may ask for retries and timeouts by headers. */
  readonly l5dRequestHeaders: boolean
  readonly enforcedHost: RegExp
  /** The path prefix under which a proxy in front shows the dashboard; empty for none. */
  readonly basePath: string
  /** Names of headers, in lower case, whose values no tap tells. */
  readonly tapRedactHeaders: readonly string[]
  /** The Prometheus whose numbers are shown; `null`: proxies are read by this process. */
  readonly prometheus: PrometheusConfig | null
  /** Whether what was counted is kept in the data directory. */
  readonly history: boolean
  /** How often it is written there. */
  readonly flushIntervalMs: number
  /** The folder that holds the built pages (`.next`). */
  readonly appDir: string
}

/** Where a Prometheus is, what it wants to see of who asks, and which of its series are of proxies. Files hold secrets. */
interface PrometheusConfig {
  readonly url: URL
  readonly match: string
  readonly bearerTokenFile: string | undefined
  readonly basicAuthFile: string | undefined
  readonly headersFile: string | undefined
  readonly caFile: string | undefined
  readonly timeoutMs: number
}

/** What the command line asks for. */
export type ConfigResult =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

const usualHosts = String.raw`localhost|127\.0\.0\.1|web\.linkerd-viz\.svc\.cluster\.local|web\.linkerd-viz\.svc|\[::1\]`

const inboundPolicies = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'audit',
  'deny',
] as const

function roleSet(text: string): ReadonlySet<Role> {
  const chosen = text.split(',').map(part => part.trim())
  const known: readonly string[] = roles
  if (chosen.some(role => !known.includes(role))) throw new Error(`one or more of ${roles.join(',')}`)
  return new Set(roles.filter(role => chosen.includes(role)))
}

function flag<T>(
  env: string,
  value: string,
  fallback: string,
  read: (text: string) => T,
  help: string,
): Flag<T> {
  return { env: `MESHSCOPE_${env}`, value, fallback, read, help }
}

const flags = {
  roles: flag('ROLES', 'list', roles.join(','), roleSet, 'what this process does: control, collect, web'),
  'mesh-file': flag('MESH_FILE', 'path', '', path, 'YAML file or folder that describes the mesh'),
  'data-dir': flag('DATA_DIR', 'path', '', path, 'where keys, tokens and history lie'),
  address: flag('ADDRESS', 'host', '127.0.0.1', host, 'where dashboard and API listen'),
  authentication: flag(
    'AUTHENTICATION',
    'way',
    '',
    authentication,
    'how who comes over the network is told apart; none lets everybody in',
  ),
  'control-address': flag(
    'CONTROL_ADDRESS',
    'host',
    '127.0.0.1',
    host,
    'where the ports for proxies listen; other than on loopback they speak TLS',
  ),
  port: flag(
    'PORT',
    'port',
    '8084',
    port,
    'port of dashboard and API; by default the next free one from 8084',
  ),
  'scrape-interval': flag(
    'SCRAPE_INTERVAL',
    'duration',
    '5s',
    scrapeIntervalMs,
    'how often each proxy is read',
  ),
  'max-series-per-proxy': flag(
    'MAX_SERIES_PER_PROXY',
    'number',
    '100000',
    count,
    'how many series a proxy may have before it is left out, and said to be',
  ),
  'max-series': flag('MAX_SERIES', 'number', '1500000', count, 'the same of all proxies together'),
  'recent-memory': flag(
    'RECENT_MEMORY',
    'size',
    '256MiB',
    sizeBytes,
    'what the numbers of the last hour may take before those that were idle longest leave',
  ),
  store: flag(
    'STORE',
    'name',
    'memory',
    oneOf(['memory', 'prometheus']),
    'where numbers come from: memory, of proxies that this process reads, or a prometheus that does',
  ),
  'prometheus-url': flag(
    'PROMETHEUS_URL',
    'url',
    '',
    httpUrl,
    'its address; what speaks its API, as Thanos or Mimir, will do',
  ),
  'prometheus-match': flag(
    'PROMETHEUS_MATCH',
    'matchers',
    'job="linkerd-proxy"',
    labelMatchers,
    'which of its series are of proxies',
  ),
  'prometheus-bearer-token-file': flag(
    'PROMETHEUS_BEARER_TOKEN_FILE',
    'path',
    '',
    path,
    'holds the token that it wants',
  ),
  'prometheus-basic-auth-file': flag('PROMETHEUS_BASIC_AUTH_FILE', 'path', '', path, 'holds user:password'),
  'prometheus-headers-file': flag(
    'PROMETHEUS_HEADERS_FILE',
    'path',
    '',
    path,
    'holds headers it wants, a line each, as X-Scope-OrgID: tenant',
  ),
  'prometheus-ca-file': flag(
    'PROMETHEUS_CA_FILE',
    'path',
    '',
    path,
    'certificates of authorities to trust besides the usual ones',
  ),
  'prometheus-timeout': flag(
    'PROMETHEUS_TIMEOUT',
    'duration',
    '10s',
    durationMs,
    'how long it may take to answer a question',
  ),
  history: flag(
    'HISTORY',
    'on|off',
    'on',
    onOrOff,
    'whether two weeks of numbers are kept in the data directory',
  ),
  'flush-interval': flag(
    'FLUSH_INTERVAL',
    'duration',
    '10s',
    scrapeIntervalMs,
    'how often they are written there: what a crash may cost while proxies are gone, too',
  ),
  'identity-port': flag('IDENTITY_PORT', 'port', '8080', port, 'port of certificates'),
  'destination-port': flag('DESTINATION_PORT', 'port', '8086', port, 'port of endpoints and profiles'),
  'policy-port': flag('POLICY_PORT', 'port', '8090', port, 'port of inbound policies'),
  'credentials-dir': flag(
    'CREDENTIALS_DIR',
    'path',
    '',
    path,
    'where proxies find tokens and trust anchors; by default the data directory',
  ),
  'control-plane-namespace': flag('CONTROL_PLANE_NAMESPACE', 'name', 'linkerd', domain, 'part of identities'),
  'trust-domain': flag('TRUST_DOMAIN', 'domain', 'cluster.local', domain, 'end of identities'),
  'cluster-domain': flag('CLUSTER_DOMAIN', 'domain', 'cluster.local', domain, 'end of service names'),
  'issuance-lifetime': flag(
    'ISSUANCE_LIFETIME',
    'duration',
    '24h',
    durationMs,
    'how long a certificate lasts',
  ),
  'clock-skew-allowance': flag(
    'CLOCK_SKEW_ALLOWANCE',
    'duration',
    '20s',
    durationOrZeroMs,
    'added at both its ends',
  ),
  'default-inbound-policy': flag(
    'DEFAULT_INBOUND_POLICY',
    'name',
    'all-unauthenticated',
    oneOf(inboundPolicies),
    'who may connect where no policy says',
  ),
  'h2-upgrade': flag(
    'H2_UPGRADE',
    'on|off',
    'off',
    onOrOff,
    'whether proxies carry HTTP/1 in HTTP/2 to each other, as Linkerd has them do; off is faster',
  ),
  'l5d-request-headers': flag(
    'L5D_REQUEST_HEADERS',
    'on|off',
    'off',
    onOrOff,
    'whether clients may ask for retries and timeouts by l5d-retry-* and l5d-*timeout headers',
  ),
  'enforced-host': flag('ENFORCED_HOST', 'regex', '', pattern, 'Host headers that are answered'),
  'base-path': flag(
    'BASE_PATH',
    'path',
    '',
    pathPrefix,
    'path prefix at which a proxy in front shows the dashboard; X-Forwarded-Prefix tells it too',
  ),
  'tap-redact-headers': flag(
    'TAP_REDACT_HEADERS',
    'names',
    sensitiveHeaders.join(','),
    headerNames,
    'headers whose values taps leave out',
  ),
  'app-dir': flag('APP_DIR', 'path', '.', path, 'folder with the built pages (.next)'),
} satisfies Flags

/** What arguments and environment ask for: a configuration, the help, the version, or every problem at once. */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' }
  if (args.includes('--version')) return { kind: 'version' }
  const { settings, given, problems: read } = readFlags(flags, args, env)
  const problems = [...read]
  if (!settings['mesh-file']) {
    problems.push('--mesh-file: expected the file or folder that describes the mesh, and got none')
  }
  if (settings.roles.has('web') && !settings.roles.has('collect')) {
    problems.push(
      '--roles: expected web together with collect, and got web without it: its numbers lie in collect',
    )
  }
  if (!isLoopbackHost(settings.address) && settings.authentication === '') {
    problems.push(
      `--address: expected a loopback address, for over the network nobody is told apart, and got ${JSON.stringify(settings.address)}; --authentication none lets everybody in`,
    )
  }
  const usesPrometheus = settings.store === 'prometheus'
  if (usesPrometheus && settings['prometheus-url'] === null)
    problems.push(
      '--prometheus-url: expected the address of a Prometheus for --store prometheus, and got none',
    )
  if (problems.length > 0) return { kind: 'problems', problems }
  return {
    kind: 'config',
    config: {
      roles: settings.roles,
      meshFile: settings['mesh-file'],
      dataDir: settings['data-dir'] || defaultDataDir(env),
      address: settings.address,
      controlAddress: settings['control-address'],
      credentialsDir: settings['credentials-dir'] || undefined,
      port: settings.port,
      portGiven: given.has('port'),
      scrapeIntervalMs: settings['scrape-interval'],
      maxSeriesPerProxy: settings['max-series-per-proxy'],
      maxSeries: settings['max-series'],
      recentMemoryBytes: settings['recent-memory'],
      identityPort: settings['identity-port'],
      destinationPort: settings['destination-port'],
      policyPort: settings['policy-port'],
      controlPlaneNamespace: settings['control-plane-namespace'],
      trustDomain: settings['trust-domain'],
      clusterDomain: settings['cluster-domain'],
      issuanceLifetimeMs: settings['issuance-lifetime'],
      clockSkewAllowanceMs: settings['clock-skew-allowance'],
      defaultInboundPolicy: settings['default-inbound-policy'],
      h2Upgrade: settings['h2-upgrade'],
      l5dRequestHeaders: settings['l5d-request-headers'],
      enforcedHost: given.has('enforced-host') ? settings['enforced-host'] : hostsOf(settings.address),
      basePath: settings['base-path'],
      tapRedactHeaders: settings['tap-redact-headers'],
      prometheus:
        usesPrometheus && settings['prometheus-url'] !== null
          ? {
              url: settings['prometheus-url'],
              match: settings['prometheus-match'],
              bearerTokenFile: settings['prometheus-bearer-token-file'] || undefined,
              basicAuthFile: settings['prometheus-basic-auth-file'] || undefined,
              headersFile: settings['prometheus-headers-file'] || undefined,
              caFile: settings['prometheus-ca-file'] || undefined,
              timeoutMs: settings['prometheus-timeout'],
            }
          : null,
      history: settings.history,
      flushIntervalMs: settings['flush-interval'],
      appDir: settings['app-dir'],
    },
  }
}

/** The names by which a server that listens here is asked, unless somebody says others. */
function hostsOf(address: string): RegExp {
  const own = new URL(`http://${urlHost(address)}`).hostname.replaceAll(/[.[\]]/g, String.raw`\$&`)
  return new RegExp(String.raw`^(${usualHosts}|${own})(:\d+)?$`)
}

function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'meshscope')
}

/** The help text: every flag with its value, variable and default. */
export function helpText(): string {
  const lines = Object.entries(flags).map(([name, { env, value, fallback, help }]) => {
    const usual = name === 'enforced-host' ? 'this machine, --address and Linkerd’s own names' : fallback
    return `  --${`${name} <${value}>`.padEnd(34)} ${help}${usual ? ` [${usual}]` : ''} (${env})`
  })
  return [
    'Usage: meshscope-server --mesh-file <path> [flags]',
    '',
    'Gathers what the mesh proxies count and serves it at http://localhost:8084.',
    '',
    ...lines,
    `  --${'version'.padEnd(34)} prints the version`,
    `  --${'help'.padEnd(34)} prints this`,
    '',
  ].join('\n')
}
