import type { ClerkSession } from '../../crypto/clerk-token.ts'
import type { Records } from '../records/records.ts'

/** Keeps plan and features as Clerk signed them, unless a newer token has said it already (design §4.5). */
export async function recordPlan({ sub, pla, fea, iat }: ClerkSession, records: Records): Promise<void> {
  const known = records.ledger.findPlan(sub)
  if (known !== null && known.iatS > iat) return
  // The same words again lift a cap, if they were signed after it.
  if (known?.pla === pla && known.fea === fea && records.ledger.findCap(sub) === null) return
  await records.record('plan.recorded', { sub, pla, fea, iatS: iat })
}
