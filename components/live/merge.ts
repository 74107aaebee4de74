import type { Update } from '#lib/api/live.ts'

/**
 * `answer` after `update`: new span and coverage, rows replaced by id, new ones at the end, removed ones gone.
 * Lists and rows that did not change stay the same objects. Lists the answer does not have are ignored.
 */
export function mergeUpdate<A extends object>(answer: A, update: Update): A {
  const merged: Record<string, unknown> = { ...answer, span: update.span, coverage: update.coverage }
  const lists = new Set([...update.upserts, ...update.removes].map(change => change.in))
  for (const list of lists) {
    const rows = merged[list]
    if (!Array.isArray(rows)) continue
    const byId = new Map<string, unknown>(rows.map((row: { readonly id: string }) => [row.id, row]))
    for (const remove of update.removes) if (remove.in === list) byId.delete(remove.id)
    for (const upsert of update.upserts) if (upsert.in === list) byId.set(upsert.row.id, upsert.row)
    merged[list] = [...byId.values()]
  }
  return merged as A
}
