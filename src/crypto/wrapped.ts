import { Secret } from '../kernel/secret.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { wrappedCredential } from './claims.ts'
import type { Wrapped } from './credential.ts'
import { WRAPPED } from './formats.ts'
import { encrypt, openJwe } from './jose.ts'
import type { McpKeys } from './keys/key-ring.ts'
import { largestPart } from './largest-part.ts'
import type { Reason, TooLong } from './reason.ts'
import { readPayload } from './strict-json.ts'

/**
 * Wraps a credential for storage at Clerk: AES-128-CBC with HMAC-SHA-256 under a key of the MCP server alone. Base URL,
 * owner and environment are inside, so whoever can edit the row cannot point the key at another host or person (T-24).
 * @throws when the content breaks its schema: the MCP server's own bug
 */
export async function wrapCredential(
  content: Wrapped,
  keys: Pick<McpKeys, 'wrapping'>,
): Promise<Result<string, TooLong>> {
  const plain = wrappedCredential.parse({ ...content, c: { ...content.c, k: content.c.k.reveal() } })
  const jwe = await encrypt(WRAPPED, keys.wrapping.active, { plaintext: JSON.stringify(plain) })
  if (jwe.length <= WRAPPED.maxChars) return ok(jwe)
  return err({ reason: 'too_long', part: largestPart(plain), chars: jwe.length, maxChars: WRAPPED.maxChars })
}

/** Opens a wrapped credential for its owner and environment; for anyone and anything else: `owner_mismatch` (T-23). */
export async function openWrapped(
  jwe: string,
  owner: { readonly sub: string; readonly env: string },
  keys: Pick<McpKeys, 'wrapping'>,
): Promise<Result<Wrapped, Reason>> {
  const opened = await openJwe(WRAPPED, jwe, keys.wrapping)
  if (!opened.ok) return opened
  const content = readPayload(opened.value.plaintext, wrappedCredential)
  if (!content.ok) return content
  const { c, ...rest } = content.value
  if (rest.sub !== owner.sub || rest.env !== owner.env) return err('owner_mismatch')
  return ok({ ...rest, c: { ...c, k: new Secret(c.k) } })
}
