import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The tests of one group of `groups.js`; see `run.js`. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  test: {
    include: (process.env['MUTATION_TESTS'] ?? '').split(','),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What a mutant breaks is found by the first test that fails.
    bail: 1,
    maxWorkers: 1,
  },
})
