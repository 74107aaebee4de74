import type { Coverage, Span } from '#lib/api/common.ts'
import type { Update } from '#lib/api/live.ts'

/** An answer taken apart, to be compared with the next one. */
export interface Taken {
  readonly span: Span
  readonly coverage: Coverage
  /** Everything but span, coverage and lists, as text. */
  readonly rest: string
  /** Rows of each list by id, with their text. */
  readonly lists: ReadonlyMap<string, ReadonlyMap<string, TakenRow>>
}

interface TakenRow {
  readonly row: { readonly id: string }
  readonly text: string
}

export type Changes = Pick<Update, 'span' | 'coverage' | 'upserts' | 'removes'>

interface AnyAnswer {
  readonly span: Span
  readonly coverage: Coverage
}

export function takeApart(answer: AnyAnswer): Taken {
  const { span, coverage, ...others } = answer
  const lists = new Map<string, ReadonlyMap<string, TakenRow>>()
  const rest: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(others)) {
    if (Array.isArray(value)) lists.set(name, rowsById(value))
    else rest[name] = value
  }
  return { span, coverage, rest: JSON.stringify(rest), lists }
}

/** What turns `before` into `after`; `null` when rows alone cannot. */
export function changesBetween(before: Taken, after: Taken): Changes | null {
  if (before.rest !== after.rest || before.lists.size !== after.lists.size) return null
  const upserts: Changes['upserts'] = []
  const removes: Changes['removes'] = []
  for (const [list, rows] of after.lists) {
    const old = before.lists.get(list)
    if (!old) return null
    for (const [id, { row, text }] of rows) {
      if (old.get(id)?.text !== text) upserts.push({ in: list, row: { ...row } })
    }
    for (const id of old.keys()) if (!rows.has(id)) removes.push({ in: list, id })
  }
  return { span: after.span, coverage: after.coverage, upserts, removes }
}

function rowsById(rows: readonly { readonly id: string }[]): Map<string, TakenRow> {
  return new Map(rows.map(row => [row.id, { row, text: JSON.stringify(row) }]))
}
