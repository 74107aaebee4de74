import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import { ConnectionSet, type Listener, listen } from '#proxy/accept/listener.ts'
import type { Config, SocketAddress } from '#proxy/config.ts'
import type { Discovery } from '#proxy/discovery/discovery.ts'
import { InFlight } from '#proxy/http/in-flight.ts'
import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'
import type { Taps } from '#proxy/tap/taps.ts'
import type { Telemetry } from '#proxy/telemetry/telemetry.ts'
import { AuthorityStacks } from './authority-stacks.ts'
import type { ClientConnection } from './client-connection.ts'
import { connectRequests } from './connect-requests.ts'
import { DestinationConnection } from './destination-connection.ts'
import { Egress } from './egress.ts'
import type { OutboundContext } from './outbound-context.ts'
import { OutboundService } from './outbound-service.ts'
import { serveHttp } from './serve-http.ts'

/** Addresses that say nothing of which instance this is. */
const SHARED_HOSTS = new Set(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'])

/** The outbound ports. */
export interface OutboundListener extends Listener {
  /** Those for one destination each, in the order of the configuration. */
  readonly destinations: readonly SocketAddress[]
}

/**
 * Opens the outbound port: requests of the app beside this proxy, for services of the mesh; and the ports for one
 * destination each. Rejects when one of the addresses cannot be bound.
 */
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
}): Promise<OutboundListener> {
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
  const egress = new Egress(context)
  const service = new OutboundService(context, stacks, egress)
  const stop = () => {
    stacks.close()
    egress.close()
  }
  const open = (where: SocketAddress, take: (client: ClientConnection) => void): Promise<Listener> =>
    listen(where, connections, {
      accept: socket => {
        const client = admit(context, socket, where)
        if (client !== null) take(client)
      },
      refused: () => telemetry.outboundTcpError('too many connections', where.host, where.port),
    })
  const listeners: Listener[] = []
  const closeAll = async () => {
    await Promise.all(listeners.map(listener => listener.close()))
    stop()
  }
  try {
    listeners.push(
      await open(config.outboundListen, client => {
        const connect = connectRequests({ context, stacks, egress, service }, client)
        serveHttp(context, { ...client, service: service.ofClient(client.source), connect })
      }),
    )
    for (const { listen: where, destination } of config.destinationListeners) {
      listeners.push(
        await open(where, client => {
          const stack = stacks.get(destination.authority)
          if (stack === null) {
            telemetry.outboundTcpError('loadshed', client.target.ip, client.target.port)
            client.transport.closed('')
            client.socket.destroy()
            return
          }
          const requests = service.ofClient(client.source, destination)
          new DestinationConnection(context, stack, requests, client).start()
        }),
      )
    }
  } catch (error) {
    await closeAll()
    throw error
  }
  const [first, ...rest] = listeners
  return {
    address: first?.address ?? config.outboundListen,
    destinations: rest.map(({ address }) => address),
    drain: async graceMs => {
      await Promise.all(listeners.map(listener => listener.drain(graceMs)))
      stop()
    },
    close: closeAll,
  }
}

const NO_BYTES = Buffer.alloc(0)

/** The connection, open and counted; `null` when it does not come from this machine, and was closed. */
function admit(
  { localAddress, log, telemetry }: OutboundContext,
  socket: Socket,
  listening: SocketAddress,
): ClientConnection | null {
  if (!isLoopback(socket.remoteAddress)) {
    log.warn('Connection refused: only loopback clients may use the outbound port', {
      client: socket.remoteAddress ?? '',
    })
    socket.destroy()
    return null
  }
  const target = { ip: socket.localAddress ?? listening.host, port: socket.localPort ?? listening.port }
  const transport = telemetry.outboundSource(target.ip, target.port)
  transport.opened()
  return { socket, first: NO_BYTES, transport, source: sourceOf(socket, localAddress), target }
}

/** The instance's own address, as in a cluster, where the app has no other. */
function sourceOf({ remoteAddress, remotePort }: Socket, ownAddress: string | null): TapAddress {
  const ip = (remoteAddress ?? '').replace(/^::ffff:/, '')
  return { ip: SHARED_HOSTS.has(ip) ? (ownAddress ?? ip) : ip, port: remotePort ?? 0 }
}

function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/, '')
  return plain === '::1' || plain.startsWith('127.')
}
