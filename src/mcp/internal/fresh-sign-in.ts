import type { ClerkSession } from '../../crypto/clerk-token.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { refused, type CallRefusal } from './call-refusal.ts'

/** What works without a person for long asks for a sign-in of the last ten minutes (design §4.6). */
export function checkFreshSignIn({ fva }: Pick<ClerkSession, 'fva'>): Result<void, CallRefusal> {
  const minutes = fva?.[0] ?? -1
  return minutes >= 0 && minutes <= MAX_SIGN_IN_AGE_MIN ? ok(undefined) : err(refused('sign_in_too_old'))
}

const MAX_SIGN_IN_AGE_MIN = 10
