import { describe, vi } from 'vitest'
import { controlTests } from './demo/control.ts'
import { featuresTests } from './demo/features.ts'
import { numbersTests } from './demo/numbers.ts'
import { SharedDemo } from './demo/shared-demo.ts'

// Each wait has room for a busy machine, and a test for several of them.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

describe('the demo', () => {
  const demo = new SharedDemo()
  describe('shows', () => numbersTests(demo))
  // These only look, and most of what they do is to wait for traffic.
  describe.concurrent('shows in time', () => featuresTests(demo))
  describe('goes on and ends', () => controlTests(demo))
})
