/** A directed link between two things given by their index. */
export type Link = readonly [from: number, to: number]

/**
 * How far each of `count` things is from the start of its calls: callers come before callees, and what nobody calls
 * is 0. Where calls go round, the link that closes the circle is left out; the same links give the same ranks.
 */
export function rankByCalls(count: number, links: readonly Link[]): number[] {
  const callees: number[][] = Array.from({ length: count }, () => [])
  const callers = Array.from({ length: count }, () => 0)
  for (const [from, to] of links) {
    if (from === to) continue
    callees[from]?.push(to)
    callers[to] = (callers[to] ?? 0) + 1
  }
  const order = callOrder(callees, callers)
  const place = new Map(order.map((index, at) => [index, at]))
  const ranks = Array.from({ length: count }, () => 0)
  for (const from of order) {
    for (const to of callees[from] ?? []) {
      const isForward = (place.get(to) ?? 0) > (place.get(from) ?? 0)
      if (isForward) ranks[to] = Math.max(ranks[to] ?? 0, (ranks[from] ?? 0) + 1)
    }
  }
  return ranks
}

/** Indices so that most links lead forward: depth first from what nobody calls, then from what calls most. */
function callOrder(callees: readonly (readonly number[])[], callers: readonly number[]): number[] {
  const starts = callees.map((_, index) => index).sort((a, b) => startWeight(b) - startWeight(a) || a - b)
  const seen = new Set<number>()
  const finished: number[] = []
  for (const start of starts) {
    const stack: { readonly index: number; next: number }[] = []
    const enter = (index: number): void => {
      if (seen.has(index)) return
      seen.add(index)
      stack.push({ index, next: 0 })
    }
    enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const callee = callees[top.index]?.[top.next++]
      if (callee !== undefined) enter(callee)
      else finished.push(stack.pop()?.index ?? 0)
    }
  }
  return finished.reverse()

  function startWeight(index: number): number {
    const called = callers[index] ?? 0
    const calling = callees[index]?.length ?? 0
    return called === 0 ? Number.MAX_SAFE_INTEGER : calling - called
  }
}
