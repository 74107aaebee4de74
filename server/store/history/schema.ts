import { dimensions } from '#server/store/store.ts'
import { levels } from './levels.ts'

/** Version of the tables; a file of a newer one is refused. */
export const schemaVersion = 1

/**
 * Every table that ends in a number has one for each level, in seconds. Rows are only ever added, and slots that are
 * too old are deleted; the same slot, cell and field may have several rows, which add up. Instants are Unix
 * milliseconds, slots the Unix seconds of their start.
 *
 * - `meta`: numbers by name (`version`, `newest_ms`, `heard_since_ms`, `made_<seconds>`: until when a level is made, …)
 * - `instances`, `cells`: what numbers of theirs stand for; a label set may have several
 * - `fields`: what numbers above those of the counters stand for
 * - `counts_<seconds>`: what was counted
 * - `opens_<seconds>`: connections that a cell had open when its instance was scraped at `at_ms`
 * - `coverage_<seconds>`: how much of a slot an instance's scrapes covered, and when the last of them ended
 * - `baselines`: the exposition that an instance's newest scrape gave, compressed
 * - `gaps`: times in which no server ran, of which the counts came at the end
 */
export const schema: readonly string[] = [
  'CREATE TABLE meta (name VARCHAR, value DOUBLE)',
  'CREATE TABLE instances (id UINTEGER, namespace VARCHAR, pod VARCHAR)',
  `CREATE TABLE cells (id UINTEGER, instance UINTEGER, ${dimensions.map(column => `${quoted(column)} VARCHAR`).join(', ')})`,
  'CREATE TABLE fields (id USMALLINT, kind VARCHAR, text VARCHAR)',
  'CREATE TABLE baselines (instance UINTEGER, end_ms UBIGINT, exposition BLOB)',
  'CREATE TABLE gaps (start_ms UBIGINT, end_ms UBIGINT)',
  ...levels.flatMap(({ seconds }) => [
    `CREATE TABLE counts_${seconds} (slot UINTEGER, cell UINTEGER, field USMALLINT, value UBIGINT)`,
    `CREATE TABLE opens_${seconds} (slot UINTEGER, cell UINTEGER, at_ms UBIGINT, open UINTEGER)`,
    `CREATE TABLE coverage_${seconds} (slot UINTEGER, instance UINTEGER, covered_ms UBIGINT, at_ms UBIGINT)`,
  ]),
]

/** A column's name as SQL takes it. */
export function quoted(column: string): string {
  return `"${column}"`
}
