import type { Socket } from 'node:net'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import type { UpstreamFailure } from '#proxy/http/service.ts'
import type { AuthorityStack, Waiter } from './authority-stack.ts'
import type { ClientConnection } from './client-connection.ts'
import { connectEndpoint } from './connect-endpoint.ts'
import type { EndpointClient } from './endpoint-client.ts'
import type { OutboundContext } from './outbound-context.ts'

/** How often one connection is tried, with other endpoints as long as there are some. */
const MAX_ENDPOINTS_TRIED = 3

export type Dialed =
  | {
      readonly kind: 'connected'
      readonly socket: Socket
      readonly endpoint: EndpointClient
      /** To be called once, when the connection is over: until then it counts as the endpoint's load. */
      readonly release: () => void
    }
  | { readonly kind: 'failed'; readonly error: ProxyError }

/**
 * Connects to an endpoint of the destination, opaquely: to the less loaded of two, and to another when that cannot be
 * reached, or to the same one where it took too long and is the only one. Waits for the destination to be known as requests do. Calls back once; the function it returns gives up.
 */
export function dialDestination(
  context: OutboundContext,
  stack: AuthorityStack,
  /** Where the client connected to. */
  target: ClientConnection['target'],
  done: (result: Dialed) => void,
): () => void {
  const dial = new Dial(context, stack, target, done)
  dial.start()
  return () => dial.giveUp()
}

class Dial implements Waiter {
  readonly protocol = 'tcp'
  private readonly tried: EndpointClient[] = []
  private connecting: { readonly client: EndpointClient; readonly stop: () => void } | null = null
  private state: 'under way' | 'over' = 'under way'
  private readonly startedMs = performance.now()

  constructor(
    private readonly context: OutboundContext,
    private readonly stack: AuthorityStack,
    private readonly target: ClientConnection['target'],
    private readonly done: (result: Dialed) => void,
  ) {}

  start(): void {
    this.stack.connections.passed(this.target)
    this.stack.enter(this)
  }

  ready(): void {
    const client = this.choose()
    if (client === undefined) this.fail({ kind: 'failfast', message: `no endpoint of ${this.authority}` })
    else this.connect(client)
  }

  fail(error: ProxyError): void {
    if (this.state === 'over') return
    this.leave('unexpected')
    this.done({ kind: 'failed', error })
  }

  giveUp(): void {
    if (this.state === 'over') return
    this.stack.stopWaiting(this)
    const { connecting } = this
    connecting?.stop()
    if (connecting !== null) connecting.client.load.pending--
    this.leave('')
  }

  private get authority(): string {
    return this.stack.destination.authority
  }

  private choose(): EndpointClient | undefined {
    const nowMs = performance.now()
    const isUntried = (client: EndpointClient): boolean => !this.tried.includes(client)
    const backend = this.stack.choose(null, nowMs, isUntried)?.backend
    const client = backend?.choose(nowMs, isUntried)
    if (client !== undefined) backend?.balancers.tcp.requested(nowMs - this.startedMs)
    return client
  }

  private connect(client: EndpointClient): void {
    const startedMs = performance.now()
    client.began()
    const stop = connectEndpoint(
      client.endpoint,
      this.context,
      'opaque',
    )(result => {
      this.connecting = null
      const nowMs = performance.now()
      if (result.kind !== 'connected') {
        client.load.pending--
        this.failed(client, result, nowMs)
        return
      }
      client.responded()
      client.observe(nowMs - startedMs, nowMs)
      this.state = 'over'
      this.done({
        kind: 'connected',
        socket: result.socket,
        endpoint: client,
        release: () => {
          client.load.pending--
          this.leave('')
        },
      })
    })
    this.connecting = { client, stop }
  }

  private failed(client: EndpointClient, failure: UpstreamFailure, nowMs: number): void {
    client.connectFailed(nowMs)
    this.tried.push(client)
    // One that is only slow is tried again where there is no other: nothing was sent to it.
    const same = failure.kind === 'connect-timeout' ? client : undefined
    const next = this.tried.length < MAX_ENDPOINTS_TRIED ? (this.choose() ?? same) : undefined
    if (next === undefined) this.fail(failure)
    else this.connect(next)
  }

  private leave(error: '' | 'unexpected'): void {
    this.state = 'over'
    this.stack.connections.passedEnded(this.target, error)
    this.stack.leave(performance.now())
  }
}
