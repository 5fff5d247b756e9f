import { join } from 'node:path'
import { expect, inject } from 'vitest'
import { recordBreaches } from '../../../src/dev/simulator/wire/wire-watch.ts'
import { recordStrangers } from './hosts.ts'

const about = (): object => {
  const { testPath, currentTestName } = expect.getState()
  return { file: testPath, test: currentTestName }
}
const file = join(inject('wireFolder'), `${process.pid}.jsonl`)

/** In every process of tests, before their files: what any simulator in it sees, and where the product's client asks, is held to the rules of the wire. */
recordBreaches(file, about)
recordStrangers(file, about)
