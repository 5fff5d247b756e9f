import { z } from 'zod'
import { nowSeconds, type Clock } from '../kernel/clock.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { FOREIGN_ALGORITHMS, type ForeignKeys } from './foreign-keys.ts'
import { verifyForeign } from './jose.ts'
import type { Reason } from './reason.ts'
import { readPayload, readStrictJson } from './strict-json.ts'

export interface AssertionOptions {
  /** Who the assertion must be of: its `iss` and its `sub` (RFC 7523 §3). */
  readonly clientId: string
  /** Our issuer identifier: the one and only `aud`, as one string. An address of ours is not it. */
  readonly issuer: string
  readonly clock: Clock
}

/** A client proved that it holds a key. Its single use until `exp` is the caller's store operation. */
export interface ProvenAssertion {
  readonly jti: string
  /** Seconds since the epoch; at most {@link MAX_ASSERTION_LIFE_S} away. */
  readonly exp: number
  /** RFC 7638 thumbprint of the key that signed. */
  readonly thumbprint: string
}

export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Verifies a client assertion (`private_key_jwt`, RFC 7523 §2.2, §3). The reason is for the log: on the wire it is `invalid_client`. */
export async function verifyClientAssertion(
  assertion: string,
  keys: ForeignKeys,
  { clientId, issuer, clock }: AssertionOptions,
): Promise<Result<ProvenAssertion, Reason>> {
  const verified = await verifyForeign(assertion, keys, RULES)
  if (!verified.ok) return verified
  const read = readPayload(verified.value.payload, claims)
  if (!read.ok) return read
  const { iss, sub, aud, exp, jti } = read.value
  if (iss !== clientId || sub !== clientId) return err('issuer_wrong')
  if (aud !== issuer) return err('audience_wrong')
  const untimely = findUntimely(read.value, nowSeconds(clock))
  return untimely === null ? ok({ jti, exp, thumbprint: verified.value.key.thumbprint }) : err(untimely)
}

/** Whom an assertion says it is of, where no `client_id` stands beside it (RFC 7521 §4.2). Nothing is proven by it. */
export function readAssertionSubject(assertion: string): string | null {
  if (assertion.length > RULES.maxChars) return null
  const [, payload, , ...more] = assertion.split('.', 4)
  if (payload === undefined || more.length > 0) return null
  const json = readStrictJson(Buffer.from(payload, 'base64url'))
  const named = z.looseObject({ sub: z.string().min(1).max(512) }).safeParse(json.ok ? json.value : null)
  return named.success ? named.data.sub : null
}

function findUntimely({ iat, nbf, exp }: z.infer<typeof claims>, now: number): Reason | null {
  if (exp + SKEW_S <= now) return 'expired'
  if (exp > now + MAX_ASSERTION_LIFE_S + SKEW_S) return 'lifetime_too_long'
  return Math.max(iat ?? 0, nbf ?? 0) > now + SKEW_S ? 'issued_in_future' : null
}

const seconds = z.int().positive()
const claims = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  exp: seconds,
  iat: seconds.optional(),
  nbf: seconds.optional(),
  jti: z.string().min(1).max(255),
})

const RULES = {
  algorithms: FOREIGN_ALGORITHMS,
  types: [undefined, 'JWT', 'client-authentication+jwt'],
  maxChars: 4096,
} as const
/** How far ahead an assertion may end: what has to be remembered against its second use stays bounded. */
export const MAX_ASSERTION_LIFE_S = 600
const SKEW_S = 30
