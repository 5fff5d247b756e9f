import { defineConfig } from 'vitest/config'

/** Suites of others, in exact versions, installed under a scratch folder; see test/external. */
export default defineConfig({
  test: {
    include: ['test/external/**/*.test.ts'],
    globalSetup: ['test/support/wire/run.ts'],
    setupFiles: ['test/support/wire/watch.ts'],
    testTimeout: 90_000,
    hookTimeout: 400_000,
    maxWorkers: 1,
  },
})
