import { nowSeconds, type Clock } from '../kernel/clock.ts'
import type { AccessClaims } from './claims.ts'
import type { Receipt } from './credential.ts'
import type { Reason } from './reason.ts'

/** How far the portal's clock may be ahead of ours. */
export const IAT_LEEWAY_S = 30
/** An expired token gets no grace (RFC 7519 §4.1.4 allows some; clients refresh in time). */
export const EXP_LEEWAY_S = 0
/** Longest life of a token that expires and is not `ci`, whatever the portal says. */
const MAX_TOKEN_LIFE_S = 86_400

interface Expected {
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  readonly rid: string
}

type TokenClaims = Omit<AccessClaims, 'gr'>

/** What is wrong with signed claims by themselves; null when nothing is. */
export function checkClaims(claims: TokenClaims, { issuer, audience, clock, rid }: Expected): Reason | null {
  const now = nowSeconds(clock)
  if (claims.iss !== issuer) return 'issuer_wrong'
  if (claims.aud !== audience) return 'audience_wrong'
  if (claims.jti !== rid) return 'rid_mismatch'
  if (claims.iat > now + IAT_LEEWAY_S) return 'issued_in_future'
  if (claims.exp !== undefined && isExpired(claims.exp, clock)) return 'expired'
  return isTooLong(claims) ? 'lifetime_too_long' : null
}

/** Also for cache hits, where the rest was checked before. `exp` in seconds. */
export const isExpired = (exp: number, clock: Clock): boolean => exp + EXP_LEEWAY_S <= nowSeconds(clock)

/** Where a token would go beyond the receipt that the MCP server made for its grant; null when it stays within. */
export function checkAgainstReceipt(
  claims: TokenClaims,
  receipt: Receipt,
  kids: readonly [string, string],
): Reason | null {
  if (claims.gid !== receipt.gid) return 'grant_mismatch'
  if (claims.knd !== receipt.knd) return 'kind_mismatch'
  if (!isWithin(claims.scope, receipt.scp)) return 'scope_too_wide'
  if (receipt.max !== undefined && (claims.exp ?? Infinity) > receipt.max) return 'expiry_beyond_receipt'
  if ((claims.iat + IAT_LEEWAY_S) * 1000 < receipt.at) return 'issued_before_grant'
  if (receipt.knd === 'ci' && !isTheListedToken(claims, receipt, kids)) return 'token_id_mismatch'
  return null
}

const isTooLong = ({ knd, iat, exp }: TokenClaims): boolean =>
  knd === 'at' && (exp === undefined || exp - iat > MAX_TOKEN_LIFE_S)

function isWithin(scope: string, ceiling: string): boolean {
  const allowed = new Set(ceiling.split(' '))
  return scope.split(' ').every((one) => allowed.has(one))
}

const isTheListedToken = (claims: TokenClaims, receipt: Receipt, kids: readonly [string, string]): boolean =>
  receipt.jti === claims.jti && receipt.kids?.[0] === kids[0] && receipt.kids[1] === kids[1]
