import { describe, expect, test } from 'vitest'
import { loadManifests } from '#lib/manifests/load-manifests.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { Platform } from '#server/platform/platform.ts'
import { states } from './states.ts'
import { mesh, webPod } from './test-mesh.ts'

function state(revision: number): MeshState {
  const settings = {
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  }
  const loaded = loadManifests([{ name: 'mesh.yaml', text: mesh(webPod(1, 'a')) }], settings)
  if ('problems' in loaded) throw new Error('Cannot load the mesh')
  return { ...loaded.state, revision }
}

/** A platform that is changed by hand and counts who listens. */
function handPlatform() {
  const listeners = new Set<() => void>()
  let current = state(1)
  const platform: Platform = {
    current: () => current,
    problem: () => null,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => Promise.resolve(),
  }
  return {
    platform,
    listeners,
    change(revision: number) {
      current = state(revision)
      for (const listener of listeners) listener()
    },
  }
}

describe('states()', () => {
  test('yields the state now and after each change, only the newest to a slow reader', async () => {
    const hand = handPlatform()
    const stream = states(hand.platform, new AbortController().signal)
    expect((await stream.next()).value?.revision).toBe(1)
    const waiting = stream.next()
    hand.change(2)
    expect((await waiting).value?.revision).toBe(2)
    hand.change(3)
    hand.change(4)
    expect((await stream.next()).value?.revision).toBe(4)
    await stream.return()
  })

  test('throws on abort and stops listening, whether its reader waits or never comes back', async () => {
    const { platform, listeners } = handPlatform()
    const abort = new AbortController()
    const waiting = states(platform, abort.signal)
    const abandoned = states(platform, abort.signal)
    await waiting.next()
    await abandoned.next()
    const end = waiting.next()
    expect(listeners.size).toBe(2)
    abort.abort(new Error('over'))
    await expect(end).rejects.toBe(abort.signal.reason)
    expect(listeners.size).toBe(0)
  })
})
