import { addressPrefix } from '../../kernel/address.ts'
import { secondsText, type QuotaPolicy } from '../../kernel/rate-limit-fields.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { storeKeys } from '../records/keys.ts'
import { isGuess, type OAuthError, type TokenRefusal, toOAuthError } from './refusal.ts'

export interface FailedAttempt {
  readonly reason: TokenRefusal
  /** The client, if it is one of ours; a stranger's invention is counted by address alone. */
  readonly clientId: string | null
  readonly address: string
}

/**
 * Counts a failed attempt by client and by address prefix. It is asked after the decision and only about refusals, so a
 * valid code or token is never held up by what others on the same address or with the same client id do.
 *
 * @returns seconds to wait when there were too many, else `null`
 */
export async function countFailedAttempt(
  attempt: FailedAttempt,
  deps: { readonly store: Store; readonly config: Configured },
): Promise<number | null> {
  if (!isGuess(attempt.reason)) return null
  const { max, windowMs } = deps.config.failedAuth
  const whom = [`address:${addressPrefix(attempt.address)}`]
  if (attempt.clientId !== null) whom.push(`client:${attempt.clientId}`)
  const counts = await Promise.all(
    whom.map(async (who) => deps.store.count(storeKeys.failures(who), windowMs)),
  )
  const waits = counts.filter(({ count }) => count > max).map(({ resetMs }) => Math.ceil(resetMs / 1000))
  return waits.length === 0 ? null : Math.max(1, ...waits)
}

interface Configured {
  readonly failedAuth: { readonly max: number; readonly windowMs: number }
}

/** What they are told. @param waitS from {@link countFailedAttempt} */
export function failedTooOften(
  waitS: number,
  { failedAuth: { max, windowMs } }: Configured,
): OAuthError & { readonly limit: { readonly policy: QuotaPolicy; readonly retryAfterS: number } } {
  const windowS = windowMs / 1000
  const policy = { name: 'failed_attempts', quota: max, windowS }
  const looked = `${max} in ${secondsText(windowS)} are looked at`
  return {
    ...toOAuthError('failed_too_often'),
    description: `Too many failed attempts: ${looked}. Try again in ${secondsText(waitS)}; what is valid is never held up.`,
    limit: { policy, retryAfterS: waitS },
  }
}
