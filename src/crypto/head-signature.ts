import { ok, type Result } from '../kernel/result.ts'
import { AUDIT_HEAD } from './formats.ts'
import { sign, verify } from './jose.ts'
import { ownerOf } from './keys/key-ring.ts'
import type { AuditHeadKeys, AuditHeadVerifiers, ServiceName } from './keys/key.ts'
import type { Reason } from './reason.ts'

export interface VerifiedHead {
  readonly content: Uint8Array
  readonly kid: string
  /** Which service signed it. */
  readonly owner: ServiceName
}

/** Signs the head of an audit chain: compact JWS, Ed25519, `typ` `mx-head+jwt`. At most 1,024 bytes of content. */
export function signHead(content: Uint8Array, keys: { readonly auditHead: AuditHeadKeys }): Promise<string> {
  if (content.length > MAX_CONTENT_BYTES)
    throw new Error(`an audit head of ${content.length} bytes is too long`)
  return sign(AUDIT_HEAD, keys.auditHead.signer, content)
}

/** Verifies a head of either service. What it says, and whether it is newer, is the caller's to compare. */
export async function verifyHead(
  head: string,
  verifiers: AuditHeadVerifiers,
): Promise<Result<VerifiedHead, Reason>> {
  const verified = await verify(AUDIT_HEAD, head, verifiers)
  if (!verified.ok) return verified
  const { payload, key } = verified.value
  return ok({ content: payload, kid: key.kid, owner: ownerOf(key.kid) })
}

const MAX_CONTENT_BYTES = 1024
