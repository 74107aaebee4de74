import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { type TapEvent_HttpSchema, TapEventSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { type BodySource, EMPTY_BODY } from '#proxy/http/body.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import type { RequestTap, TapAnswer, TapEnd } from '#proxy/http/request-tap.ts'
import type { OpenTap } from './open-tap.ts'
import {
  commonParts,
  durationParts,
  eosMessage,
  HTTP_SCHEME,
  headersMessage,
  methodMessage,
  type TapDescription,
} from './tap-messages.ts'

/** A request's events of one observer. */
interface Told {
  readonly tap: OpenTap
  readonly id: { readonly base: number; readonly stream: bigint }
}

type HttpEvent = NonNullable<MessageInitShape<typeof TapEvent_HttpSchema>['event']>

/** One request as it is told to those who observe it, in three events: its begin, its response's head, its end. */
export class TappedRequest implements RequestTap {
  private readonly beganMs = performance.now()
  /** `null` until it is known who is to be told. */
  private told: readonly Told[] | null = null
  private common: ReturnType<typeof commonParts> | null = null
  private respondedMs: number | null = null
  private body: BodySource = EMPTY_BODY

  constructor(
    private readonly taps: readonly OpenTap[],
    private readonly describe: () => TapDescription,
  ) {}

  sent(request: HttpRequest): void {
    if (this.told !== null) return
    const { authority, headers, method, path } = request
    const description = withRequestId(this.describe(), headers)
    const facts = { ...description, method, scheme: 'http', authority, path }
    this.told = this.taps.flatMap(tap => {
      const stream = tap.accept(facts)
      return stream === null ? [] : { tap, id: { base: tap.base, stream: BigInt(stream) } }
    })
    if (this.told.length === 0) return
    this.common = commonParts(description)
    const init = { method: methodMessage(method), scheme: HTTP_SCHEME, authority, path }
    this.tell(({ id, tap }) => ({
      case: 'requestInit',
      value: { id, ...init, ...(tap.wantsHeaders && { headers: headersMessage(headers) }) },
    }))
  }

  responded(response: HttpResponse): void {
    this.body = response.body
    this.tellResponse(response.status, response.headers)
  }

  answered(request: HttpRequest, { grpcStatus, status }: TapAnswer): void {
    this.sent(request)
    this.tellResponse(status, null)
    this.tellEnd({ kind: 'whole', grpcStatus }, null)
  }

  ended(request: HttpRequest, end: TapEnd, trailers: HeaderBlock | null): void {
    this.sent(request)
    this.tellEnd(end, trailers)
  }

  private tellResponse(httpStatus: number, headers: HeaderBlock | null): void {
    const nowMs = performance.now()
    this.respondedMs = nowMs
    const sinceRequestInit = durationParts(nowMs - this.beganMs)
    this.tell(({ id, tap }) => ({
      case: 'responseInit',
      value: {
        id,
        sinceRequestInit,
        httpStatus,
        ...(tap.wantsHeaders && { headers: headersMessage(headers) }),
      },
    }))
  }

  private tellEnd(end: TapEnd, trailers: HeaderBlock | null): void {
    const nowMs = performance.now()
    const { respondedMs } = this
    const parts = {
      sinceRequestInit: durationParts(nowMs - this.beganMs),
      ...(respondedMs !== null && { sinceResponseInit: durationParts(nowMs - respondedMs) }),
      responseBytes: BigInt(this.body.payloadBytes),
      eos: eosMessage(end),
    }
    if (respondedMs === null) for (const { tap } of this.told ?? []) tap.spare(1)
    this.tell(({ id, tap }) => ({
      case: 'responseEnd',
      value: { id, ...parts, ...(tap.wantsHeaders && { trailers: headersMessage(trailers) }) },
    }))
  }

  private tell(event: (told: Told) => HttpEvent): void {
    for (const told of this.told ?? []) {
      const http = { case: 'http', value: { event: event(told) } } as const
      told.tap.push(create(TapEventSchema, { ...this.common, event: http }))
    }
  }
}

/** The request's id among the destination's labels: by it, both proxies' halves of a request are joined. */
function withRequestId(description: TapDescription, headers: HeaderBlock): TapDescription {
  const id = headers.entries().find(([name]) => name === 'x-request-id')?.[1]
  if (id === undefined) return description
  return { ...description, destinationLabels: { ...description.destinationLabels, request_id: id } }
}
