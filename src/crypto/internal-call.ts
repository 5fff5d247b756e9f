import { z } from 'zod'
import { nowSeconds, type Clock } from '../kernel/clock.ts'
import { randomId } from '../kernel/random.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { internalCall, type CallPurpose } from './formats.ts'
import { sign, verify } from './jose.ts'
import type { McpKeys } from './keys/key-ring.ts'
import type { Key } from './keys/key.ts'
import type { Reason } from './reason.ts'
import { readPayload } from './strict-json.ts'

export interface CallToSign {
  /** E.g. `/internal/grants`: becomes part of `typ`, so a call for one path is none for another. */
  readonly path: string
  /** Instance id of the MCP server that is asked. */
  readonly audience: string
  /** Instance id of the portal that asks, or a name of the operator. */
  readonly issuer: string
  readonly body: unknown
  readonly signer: Key<CallPurpose>
  readonly clock: Clock
  /** A new one where it is absent. */
  readonly jti?: string
}

/** Whose key signed a call. */
export type Caller = 'portal' | 'operator' | 'peer'

/** What a service verifies calls with; it may know the keys of some callers only. */
export interface CallKeys {
  readonly internalSigning?: Pick<McpKeys['internalSigning'], 'find'>
  readonly operator?: Pick<McpKeys['operator'], 'find'>
  readonly peer: Pick<McpKeys['peer'], 'find'>
}

export interface CallToVerify {
  readonly path: string
  readonly jws: string
  /** Our own instance id. */
  readonly audience: string
  /** Who may ask this; a call that somebody else signed is as unsigned. */
  readonly callers: readonly Caller[]
  readonly keys: CallKeys
  readonly clock: Clock
}

export interface VerifiedCall {
  /** Single use until `exp` is the caller's store operation. */
  readonly jti: string
  readonly body: unknown
  /** Seconds since the epoch. */
  readonly exp: number
  readonly issuer: string
  readonly caller: Caller
}

/** The request body for the internal listener: a compact JWS that is valid for 60 seconds, once, on one path. */
export function signCall({
  path,
  audience,
  issuer,
  body,
  signer,
  clock,
  jti = randomId(),
}: CallToSign): Promise<string> {
  const iat = nowSeconds(clock)
  const claims: CallClaims = {
    iss: issuer,
    aud: audience,
    iat,
    exp: iat + CALL_LIFE_S,
    jti,
    body,
  }
  return sign(internalCall(path, signer.purpose), signer, JSON.stringify(claims))
}

/** Verifies a call. Parse `body` with the schema of the path, and use up `jti`, before acting on it. */
export async function verifyCall(call: CallToVerify): Promise<Result<VerifiedCall, Reason>> {
  const verified = await verifySigner(call)
  if (!verified.ok) return verified
  const { payload, caller } = verified.value
  const claims = readPayload(payload, callClaims)
  if (!claims.ok) return claims
  const { iss, aud, iat, exp, jti, body } = claims.value
  const now = nowSeconds(call.clock)
  if (aud !== call.audience) return err('audience_wrong')
  if (exp - iat > CALL_LIFE_S) return err('lifetime_too_long')
  if (iat > now + CALL_SKEW_S) return err('issued_in_future')
  if (exp <= now) return err('expired')
  return ok({ jti, body, exp, issuer: iss, caller })
}

/** A kid serves one purpose, so it is known to one caller at most. */
async function verifySigner(
  call: CallToVerify,
): Promise<Result<{ readonly payload: Uint8Array; readonly caller: Caller }, Reason>> {
  for (const caller of call.callers) {
    const verified = await verifyAs(caller, call)
    if (verified.ok) return ok({ payload: verified.value.payload, caller })
    if (verified.error !== 'kid_unknown') return verified
  }
  return err('kid_unknown')
}

function verifyAs(
  caller: Caller,
  { path, jws, keys }: CallToVerify,
): Promise<Result<{ readonly payload: Uint8Array }, Reason>> {
  switch (caller) {
    case 'portal':
      return verify(internalCall(path, 'internal-signing'), jws, keys.internalSigning ?? NOBODY)
    case 'operator':
      return verify(internalCall(path, 'ops'), jws, keys.operator ?? NOBODY)
    case 'peer':
      return verify(internalCall(path, 'peer'), jws, keys.peer)
  }
}

const NOBODY = { find: () => undefined }

const instanceId = z.string().min(1).max(100)
export const callClaims = z.strictObject({
  iss: instanceId,
  aud: instanceId,
  iat: z.int().positive(),
  exp: z.int().positive(),
  jti: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  body: z.unknown(),
})
type CallClaims = z.infer<typeof callClaims>

const CALL_LIFE_S = 60
const CALL_SKEW_S = 5
