import { err, ok, type Result } from '../kernel/result.ts'
import { accessClaims, type AccessClaims } from './claims.ts'
import { sha256Base64url } from './digest.ts'
import { ACCESS_TOKEN, INNER_TOKEN } from './formats.ts'
import { encrypt, sign } from './jose.ts'
import type { PortalKeys } from './keys/key-ring.ts'
import { largestPart } from './largest-part.ts'
import { preTag } from './pre-tag.ts'
import type { TooLong } from './reason.ts'

/**
 * Signs the claims as the portal and encrypts them to the MCP server (nested JWT, RFC 7519 §11.2: sign, then encrypt;
 * a public key proves no sender). `claims.jti` becomes `rid` of the outer header.
 * @throws when the claims break their schema: the portal's own bug
 */
export async function sealAccessToken(
  claims: AccessClaims,
  keys: Pick<PortalKeys, 'tokenEncryption' | 'tokenSigning' | 'preTag'>,
): Promise<Result<string, TooLong>> {
  const checked = accessClaims.parse(claims)
  const inner = await sign(INNER_TOKEN, keys.tokenSigning.active, JSON.stringify(checked))
  const to = keys.tokenEncryption.active
  const tagKey = keys.preTag.findFor(to.kid)
  if (tagKey === undefined) throw new Error(`no pre-tag key for ${to.kid}`)
  const token = await encrypt(ACCESS_TOKEN, to, {
    plaintext: inner,
    varying: { rid: checked.jti, rt: preTag(tagKey, to.kid, checked.jti) },
  })
  if (token.length <= ACCESS_TOKEN.maxChars) return ok(token)
  return err({
    reason: 'too_long',
    part: largestPart(checked),
    chars: token.length,
    maxChars: ACCESS_TOKEN.maxChars,
  })
}

/** `mxci_` + 6 characters of base64url SHA-256 of the JWE + `_` + JWE: what secret scanners find and we check offline. */
export const formatCiToken = (jwe: string): string => `mxci_${sha256Base64url(jwe).slice(0, 6)}_${jwe}`
