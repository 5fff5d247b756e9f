import { defineConfig } from 'vitest/config'

/** What takes minutes or measures seconds and bytes: one suite at a time, figures printed; not in CI. See test/soak. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.soak.ts'],
    globalSetup: ['test/support/wire/run.ts'],
    setupFiles: ['test/support/wire/watch.ts'],
    testTimeout: 60 * 60_000,
    hookTimeout: 10 * 60_000,
    fileParallelism: false,
    pool: 'forks',
    execArgv: ['--expose-gc'],
    // Figures are the point: show them as they come, without a frame around each.
    disableConsoleIntercept: true,
  },
})
