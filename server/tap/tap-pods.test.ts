import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { testInstance } from '#lib/resources/test-state.ts'
import { host, paths, stateOf, TestTaps, until, untilWatched } from './test-tap.ts'

let taps: TestTaps
beforeAll(async () => {
  taps = await TestTaps.open()
})
afterEach(() => taps.closeAll())
afterAll(() => taps.remove())

describe('Taps.start()', () => {
  test('names a pod whose proxy is gone or is another one, goes on with the rest, and takes it back', async () => {
    const web = await taps.meshedPod('web-0', 'web', 2)
    const imposter = await taps.meshedPod('catalog-0', 'catalog', 3, 'imposter')
    const plain = testInstance('legacy-0', 'legacy', `${host}.4`, { meshed: false, identity: null })
    const { sink } = taps.start([web.instance, imposter.instance, plain])
    await until(() => {
      expect(stateOf(sink, 'web-0')).toMatchObject({ state: 'tapping' })
      expect(stateOf(sink, 'catalog-0')?.error).toContain('proved another identity')
      expect(stateOf(sink, 'legacy-0')?.error).toContain('Not in the mesh')
    })
    await web.proxy.close()
    await until(() => expect(stateOf(sink, 'web-0')?.error).toMatch(/Nothing listens|Lost the proxy/))
    const again = await taps.proxy(web.instance.ip, web.instance.proxyPorts.control, 'web')
    await untilWatched(again)
    again.tell({ direction: 'inbound', path: '/back' })
    await until(() => expect(paths(sink.heard)).toEqual(['/back']))
  })

  test('says what helps, when this server is no member of the mesh', async () => {
    const { instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink } = taps.start([instance], {}, { isMember: false })
    await until(() => expect(stateOf(sink, 'web-0')?.error).toMatch(/^Cannot join the mesh: .*--data-dir/))
  })

  test('takes new pods in, and lets go of those that are gone', async () => {
    const first = await taps.meshedPod('web-0', 'web', 2)
    const { sink, platform } = taps.start([first.instance], { resource: 'deploy/web' })
    await untilWatched(first.proxy)
    const second = await taps.meshedPod('web-1', 'web', 3)
    platform.set([second.instance])
    await untilWatched(second.proxy)
    await until(() => expect(first.proxy.open()).toBe(0))
    second.proxy.tell({ direction: 'inbound', path: '/second' })
    await until(() => expect(paths(sink.heard)).toEqual(['/second']))
    platform.set([])
    await until(() => expect(sink.told.at(-1)?.pods).toEqual([]))
    platform.set([first.instance])
    await untilWatched(first.proxy)
  })
})
