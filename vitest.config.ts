import { defineConfig } from 'vitest/config'

// A machine shared with others may stand still for seconds; what fails twice is at fault.
const retry = process.env.CI ? 1 : 0
const common = { testTimeout: 30_000, hookTimeout: 60_000, retry }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'parts',
          include: ['{lib,server,proxy,cli,components,scripts,demo}/**/*.test.{ts,tsx}'],
        },
      },
      {
        // Whole meshes: after the parts and one file at a time, for they measure time and share the sample addresses.
        test: {
          ...common,
          name: 'meshes',
          include: ['e2e/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
