import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween, takeApart } from './answer-diff.ts'

const span = { start: 'a', end: 'b', stepSeconds: 1 }
const coverage = { expected: 0, answered: 0, oldestSampleAt: null, missing: [] }
const rows = fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), n: fc.nat({ max: 3 }) }), {
  selector: ({ id }) => id,
})

const answer = (lists: object) => ({ span, coverage, ...lists })

test('changesBetween() turns the older rows into the newer, and names no others', () => {
  fc.assert(
    fc.property(rows, rows, rows, rows, (nodes, edges, nextNodes, nextEdges) => {
      const before = takeApart(answer({ nodes, edges }))
      const after = takeApart(answer({ nodes: nextNodes, edges: nextEdges }))
      const changes = changesBetween(before, after)
      for (const [list, old, next] of [
        ['nodes', nodes, nextNodes],
        ['edges', edges, nextEdges],
      ] as const) {
        const held = new Map<string, unknown>(old.map(row => [row.id, row]))
        for (const remove of changes?.removes ?? []) if (remove.in === list) held.delete(remove.id)
        for (const { in: of, row } of changes?.upserts ?? []) {
          if (of !== list) continue
          expect(held.get(row.id)).not.toEqual(row)
          held.set(row.id, row)
        }
        expect([...held.values()].toSorted(byId)).toEqual(next.toSorted(byId))
      }
    }),
  )
})

test('changesBetween() gives up, when more than rows changed', () => {
  const before = takeApart(answer({ rows: [] }))
  const after = takeApart(answer({ rows: [], note: 'new' }))
  expect(changesBetween(before, after)).toBeNull()
})

function byId(a: unknown, b: unknown): number {
  return (a as { id: string }).id < (b as { id: string }).id ? -1 : 1
}
