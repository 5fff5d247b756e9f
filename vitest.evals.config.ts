import { defineConfig } from 'vitest/config'

/** Questions with known answers at the large plant: minutes, and a table of what they cost. See test/evals. */
export default defineConfig({
  test: {
    include: ['test/evals/**/*.eval.ts'],
    globalSetup: ['test/support/wire/run.ts'],
    setupFiles: ['test/support/wire/watch.ts'],
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
    disableConsoleIntercept: true,
  },
})
