import type { MeshState } from '#lib/resources/mesh-state.ts'

/** What follows from a state alone is found once: a state never changes. */
export function oncePerState<A extends readonly unknown[], T>(
  find: (state: MeshState, ...args: A) => T,
): (state: MeshState, ...args: A) => T {
  const found = new WeakMap<MeshState, Map<string, T>>()
  return (state, ...args) => {
    const of = found.get(state) ?? new Map<string, T>()
    found.set(state, of)
    const id = args.join()
    const known = of.get(id)
    if (known !== undefined) return known
    const value = find(state, ...args)
    of.set(id, value)
    return value
  }
}
