import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { type Hello, parseClientHello } from '#proxy/accept/client-hello.ts'
import { detectHttp, watchFirstLine } from '#proxy/accept/detect-http.ts'
import { detectResult } from '#proxy/accept/detect-result.ts'
import { readFirstBytes } from '#proxy/accept/first-bytes.ts'
import type { Tracked } from '#proxy/accept/listener.ts'
import { CLIENT_IDLE_TIMEOUT_MS, MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import { ServerConnection } from '#proxy/http1/server-connection.ts'
import { Http2ServerConnection, type Http2ServerOptions } from '#proxy/http2/server-connection.ts'
import type { Admit } from '#proxy/tcp/relay.ts'
import { reset } from '#proxy/tcp/reset.ts'
import {
  type ParsedTransportHeader,
  parseTransportHeader,
  type TransportHeader,
} from '#proxy/tcp/transport-header.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import type { InboundContext, InboundPeer } from './inbound-context.ts'
import { InboundService } from './inbound-service.ts'
import { serveTcp } from './inbound-tcp.ts'
import { refusingService } from './refusing-service.ts'

const EMPTY = Buffer.alloc(0)
/** Of connections for ports that a peer makes up: no series is kept of them. */
const UNCOUNTED: TransportMetrics = { opened: () => {}, read: () => {}, wrote: () => {}, closed: () => {} }

/** What serves the requests of a connection, of whichever HTTP. */
type Served = Pick<Http2ServerOptions, 'service' | 'transport' | 'idleTimeoutMs'> & {
  refused(error: string): void
}

/** Takes a connection from its first byte to the service that answers it: TLS, transport header, protocol. */
export class InboundAccept {
  private readonly targetIp: string
  private readonly ip: string
  private readonly clientPort: number
  private readonly tracked: Tracked

  constructor(
    private readonly context: InboundContext,
    private readonly socket: Socket,
  ) {
    this.targetIp = plainIp(socket.localAddress)
    this.ip = plainIp(socket.remoteAddress)
    this.clientPort = socket.remotePort ?? 0
    this.tracked = { drain: () => socket.destroy(), close: () => socket.destroy() }
  }

  start(): void {
    const { context, socket } = this
    socket.on('error', () => {})
    context.connections.add(this.tracked)
    const decide = (bytes: Buffer): Hello | null => {
      const hello = parseClientHello(bytes)
      return hello.kind === 'incomplete' ? null : hello
    }
    readFirstBytes(socket, EMPTY, context.config.inboundDetectTimeoutMs, decide, result => {
      switch (result.kind) {
        case 'closed':
          this.drop(null)
          return
        case 'timeout':
          this.drop('tls detection timeout')
          return
        case 'decided':
          this.secured(result.value, result.bytes)
      }
    })
  }

  private secured(hello: Hello, bytes: Buffer): void {
    const { context, socket } = this
    if (hello.kind !== 'hello' || hello.serverName === null) {
      this.withoutHeader(socket, { kind: 'none', reason: 'no_tls_from_remote' }, bytes)
      return
    }
    if (hello.serverName !== context.identity.name) {
      this.passOn(hello.serverName, bytes)
      return
    }
    context.terminator.terminate(socket, bytes, result => {
      if (result.kind === 'refused') {
        this.drop('unexpected', result.reason)
        return
      }
      const tls = { kind: 'mesh', clientId: result.clientId } as const
      if (result.hasTransportHeader) this.readHeader(result.socket, result.clientId)
      else this.withoutHeader(result.socket, tls, EMPTY)
    })
  }

  /** TLS for another server is the app's: the proxy cannot read it, nor route by what is in it. */
  private passOn(serverName: string, bytes: Buffer): void {
    const { config, policies, serverNames } = this.context
    const port = config.appPorts[0]
    if (port === undefined) {
      this.drop('unexpected', 'no app port is configured')
      return
    }
    const { protocol } = policies.forPort(port)
    if (protocol === 'http1' || protocol === 'http2' || protocol === 'grpc') {
      this.drop('unexpected', `TLS for ${serverName}, to a port of ${protocol}`)
      return
    }
    const peer = this.peer(port, {
      kind: 'opaque',
      serverName: serverNames.label(serverName, performance.now()),
    })
    this.serveTcp(this.socket, peer, bytes, null)
  }

  private readHeader(socket: Socket, clientId: string): void {
    const { config, telemetry } = this.context
    if (clientId === '') {
      this.drop('unexpected', 'a transport header needs an identity', socket)
      return
    }
    const decide = (bytes: Buffer): ParsedTransportHeader | null => {
      const parsed = parseTransportHeader(bytes)
      return parsed.kind === 'incomplete' ? null : parsed
    }
    readFirstBytes(socket, EMPTY, config.inboundDetectTimeoutMs, decide, result => {
      if (result.kind !== 'decided' || result.value.kind !== 'header') {
        const isInvalid = result.kind === 'decided' && result.value.kind === 'invalid'
        this.drop(
          result.kind === 'closed' ? null : 'unexpected',
          isInvalid ? 'invalid transport header' : '',
          socket,
        )
        return
      }
      const { header, sizeBytes } = result.value
      const session = SESSION_LABELS[header.sessionProtocol]
      telemetry.transportHeader(session, header.port, header.name, clientId)
      if (header.name !== '') {
        this.drop('gateway domain invalid', `no gateway for ${header.name}`, socket)
        return
      }
      if (!this.isAppPort(header.port)) {
        this.refusePort(socket, header, result.bytes.subarray(sizeBytes))
        return
      }
      const peer = this.peer(header.port, { kind: 'mesh', clientId })
      const rest = result.bytes.subarray(sizeBytes)
      if (header.sessionProtocol === 'http1') this.serveHttp1(socket, peer, rest)
      else if (header.sessionProtocol === 'http2') this.serveHttp2(socket, peer, rest)
      else this.detect(socket, peer, rest)
    })
  }

  /** A client that speaks HTTP learns why from an answer; any other is cut off. */
  private refusePort(socket: Socket, { port, sessionProtocol }: TransportHeader, rest: Buffer): void {
    const { config, connections } = this.context
    const message = `port ${port} is none of the app's`
    this.refused('unexpected', message)
    connections.remove(this.tracked)
    if (sessionProtocol === 'opaque') {
      reset(socket)
      return
    }
    const options = {
      service: refusingService({ kind: 'connect', message }),
      transport: UNCOUNTED,
      idleTimeoutMs: config.inboundDetectTimeoutMs,
      refused: () => {},
    }
    if (sessionProtocol === 'http1') this.openHttp1(socket, { ...options, endMeansGone: true }, rest)
    else this.openHttp2(socket, options, rest)
  }

  private withoutHeader(socket: Socket, tls: InboundPeer['tls'], bytes: Buffer): void {
    const port = this.context.config.appPorts[0]
    if (port === undefined) this.drop('unexpected', 'no app port is configured', socket)
    else this.detect(socket, this.peer(port, tls), bytes)
  }

  private detect(socket: Socket, peer: InboundPeer, bytes: Buffer): void {
    const policy = this.context.policies.forPort(peer.port)
    switch (policy.protocol) {
      case 'opaque':
      case 'tls':
        this.serveTcp(socket, peer, bytes, null)
        return
      case 'http1':
        if (peer.tls.kind === 'none') {
          this.serveHttp1(socket, peer, bytes)
          return
        }
        break
      case 'http2':
      case 'grpc':
        this.serveHttp2(socket, peer, bytes)
        return
      case 'detect':
        break
    }
    const startedMs = performance.now()
    readFirstBytes(socket, bytes, policy.detectTimeoutMs, detectHttp, result => {
      const ofServer = { server: policy.server, targetPort: peer.port }
      this.context.telemetry.inboundDetected(ofServer, detectResult(result), performance.now() - startedMs)
      switch (result.kind) {
        case 'decided':
          if (result.value === 'http1') this.serveHttp1(socket, peer, result.bytes)
          else if (result.value === 'http2') this.serveHttp2(socket, peer, result.bytes)
          else this.serveTcp(socket, peer, result.bytes, null, watchFirstLine(result.bytes))
          return
        case 'timeout':
          // A client that is silent may wait for the server to begin; one that is slow is still HTTP.
          if (result.bytes.length > 0) this.serveHttp1(socket, peer, result.bytes)
          else this.serveTcp(socket, peer, EMPTY, notHttp)
          return
        case 'closed':
          // What ended within its first line holds no header that an app could believe.
          if (socket.destroyed || result.bytes.length === 0) this.drop(null, '', socket)
          else this.serveTcp(socket, peer, result.bytes, null)
      }
    })
  }

  private serveTcp(
    socket: Socket,
    peer: InboundPeer,
    bytes: Buffer,
    admit: Admit | null,
    mayPass: ((chunk: Buffer) => boolean) | null = null,
  ): void {
    this.context.connections.remove(this.tracked)
    serveTcp(this.context, { peer, targetIp: this.targetIp, socket, first: bytes, admit, mayPass })
  }

  private serveHttp1(socket: Socket, peer: InboundPeer, bytes: Buffer): void {
    this.openHttp1(socket, { ...this.opened(peer), endMeansGone: peer.tls.kind === 'mesh' }, bytes)
  }

  private serveHttp2(socket: Socket, peer: InboundPeer, bytes: Buffer): void {
    this.openHttp2(socket, this.opened(peer), bytes)
  }

  private openHttp1(socket: Socket, options: Served & { endMeansGone: boolean }, bytes: Buffer): void {
    const { config, connections } = this.context
    const connection: ServerConnection = new ServerConnection(socket, {
      ...options,
      maxHeadBytes: MAX_HEAD_BYTES,
      headTimeoutMs: config.inboundDetectTimeoutMs,
      closed: () => connections.remove(connection),
    })
    connections.add(connection)
    connection.start(bytes)
  }

  private openHttp2(socket: Socket, options: Served, bytes: Buffer): void {
    const { config, connections } = this.context
    const connection: Http2ServerConnection = new Http2ServerConnection(socket, {
      ...options,
      restoresHttp1: true,
      settings: config.http2.inboundServer,
      closed: () => connections.remove(connection),
    })
    connections.add(connection)
    connection.start(bytes)
  }

  /** What a connection that is known to speak HTTP is served with. */
  private opened(peer: InboundPeer): Served {
    const { connections, telemetry } = this.context
    connections.remove(this.tracked)
    const service = new InboundService(this.context, peer, this.targetIp)
    const transport = telemetry.inboundSource(service.labels)
    transport.opened()
    return {
      service,
      transport,
      idleTimeoutMs: CLIENT_IDLE_TIMEOUT_MS,
      refused: (error: string) => telemetry.inboundHttpError(error, service.labels),
    }
  }

  private peer(port: number, tls: InboundPeer['tls']): InboundPeer {
    return { ip: this.ip, clientPort: this.clientPort, port, tls }
  }

  private isAppPort(port: number): boolean {
    const { appPorts, inboundPorts } = this.context.config
    return appPorts.includes(port) || inboundPorts.includes(port)
  }

  private drop(error: string | null, reason = '', socket: Socket = this.socket): void {
    this.context.connections.remove(this.tracked)
    socket.on('error', () => {})
    socket.destroy()
    if (error !== null) this.refused(error, reason)
  }

  private refused(error: string, reason: string): void {
    const { config, log, telemetry } = this.context
    const port = config.appPorts[0] ?? config.inboundListen.port
    telemetry.inboundTcpError(error, this.targetIp, port)
    log.warn('Connection refused', { error, reason, client: this.ip })
  }
}

/** Lets a client's first bytes through once they are known to be no HTTP. */
function notHttp(bytes: Buffer): boolean | null {
  const version = detectHttp(bytes)
  return version === null ? null : version === 'not-http'
}

const SESSION_LABELS = { http1: 'http/1', http2: 'http/2', opaque: '' } as const

/** An address without the IPv6 form of IPv4 ones; empty when the socket is gone. */
function plainIp(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '')
}
