import type { z } from 'zod'
import type { planCap } from '../../crypto/internal-api.ts'
import { nowSeconds, type Clock } from '../../kernel/clock.ts'
import { ok, type Result } from '../../kernel/result.ts'
import type { Records } from '../records/records.ts'
import type { CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'

type Answer = z.input<typeof planCap.answer>

/** Keeps what a user may have at most. It takes effect on the next call, and widens nothing. */
export async function capPlan(
  { sub, pla, fea }: z.output<typeof planCap.ask>,
  { records, clock }: { readonly records: Records; readonly clock: Clock },
): Promise<Result<Act<Answer>, CallRefusal>> {
  await records.record('plan.capped', { sub, pla, fea, atS: nowSeconds(clock) })
  return ok({ answer: { state: 'recorded' }, event: { principal: sub, resource: 'plan_cap' } })
}
