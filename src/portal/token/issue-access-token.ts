import { sha256Base64url } from '../../crypto/digest.ts'
import { sealAccessToken } from '../../crypto/token-seal.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { canonicalResource } from '../authorize/resource.ts'
import { ACCESS_TOKEN_LIFE_S, type TokenDeps } from './token-deps.ts'

/** A grant whose receipt was just unlocked. */
export interface GrantInHand {
  readonly gid: string
  readonly cid: string
  readonly receipt: string
  /** Last second of the grant: no token outlives it. */
  readonly maxS: number
}

export interface AccessToken {
  readonly token: string
  readonly rid: string
  /** Its last second. */
  readonly expS: number
  readonly expiresInS: number
}

/** Signs and seals an access token. It must not leave the house before it is recorded. */
export async function makeAccessToken(
  grant: GrantInHand,
  scope: string,
  deps: Pick<TokenDeps, 'config' | 'clock' | 'keys'>,
): Promise<Result<AccessToken, 'token_too_long'>> {
  const iat = nowSeconds(deps.clock)
  const exp = Math.min(iat + ACCESS_TOKEN_LIFE_S, grant.maxS)
  const rid = randomId()
  const claims = {
    iss: deps.config.portalUrl,
    aud: canonicalResource(deps.config.mcpUrl),
    jti: rid,
    iat,
    exp,
    gid: grant.gid,
    scope,
    knd: 'at' as const,
    gr: grant.receipt,
  }
  const sealed = await sealAccessToken(claims, deps.keys)
  return sealed.ok
    ? ok({ token: sealed.value, rid, expS: exp, expiresInS: exp - iat })
    : err('token_too_long')
}

/**
 * Journals who an access token was made for, so that its client can revoke it (RFC 7009): the portal itself cannot open it
 * again.
 *
 * @throws DiskUnavailable
 */
export async function recordAccessToken(
  { token, rid, expS }: AccessToken,
  { gid, cid }: GrantInHand,
  { records }: Pick<TokenDeps, 'records'>,
): Promise<void> {
  await records.record('token.issued', { rid, gid, cid, sha256: sha256Base64url(token), expS })
}

/**
 * Both of them.
 *
 * @throws DiskUnavailable
 */
export async function issueAccessToken(
  grant: GrantInHand,
  scope: string,
  deps: Pick<TokenDeps, 'config' | 'clock' | 'keys' | 'records'>,
): Promise<Result<AccessToken, 'token_too_long'>> {
  const made = await makeAccessToken(grant, scope, deps)
  if (made.ok) await recordAccessToken(made.value, grant, deps)
  return made
}
