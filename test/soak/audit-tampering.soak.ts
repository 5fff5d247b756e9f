import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TamperedLog, tamperings } from '../support/audit-tampering.ts'
import { figure, soakShare } from '../support/soak.ts'

const TIMES = 12_000

test('a log of which every record was tampered with in some way: all of it is found', async () => {
  const log = await TamperedLog.make()
  expect(await log.holds()).toBe(true)
  const times = Math.max(1, Math.round(TIMES * soakShare()))
  const tally = new Map<string, { found: number; missed: number }>()
  for (const tampering of fc.sample(tamperings, { numRuns: times, seed: 20_261_126 })) {
    const isFound = await log.isFound(tampering)
    if (isFound === null) continue
    const kind = `${tampering.kind}${tampering.isRelinked ? ', relinked' : ''}`
    const told = tally.get(kind) ?? { found: 0, missed: 0 }
    tally.set(kind, told)
    if (isFound) told.found += 1
    else told.missed += 1
    expect(isFound, JSON.stringify(tampering)).toBe(true)
  }
  for (const [kind, { found }] of tally) figure(`found, ${kind}`, found, 'of all')
  const all = [...tally.values()]
  figure(
    'tampered logs found',
    all.reduce((sum, { found }) => sum + found, 0),
    'in all',
  )
  figure(
    'tampered logs missed',
    all.reduce((sum, { missed }) => sum + missed, 0),
    'in all',
  )
})
