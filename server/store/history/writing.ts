import { slotStartMs } from '#lib/metrics/slots.ts'
import { dimensions } from '#server/store/store.ts'
import type { Batch, BatchSlot, Cell, Instance } from './batch.ts'
import type { Database } from './database.ts'
import type { FieldEntry } from './fields.ts'
import { fineMs, keptMs, type Level, levels } from './levels.ts'

/** What came so late after its slot is added to levels that are made already, besides. */
const latenessMs = 30_000

/** How far each level is made: all of its slots before that time hold what the finer ones do. */
export type MadeUntil = Map<Level, number>

/** Names that rows of a batch use and the file does not have yet. */
export interface NewNames {
  readonly instances: readonly Instance[]
  readonly cells: readonly Cell[]
  readonly fields: readonly FieldEntry[]
}

export async function writeNames(database: Database, { instances, cells, fields }: NewNames): Promise<void> {
  if (instances.length > 0) {
    await database.append('instances', appender => {
      for (const { id, namespace, pod } of instances) {
        appender.appendUInteger(id)
        appender.appendVarchar(namespace)
        appender.appendVarchar(pod)
        appender.endRow()
      }
    })
  }
  if (cells.length > 0) {
    await database.append('cells', appender => {
      for (const { id, instance, key } of cells) {
        appender.appendUInteger(id)
        appender.appendUInteger(instance.id)
        for (const dimension of dimensions) appender.appendVarchar(key[dimension])
        appender.endRow()
      }
    })
  }
  for (const { id, kind, text } of fields) {
    await database.run('INSERT INTO fields VALUES (?, ?, ?)', [id, kind, text])
  }
}

/** Adds the numbers of batches, to each level that is made past their slots already. */
export async function writeNumbers(
  database: Database,
  batches: readonly Batch[],
  madeUntil: MadeUntil,
): Promise<void> {
  for (const level of levels) {
    const untilMs = madeUntil.get(level) ?? Number.NEGATIVE_INFINITY
    const isFinest = level.seconds * 1_000 === fineMs
    const slots = batches.flatMap(({ slots: bySlot }) =>
      [...bySlot.values()].filter(({ startMs }) => isFinest || startMs < untilMs),
    )
    if (slots.length > 0) await writeLevel(database, level, slots)
  }
}

async function writeLevel(
  database: Database,
  { seconds }: Level,
  slots: readonly BatchSlot[],
): Promise<void> {
  const slotOf = (startMs: number) => slotStartMs(startMs, seconds * 1_000) / 1_000
  await database.append(`counts_${seconds}`, appender => {
    for (const { startMs, numbers } of slots) {
      const slot = slotOf(startMs)
      for (const [cell, byField] of numbers) {
        for (const [field, value] of byField) {
          appender.appendUInteger(slot)
          appender.appendUInteger(cell.id)
          appender.appendUSmallInt(field)
          appender.appendUBigInt(BigInt(value))
          appender.endRow()
        }
      }
    }
  })
  await database.append(`opens_${seconds}`, appender => {
    for (const { startMs, covered } of slots) {
      for (const { lastSampleAtMs, opens } of covered.values()) {
        for (const [cell, open] of opens) {
          appender.appendUInteger(slotOf(startMs))
          appender.appendUInteger(cell.id)
          appender.appendUBigInt(BigInt(lastSampleAtMs))
          appender.appendUInteger(open)
          appender.endRow()
        }
      }
    }
  })
  await database.append(`coverage_${seconds}`, appender => {
    for (const { startMs, covered } of slots) {
      for (const [instance, { coveredMs, lastSampleAtMs }] of covered) {
        appender.appendUInteger(slotOf(startMs))
        appender.appendUInteger(instance.id)
        appender.appendUBigInt(BigInt(coveredMs))
        appender.appendUBigInt(BigInt(lastSampleAtMs))
        appender.endRow()
      }
    }
  })
}

/** Makes the slots of coarser levels that are over by `newestMs`. Gives how far each level is made then. */
export async function makeLevels(
  database: Database,
  madeUntil: MadeUntil,
  oldestMs: number,
  newestMs: number,
): Promise<MadeUntil> {
  const made = new Map(madeUntil)
  for (const [i, level] of levels.entries()) {
    const finer = levels[i - 1]
    if (finer === undefined) continue
    const slotMs = level.seconds * 1_000
    const fromMs = made.get(level) ?? slotStartMs(oldestMs, slotMs)
    const untilMs = slotStartMs(Math.min(newestMs - latenessMs, made.get(finer) ?? newestMs), slotMs)
    if (!made.has(level)) made.set(level, fromMs)
    if (untilMs <= fromMs) continue
    await makeLevel(database, finer, level, fromMs / 1_000, untilMs / 1_000)
    made.set(level, untilMs)
  }
  return made
}

async function makeLevel(
  database: Database,
  { seconds: finer }: Level,
  { seconds }: Level,
  from: number,
  until: number,
): Promise<void> {
  const isWithin = `slot >= ${from} AND slot < ${until}`
  const slot = `(slot // ${seconds} * ${seconds})::UINTEGER`
  await database.run(
    `INSERT INTO counts_${seconds} SELECT ${slot}, cell, field, sum(value)::UBIGINT
     FROM counts_${finer} WHERE ${isWithin} GROUP BY ALL ORDER BY 1, 2, 3`,
  )
  // An open connection is told by the last scrape of the slot, or it is none.
  await database.run(
    `INSERT INTO opens_${seconds}
     WITH last AS (
       SELECT ${slot} AS coarse, instance, max(at_ms) AS at_ms
       FROM coverage_${finer} WHERE ${isWithin} GROUP BY ALL
     )
     SELECT last.coarse, cell, opens.at_ms, open
     FROM opens_${finer} AS opens
     JOIN cells ON cells.id = opens.cell
     JOIN last ON last.instance = cells.instance AND last.at_ms = opens.at_ms
       AND last.coarse = opens.slot // ${seconds} * ${seconds}
     WHERE ${isWithin} ORDER BY 1, 2`,
  )
  await database.run(
    `INSERT INTO coverage_${seconds} SELECT ${slot}, instance, sum(covered_ms)::UBIGINT, max(at_ms)
     FROM coverage_${finer} WHERE ${isWithin} GROUP BY ALL ORDER BY 1, 2`,
  )
}

/**
 * Lets go of slots that are kept no longer, and once a day of instances, and of cells before `firstKnownCell`, that have
 * none left.
 */
export async function deleteOld(database: Database, newestMs: number, firstKnownCell: number): Promise<void> {
  for (const { seconds, keptMs: levelKeptMs } of levels) {
    // By the hour, so that the slots of all levels go together.
    const before = slotStartMs(newestMs - levelKeptMs, 3_600_000) / 1_000
    for (const table of ['counts', 'opens', 'coverage']) {
      await database.run(`DELETE FROM ${table}_${seconds} WHERE slot < ${before}`)
    }
  }
  const beforeMs = slotStartMs(newestMs - keptMs, 3_600_000)
  await database.run(`DELETE FROM baselines WHERE end_ms < ${beforeMs}`)
  await database.run(`DELETE FROM gaps WHERE end_ms < ${beforeMs}`)
  if (slotStartMs(newestMs, 3_600_000) !== slotStartMs(newestMs, 86_400_000)) return
  // Of each slot there are rows in the finest level or in the coarsest.
  const used = [levels[0], levels.at(-1)].flatMap(level =>
    level === undefined ? [] : [`counts_${level.seconds}`, `opens_${level.seconds}`],
  )
  const cells = used.map(table => `SELECT DISTINCT cell FROM ${table}`).join(' UNION ')
  await database.run(`DELETE FROM cells WHERE id < ? AND id NOT IN (${cells})`, [firstKnownCell])
  const heard = [levels[0], levels.at(-1)].flatMap(level =>
    level === undefined ? [] : [`coverage_${level.seconds}`],
  )
  const instances = ['cells', 'baselines', ...heard].map(table => `SELECT DISTINCT instance FROM ${table}`)
  await database.run(`DELETE FROM instances WHERE id NOT IN (${instances.join(' UNION ')})`)
}

/** The numbers of the instances that the file knows. */
export async function readInstanceIds(database: Database): Promise<ReadonlySet<number>> {
  const [ids = []] = await database.columns('SELECT id FROM instances')
  return new Set(ids.map(Number))
}
