import { isLoopbackHost } from '#lib/policy/loopback-host.ts'
import { Closing } from './closing.ts'
import { type Config, helpText, readConfig } from './config.ts'
import { createLog, type Log } from './log.ts'
import { openHost } from './url-host.ts'
import { readVersion } from './version.ts'

/** How long open streams and scrapes may take to end. */
const closeWithinMs = 5_000

async function start(config: Config, log: Log, closing: Closing): Promise<readonly string[]> {
  try {
    return await startRoles(config, log, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

/** Starts what the roles need. Each role's modules are loaded only when it is asked for. */
async function startRoles(config: Config, log: Log, closing: Closing): Promise<string[]> {
  const { roles } = config
  const say = (level: 'info' | 'warn', message: string): void => log[level](message)
  const { openMeshFile } = await import('./platform/mesh-file/mesh-file.ts')
  const opened = await openMeshFile({
    path: config.meshFile,
    trustDomain: config.trustDomain,
    clusterDomain: config.clusterDomain,
    controlPlaneNamespace: config.controlPlaneNamespace,
    log: say,
  })
  if ('problems' in opened) throw new StartError(opened.problems)
  const platform = closing.add(opened.platform)

  const { openDataDirectory } = await import('./data/data-directory.ts')
  const owned = [...roles].filter(role => role !== 'web')
  const data = closing.add(await openDataDirectory({ path: config.dataDir, roles: owned }))

  const lines: string[] = []
  if (roles.has('control')) {
    const { startControl } = await import('./control/control.ts')
    const { controlAddress: host, credentialsDir, identityPort, destinationPort, policyPort } = config
    const { issuanceLifetimeMs, clockSkewAllowanceMs, defaultInboundPolicy, h2Upgrade } = config
    const { l5dRequestHeaders } = config
    const control = closing.add(
      await startControl({
        platform,
        data,
        credentialsDir,
        host,
        identityPort,
        destinationPort,
        policyPort,
        issuanceLifetimeMs,
        clockSkewAllowanceMs,
        defaultInboundPolicy,
        h2Upgrade,
        l5dRequestHeaders,
        now: Date.now,
        log: say,
      }),
    )
    const { identity, destination, policy } = control.ports
    lines.push(
      `control ready identity=${host}:${identity} destination=${host}:${destination} policy=${host}:${policy}`,
    )
  }
  if (!roles.has('collect')) return lines

  const { createRegistry } = await import('./registry.ts')
  const registry = createRegistry()
  const { askPrometheus, startCollecting } = await import('./gathering.ts')
  const { reportStore } = await import('./store-metrics.ts')
  const { line, store, targets, series, unready } =
    config.prometheus === null
      ? await startCollecting(config, { platform, dataPath: data.path, registry, log, closing })
      : await askPrometheus(config.prometheus, config, { platform, registry, log, closing })
  reportStore(store, registry)
  lines.push(line)
  if (!roles.has('web')) return lines

  const { loadPages } = await import('./http/pages.ts')
  const pages = await loadPages(config.appDir)
  const { layout } = await import('./data/layout.ts')
  const { openMarkers } = await import('./markers/open-markers.ts')
  const markers = closing.add(
    await openMarkers({ path: layout.markers(data.path), log: message => log.warn(message) }),
  )
  const { createGolden } = await import('./golden/golden.ts')
  const { addMarker } = await import('./golden/markers.ts')
  const { keptReady } = await import('./golden/kept-ready.ts')
  const { measured } = await import('./golden/measured.ts')
  const { createDoors, isSocketAllowed } = await import('./http/doors.ts')
  const { closeHttp, createHttp, listen } = await import('./http/http.ts')
  const { stripPrefixes } = await import('./http/prefix.ts')
  const { startLive } = await import('./live/live.ts')
  const { openSelf } = await import('./self/open-self.ts')
  const self = closing.add(
    openSelf({
      registry,
      dataPath: data.path,
      certificates: {
        'The trust anchor': layout.trustAnchors(data.path),
        'The issuer': layout.issuer(data.path),
      },
      series,
      history: config.prometheus !== null ? 'elsewhere' : config.history ? 'kept' : 'off',
      now: Date.now,
    }),
  )
  const ground = {
    self,
    store,
    platform,
    targets,
    markers,
    nowMs: Date.now,
  }
  const ready = closing.add(
    keptReady(createGolden(ground), {
      onRound: listener => targets.subscribe(listener),
      nowMs: () => performance.now(),
    }),
  )
  const golden = measured(ready, registry)
  const commands = { addMarker: (body: unknown) => addMarker(ground, body) }
  const doors = createDoors(config.enforcedHost)
  const server = createHttp({
    golden,
    commands,
    doors,
    registry,
    basePath: config.basePath,
    log,
    version: readVersion(),
    mesh: () => platform.current(),
    unready,
    pages,
  })
  closing.add({ close: () => closeHttp(server) })
  const { memberCertificate } = await import('./control/identity/member-certificate.ts')
  const { identityName } = await import('#lib/resources/identity-name.ts')
  const { countRequests } = await import('./golden/counted-requests.ts')
  const { Taps } = await import('./tap/taps.ts')
  const { controlPlaneNamespace, trustDomain } = config
  const tapIdentity = { serviceAccount: 'tap', namespace: 'linkerd-viz', controlPlaneNamespace, trustDomain }
  const taps = closing.add(
    new Taps({
      platform,
      certificate: memberCertificate(identityName(tapIdentity), {
        root: data.path,
        controlPlaneNamespace,
        trustDomain,
        issuanceLifetimeMs: config.issuanceLifetimeMs,
        clockSkewAllowanceMs: config.clockSkewAllowanceMs,
        now: Date.now,
      }),
      countRequests: asked => countRequests({ store, ...asked, nowMs: Date.now() }),
      redactedHeaders: config.tapRedactHeaders,
      registry,
      now: Date.now,
    }),
  )
  closing.add(
    startLive({
      server,
      golden,
      taps,
      onRound: listener => targets.subscribe(listener),
      isAllowed: request => isSocketAllowed(doors, request),
      registry,
      log,
      nowMs: Date.now,
    }),
  )
  stripPrefixes(server, config.basePath)
  if (!isLoopbackHost(config.address)) {
    log.warn('everybody who reaches this address sees the mesh: no authentication is configured', {
      address: config.address,
    })
  }
  const port = await listen(server, config.address, config.port, config.portGiven)
  lines.push(`web ready url=http://${openHost(config.address)}:${port}${config.basePath}`)
  return lines
}

/** Why the server does not start, a line each. */
class StartError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

function fail(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`meshscope-server: ${line}\n`)
  process.exit(1)
}

async function main(): Promise<void> {
  const asked = readConfig(process.argv.slice(2), process.env)
  if (asked.kind === 'problems') fail(asked.problems)
  if (asked.kind !== 'config') {
    process.stdout.write(asked.kind === 'help' ? helpText() : `${readVersion()}\n`)
    return
  }
  const log = createLog(line => process.stderr.write(line), Date.now)
  // A signal that comes while the server starts ends it as soon as it has.
  const signal = new Promise<string>(done => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => done(name))
    // Started over a channel: with the program that started us gone, nobody else would end us.
    process.once('disconnect', () => done('disconnect'))
  })
  // Whoever read the log is gone: the server goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.on('unhandledRejection', error => log.error('unhandled rejection', { error: String(error) }))
  const closing = new Closing()
  process.on('uncaughtException', error => onUncaught(error, log, closing))

  let lines: readonly string[]
  try {
    lines = await start(asked.config, log, closing)
  } catch (error) {
    fail(error instanceof StartError ? error.lines : [error instanceof Error ? error.message : String(error)])
  }
  for (const line of lines) process.stdout.write(`${line}\n`)

  log.info('stopping', { signal: await signal })
  await closeOrGiveUp(closing, log)
  // Modules of the pages keep handles of their own open.
  process.exit(0)
}

/** Logs what nobody caught and ends the process: after that, nothing it holds can be trusted. */
function onUncaught(error: Error, log: Log, closing: Closing): void {
  if (isPeerGone(error)) {
    log.warn('a connection broke off', { error: error.message })
    return
  }
  log.error('uncaught exception', { error: error instanceof Error ? error.stack : String(error) })
  const exit = (): never => process.exit(1)
  closeOrGiveUp(closing, log).then(exit, exit)
}

/** A peer left while something was written to it or read from it; that harms nothing but its connection. */
function isPeerGone(error: Error): boolean {
  const isOfSocket = 'syscall' in error && (error.syscall === 'read' || error.syscall === 'write')
  return isOfSocket && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

/** Closes everything; exits with 1 when that takes too long. */
async function closeOrGiveUp(closing: Closing, log: Log): Promise<void> {
  const timer = setTimeout(() => {
    log.error('stopped without waiting any longer', { afterMs: closeWithinMs })
    process.exit(1)
  }, closeWithinMs)
  await closing.close()
  clearTimeout(timer)
}

await main()
