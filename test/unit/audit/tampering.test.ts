import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TamperedLog, tamperings } from '../../support/audit-tampering.ts'

test('every edit, insertion, deletion, swap and cut behind the newest head that is given is found', async () => {
  const log = await TamperedLog.make()
  expect(await log.holds()).toBe(true)
  await fc.assert(
    fc.asyncProperty(tamperings, async (tampering) => {
      expect(await log.isFound(tampering)).not.toBe(false)
    }),
    { numRuns: 40 },
  )
})
