import { z } from 'zod'
import { nowSeconds, type Clock } from '../kernel/clock.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { meetsRules, type ClaimRule } from './claim-rules.ts'
import type { ForeignAlgorithm, ForeignKeys } from './foreign-keys.ts'
import { verifyForeign } from './jose.ts'
import type { Reason } from './reason.ts'
import { readPayload, readStrictJson } from './strict-json.ts'

export interface WorkloadOptions {
  readonly issuer: string
  /** The one and only `aud`, as one string. */
  readonly audience: string
  readonly rules: readonly ClaimRule[]
  /** As the operator's file allows this issuer. */
  readonly algorithms: readonly ForeignAlgorithm[]
  readonly clock: Clock
}

/** A workload proved who it is. The single use of `jti` until `exp` is the caller's store operation. */
export interface ProvenWorkload {
  readonly jti: string
  /** Seconds since the epoch; at most a day away. */
  readonly exp: number
}

/** Verifies the token that an OpenID provider gave a workload (RFC 7523 §2.1, §3). The reason is for the log. */
export async function verifyWorkload(
  assertion: string,
  keys: ForeignKeys,
  { issuer, audience, rules, algorithms, clock }: WorkloadOptions,
): Promise<Result<ProvenWorkload, Reason>> {
  const verified = await verifyForeign(assertion, keys, { ...FORM, algorithms })
  if (!verified.ok) return verified
  const read = readPayload(verified.value.payload, claims)
  if (!read.ok) return read
  const { iss, aud, jti, exp } = read.value
  if (iss !== issuer) return err('issuer_wrong')
  if (aud !== audience) return err('audience_wrong')
  const untimely = findUntimely(read.value, nowSeconds(clock))
  if (untimely !== null) return err(untimely)
  return meetsRules(read.value, rules) ? ok({ jti, exp }) : err('rules_not_met')
}

/** What an assertion says of itself, to find whom it concerns. Nothing is proven by it. */
export function readWorkloadClaims(assertion: string): Readonly<Record<string, unknown>> | null {
  if (assertion.length > MAX_WORKLOAD_CHARS) return null
  const [, payload, , ...more] = assertion.split('.', 4)
  if (payload === undefined || more.length > 0) return null
  const json = readStrictJson(Buffer.from(payload, 'base64url'))
  const read = z.looseObject({}).safeParse(json.ok ? json.value : null)
  return read.success ? read.data : null
}

function findUntimely({ iat, nbf, exp }: z.infer<typeof claims>, now: number): Reason | null {
  if (exp + SKEW_S <= now) return 'expired'
  if (exp > now + MAX_LIFE_S + SKEW_S) return 'lifetime_too_long'
  if (Math.max(iat, nbf ?? 0) > now + SKEW_S) return 'issued_in_future'
  return iat + MAX_AGE_S + SKEW_S < now ? 'stale' : null
}

const seconds = z.int().positive()
const claims = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  exp: seconds,
  iat: seconds,
  nbf: seconds.optional(),
  jti: z.string().min(1).max(255),
})

const MAX_WORKLOAD_CHARS = 6144
/** GitHub names its certificate by `x5t`; it is a label and is not looked at. */
const FORM = { types: [undefined, 'JWT'], ignored: ['x5t'], maxChars: MAX_WORKLOAD_CHARS } as const
/** What has to be remembered against a second use stays bounded. */
const MAX_LIFE_S = 86_400
/** A workload asks for its token when it needs it; an old one was lying somewhere. */
const MAX_AGE_S = 3_600
const SKEW_S = 30
