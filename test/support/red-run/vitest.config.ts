import { defineConfig } from 'vitest/config'
import main from '../../../vitest.config.ts'

/** The run of every day with tests in it that pass and break what is held over a whole run. */
export default defineConfig({
  ...main,
  test: { ...main.test, include: ['test/support/red-run/*.case.ts'] },
})
