import { afterAll, beforeAll, describe } from 'vitest'
import { findTools } from '#scripts/find-tools.ts'
import { describeStore } from '#server/store/conformance.ts'
import { describeHistories } from '#server/store/test-histories.ts'
import { startPrometheus, type TestPrometheus } from './test-prometheus.ts'
import { ToldStore } from './test-told-store.ts'

const tools = findTools('prometheus')

describe.skipIf(tools.areMissing)(`with Prometheus${tools.note}`, () => {
  let prometheus: TestPrometheus
  beforeAll(async () => {
    prometheus = await startPrometheus()
  })
  afterAll(async () => {
    await prometheus?.stop()
  })

  describeStore('Prometheus store', {
    make: ({ intervalMs }) => new ToldStore(prometheus, intervalMs),
    settle: store => (store as ToldStore).settle(),
    keepsElsewhere: true,
  })

  describeHistories('Prometheus store', {
    make: ({ intervalMs }) => new ToldStore(prometheus, intervalMs),
    spanMs: 3 * 3_600_000,
    maxGapMs: 240_000,
    runs: 5,
  })
})
