import type { Clock } from '../kernel/clock.ts'
import type { Result } from '../kernel/result.ts'
import type { AccessClaims } from './claims.ts'
import type { Receipt } from './credential.ts'
import type { McpKeys } from './keys/key-ring.ts'
import type { Reason } from './reason.ts'

/** A bearer string that could be one of our tokens. Nothing is proven yet. */
export interface TokenShape {
  readonly jwe: string
  /** `prefixed`: it came as `mxci_…`. */
  readonly form: 'bare' | 'prefixed'
  readonly kid: string
  readonly rid: string
  readonly rt: string
}

/** A token whose pre-tag was made with the key that portal and MCP server share. Saves work; grants nothing. */
export interface TaggedToken {
  readonly shape: TokenShape
  /** Token id, in the clear and proven by the tag: for limits and logs before any RSA. */
  readonly rid: string
}

/** A token of ours, whole: signed by the portal, sealed for us, within the receipt that we made ourselves. */
export interface OpenedToken {
  readonly claims: Omit<AccessClaims, 'gr'>
  readonly receipt: Receipt
  readonly encryptionKid: string
  readonly signingKid: string
  readonly receiptKid: string
}

export interface OpenOptions {
  /** `PUBLIC_PORTAL_URL`. */
  readonly issuer: string
  /** `PUBLIC_MCP_URL/mcp`. */
  readonly audience: string
  readonly clock: Clock
}

/** Microseconds of work, no keys: length, segments, canonical base64url, exact header. Strips and checks `mxci_`. */
export function readTokenShape(bearer: string): Result<TokenShape, Reason> {
  throw new Error(`not implemented ${String(bearer.length)}`)
}

/** One HMAC: does the tag belong to this kid and rid? No RSA is spent on what fails here. */
export function checkPreTag(shape: TokenShape, keys: McpKeys): Result<TaggedToken, Reason> {
  throw new Error(`not implemented ${shape.rid} ${String(keys.infos.length)}`)
}

/**
 * Decrypts, verifies the portal's signature and the claims, opens the receipt and checks that the token only narrows it.
 * Revocation, allow-list and limits are not checked here. On a cache hit compare `claims.exp` again.
 */
export function openToken(
  tagged: TaggedToken,
  keys: McpKeys,
  options: OpenOptions,
): Promise<Result<OpenedToken, Reason>> {
  return Promise.reject(
    new Error(`not implemented ${tagged.rid} ${options.issuer} ${String(keys.infos.length)}`),
  )
}
