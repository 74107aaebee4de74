import { randomUUID } from 'node:crypto'
import { type MarkerRow, type MarkersAnswer, type MarkersQuery, newMarkerSchema } from '#lib/api/markers.ts'
import { parseInstantMs } from '#lib/metrics/instant.ts'
import { parseTimeRange, timeLimits } from '#lib/metrics/time-range.ts'
import type { Range } from '#server/store/store.ts'
import type { Ground } from './ground.ts'
import { QuestionError } from './question-error.ts'
import { instant } from './range.ts'
import { readNamespace } from './scope.ts'

/** How far ahead of ours the clock of somebody who tells something may be. */
const maxAheadMs = 60_000

/** What happened in a time, in a namespace and the whole mesh; a live window reaches to this moment. */
export async function answerMarkers(ground: Ground, query: MarkersQuery): Promise<MarkersAnswer> {
  const namespace = readNamespace(ground.platform.current(), query.namespace)
  const { startMs, endMs } = markersRange(ground, query)
  // A clock ahead of ours dates what happens now a little after now.
  const isLive = query.end === undefined
  const rows = ground.markers.list(startMs, isLive ? endMs + maxAheadMs : endMs)
  return {
    span: { start: instant(startMs), end: instant(endMs), stepSeconds: 1 },
    coverage: { expected: 0, answered: 0, oldestSampleAt: null, missing: [] },
    rows: rows.filter(row => namespace === null || row.namespace === '' || row.namespace === namespace),
  }
}

/** Keeps what a request's body tells; what is told twice, of the same instant, is kept once. Throws a QuestionError for one that is no marker. */
export function addMarker(
  { markers, platform, nowMs }: Pick<Ground, 'markers' | 'platform' | 'nowMs'>,
  body: unknown,
): MarkerRow {
  const parsed = newMarkerSchema.safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw bad(`Cannot read the marker: ${issue?.path.join('.') || 'body'}: ${issue?.message}`)
  }
  const { title, detail = '', at } = parsed.data
  const namespace = readNamespace(platform.current(), parsed.data.namespace || undefined) ?? ''
  const atMs = at === undefined ? nowMs() : parseInstantMs(at)
  if (atMs === undefined || atMs > nowMs() + maxAheadMs) {
    throw bad(`Cannot read the marker: expected at to be an instant that has come, got ${JSON.stringify(at)}`)
  }
  // Somebody who got no answer tells it again.
  const known = markers
    .list(atMs, atMs)
    .find(row => row.title === title && row.detail === detail && row.namespace === namespace)
  if (at !== undefined && known !== undefined) return known
  const marker = { id: randomUUID(), at: instant(atMs), title, detail, namespace }
  if (markers.add(marker)) return marker
  throw bad(`Cannot keep the marker: those that are kept are all newer than ${marker.at}`)
}

function bad(message: string): QuestionError {
  const hint =
    'Send {"title": "Rollout of web", "detail": "1.4.2", "namespace": "shop"}; all but title may be left out'
  return new QuestionError('BAD_PARAMETER', message, hint)
}

/** Markers are kept longer than numbers, so that the oldest of these do not matter. */
function markersRange({ store, nowMs }: Ground, query: MarkersQuery): Range {
  const parsed = parseTimeRange(query, timeLimits(store.minimumWindowMs))
  if (!parsed.ok) throw new QuestionError(parsed.problem.code, parsed.problem.message, parsed.problem.hint)
  const { range } = parsed
  if (range.kind === 'absolute') return { startMs: range.startMs, endMs: range.endMs }
  return { startMs: nowMs() - range.lengthMs, endMs: nowMs() }
}
