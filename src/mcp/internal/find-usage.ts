import type { z } from 'zod'
import type { accountUsage } from '../../crypto/account-usage.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ok, type Result } from '../../kernel/result.ts'
import { effectivePlan, type Plans } from '../admission/plans.ts'
import { quotaUseOf } from '../admission/quota-use.ts'
import type { AdmissionStore } from '../admission/store.ts'
import type { Records } from '../records/records.ts'
import type { CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'

type Answer = z.input<typeof accountUsage.answer>

export interface UsageDeps {
  readonly records: Records
  readonly admissionStore: AdmissionStore
  readonly plans: Plans
  readonly clock: Clock
}

/** By the plan that Clerk signed last and what caps it, as the next call of a token of theirs is judged. */
export async function findUsage(
  { sub }: z.output<typeof accountUsage.ask>,
  { records: { ledger }, admissionStore: store, plans, clock }: UsageDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  const signed = ledger.findPlan(sub)
  if (signed === null) return ok({ answer: { state: 'no_plan' }, event: { principal: sub } })
  const facts = effectivePlan(signed, ledger.findCap(sub), plans)
  const used = await quotaUseOf(sub, facts, { store, plans, clock })
  const answer = { state: 'known', plan: facts.plan, cap: facts.cap ?? null, ...used } as const
  return ok({ answer, event: { principal: sub } })
}
