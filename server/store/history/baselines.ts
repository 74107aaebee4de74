import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import type { Baseline } from '#server/store/earlier-life.ts'
import type { Range } from '#server/store/store.ts'
import type { Batch, Instance } from './batch.ts'
import type { Database } from './database.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)
const maxGaps = 1_000
/** No proxy's exposition is larger than this, or it would not have been read. */
const maxExpositionBytes = 64 * 1_024 * 1_024

/** Saves where counting goes on from after these batches: in their transaction, so that it is neither before nor after. */
export async function writeBaselines(database: Database, batches: readonly Batch[]): Promise<void> {
  const newest = new Map(batches.flatMap(({ baselines }) => [...baselines]))
  if (newest.size === 0) return
  const saved: { instance: Instance; endMs: number; compressed: Buffer }[] = []
  for (const [instance, { endMs, exposition }] of newest) {
    saved.push({
      instance,
      endMs,
      compressed: await compress(exposition, { level: constants.Z_BEST_SPEED }),
    })
  }
  const ids = saved.map(({ instance }) => instance.id)
  await database.run(`DELETE FROM baselines WHERE instance IN (${ids.join(', ')})`)
  await database.append('baselines', appender => {
    for (const { instance, endMs, compressed } of saved) {
      appender.appendUInteger(instance.id)
      appender.appendUBigInt(BigInt(Math.round(endMs)))
      appender.appendBlob(compressed)
      appender.endRow()
    }
  })
}

/** Where counting of an instance goes on from; `null` when nothing was saved. */
export async function readBaseline(database: Database, { id }: Instance): Promise<Baseline | null> {
  const rows = await database.columns(
    'SELECT end_ms::DOUBLE, exposition FROM baselines WHERE instance = ? ORDER BY end_ms DESC LIMIT 1',
    [id],
  )
  const [[endMs] = [], [blob] = []] = rows
  if (typeof endMs !== 'number' || typeof blob !== 'object' || blob === null || !('bytes' in blob))
    return null
  if (!(blob.bytes instanceof Uint8Array)) return null
  return { endMs, exposition: await decompress(blob.bytes, { maxOutputLength: maxExpositionBytes }) }
}

/** Times in which no server ran, oldest first. */
export async function readGaps(database: Database): Promise<readonly Range[]> {
  const [starts = [], ends = []] = await database.columns(
    `SELECT * FROM (SELECT start_ms::DOUBLE AS start, end_ms::DOUBLE FROM gaps ORDER BY start DESC LIMIT ${maxGaps}) ORDER BY 1`,
  )
  return starts.map((startMs, i) => ({ startMs: Number(startMs), endMs: Number(ends[i]) }))
}

/** Saves a gap, in place of what was known of it. */
export async function writeGap(database: Database, { startMs, endMs }: Range): Promise<void> {
  if (endMs <= startMs) return
  await database.run(`DELETE FROM gaps WHERE start_ms = ${Math.round(startMs)}`)
  await database.run(`INSERT INTO gaps VALUES (${Math.round(startMs)}, ${Math.round(endMs)})`)
}
