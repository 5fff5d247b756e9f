import type { Clock } from '../kernel/clock.ts'
import type { Result } from '../kernel/result.ts'
import type { McpKeys, PortalKeys } from './keys/key-ring.ts'
import type { Reason } from './reason.ts'

export interface CallToSign {
  /** E.g. `/internal/grants`: becomes part of `typ`, so a call for one path is none for another. */
  readonly path: string
  /** Instance id of the MCP server that is asked. */
  readonly audience: string
  /** Instance id of the portal that asks. */
  readonly issuer: string
  readonly body: unknown
  readonly keys: Pick<PortalKeys, 'internalSigning'>
  readonly clock: Clock
}

export interface CallToVerify {
  readonly path: string
  readonly jws: string
  /** Our own instance id. */
  readonly audience: string
  readonly keys: Pick<McpKeys, 'internalSigning'>
  readonly clock: Clock
}

export interface VerifiedCall {
  /** Single use until `exp` is the caller's store operation. */
  readonly jti: string
  readonly body: unknown
  /** Seconds since the epoch. */
  readonly exp: number
  readonly issuer: string
}

/** The request body for the internal listener: a compact JWS that is valid for 60 seconds, once, on one path. */
export function signCall(call: CallToSign): Promise<string> {
  return Promise.reject(new Error(`not implemented ${call.path}`))
}

/** Verifies a call. Parse `body` with the schema of the path, and use up `jti`, before acting on it. */
export function verifyCall(call: CallToVerify): Promise<Result<VerifiedCall, Reason>> {
  return Promise.reject(new Error(`not implemented ${call.path}`))
}
