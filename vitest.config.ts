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
        // Whole meshes: after the parts, and two at a time, for they measure time and wait for most of it.
        test: {
          ...common,
          name: 'meshes',
          include: ['e2e/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
