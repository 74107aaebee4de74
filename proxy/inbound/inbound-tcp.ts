import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { authorize } from '#lib/policy/authorize.ts'
import type { Tracked } from '#proxy/accept/listener.ts'
import type { LogFields } from '#proxy/log.ts'
import { type Admit, relay } from '#proxy/tcp/relay.ts'
import { reset } from '#proxy/tcp/reset.ts'
import type { InboundLabels } from '#proxy/telemetry/telemetry.ts'
import type { InboundContext, InboundPeer } from './inbound-context.ts'
import { clientOf, tlsLabels } from './peer-tls.ts'

/** Lets an opaque connection through to the app, if policy does, and for as long as it does. */
export function serveTcp(
  context: InboundContext,
  {
    peer,
    targetIp,
    socket,
    first,
    admit,
    mayPass,
  }: {
    peer: InboundPeer
    targetIp: string
    socket: Socket
    first: Buffer
    /** Judges what the client sends, unless the app speaks first; `null`: nothing needs it. */
    admit: Admit | null
    /** Judges what comes after `first`; `null`: nothing needs it. */
    mayPass: ((chunk: Buffer) => boolean) | null
  },
): void {
  const { connections, log, policies, telemetry, upstreams } = context
  const decide = () => {
    const policy = policies.forPort(peer.port)
    const labels: InboundLabels = {
      targetIp,
      targetPort: peer.port,
      tls: tlsLabels(peer),
      server: policy.server,
      clientIp: peer.ip,
    }
    return { labels, authorization: authorize(policy, clientOf(peer)) }
  }
  const { authorization, labels } = decide()
  const client = describeClient(peer)
  socket.on('error', () => {})
  if (authorization === null) {
    telemetry.tcpDenied(labels)
    log.warn('Connection refused', { error: 'unauthorized', server: labels.server.name, ...client })
    reset(socket)
    return
  }
  telemetry.tcpAllowed(labels, authorization.ref)
  const source = telemetry.inboundSource(labels)
  source.opened()
  let close = () => {
    socket.destroy()
  }
  const unsubscribe = policies.subscribe(port => {
    if (port !== peer.port) return
    const now = decide()
    if (now.authorization !== null) return
    telemetry.tcpTerminated(now.labels)
    log.warn('Connection ended: no longer authorized', { server: now.labels.server.name, ...client })
    close()
  })
  const tracked: Tracked = { drain: () => {}, close: () => close() }
  connections.add(tracked)
  const ended = () => {
    unsubscribe()
    connections.remove(tracked)
  }
  let errno = ''
  const gone = () => {
    giveUp()
    source.closed(errno)
    ended()
  }
  socket.once('close', gone)
  const giveUp = upstreams.connectTo(peer.port)(result => {
    if (result.kind !== 'connected') {
      errno = 'errno' in result ? (result.errno ?? '') : ''
      telemetry.inboundTcpError('i/o', targetIp, peer.port)
      log.warn('Connection failed', { error: result.message, ...client })
      reset(socket)
      return
    }
    socket.off('close', gone)
    context.appTransport.opened()
    const running = relay(
      {
        socket,
        metrics: source,
        first,
        admit,
        mayPass,
        refused: () => {
          telemetry.inboundTcpError('unexpected', targetIp, peer.port)
          log.warn('Connection refused', {
            error: 'unexpected',
            reason: 'HTTP on an opaque connection',
            ...client,
          })
        },
      },
      { socket: result.socket, metrics: context.appTransport },
      ended,
    )
    close = () => running.close()
  })
}

/** Who a connection is of, for the log. */
function describeClient({ ip, port, tls }: InboundPeer): LogFields {
  return {
    client: ip,
    ...(tls.kind === 'mesh' && tls.clientId !== '' && { identity: tls.clientId }),
    port,
  }
}
