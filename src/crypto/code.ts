import { z } from 'zod'
import { nowSeconds, type Clock } from '../kernel/clock.ts'
import { err, type Result } from '../kernel/result.ts'
import { CODE } from './formats.ts'
import { encrypt, openJwe } from './jose.ts'
import type { PortalKeys } from './keys/key-ring.ts'
import type { Reason } from './reason.ts'
import { readPayload } from './strict-json.ts'

const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** Content of an authorization code (RFC 6749 §4.1.2). Times in seconds. */
export const codePayload = z.strictObject({
  /** Id of the code, used once. */
  j: id,
  gid: id,
  cid: z.string().min(1).max(512),
  /** The redirect URI as requested, byte for byte. */
  ruri: z.string().min(1).max(1024),
  /** PKCE challenge, method S256 (RFC 7636 §4.2). */
  chal: bytes32,
  sub: z.string().min(1).max(100),
  sid: z.string().min(1).max(100),
  env: id,
  scp: z.string().max(400),
  /** The canonical resource (RFC 8707). */
  res: z.url().max(255),
  /** Epoch of the portal's store: a code of before a flush is dead, since its use was forgotten. */
  ep: z.string().min(1).max(64),
  /** Key under which the receipt waits in the store, base64url of 32 bytes. */
  k: bytes32,
  iat: z.int().positive(),
  exp: z.int().positive(),
})
export type CodePayload = z.infer<typeof codePayload>

/**
 * Encrypts a code to ourselves. At most 4,096 characters by the bounds of {@link codePayload}.
 * @throws when the payload breaks its schema: the portal's own bug
 */
export async function sealCode(payload: CodePayload, keys: Pick<PortalKeys, 'code'>): Promise<string> {
  return encrypt(CODE, keys.code.active, { plaintext: JSON.stringify(codePayload.parse(payload)) })
}

/** Opens a code and checks its time. Single use, client, redirect URI, verifier and epoch are the caller's to check. */
export async function openCode(
  code: string,
  keys: Pick<PortalKeys, 'code'>,
  clock: Clock,
): Promise<Result<CodePayload, Reason>> {
  const opened = await openJwe(CODE, code, keys.code)
  if (!opened.ok) return opened
  const payload = readPayload(opened.value.plaintext, codePayload)
  if (!payload.ok) return payload
  return payload.value.exp > nowSeconds(clock) ? payload : err('expired')
}
