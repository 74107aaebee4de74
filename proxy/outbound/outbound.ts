import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import { ConnectionSet, type Listener, listen } from '#proxy/accept/listener.ts'
import type { Config } from '#proxy/config.ts'
import type { Discovery } from '#proxy/discovery/discovery.ts'
import { InFlight } from '#proxy/http/in-flight.ts'
import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'
import type { Taps } from '#proxy/tap/taps.ts'
import type { Telemetry } from '#proxy/telemetry/telemetry.ts'
import { AuthorityStacks } from './authority-stacks.ts'
import type { OutboundContext } from './outbound-context.ts'
import { OutboundService } from './outbound-service.ts'
import { serveHttp } from './serve-http.ts'

/** Addresses that say nothing of which instance this is. */
const SHARED_HOSTS = new Set(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'])

/** Opens the outbound port: requests of the app beside this proxy, for services of the mesh. */
export async function startOutbound({
  config,
  identity,
  discovery,
  telemetry,
  taps,
  log,
}: {
  config: Config
  identity: Identity
  discovery: Discovery
  telemetry: Telemetry
  taps: Taps
  log: Log
}): Promise<Listener> {
  const connections = new ConnectionSet()
  const { host } = config.outboundListen
  const context: OutboundContext = {
    config,
    identity,
    discovery,
    telemetry,
    log,
    connections,
    taps,
    inFlight: new InFlight(config.maxInFlight),
    localAddress: SHARED_HOSTS.has(host) ? null : host,
    random: Math.random,
  }
  const stacks = new AuthorityStacks(context)
  const service = new OutboundService(context, stacks)
  const accept = (socket: Socket): void => {
    if (!isLoopback(socket.remoteAddress)) {
      log.warn('Connection refused: only loopback clients may use the outbound port', {
        client: socket.remoteAddress ?? '',
      })
      socket.destroy()
      return
    }
    const { port } = listener.address
    const transport = telemetry.outboundSource(socket.localAddress ?? host, port)
    transport.opened()
    serveHttp(context, {
      socket,
      first: NO_BYTES,
      service: service.ofClient(sourceOf(socket, context.localAddress)),
      transport,
    })
  }
  const listener = await listen(config.outboundListen, connections, {
    accept,
    refused: () => telemetry.outboundHttpError('too many connections'),
  })
  const stop = () => {
    service.close()
    stacks.close()
  }
  return {
    address: listener.address,
    drain: async graceMs => {
      await listener.drain(graceMs)
      stop()
    },
    close: async () => {
      await listener.close()
      stop()
    },
  }
}

const NO_BYTES = Buffer.alloc(0)

/** The instance's own address, as in a cluster, where the app has no other. */
function sourceOf({ remoteAddress, remotePort }: Socket, ownAddress: string | null): TapAddress {
  const ip = (remoteAddress ?? '').replace(/^::ffff:/, '')
  return { ip: SHARED_HOSTS.has(ip) ? (ownAddress ?? ip) : ip, port: remotePort ?? 0 }
}

function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/, '')
  return plain === '::1' || plain.startsWith('127.')
}
