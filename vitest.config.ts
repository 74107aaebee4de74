import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{lib,server,proxy,cli,components,scripts,demo,e2e}/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
