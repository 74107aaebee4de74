import type { Tracked } from '#proxy/accept/listener.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import type { Exchange, Reply } from '#proxy/http/service.ts'
import type { ConnectService, LeftConnection } from '#proxy/http1/server-options.ts'
import type { AuthorityStack, Waiter } from './authority-stack.ts'
import type { AuthorityStacks } from './authority-stacks.ts'
import type { ClientConnection } from './client-connection.ts'
import { DestinationConnection } from './destination-connection.ts'
import { dialDestination } from './dial-destination.ts'
import type { Egress } from './egress.ts'
import type { OutboundContext } from './outbound-context.ts'
import type { OutboundService } from './outbound-service.ts'
import { relayTcp } from './outbound-tcp.ts'
import { resolveName, type ServiceName } from './resolve-name.ts'

/** What is known of a client's connection while it still speaks HTTP. */
type Client = Omit<ClientConnection, 'socket' | 'first'>

interface Shared {
  readonly context: OutboundContext
  readonly stacks: AuthorityStacks
  readonly egress: Egress
  readonly service: OutboundService
}

/** Answers the CONNECT requests of one client: a tunnel is a connection to the destination it names. */
export function connectRequests(shared: Shared, client: Client): ConnectService {
  return {
    handle(request, reply, leave) {
      const tunnel = new Tunnel(shared, client, request, reply, leave)
      tunnel.start()
      return tunnel
    },
  }
}

/**
 * One CONNECT request. To an opaque port, and out of the mesh, it is answered when the far end is connected; else
 * at once, for only the client's first bytes tell what the tunnel carries.
 */
class Tunnel implements Exchange, Waiter {
  readonly protocol = 'tcp'
  private giveUp: (() => void) | null = null
  private stack: AuthorityStack | null = null
  private name: ServiceName | null = null

  constructor(
    private readonly shared: Shared,
    private readonly client: Client,
    private readonly request: HttpRequest,
    private readonly reply: Reply,
    private readonly leave: () => LeftConnection,
  ) {}

  start(): void {
    const { context, egress, stacks } = this.shared
    const { authority } = this.request
    const name = resolveName(authority, context.config)
    if (name.kind === 'invalid') this.refuse({ kind: 'bad-request', message: name.reason })
    else if (!/:\d+$/.test(authority)) {
      this.refuse({
        kind: 'bad-request',
        message: `Cannot connect: expected <name>:<port>, got "${authority}"`,
      })
    } else if (name.kind === 'external') this.connectOutside(name, egress)
    else {
      this.name = name
      this.stack = stacks.get(name.authority)
      if (this.stack === null) this.refuse({ kind: 'load-shed', message: 'too many destinations' })
      else this.enter(this.stack)
    }
  }

  ready(): void {
    const { name, stack } = this
    this.settle()
    if (stack === null || name === null) return
    const resolution = stack.destination.current()
    if (resolution.state === 'resolved' && resolution.isOpaque === true) this.dial(stack)
    else {
      this.takeOver(client => {
        const { context, service } = this.shared
        const requests = service.ofClient(client.source, name)
        new DestinationConnection(context, stack, requests, client).start()
      })
    }
  }

  fail(error: ProxyError): void {
    const { egress } = this.shared
    const { name } = this
    this.settle()
    if (error.kind === 'unresolved' && name !== null) this.connectOutside(name, egress, error)
    else this.refuse(error)
  }

  clientGone(): void {
    this.giveUp?.()
    this.giveUp = null
  }

  requestBroken(): void {
    this.clientGone()
  }

  private enter(stack: AuthorityStack): void {
    this.giveUp = () => {
      stack.stopWaiting(this)
      stack.leave(performance.now())
    }
    stack.enter(this)
  }

  /** The wait for the destination is over. */
  private settle(): void {
    this.giveUp?.()
    this.giveUp = null
  }

  private dial(stack: AuthorityStack): void {
    this.giveUp = dialDestination(this.shared.context, stack, this.client.target, result => {
      this.giveUp = null
      if (result.kind === 'failed') this.refuse(result.error)
      else {
        const { endpoint, release, socket } = result
        this.takeOver(client =>
          relayTcp(this.shared.context, client, { socket, transport: endpoint.transport, release }),
        )
      }
    })
  }

  private connectOutside(
    { host, port }: { readonly host: string; readonly port: number },
    egress: Egress,
    otherwise: ProxyError = { kind: 'unresolved', message: `No service ${this.request.authority}` },
  ): void {
    if (this.shared.context.config.egress === 'deny') {
      this.refuse(otherwise)
      return
    }
    const { connect, transport } = egress.host(host, port)
    this.giveUp = connect(result => {
      this.giveUp = null
      if (result.kind !== 'connected') this.refuse(result)
      else {
        const { socket } = result
        this.takeOver(client =>
          relayTcp(this.shared.context, client, { socket, transport, release: () => {} }),
        )
      }
    })
  }

  /** Answers 200, and hands the connection on: it is tracked all the while. */
  private takeOver(next: (client: ClientConnection) => void): void {
    const { connections } = this.shared.context
    const between: Tracked = { drain: () => {}, close: () => {} }
    connections.add(between)
    next({ ...this.client, ...this.leave() })
    connections.remove(between)
  }

  private refuse(error: ProxyError): void {
    this.shared.service.refuse(this.request, this.reply, this.client.source, error)
  }
}
