import { defineConfig } from 'vitest/config'
import main from '../../../../vitest.config.ts'

/** The run of every day with tests in it that pass and break rules of the wire. */
export default defineConfig({
  ...main,
  test: { ...main.test, include: ['test/support/wire/red-run/*.case.ts'] },
})
