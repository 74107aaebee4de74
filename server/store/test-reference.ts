import { snapOutward } from '#lib/metrics/slots.ts'
import { counterFields } from './counter-fields.ts'
import type { CellDelta, Delta } from './delta.ts'
import {
  type Answer,
  dimensions,
  type InstanceCoverage,
  type Question,
  type Row,
  type Sums,
} from './store.ts'

/**
 * What every store answers whose slots are so long, found the slow and plain way: from all deltas of a history, oldest
 * first, for each question anew.
 */
export function referenceAnswer(deltas: readonly Delta[], question: Question, slotMs: number): Answer {
  const stepMs = Math.max(1, Math.ceil(((question.stepSeconds ?? 0) * 1_000) / slotMs)) * slotMs
  const range = snapOutward(question.range, stepMs)
  const rowMs = question.stepSeconds === undefined ? range.endMs - range.startMs : stepMs
  const stepCount = (range.endMs - range.startMs) / rowMs
  const stepOf = (delta: Delta) => Math.floor((delta.endMs - range.startMs) / rowMs)
  const isInside = ({ endMs }: Delta) => endMs >= range.startMs && endMs < range.endMs
  const inside = deltas.filter(isInside)
  const coverage = coverageOf(inside, stepCount, stepOf)

  const rows = new Map<string, Row>()
  const rowAt = (cell: CellDelta, step: number): Row => {
    const key = question.by.map(dimension => cell.key[dimension])
    const id = JSON.stringify([key, step])
    const row = rows.get(id) ?? { key, atMs: range.startMs + step * rowMs, sums: nothing(question) }
    rows.set(id, row)
    return row
  }
  for (const delta of inside) {
    const step = stepOf(delta)
    const coveredMs = coverage.get(podOf(delta))!.coveredMsByStep[step]!
    for (const cell of delta.cells) {
      if (isWanted(cell, question)) addCell(rowAt(cell, step).sums, cell, coveredMs)
    }
  }
  for (let step = 0; step < stepCount; step++) {
    const endMs = range.startMs + (step + 1) * rowMs
    for (const { delta, cell } of openAt(deltas, endMs)) {
      const covered = coverage.get(podOf(delta))
      const isScraped = inside.some(each => podOf(each) === podOf(delta) && stepOf(each) === step)
      if (covered && isScraped && isWanted(cell, question))
        rowAt(cell, step).sums.tcpOpen += cell.tcpOpen ?? 0
    }
  }
  return {
    range,
    stepSeconds: stepMs / 1_000,
    rows: [...rows.values()].filter(row => hasNumbers(row.sums)).sort(inOrder),
    coverage: Array.from(coverage.values(), ({ told, coveredMsByStep }) =>
      question.stepSeconds === undefined ? told : { ...told, coveredMsByStep },
    ),
  }
}

function podOf({ namespace, pod }: Delta): string {
  return `${namespace}/${pod}`
}

function coverageOf(
  deltas: readonly Delta[],
  stepCount: number,
  stepOf: (delta: Delta) => number,
): Map<string, { told: InstanceCoverage; coveredMsByStep: number[] }> {
  const coverage = new Map<string, { told: InstanceCoverage; coveredMsByStep: number[] }>()
  for (const delta of deltas) {
    const { namespace, pod, startMs, endMs } = delta
    const known = coverage.get(podOf(delta))
    const coveredMsByStep = known?.coveredMsByStep ?? Array.from({ length: stepCount }, () => 0)
    coveredMsByStep[stepOf(delta)]! += endMs - startMs
    const coveredMs = (known?.told.coveredMs ?? 0) + endMs - startMs
    const lastSampleAtMs = Math.max(known?.told.lastSampleAtMs ?? 0, endMs)
    coverage.set(podOf(delta), { told: { namespace, pod, coveredMs, lastSampleAtMs }, coveredMsByStep })
  }
  return coverage
}

function isWanted({ key }: CellDelta, { where }: Question): boolean {
  return dimensions.every(dimension => {
    const wanted = where[dimension]
    return wanted === undefined || [wanted].flat().includes(key[dimension])
  })
}

function addCell(sums: Sums, cell: CellDelta, coveredMs: number): void {
  const perSecond = coveredMs > 0 ? 1_000 / coveredMs : 0
  for (const name of counterFields) sums[name] += cell[name] ?? 0
  sums.responsesPerSecond += ((cell.success ?? 0) + (cell.failure ?? 0)) * perSecond
  sums.readBytesPerSecond += (cell.readBytes ?? 0) * perSecond
  sums.writeBytesPerSecond += (cell.writeBytes ?? 0) * perSecond
  if (cell.latency?.counts.some(count => count > 0)) {
    const { boundsMs, counts } = cell.latency
    const before = sums.latency?.counts ?? counts.map(() => 0)
    sums.latency = { boundsMs, counts: counts.map((count, i) => count + before[i]!) }
  }
  if (sums.statuses === null) return
  const statuses = new Map(sums.statuses)
  for (const [status, count] of cell.statuses ?? []) {
    if (count === 0) continue
    const before = statuses.get(status)
    statuses.set(status, {
      requests: (before?.requests ?? 0) + count,
      perSecond: (before?.perSecond ?? 0) + count * perSecond,
    })
  }
  sums.statuses = statuses
}

/** What each cell last told of its open connections before a moment. */
function openAt(deltas: readonly Delta[], endMs: number): Iterable<{ delta: Delta; cell: CellDelta }> {
  const open = new Map<string, { delta: Delta; cell: CellDelta }>()
  for (const delta of deltas) {
    if (delta.endMs >= endMs) continue
    for (const cell of delta.cells) {
      if (cell.tcpOpen !== undefined) open.set(JSON.stringify([podOf(delta), cell.key]), { delta, cell })
    }
  }
  return open.values()
}

function hasNumbers(sums: Sums): boolean {
  return counterFields.some(name => sums[name] > 0) || sums.latency !== null || sums.tcpOpen > 0
}

function inOrder(a: Row, b: Row): number {
  const [idA, idB] = [a.key.join('\0'), b.key.join('\0')]
  return idA === idB ? a.atMs - b.atMs : idA < idB ? -1 : 1
}

function nothing({ withStatuses }: Question): Sums {
  return {
    success: 0,
    failure: 0,
    latency: null,
    actualSuccess: 0,
    actualFailure: 0,
    denied: 0,
    limited: 0,
    unrouted: 0,
    tcpOpened: 0,
    tcpClosed: 0,
    tcpOpen: 0,
    readBytes: 0,
    writeBytes: 0,
    responsesPerSecond: 0,
    readBytesPerSecond: 0,
    writeBytesPerSecond: 0,
    statuses: withStatuses ? new Map() : null,
  }
}
