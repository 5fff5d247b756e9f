import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/external/**', 'test/removals/**'],
    globalSetup: ['test/support/wire/run.ts'],
    setupFiles: ['test/support/wire/watch.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
