import { BucketCounts } from './bucket-counts.ts'
import { Series, type SeriesList } from './series-group.ts'
import type { BodyMetrics, Outcome, RouteError } from './telemetry.ts'

/** Further ends are counted without their status. */
const MAX_ENDS = 64
const FRAME_BOUNDS_BYTES = [128, 1024, 10_240]

/** Requests of one route of an outbound policy, or what of them went to one backend. */
export class PolicyRouteSeries extends Series implements BodyMetrics {
  requests = 0
  /** By the labels that tell how they ended. */
  ends = new Map<string, number>()
  readonly seconds: BucketCounts
  readonly frameBytes = new BucketCounts(FRAME_BOUNDS_BYTES)

  constructor(
    labels: string,
    list: SeriesList,
    boundsSeconds: readonly number[],
    private readonly kind: 'http' | 'grpc',
  ) {
    super(labels, list)
    this.seconds = new BucketCounts(boundsSeconds)
  }

  request(): void {
    this.touch()
    this.requests++
  }

  frame(bytes: number): void {
    this.touch()
    this.frameBytes.observe(bytes)
  }

  response(outcome: Outcome, _: number, durationMs: number): void {
    this.touch()
    this.seconds.observe(durationMs / 1000)
    const end = endLabels(outcome, this.kind)
    const isRoom = this.ends.has(end) || this.ends.size < MAX_ENDS
    const counted = isRoom ? end : `${this.kind}_status="",error="UNKNOWN"`
    this.ends.set(counted, (this.ends.get(counted) ?? 0) + 1)
  }

  protected override reset(): void {
    this.requests = 0
    this.ends = new Map()
    this.seconds.reset()
    this.frameBytes.reset()
  }
}

const ERRORS: ReadonlyMap<string, RouteError> = new Map([
  ['timeout', 'REQUEST_TIMEOUT'],
  ['upstream closed', 'IO'],
  ['client closed', 'CANCEL'],
  ['h2(CANCEL)', 'CANCEL'],
  ['h2(REFUSED_STREAM)', 'REFUSED'],
  ['h2(ENHANCE_YOUR_CALM)', 'ENHANCE_YOUR_CALM'],
])

function routeError({ cause, error }: Outcome): RouteError | '' {
  if (cause !== undefined) return cause
  if (error === '') return ''
  return ERRORS.get(error) ?? (error.startsWith('h2(') ? 'RESET' : 'UNKNOWN')
}

function endLabels(outcome: Outcome, kind: 'http' | 'grpc'): string {
  const error = routeError(outcome)
  const status =
    kind === 'http' ? String(outcome.status) : (GRPC_NAMES[Number(outcome.grpcStatus || '2')] ?? '')
  return `${kind}_status="${error === '' ? status : ''}",error="${error}"`
}

/** gRPC codes by number. */
const GRPC_NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]
