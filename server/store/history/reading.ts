import { type Dimension, dimensions, type Question, type Selector } from '#server/store/store.ts'
import type { AnswerRows } from './answer-rows.ts'
import type { Batch, Cell, Instance } from './batch.ts'
import type { Columns, Database, Parameter } from './database.ts'
import { firstBucketField, firstStatusField } from './fields.ts'
import type { Piece } from './levels.ts'
import type { Names } from './names.ts'
import { quoted } from './schema.ts'

/** What is asked of the tables: a snapped range in pieces, and the length of a row's step. */
interface Reading {
  readonly question: Question
  readonly pieces: readonly Piece[]
  readonly startMs: number
  readonly stepMs: number
}

/** What a file holds of a range. */
interface Kept {
  /** Tells of scrapes; before the numbers, for rates depend on all of them. */
  cover(rows: AnswerRows): void
  /** Tells of counts and open connections. */
  add(rows: AnswerRows): void
}

/** What the tables hold of what is asked. */
export async function readFile(database: Database, reading: Reading, names: Names): Promise<Kept> {
  const { question, pieces, startMs, stepMs } = reading
  if (pieces.length === 0) return { cover: () => {}, add: () => {} }
  const step = `((slot - ${startMs / 1_000}) // ${stepMs / 1_000})::UINTEGER`
  const coverage = await database.columns(
    `SELECT instance, ${step} AS step, sum(covered_ms)::DOUBLE, max(at_ms)::DOUBLE
     FROM (${partsOf('coverage', pieces, 'instance, covered_ms, at_ms')}) GROUP BY ALL`,
  )
  const { by, where, withStatuses } = question
  const { condition, parameters } = conditionOf(where)
  const chosen = `chosen AS (SELECT *, ${groupColumn(by)} AS part FROM cells WHERE ${condition})`
  const values = by.map(dimension => `, min(${quoted(dimension)})`).join('')
  const keys = await database.columns(
    `WITH ${chosen} SELECT part${values} FROM chosen GROUP BY part`,
    parameters,
  )
  const noStatuses = `WHERE field < ${firstStatusField} OR field >= ${firstBucketField}`
  const counts = await database.columns(
    `WITH ${chosen}
     SELECT part, instance, ${step} AS step, field, sum(value::DOUBLE)
     FROM (${partsOf('counts', pieces, 'cell, field, value')}) AS counted
     JOIN chosen ON chosen.id = counted.cell
     ${withStatuses ? '' : noStatuses} GROUP BY ALL`,
    parameters,
  )
  const opens = await database.columns(
    `WITH ${chosen}, last AS (
       SELECT instance, ${step} AS step, max(at_ms) AS at_ms
       FROM (${partsOf('coverage', pieces, 'instance, at_ms')}) GROUP BY ALL)
     SELECT part, chosen.instance, last.step, last.at_ms::DOUBLE, sum(open)::DOUBLE
     FROM (${partsOf('opens', pieces, 'cell, at_ms, open')}) AS opened
     JOIN chosen ON chosen.id = opened.cell
     JOIN last ON last.instance = chosen.instance AND last.at_ms = opened.at_ms
     GROUP BY ALL`,
    parameters,
  )
  return {
    cover: rows => tellCoverage(coverage, names, rows),
    add: rows => tellNumbers(keys, counts, opens, names, rows),
  }
}

function tellCoverage(coverage: Columns, names: Names, rows: AnswerRows): void {
  const [instance = [], step = [], coveredMs = [], atMs = []] = coverage
  for (let i = 0; i < instance.length; i++) {
    const { namespace, pod } = names.instanceOf(Number(instance[i]))
    rows.cover(namespace, pod, Number(step[i]), Number(coveredMs[i]), Number(atMs[i]))
  }
}

function tellNumbers(keys: Columns, counts: Columns, opens: Columns, names: Names, rows: AnswerRows): void {
  const keyOf = new Map<unknown, readonly string[]>()
  for (const [i, group] of (keys[0] ?? []).entries()) {
    const values = keys.slice(1).map(column => String(column[i]))
    keyOf.set(group, values)
  }
  const instanceOf = (id: unknown) => nameOf(names.instanceOf(Number(id)))
  const [part = [], instance = [], step = [], field = [], value = []] = counts
  for (let i = 0; i < part.length; i++) {
    const key = keyOf.get(part[i]) ?? []
    rows.add(key, instanceOf(instance[i]), Number(step[i]), Number(field[i]), Number(value[i]))
  }
  const [openPart = [], openInstance = [], openStep = [], openAtMs = [], open = []] = opens
  for (let i = 0; i < openPart.length; i++) {
    const key = keyOf.get(openPart[i]) ?? []
    rows.addOpen(key, instanceOf(openInstance[i]), Number(openStep[i]), Number(openAtMs[i]), Number(open[i]))
  }
}

/** Tells the rows what batches hold of scrapes in a range. */
export function readBatchCoverage(
  batches: readonly Batch[],
  range: Question['range'],
  rows: AnswerRows,
): void {
  for (const { slots } of batches) {
    for (const { startMs, covered } of slots.values()) {
      if (startMs < range.startMs || startMs >= range.endMs) continue
      for (const [{ namespace, pod }, { coveredMs, lastSampleAtMs }] of covered) {
        rows.cover(namespace, pod, rows.stepOf(startMs), coveredMs, lastSampleAtMs)
      }
    }
  }
}

/** Tells the rows what batches hold of counts and open connections in a range. */
export function readBatchNumbers(
  batches: readonly Batch[],
  { by, where }: Question,
  range: Question['range'],
  rows: AnswerRows,
): void {
  const isWanted = matcherOf(where)
  const keyOf = (cell: Cell) => by.map(dimension => cell.key[dimension])
  for (const { slots } of batches) {
    for (const { startMs, numbers, covered } of slots.values()) {
      if (startMs < range.startMs || startMs >= range.endMs) continue
      const step = rows.stepOf(startMs)
      for (const [cell, byField] of numbers) {
        if (!isWanted(cell)) continue
        const key = keyOf(cell)
        for (const [field, value] of byField) rows.add(key, nameOf(cell.instance), step, field, value)
      }
      for (const { lastSampleAtMs, opens } of covered.values()) {
        for (const [cell, open] of opens) {
          if (isWanted(cell)) rows.addOpen(keyOf(cell), nameOf(cell.instance), step, lastSampleAtMs, open)
        }
      }
    }
  }
}

function nameOf({ namespace, pod }: Pick<Instance, 'namespace' | 'pod'>): string {
  return `${namespace}/${pod}`
}

function matcherOf(where: Selector): (cell: Cell) => boolean {
  const wanted = wantedOf(where)
  return ({ key }) => wanted.every(([dimension, values]) => values.includes(key[dimension]))
}

function wantedOf(where: Selector): readonly (readonly [Dimension, readonly string[]])[] {
  return dimensions.flatMap(dimension => {
    const value = where[dimension]
    return value === undefined ? [] : [[dimension, typeof value === 'string' ? [value] : value] as const]
  })
}

function conditionOf(where: Selector): { condition: string; parameters: Parameter[] } {
  const wanted = wantedOf(where)
  const conditions = wanted.map(([dimension, values]) =>
    values.length === 0 ? 'false' : `${quoted(dimension)} IN (${values.map(() => '?').join(', ')})`,
  )
  return { condition: conditions.join(' AND '), parameters: wanted.flatMap(([, values]) => values) }
}

function groupColumn(by: readonly Dimension[]): string {
  if (by.length === 0) return '1::UINTEGER'
  return `(dense_rank() OVER (ORDER BY ${by.map(quoted).join(', ')}))::UINTEGER`
}

function partsOf(table: string, pieces: readonly Piece[], columns: string): string {
  const parts = pieces.map(
    ({ level, startMs, endMs }) =>
      `SELECT slot, ${columns} FROM ${table}_${level.seconds} WHERE slot >= ${startMs / 1_000} AND slot < ${endMs / 1_000}`,
  )
  return parts.join(' UNION ALL ')
}
