import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { outboundDoors } from '#demo/launch/outbound-doors.ts'
import { loadManifests } from '#lib/manifests/load-manifests.ts'
import { formatProblem } from '#lib/manifests/problem.ts'
import { tapIdentity } from '#lib/resources/identity-name.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'

const root = resolve(import.meta.dirname, '..')
const subnet = '172.28.18'
const usualPort = 8080
const generated = '# Written from demo/mesh.yaml by `npm run generate:compose`; edit that.'

/** The files that run the sample mesh in containers, by path in the repository: made of `demo/mesh.yaml` alone. */
export function composeFiles(): ReadonlyMap<string, string> {
  const text = readFileSync(resolve(root, 'demo/mesh.yaml'), 'utf8').replaceAll('127.18.0.', `${subnet}.`)
  const loaded = loadManifests([{ name: 'demo/mesh.yaml', text }], {
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  })
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return new Map([
    ['docker/mesh/mesh.yaml', `${generated}\n${text}`],
    ['docker/prometheus.yml', prometheusConfig],
    ['docker-compose.yml', composeFile(loaded.state)],
  ])
}

/** Whether somebody listens there. */
function healthTest(port: number): string {
  return `[CMD, node, -e, "require('node:net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"]`
}

function composeFile({
  instances,
  clusterDomain,
  controlPlaneNamespace,
  trustDomain,
}: Omit<MeshState, 'revision'>): string {
  const nameOf = (serviceAccount: string): string =>
    `${serviceAccount}.${controlPlaneNamespace}.serviceaccount.identity.${controlPlaneNamespace}.${trustDomain}`
  return `${generated}
#
# The sample mesh in containers: \`docker compose up --build\`, then http://localhost:8084.
# Each app has a container, and each meshed one a proxy in a second that shares its network.

x-image: &image
  # Built by the server's service, for all.
  image: meshscope
  pull_policy: never
  init: true
  restart: unless-stopped
  read_only: true
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]

x-app: &app
  <<: *image
  command: [node, dist/sample-apps.js]
  depends_on: [server]

# Of an app that serves; legacy-batch only asks.
x-app-health: &app-health
  test: ${healthTest(usualPort)}
  interval: 5s
  timeout: 3s
  start_period: 10s

# A proxy shares the network of its app's container and loses it when that one restarts: then run
# \`docker compose restart web-0-proxy\`. (\`restart: true\` in depends_on would do that for
# \`docker compose restart web-0\`, but docker-compose 1 refuses files that say so.)

x-proxy: &proxy
  <<: *image
  # The trust anchors are made when the server first starts.
  command:
    - sh
    - -c
    - export LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS="$$(cat /credentials/identity/trust-anchors.pem)"; exec node dist/proxy.js
  volumes: ["credentials:/credentials:ro"]
  # The proxy's key never touches a disk.
  tmpfs: ["/identity:mode=0700,uid=1000,gid=1000"]
  healthcheck:
    test: [CMD, node, -e, "fetch('http://127.0.0.1:4191/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
    interval: 5s
    timeout: 3s
    start_period: 10s

x-proxy-environment: &proxy-environment
  MESHSCOPE_PROXY_MODE: explicit
  MESHSCOPE_PROXY_APP_HOST: 127.0.0.1
  MESHSCOPE_PROXY_APP_PORTS: "${usualPort}"
  LINKERD2_PROXY_INBOUND_LISTEN_ADDR: 0.0.0.0:4143
  LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: 127.0.0.1:4140
  LINKERD2_PROXY_CONTROL_LISTEN_ADDR: 0.0.0.0:4190
  LINKERD2_PROXY_ADMIN_LISTEN_ADDR: 0.0.0.0:4191
  LINKERD2_PROXY_INBOUND_PORTS: "${usualPort}"
  LINKERD2_PROXY_DESTINATION_PROFILE_SUFFIXES: svc.${clusterDomain}.
  LINKERD2_PROXY_IDENTITY_SVC_ADDR: server:8080
  LINKERD2_PROXY_IDENTITY_SVC_NAME: ${nameOf('linkerd-identity')}
  LINKERD2_PROXY_DESTINATION_SVC_ADDR: server:8086
  LINKERD2_PROXY_DESTINATION_SVC_NAME: ${nameOf('linkerd-destination')}
  LINKERD2_PROXY_POLICY_SVC_ADDR: server:8090
  LINKERD2_PROXY_POLICY_SVC_NAME: ${nameOf('linkerd-destination')}
  LINKERD2_PROXY_TAP_SVC_NAME: ${tapIdentity({ controlPlaneNamespace, trustDomain })}
  LINKERD2_PROXY_IDENTITY_DIR: /identity

services:
  server:
    <<: *image
    build: .
    command: [node, dist/server.js]
    environment:
      MESHSCOPE_MESH_FILE: /mesh/mesh.yaml
      MESHSCOPE_DATA_DIR: /data
      # Apart from the authority's keys, which proxies must not see.
      MESHSCOPE_CREDENTIALS_DIR: /credentials
      MESHSCOPE_SCRAPE_INTERVAL: 1s
      # Over the network of the mesh proxies get TLS.
      MESHSCOPE_CONTROL_ADDRESS: server
      # Everybody in the mesh's network may look; from outside only this machine can, by the port below.
      MESHSCOPE_ADDRESS: 0.0.0.0
      MESHSCOPE_AUTHENTICATION: none
      MESHSCOPE_PORT: "8084"
      MESHSCOPE_ENFORCED_HOST: ^(localhost|127\\.0\\.0\\.1|server)(:\\d+)?$$
    ports: ["127.0.0.1:8084:8084"]
    volumes: ["./docker/mesh:/mesh:ro", "data:/data", "credentials:/credentials"]
    networks: { mesh: { ipv4_address: ${subnet}.250 } }
    healthcheck:
      test: [CMD, node, -e, "fetch('http://127.0.0.1:8084/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
      interval: 5s
      timeout: 3s
      start_period: 20s

${instances.map(instance => servicesOf(instance, instances)).join('\n')}
  # docker compose --profile prometheus up
  prometheus:
    image: prom/prometheus:v2.53.5
    profiles: [prometheus]
    ports: ["127.0.0.1:9090:9090"]
    volumes: ["./docker/prometheus.yml:/etc/prometheus/prometheus.yml:ro"]
    networks: [mesh]

networks:
  mesh:
    ipam: { config: [{ subnet: ${subnet}.0/24 }] }

volumes:
  data:
  credentials:
`
}

/** The app of an instance, and its proxy when it is meshed. */
function servicesOf(instance: Instance, all: readonly Instance[]): string {
  const { namespace, name, ip, identity, meshed, ports } = instance
  const workload = JSON.stringify({ ns: namespace, pod: name })
  const app = `  ${name}:
    <<: *app
    networks: { mesh: { ipv4_address: ${ip} } }
    environment:
      MESHSCOPE_SAMPLE_APPS: '${JSON.stringify([placeOf(instance, all)])}'
${healthcheckOf(ports)}`
  const own = ownSettings(instance)
  if (!meshed || identity === null) return app
  return `${app}
  ${name}-proxy:
    <<: *proxy
    network_mode: service:${name}
    depends_on: { server: { condition: service_healthy }, ${name}: { condition: ${ports.length > 0 ? 'service_healthy' : 'service_started'} } }
    environment:
      <<: *proxy-environment
      LINKERD2_PROXY_INBOUND_IPS: ${ip}
      LINKERD2_PROXY_DESTINATION_CONTEXT: '${workload}'
      LINKERD2_PROXY_POLICY_WORKLOAD: '${workload}'
      LINKERD2_PROXY_IDENTITY_LOCAL_NAME: ${identity}
      LINKERD2_PROXY_IDENTITY_TOKEN_FILE: /credentials/tokens/${namespace}/${name}.jwt
${own.map(([setting, value]) => `      ${setting}: "${value}"\n`).join('')}`
}

function healthcheckOf([first]: Instance['ports']): string {
  if (first === undefined) return ''
  if (first.port === usualPort) return '    healthcheck: *app-health\n'
  return `    healthcheck:\n      <<: *app-health\n      test: ${healthTest(first.port)}\n`
}

/** What its proxy is told beyond what all are: ports other than the usual, and doors. */
function ownSettings(instance: Instance): readonly (readonly [string, string])[] {
  const ports = instance.ports.map(({ port }) => port).join(',')
  const doors = outboundDoors(instance).map(({ port, destination }) => `127.0.0.1:${port}=${destination}`)
  const own: [string, string][] = []
  if (ports !== '' && ports !== String(usualPort))
    own.push(['MESHSCOPE_PROXY_APP_PORTS', ports], ['LINKERD2_PROXY_INBOUND_PORTS', ports])
  if (doors.length > 0) own.push(['MESHSCOPE_PROXY_OUTBOUND_LISTEN', doors.join(',')])
  return own
}

/** Where the app listens and whom it asks: its own proxy, or those of others when it has none. */
function placeOf(instance: Instance, all: readonly Instance[]) {
  const { labels, workload, name, ip, ports, meshed } = instance
  const inbound = all
    .filter(other => other.meshed && other.labels.app)
    .map(other => [
      `${other.labels.app}.${other.namespace}`,
      { host: other.ip, port: other.proxyPorts.inbound },
    ])
  return {
    app: labels.app ?? '',
    workload: workload.name,
    pod: name,
    ip,
    listenHost: '127.0.0.1',
    listenPort: ports[0]?.port ?? null,
    outbound: meshed ? { host: '127.0.0.1', port: 4140 } : null,
    doors: Object.fromEntries(
      outboundDoors(instance).map(({ port, service }) => [service, { host: '127.0.0.1', port }]),
    ),
    // The first replica of each.
    direct: meshed ? {} : Object.fromEntries(inbound.reverse()),
  }
}

const prometheusConfig = `# Written by \`npm run generate:compose\`; edit scripts/compose.ts.
global: { scrape_interval: 5s }
scrape_configs:
  - job_name: meshscope
    static_configs:
      - targets: ["server:8084"]
  - job_name: linkerd-proxy
    http_sd_configs:
      - url: http://server:8084/api/v1/sd
        refresh_interval: 5s
`

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [path, text] of composeFiles()) {
    mkdirSync(dirname(resolve(root, path)), { recursive: true })
    writeFileSync(resolve(root, path), text)
  }
}
