import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { err, ok, type Result } from '../kernel/result.ts'
import { isCanonicalBase64url } from './base64url.ts'
import { thumbprint } from './jose.ts'
import { findWeakness } from './keys/jwk.ts'
import type { Reason } from './reason.ts'

/** Signature algorithms that others may use towards us: asymmetric ones alone (RFC 8725 §3.1). */
export const FOREIGN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'Ed25519', 'EdDSA'] as const
export type ForeignAlgorithm = (typeof FOREIGN_ALGORITHMS)[number]

/** A public key of somebody else, fit to verify with. */
export interface ForeignKey {
  readonly kid: string | undefined
  readonly algorithms: readonly ForeignAlgorithm[]
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string
  readonly material: KeyObject
}

/** Keys of one party. A token names one by `kid`, or any that fits its algorithm may have signed it. */
export interface ForeignKeys {
  readonly all: readonly ForeignKey[]
  find(header: { readonly kid: string | undefined; readonly alg: string }): readonly ForeignKey[]
}

/**
 * Parses a JWK set (RFC 7517 §5) of a client or an issuer. Keys for other uses or of other kinds are passed over; a weak
 * key, a private or symmetric one, a kid that stands twice, or none that can verify, is a refusal of the whole.
 */
export async function readForeignKeys(jwks: unknown): Promise<Result<ForeignKeys, Reason>> {
  const read = document.safeParse(jwks)
  if (!read.success || read.data.keys.some(holdsSecret)) return err('payload_malformed')
  const usable = z.array(signingJwk).min(1).safeParse(read.data.keys.filter(isForSigning))
  if (!usable.success) return err('payload_malformed')
  const kids = usable.data.flatMap(({ kid }) => kid ?? [])
  if (new Set(kids).size !== kids.length) return err('payload_malformed')
  const all = await Promise.all(usable.data.map(importForeign))
  return all.every((key) => key !== null) ? ok(keySet(all)) : err('payload_malformed')
}

const keySet = (all: readonly ForeignKey[]): ForeignKeys => ({
  all,
  find: ({ kid, alg }) =>
    all.filter(
      (key) =>
        key.algorithms.some((fit) => fit === alg) &&
        (kid === undefined || key.kid === undefined || key.kid === kid),
    ),
})

/** `null` for what is no sound key: off its curve, too short, of a bad generator. */
async function importForeign({ kid, alg, ...jwk }: SigningJwk): Promise<ForeignKey | null> {
  const bare = bareJwk(jwk)
  const fitting = FITTING[jwk.kty === 'EC' ? jwk.crv : jwk.kty]
  const algorithms = alg === undefined ? fitting : fitting.filter((fit) => fit === alg)
  if (algorithms.length === 0 || (bare.kty !== 'EC' && findWeakness(bare) !== null)) return null
  try {
    return {
      kid,
      algorithms,
      material: createPublicKey({ key: bare, format: 'jwk' }),
      thumbprint: await thumbprint(bare),
    }
  } catch {
    return null
  }
}

/** The members that make the key, and no others (RFC 7638 §3.2). */
function bareJwk(jwk: KeyMembers): KeyMembers {
  switch (jwk.kty) {
    case 'RSA':
      return { kty: 'RSA', n: jwk.n, e: jwk.e }
    case 'EC':
      return { kty: 'EC', crv: jwk.crv, x: jwk.x, y: jwk.y }
    case 'OKP':
      return { kty: 'OKP', crv: 'Ed25519', x: jwk.x }
  }
}

const member = z.string().min(1).max(1400).refine(isCanonicalBase64url)
const about = {
  kid: z.string().min(1).max(200).optional(),
  alg: z.enum(FOREIGN_ALGORITHMS).optional(),
}
const rsa = z.object({ kty: z.literal('RSA'), n: member, e: member })
const ec = z.object({ kty: z.literal('EC'), crv: z.enum(['P-256', 'P-384']), x: member, y: member })
const okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: member })
const signingJwk = z.discriminatedUnion('kty', [rsa.extend(about), ec.extend(about), okp.extend(about)])
type SigningJwk = z.infer<typeof signingJwk>
type KeyMembers = z.infer<typeof rsa> | z.infer<typeof ec> | z.infer<typeof okp>

const entry = z.looseObject({
  kty: z.string(),
  crv: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
})
const document = z.looseObject({ keys: z.array(entry).min(1).max(20) })
type Entry = z.infer<typeof entry>

/** RFC 7518 §6.2.2, §6.3.2, §6.4: whoever publishes one of these has lost the key. */
const holdsSecret = (jwk: Entry): boolean =>
  jwk.kty === 'oct' ||
  ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].some((name) => Object.hasOwn(jwk, name))

const isForSigning = ({ kty, crv, alg, use }: Entry): boolean =>
  (use ?? 'sig') === 'sig' &&
  (alg === undefined || FOREIGN_ALGORITHMS.some((known) => known === alg)) &&
  (kty === 'RSA' ||
    (kty === 'EC' && (crv === 'P-256' || crv === 'P-384')) ||
    (kty === 'OKP' && crv === 'Ed25519'))

const FITTING: Readonly<Record<'RSA' | 'P-256' | 'P-384' | 'OKP', readonly ForeignAlgorithm[]>> = {
  RSA: ['RS256', 'PS256'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  OKP: ['Ed25519', 'EdDSA'],
}
