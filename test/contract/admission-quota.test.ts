import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { AdmissionVerdict, Spending, Standing } from '../../src/mcp/admission/store.ts'
import {
  anAsk,
  endAdmissionRedis,
  memoryAdmission,
  redisAdmission,
  type AdmissionSubject,
} from '../support/store/admission-stores.ts'
import { redisMissing } from '../support/store/redis.ts'

const ADAPTERS = [
  { name: 'in process', make: memoryAdmission, isMissing: false },
  { name: 'on Redis', make: redisAdmission, isMissing: redisMissing !== null },
]
afterAll(endAdmissionRedis)

const DAY_MS = 86_400_000
const leftOfMonthMs = (nowMs: number): number => {
  const now = new Date(nowMs)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - nowMs
}

for (const { name, make, isMissing } of ADAPTERS) {
  describe.skipIf(isMissing)(`quotas ${name}`, () => {
    let subject: AdmissionSubject
    beforeEach(async () => {
      subject = await make()
      await subject.store.project('mcp-1', 1, [])
    })
    const ask = (spending: Spending, standing: Partial<Standing> = {}): Promise<AdmissionVerdict> =>
      subject.admission.ask(anAsk(spending, standing))
    const quota = (units: number, perDay: number | null, perMonth: number | null = null): Spending => ({
      quota: { units, perDay, perMonth },
    })
    const passed = { state: 'passed' } as const

    test('units of a day are spent until there are not enough left, and it ends at 00:00 UTC', async () => {
      expect(await ask(quota(3, 5))).toMatchObject({ left: { daily_quota: { remaining: 2 } } })
      const leftMs = DAY_MS - (subject.nowMs() % DAY_MS)
      expect(await ask(quota(3, 5))).toEqual({ state: 'limited', limit: 'daily_quota', retryAfterMs: leftMs })
      expect(await ask(quota(2, 5))).toMatchObject({
        left: { daily_quota: { remaining: 0, resetMs: leftMs }, monthly_quota: null },
      })
      expect(await ask(quota(1, 5))).toMatchObject({ limit: 'daily_quota' })
      await subject.pass(leftMs - 1)
      expect(await ask(quota(1, 5))).toMatchObject({ limit: 'daily_quota', retryAfterMs: 1 })
      await subject.pass(1)
      expect(await ask(quota(1, 5))).toMatchObject(passed)
    })

    test('units of a month are spent over its days, and it ends on the 1st at 00:00 UTC', async () => {
      // A day before a month's end, whatever month the clock of the test is in.
      await subject.pass(leftOfMonthMs(subject.nowMs()) - DAY_MS)
      expect(await ask(quota(3, null, 5))).toMatchObject({ left: { monthly_quota: { remaining: 2 } } })
      await subject.pass(DAY_MS - 1)
      expect(await ask(quota(2, null, 5))).toMatchObject({
        left: { daily_quota: null, monthly_quota: { remaining: 0, resetMs: 1 } },
      })
      expect(await ask(quota(1, null, 5))).toEqual({
        ...{ state: 'limited', limit: 'monthly_quota', retryAfterMs: 1 },
      })
      await subject.pass(1)
      expect(await ask(quota(5, null, 5))).toMatchObject(passed)
      expect(await ask(quota(1, null, 5))).toMatchObject({
        ...{ limit: 'monthly_quota', retryAfterMs: leftOfMonthMs(subject.nowMs()) },
      })
    })

    test('a month begins on its first day in every year, leap or not', async () => {
      const firsts = [2028, 2100, 2399, 2400].flatMap((year) =>
        Array.from({ length: 12 }, (_, month) => Date.UTC(year, month, 1)),
      )
      const reset = async (): Promise<number | undefined> => {
        const verdict = await ask(quota(1, null, 9))
        return verdict.state === 'passed' ? verdict.left.monthly_quota?.resetMs : undefined
      }
      const counted = async () => (await subject.admission.spent('user-1'))?.month
      for (const firstMs of firsts) {
        const last = new Date(firstMs - 1)
        await subject.pass(last.getTime() - subject.nowMs())
        expect(await reset()).toBe(1)
        // A leap day, too, counts with its month.
        expect(await counted()).toBe(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), 1) / DAY_MS)
        await subject.pass(1)
        expect(await reset(), last.toISOString()).toBe(leftOfMonthMs(firstMs))
        expect(await counted()).toBe(firstMs / DAY_MS)
      }
    })

    test('of a day and a month that are both spent the month is named, which ends later', async () => {
      await subject.pass(leftOfMonthMs(subject.nowMs()))
      await ask(quota(4, 4, 4))
      expect(await ask(quota(1, 4, 4))).toMatchObject({ limit: 'monthly_quota' })
      expect(await ask(quota(1, 4, 9))).toMatchObject({ limit: 'daily_quota' })
      await subject.pass(DAY_MS)
      expect(await ask(quota(1, 4, 4))).toMatchObject({ limit: 'monthly_quota' })
      expect(await ask(quota(1, 4, 9))).toMatchObject(passed)
    })

    test('what one quota refuses, the other is not charged for', async () => {
      await ask(quota(2, 9, 2))
      await ask(quota(1, 9, 2))
      await ask(quota(9, 9, 99))
      expect(await subject.admission.spent('user-1')).toMatchObject({ units: 2, monthUnits: 2 })
    })

    test('it is the user’s, over all his connections and environments', async () => {
      await ask(quota(5, 5))
      expect(await ask(quota(1, 5), { tokenId: 't', grantId: 'g', environment: 'e' })).toMatchObject({
        limit: 'daily_quota',
      })
      expect(await ask(quota(1, 5), { subject: 'user-2' })).toMatchObject(passed)
    })

    test('what was spent is told by user, with its day and its month', async () => {
      await ask({}, { subject: 'user-3' })
      expect(await subject.admission.spent('user-3')).toBeNull()
      await ask(quota(2, 5), { subject: 'user-3' })
      await ask(quota(1, null, 5), { subject: 'user-3' })
      const now = new Date(subject.nowMs())
      expect(await subject.admission.spent('user-3')).toEqual({
        day: Math.floor(subject.nowMs() / DAY_MS),
        units: 3,
        month: Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1) / DAY_MS,
        monthUnits: 3,
      })
      expect(await subject.admission.spent('user-4')).toBeNull()
    })

    test('a plan of nothing passes nothing', async () => {
      expect(await ask(quota(1, 0))).toMatchObject({ limit: 'daily_quota' })
      expect(await ask(quota(1, null, 0))).toMatchObject({ limit: 'monthly_quota' })
    })

    test('of 40 calls at once exactly as many pass as there are units', async () => {
      const all = await Promise.all(Array.from({ length: 40 }, () => ask(quota(2, 50, 21))))
      expect(all.filter(({ state }) => state === 'passed')).toHaveLength(10)
    })
  })
}
