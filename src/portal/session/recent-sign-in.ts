import { type Clock, nowSeconds } from '../../kernel/clock.ts'
import type { SignedIn } from './session-state.ts'

/**
 * Whether the person proved who they are within `maxMinutes`: `fva[0]` of the token plus the token's own age.
 * A token without `fva` is not recent.
 */
export function hasRecentSignIn(session: SignedIn, maxMinutes: number, clock: Clock): boolean {
  const minutes = session.claims.fva?.[0] ?? -1
  if (minutes < 0) return false
  return minutes + (nowSeconds(clock) - session.issuedAtS) / 60 <= maxMinutes
}
