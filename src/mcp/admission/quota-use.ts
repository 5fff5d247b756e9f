import type { Clock } from '../../kernel/clock.ts'
import type { PlanFacts } from './caller.ts'
import { calendarOf, spentAt } from './limiters/quota.ts'
import type { Plans } from './plans.ts'
import type { AdmissionStore } from './store.ts'

/** Of the UTC day or calendar month. */
export interface QuotaUse {
  /** Units; null: not counted, since the plan has neither of the two limits. */
  readonly used: number | null
  /** Null: without limit. */
  readonly atMost: number | null
  /** When the next one begins, milliseconds since the epoch. */
  readonly endsMs: number
}

export interface QuotaUseDeps {
  readonly store: Pick<AdmissionStore, 'spent'>
  readonly plans: Pick<Plans, 'quotaOf'>
  readonly clock: Clock
}

/**
 * What a user has spent, over all connections and tokens, against what the plan allows.
 *
 * @throws StoreUnavailable
 */
export async function quotaUseOf(
  subject: string,
  plan: PlanFacts,
  { store, plans, clock }: QuotaUseDeps,
): Promise<{ readonly day: QuotaUse; readonly month: QuotaUse }> {
  const { perDay, perMonth } = plans.quotaOf(plan)
  const isCounted = perDay !== null || perMonth !== null
  const nowMs = clock.nowMs()
  const calendar = calendarOf(nowMs)
  const { units, monthUnits } = spentAt(isCounted ? await store.spent(subject) : null, calendar)
  return {
    day: { used: isCounted ? units : null, atMost: perDay, endsMs: nowMs + calendar.nextDayMs },
    month: { used: isCounted ? monthUnits : null, atMost: perMonth, endsMs: nowMs + calendar.nextMonthMs },
  }
}
