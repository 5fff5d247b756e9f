import type { z } from 'zod'
import type { changesWaiting } from '../../crypto/internal-api.ts'
import { mayApprove } from '../changes/approval.ts'
import type { Changes } from '../changes/changes.ts'

type Waiting = z.input<typeof changesWaiting.answer>['changes']

/**
 * Changes that this person may say yes to and has not. What is of low risk waits for nobody; what a change is about is for
 * this server's own page.
 */
export async function findWaiting(sub: string, { plans }: Pick<Changes, 'plans'>): Promise<Waiting> {
  const mine = (await plans.waitingFor(sub)).filter(
    (plan) => mayApprove(plan, sub) && (plan.risk !== 'low' || plan.approvers.length > 0),
  )
  const agreed = await Promise.all(mine.map((plan) => plans.findAgreed(plan)))
  return mine
    .filter((_plan, index) => agreed[index] === null)
    .map(({ id, risk, madeMs, sub: owner }) => ({ id, risk, madeMs, isOwn: owner === sub }))
}
