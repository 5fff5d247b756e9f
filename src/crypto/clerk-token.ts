import { createPublicKey, webcrypto } from 'node:crypto'
import { z } from 'zod'
import { nowSeconds, type Clock } from '../kernel/clock.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { isCanonicalBase64url } from './base64url.ts'
import { type ForeignKeySource, verifyForeign } from './jose.ts'
import { findWeakness } from './keys/jwk.ts'
import type { Reason } from './reason.ts'
import { readPayload } from './strict-json.ts'

/** Clerk's public keys, checked. Cache them for 5 minutes; refetch (at most every 30 s) on `kid_unknown` and `signature_wrong`. */
export type ClerkKeys = ForeignKeySource<{ readonly material: webcrypto.CryptoKey }>

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

/**
 * Parses a JWKS document (`{FAPI}/.well-known/jwks.json`). Keys for other uses are passed over; a signing key that is weak,
 * named twice or has a private member is a refusal of the whole.
 */
export async function readClerkKeys(jwks: unknown): Promise<Result<ClerkKeys, Reason>> {
  const document = clerkJwks.safeParse(jwks)
  if (!document.success) return err('payload_malformed')
  const parsed = z.array(clerkJwk).min(1).safeParse(document.data.keys.filter(isForRs256))
  if (!parsed.success) return err('payload_malformed')
  const keys = parsed.data
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) return err('payload_malformed')
  if (keys.some(({ n, e }) => findWeakness({ kty: 'RSA', n, e }) !== null)) return err('payload_malformed')
  const imported = await Promise.all(
    keys.map(async ({ kid, n, e }) => ({ kid, material: await importRs256({ kty: 'RSA', n, e }) })),
  )
  return ok({ find: (header) => imported.filter(({ kid }) => kid === header.kid) })
}

/** `CLERK_JWT_KEY`: one SPKI PEM that serves whatever kid a token names. */
export async function readClerkPem(pem: string): Promise<Result<ClerkKeys, Reason>> {
  const parsed = rsaPublicJwk.safeParse(exportPem(pem))
  if (!parsed.success || findWeakness(parsed.data) !== null) return err('payload_malformed')
  const material = await importRs256(parsed.data)
  return ok({ find: ({ kid }) => (kid === undefined ? [] : [{ material }]) })
}

/** Verifies a live Clerk session token by the rules of design §4.8. Its single use per transaction is the caller's. */
export async function verifyClerkToken(
  token: string,
  keys: ClerkKeys,
  options: ClerkOptions,
): Promise<Result<ClerkSession, Reason>> {
  const verified = await verifyForeign(token, keys, CLERK_RULES)
  if (!verified.ok) return verified
  const { header, payload } = verified.value
  // Templates and machine tokens are signed with the same key; `cat` tells them apart.
  if (header['cat'] !== undefined && header['cat'] !== SESSION_CATEGORY) return err('session_not_active')
  const claims = readPayload(payload, sessionClaims)
  if (!claims.ok) return claims
  const problem = findParty(claims.value, options) ?? findStaleness(claims.value, options.clock)
  if (problem !== null) return err(problem)
  const { sub, sid, iat, pla, fea, fva } = claims.value
  return ok({ sub, sid, iat, pla: userScope(pla), fea: userScope(fea), fva: fva ?? null })
}

function findParty(claims: SessionClaims, { issuer, authorizedParty }: ClerkOptions): Reason | null {
  if (claims.iss !== issuer) return 'issuer_wrong'
  if (claims.azp !== authorizedParty) return 'party_wrong'
  if (claims.act !== undefined) return 'impersonated'
  return claims.sts === undefined || claims.sts === 'active' ? null : 'session_not_active'
}

function findStaleness({ iat, nbf, exp }: SessionClaims, clock: Clock): Reason | null {
  const now = nowSeconds(clock)
  if (exp - iat > MAX_LIFE_S) return 'lifetime_too_long'
  if (Math.max(iat, nbf ?? 0) > now + SKEW_S) return 'issued_in_future'
  if (exp + SKEW_S <= now) return 'expired'
  return iat + MAX_AGE_S + SKEW_S < now ? 'stale' : null
}

/** `o:free,u:pro,uo:audit` → `audit,pro`: entries of the user, alone or also of an organisation. */
function userScope(entries: string | undefined): string {
  const own = (entries ?? '').split(',').flatMap((entry) => {
    const [scope = '', name = ''] = entry.split(':')
    return scope.includes('u') && name !== '' ? [name] : []
  })
  return [...new Set(own)].sort().join(',')
}

function exportPem(pem: string): unknown {
  try {
    if (pem.includes('PRIVATE KEY')) return undefined
    return createPublicKey({ key: pem, format: 'pem', type: 'spki' }).export({ format: 'jwk' })
  } catch {
    return undefined
  }
}

const importRs256 = (jwk: { kty: 'RSA'; n: string; e: string }): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify'])

const modulus = z.string().max(1400).refine(isCanonicalBase64url)
const rsaPublicJwk = z.strictObject({ kty: z.literal('RSA'), n: modulus, e: z.string().max(8) })
/** Members beside these are Clerk's own; a private one among them is a leak that we do not want to work with. */
const clerkJwk = z.looseObject({
  kid: z.string().min(1).max(200),
  n: modulus,
  e: z.string().max(8),
  d: z.never().optional(),
})
const clerkJwks = z.looseObject({
  keys: z
    .array(z.looseObject({ kty: z.string(), alg: z.string().optional(), use: z.string().optional() }))
    .max(20),
})
const isForRs256 = ({
  kty,
  alg,
  use,
}: {
  kty: string
  alg?: string | undefined
  use?: string | undefined
}): boolean => kty === 'RSA' && (alg ?? 'RS256') === 'RS256' && (use ?? 'sig') === 'sig'

const id = z.string().min(1).max(100)
const seconds = z.int().positive()
const sessionClaims = z.looseObject({
  iss: z.string(),
  azp: z.string(),
  sub: id,
  sid: id,
  iat: seconds,
  nbf: seconds.optional(),
  exp: seconds,
  sts: z.string().optional(),
  act: z.unknown().optional(),
  pla: z.string().max(500).optional(),
  fea: z.string().max(1000).optional(),
  fva: z.tuple([z.int(), z.int()]).optional(),
})
type SessionClaims = z.infer<typeof sessionClaims>

const SESSION_CATEGORY = 'cl_B7d4PD111AAA'
const CLERK_RULES = { algorithms: ['RS256'], types: ['JWT'], maxChars: 4096 }
const MAX_LIFE_S = 120
const MAX_AGE_S = 60
const SKEW_S = 5
