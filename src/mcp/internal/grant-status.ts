import type { z } from 'zod'
import type { grantStatus } from '../../crypto/internal-api.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Records } from '../records/records.ts'
import { unavailable, type CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'

type Answer = z.input<typeof grantStatus.answer>

/** Whether a grant may be refreshed. While the store is not primed nobody is told that a grant ended. */
export async function findGrantStatus(
  ask: z.output<typeof grantStatus.ask>,
  records: Records,
): Promise<Result<Act<Answer>, CallRefusal>> {
  if (!records.isPrimed()) return err(unavailable('store_unprimed'))
  const grant = records.ledger.findGrant(ask.gid)
  // Another server may have attested it, and its record be on the way.
  if (grant === null && !(await records.isWhole())) return err(unavailable('records_incomplete'))
  if (grant === null) return ok({ answer: { state: 'unknown' }, event: { grantId: ask.gid } })
  const state = records.ledger.isEnded(grant) ? 'ended' : 'live'
  return ok({ answer: { state }, event: { grantId: ask.gid, principal: grant.sub } })
}
