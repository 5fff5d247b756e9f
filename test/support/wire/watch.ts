import { join } from 'node:path'
import { expect, inject } from 'vitest'
import { recordBreaches } from '../../../src/dev/simulator/wire/wire-watch.ts'

/** In every process of tests, before their files: what any simulator in it sees is held to the rules of the wire. */
recordBreaches(join(inject('wireFolder'), `${process.pid}.jsonl`), () => {
  const { testPath, currentTestName } = expect.getState()
  return { file: testPath, test: currentTestName }
})
