import type { Result } from '../kernel/result.ts'
import type { AccessClaims } from './claims.ts'
import type { PortalKeys } from './keys/key-ring.ts'
import type { TooLong } from './reason.ts'

/**
 * Signs the claims as the portal and encrypts them to the MCP server (nested JWT, RFC 7519 §11.2: sign, then encrypt).
 * `claims.jti` becomes `rid` of the outer header. At most {@link MAX_TOKEN_CHARS} characters.
 */
export function sealAccessToken(claims: AccessClaims, keys: PortalKeys): Promise<Result<string, TooLong>> {
  return Promise.reject(new Error(`not implemented ${claims.jti} ${String(keys.infos.length)}`))
}

/** `mxci_` + 6 characters of base64url SHA-256 of the JWE + `_` + JWE: what secret scanners find and we check offline. */
export function formatCiToken(jwe: string): string {
  throw new Error(`not implemented ${String(jwe.length)}`)
}
