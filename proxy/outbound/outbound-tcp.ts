import type { Socket } from 'node:net'
import type { Tracked } from '#proxy/accept/listener.ts'
import { answerFor, type ProxyError } from '#proxy/http/proxy-error.ts'
import { relay } from '#proxy/tcp/relay.ts'
import { reset } from '#proxy/tcp/reset.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import type { AuthorityStack } from './authority-stack.ts'
import type { ClientConnection } from './client-connection.ts'
import { dialDestination } from './dial-destination.ts'
import type { OutboundContext } from './outbound-context.ts'

/** Passes a client's bytes on to an endpoint of the destination as they are. One that cannot be reached closes it. */
export function forwardTcp(context: OutboundContext, stack: AuthorityStack, client: ClientConnection): void {
  const { connections } = context
  const { socket, transport } = client
  socket.on('error', () => {})
  const tracked: Tracked = { drain: () => {}, close: () => socket.destroy() }
  let errno = ''
  const gone = () => {
    giveUp()
    transport.closed(errno)
    connections.remove(tracked)
  }
  socket.once('close', gone)
  connections.add(tracked)
  const giveUp = dialDestination(context, stack, client.target, result => {
    if (result.kind === 'failed') {
      errno = result.error.errno ?? ''
      countFailure(context, client, stack.destination.authority, result.error)
      reset(socket)
      return
    }
    const { endpoint, release } = result
    socket.off('close', gone)
    relayTcp(context, client, { socket: result.socket, transport: endpoint.transport, release })
    connections.remove(tracked)
  })
}

/** Passes bytes both ways until both sides have ended; `release` is called then. */
export function relayTcp(
  { connections }: OutboundContext,
  { socket, first, transport }: ClientConnection,
  server: { readonly socket: Socket; readonly transport: TransportMetrics; release(): void },
): void {
  server.transport.opened()
  const tracked: Tracked = { drain: () => {}, close: () => running.close() }
  connections.add(tracked)
  const running = relay(
    { socket, metrics: transport, first, admit: null, mayPass: null, refused: () => {} },
    { socket: server.socket, metrics: server.transport },
    () => {
      server.release()
      connections.remove(tracked)
    },
  )
}

/** Counts and logs a connection that got nowhere. */
export function countFailure(
  { log, telemetry }: OutboundContext,
  { target }: Pick<ClientConnection, 'target'>,
  authority: string,
  error: ProxyError,
): void {
  telemetry.outboundTcpError(answerFor(error.kind).label, target.ip, target.port)
  log.warn('Connection failed', { authority, error: error.message })
}
