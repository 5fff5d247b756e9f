import type { webcrypto } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { Result } from '../kernel/result.ts'
import type { Reason } from './reason.ts'

/** Clerk's public keys, checked. Cache them for 5 minutes; refetch (at most every 30 s) on `kid_unknown` and `signature_wrong`. */
export interface ClerkKeys {
  find(kid: string): webcrypto.CryptoKey | undefined
}

export interface ClerkOptions {
  /** Frontend API URL of the instance; compared byte for byte with `iss`. */
  readonly issuer: string
  /** `PUBLIC_PORTAL_URL`; compared with `azp`. */
  readonly authorizedParty: string
  readonly clock: Clock
}

/** A live session of a person, as Clerk signed it. */
export interface ClerkSession {
  readonly sub: string
  readonly sid: string
  /** Seconds since the epoch. */
  readonly iat: number
  /** User-scope plans and features, sorted, comma separated, without the `u:` prefix. Empty when there are none. */
  readonly pla: string
  readonly fea: string
  /** Minutes since the first and second factor (-1: none); null when the token does not say. */
  readonly fva: readonly [number, number] | null
}

/** Parses a JWKS document (`{FAPI}/.well-known/jwks.json`). Keys that we would not trust are a refusal, not skipped. */
export function readClerkKeys(jwks: unknown): Promise<Result<ClerkKeys, Reason>> {
  return Promise.reject(new Error(`not implemented ${typeof jwks}`))
}

/** `CLERK_JWT_KEY`: one SPKI PEM that serves whatever kid a token names. */
export function readClerkPem(pem: string): Promise<Result<ClerkKeys, Reason>> {
  return Promise.reject(new Error(`not implemented ${String(pem.length)}`))
}

/** Verifies a live Clerk session token by the rules of design §4.8. Its single use per transaction is the caller's. */
export function verifyClerkToken(
  token: string,
  keys: ClerkKeys,
  options: ClerkOptions,
): Promise<Result<ClerkSession, Reason>> {
  return Promise.reject(new Error(`not implemented ${String(token.length)} ${options.issuer} ${typeof keys}`))
}
