import { receiptClaims } from '../../crypto/claims.ts'
import type { ClerkSession } from '../../crypto/clerk-token.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { refused, unavailable, type CallRefusal } from './call-refusal.ts'
import type { ClerkSessions } from './clerk-sessions.ts'

export interface LiveAsk {
  readonly clerkToken: string
  /** Single use for one purpose. */
  readonly transaction: string
}

export interface LiveDeps {
  readonly store: Store
  readonly clerk: ClerkSessions
}

/**
 * Verifies the live session behind a call. A 60-second Clerk token may serve several transactions (it has no id of its
 * own to use up), but each transaction counts once per purpose, whether or not it came to anything.
 */
export async function proveLiveSession(
  purpose: 'grant' | 'vault' | 'plan',
  ask: LiveAsk,
  { store, clerk }: LiveDeps,
): Promise<Result<ClerkSession, CallRefusal>> {
  const session = await clerk.verify(ask.clerkToken)
  if (!session.ok) {
    return err(
      session.error === 'unavailable' ? unavailable('clerk_keys') : refused(`session_${session.error}`),
    )
  }
  // A vault keeps neither; a receipt and a plan record have room for so much and no more.
  if (purpose !== 'vault' && !PLAN.safeParse(session.value).success) return err(refused('features_too_long'))
  const isFirst = await store.putOnce(`txn:${purpose}:${ask.transaction}`, '1', TRANSACTION_MEMORY_MS)
  return isFirst ? ok(session.value) : err({ kind: 'used_before', code: 'transaction' })
}

const PLAN = receiptClaims.pick({ pla: true, fea: true }).strip()

/** Far longer than a Clerk token can be presented. */
const TRANSACTION_MEMORY_MS = 15 * 60_000
