import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/external/**', 'test/removals/**'],
    globalSetup: ['test/support/whole-run.ts'],
    setupFiles: ['test/support/wire/watch.ts', 'test/support/events/watch.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Files share a process and what it has loaded: importing the product anew for each cost as much as half the tests.
    isolate: false,
  },
})
