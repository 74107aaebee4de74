import type { Instance } from '#lib/resources/mesh-state.ts'
import { testState } from '#lib/resources/test-state.ts'
import type { Platform } from '#server/platform/platform.ts'

/** A platform whose instances a test changes. */
export interface TestPlatform extends Platform {
  set(instances: readonly Instance[]): void
}

export function testPlatform(instances: readonly Instance[]): TestPlatform {
  const listeners = new Set<() => void>()
  let state = testState(instances)
  return {
    current: () => state,
    problem: () => null,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(changed) {
      state = { ...state, revision: state.revision + 1, instances: changed }
      for (const listener of listeners) listener()
    },
    close: () => Promise.resolve(),
  }
}
