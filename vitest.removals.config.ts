import { defineConfig } from 'vitest/config'

/** Takes guards out one at a time and looks whether the tests notice; see test/removals. */
export default defineConfig({
  test: {
    include: ['test/removals/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 400_000,
    maxWorkers: 1,
  },
})
