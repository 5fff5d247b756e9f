import { checkPrimeSync, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Jwk } from '../../../src/crypto/keys/jwk.ts'

/*
 * Keys that are the same at every run, from nothing but a label: so the vectors are a table, and a failing one can be
 * found again. They protect nothing.
 */

/** `count` bytes that belong to the label (SHAKE256). */
export const bytesOf = (label: string, count: number): Buffer =>
  createHash('shake256', { outputLength: count }).update(label).digest()

export const secretJwk = (label: string): Extract<Jwk, { kty: 'oct' }> => ({
  kty: 'oct',
  k: bytesOf(label, 32).toString('base64url'),
})

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** RFC 8410 §7: the seed behind a fixed prefix. */
export function ed25519Jwk(label: string): Extract<Jwk, { kty: 'OKP' }> & { readonly d: string } {
  const der = Buffer.concat([ED25519_PKCS8, bytesOf(label, 32)])
  const exported = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x: exported.x ?? '', d: exported.d ?? '' }
}

export type RsaPrivateJwk = Extract<Jwk, { kty: 'RSA'; d: string }>

/** An RSA key of `bits` from the first two primes after two numbers that belong to the label. */
export function rsaJwk(label: string, bits = 2048, e = 65_537n): RsaPrivateJwk {
  const [p, q] = [`${label} p`, `${label} q`].map((one) => primeAfter(one, bits / 2, e)) as [bigint, bigint]
  const d = inverse(e, (p - 1n) * (q - 1n))
  return {
    kty: 'RSA',
    n: b64(p * q),
    e: b64(e),
    d: b64(d),
    p: b64(p),
    q: b64(q),
    dp: b64(d % (p - 1n)),
    dq: b64(d % (q - 1n)),
    qi: b64(inverse(q, p)),
  }
}

function primeAfter(label: string, bits: number, e: bigint): bigint {
  const start = BigInt(`0x${bytesOf(label, bits / 8).toString('hex')}`)
  const topTwoAndOdd = (3n << BigInt(bits - 2)) | 1n
  let candidate = start | topTwoAndOdd
  while ((candidate - 1n) % e === 0n || !checkPrimeSync(candidate)) candidate += 2n
  return candidate
}

export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n]
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x]
  return a === 1n ? ((x % modulus) + modulus) % modulus : 0n
}

/** Big-endian, without leading zeros (RFC 7518 §2, Base64urlUInt). */
export function b64(value: bigint): string {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

export const number = (base64url: string): bigint =>
  BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex')}`)

export const privateKey = (jwk: object): KeyObject => createPrivateKey({ key: jwk as never, format: 'jwk' })
export const publicKey = (jwk: object): KeyObject => createPublicKey({ key: jwk as never, format: 'jwk' })
