import type { Result } from '../kernel/result.ts'
import type { AuditHeadKeys, AuditHeadVerifiers, Owner } from './keys/key.ts'
import type { Reason } from './reason.ts'

export interface VerifiedHead {
  readonly content: Uint8Array
  readonly kid: string
  /** Which service signed it. */
  readonly owner: Owner
}

/** Signs the head of an audit chain: compact JWS, Ed25519, `typ` `mx-head+jwt`. At most 1,024 bytes of content. */
export function signHead(content: Uint8Array, keys: { readonly auditHead: AuditHeadKeys }): Promise<string> {
  return Promise.reject(new Error(`not implemented ${String(content.length)} ${keys.auditHead.signer.kid}`))
}

export function verifyHead(
  head: string,
  verifiers: AuditHeadVerifiers,
): Promise<Result<VerifiedHead, Reason>> {
  return Promise.reject(new Error(`not implemented ${String(head.length)} ${typeof verifiers}`))
}
