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
  readonly expiresInS: number
}

/**
 * Signs and seals an access token and journals who it was made for, so that its client can revoke it (RFC 7009): the
 * portal itself cannot open it again.
 *
 * @throws DiskUnavailable
 */
export async function issueAccessToken(
  grant: GrantInHand,
  scope: string,
  deps: Pick<TokenDeps, 'config' | 'clock' | 'keys' | 'records'>,
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
  if (!sealed.ok) return err('token_too_long')
  const sha256 = sha256Base64url(sealed.value)
  await deps.records.record('token.issued', { rid, gid: grant.gid, cid: grant.cid, sha256, expS: exp })
  return ok({ token: sealed.value, rid, expiresInS: exp - iat })
}
