import type { Result } from '../kernel/result.ts'
import type { Wrapped } from './credential.ts'
import type { McpKeys } from './keys/key-ring.ts'
import type { Reason, TooLong } from './reason.ts'

/** Wraps a credential for storage at Clerk: AES-128-CBC with HMAC-SHA-256 under a key of the MCP server alone. */
export function wrapCredential(
  content: Wrapped,
  keys: Pick<McpKeys, 'wrapping'>,
): Promise<Result<string, TooLong>> {
  return Promise.reject(new Error(`not implemented ${content.env} ${keys.wrapping.purpose}`))
}

/** Opens a wrapped credential for its owner and environment; for anyone and anything else: `owner_mismatch`. */
export function openWrapped(
  jwe: string,
  owner: { readonly sub: string; readonly env: string },
  keys: Pick<McpKeys, 'wrapping'>,
): Promise<Result<Wrapped, Reason>> {
  return Promise.reject(
    new Error(`not implemented ${String(jwe.length)} ${owner.env} ${keys.wrapping.purpose}`),
  )
}
