import { defineConfig } from 'vitest/config'

const common = { testTimeout: 30_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    globalSetup: './scripts/build-programs.ts',
    projects: [
      {
        test: {
          ...common,
          name: 'parts',
          // Modules are read once for all files: that is most of what each would take by itself.
          isolate: false,
          setupFiles: ['./scripts/law-seed.ts'],
          include: ['{lib,server,proxy,cli,components,scripts,demo}/**/*.test.{ts,tsx}'],
        },
      },
      {
        // Whole meshes: one at a time, for they measure time, and pages are tested beside them.
        test: {
          testTimeout: 90_000,
          hookTimeout: 120_000,
          name: 'meshes',
          include: ['e2e/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
