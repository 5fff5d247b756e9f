import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { base64urlChars, isCanonicalBase64url } from '../base64url.ts'
import type { Material } from './kinds.ts'
import { hasRocaFingerprint } from './weak-rsa.ts'

const member = z.string().min(1).max(1400).refine(isCanonicalBase64url)
const bytes32 = member.length(base64urlChars(32))

const rsaPublic = z.strictObject({ kty: z.literal('RSA'), n: member, e: member })
const rsaPrivate = rsaPublic.extend({ d: member, p: member, q: member, dp: member, dq: member, qi: member })
const ed25519Public = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: bytes32 })
const ed25519Private = ed25519Public.extend({ d: bytes32 })
const secret = z.strictObject({ kty: z.literal('oct'), k: bytes32 })

/** The members of RFC 7518 §6 and RFC 8037 §2 that we need, and no others: purpose decides use, not the JWK. */
export const jwk = z.union([rsaPrivate, rsaPublic, ed25519Private, ed25519Public, secret])
export type Jwk = z.infer<typeof jwk>

export const holdsPrivate = (key: Jwk): boolean => 'd' in key || 'k' in key

export const materialOf = (key: Jwk): Material =>
  key.kty === 'RSA' ? 'rsa' : key.kty === 'OKP' ? 'ed25519' : 'secret'

/** The public half; throws for a secret, which has none. */
export function publicHalf(key: Jwk): Jwk {
  if (key.kty === 'oct') throw new Error('a secret has no public half')
  return key.kty === 'RSA' ? { kty: 'RSA', n: key.n, e: key.e } : { kty: 'OKP', crv: 'Ed25519', x: key.x }
}

/** Makes a key: RSA of 2048 bits with e = 65537, Ed25519, or 256 random bits. */
export async function generateJwk(material: Material): Promise<Jwk> {
  if (material === 'secret') return { kty: 'oct', k: randomBytes(32).toString('base64url') }
  const { privateKey } =
    material === 'rsa'
      ? await generatePair('rsa', { modulusLength: 2048, publicExponent: 65_537 })
      : await generatePair('ed25519', {})
  return jwk.parse(privateKey.export({ format: 'jwk' }))
}

/** What is wrong with a key, in words without any of its value; null when nothing is. */
export function findWeakness(key: Jwk): string | null {
  try {
    if (key.kty === 'RSA') return findRsaWeakness(key)
    return 'd' in key && !signsForItsPublicHalf(key) ? MISMATCH : null
  } catch {
    return 'is no usable key'
  }
}

function findRsaWeakness(key: RsaJwk): string | null {
  const modulus = Buffer.from(key.n, 'base64url')
  const bits = toNumber(key.n).toString(2).length
  if (!MODULUS_BITS.includes(bits)) return `has a modulus of ${bits} bits; 2048, 3072 or 4096 are allowed`
  if (bits !== modulus.length * 8) return 'has a modulus with leading zero bytes'
  if (key.e !== E_65537) return 'has a public exponent other than 65537'
  if (hasRocaFingerprint(toNumber(key.n))) return 'bears the ROCA fingerprint'
  return 'd' in key && !(belongTogether(key) && decryptsForItsPublicHalf(key)) ? MISMATCH : null
}

/**
 * RFC 8017 §3.2. OpenSSL passes over a number that is wrong as long as another way leads to the result, so that a
 * damaged key would work until it is used by something else.
 */
function belongTogether(key: RsaPrivateJwk): boolean {
  const [n, e, d, p, q] = [key.n, key.e, key.d, key.p, key.q].map(toNumber) as Five
  const [dp, dq, qi] = [key.dp, key.dq, key.qi].map(toNumber) as Three
  // Octets as few as there can be, and `d` no longer than the modulus (RFC 7518 §6.3.2).
  const isExact =
    [key.p, key.q, key.dp, key.dq, key.qi].every(hasNoLeadingZero) && key.d.length <= key.n.length
  return (
    isExact &&
    p * q === n &&
    [p, q].every((prime) => prime > 2n && (d * e) % (prime - 1n) === 1n) &&
    dp === d % (p - 1n) &&
    dq === d % (q - 1n) &&
    (qi * q) % p === 1n
  )
}

function decryptsForItsPublicHalf(key: RsaJwk): boolean {
  const probe = randomBytes(32)
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  const sealed = publicEncrypt({ key: publicKeyOf(key), ...padding }, probe)
  try {
    return privateDecrypt({ key: createPrivateKey({ key, format: 'jwk' }), ...padding }, sealed).equals(probe)
  } catch {
    return false
  }
}

function signsForItsPublicHalf(key: Jwk): boolean {
  const probe = randomBytes(32)
  return verify(null, probe, publicKeyOf(key), sign(null, probe, createPrivateKey({ key, format: 'jwk' })))
}

const publicKeyOf = (key: Jwk): ReturnType<typeof createPublicKey> =>
  createPublicKey({ key: publicHalf(key), format: 'jwk' })

const toNumber = (base64url: string): bigint =>
  BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex')}`)

const hasNoLeadingZero = (base64url: string): boolean => Buffer.from(base64url, 'base64url')[0] !== 0

type RsaJwk = Extract<Jwk, { kty: 'RSA' }>
type RsaPrivateJwk = z.infer<typeof rsaPrivate>
type Five = [bigint, bigint, bigint, bigint, bigint]
type Three = [bigint, bigint, bigint]

const generatePair = promisify(generateKeyPair) as unknown as (
  type: 'rsa' | 'ed25519',
  options: { modulusLength?: number; publicExponent?: number },
) => Promise<{ privateKey: ReturnType<typeof createPrivateKey> }> // promisify loses the overloads
const MODULUS_BITS: readonly number[] = [2048, 3072, 4096]
const E_65537 = 'AQAB'
const MISMATCH = 'has private and public halves that do not match'
