import { publicEncrypt, randomBytes, webcrypto, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  findWeakness,
  generateJwk,
  holdsPrivate,
  jwk as jwkSchema,
  materialOf,
  publicHalf,
  type Jwk,
} from '../../../src/crypto/keys/jwk.ts'
import { importKey } from '../../../src/crypto/keys/material.ts'
import { hasRocaFingerprint } from '../../../src/crypto/keys/weak-rsa.ts'
import { ROCA_PRODUCT, rocaModulus } from '../../support/vectors/jwk-vectors.ts'
import {
  b64,
  bytesOf,
  ed25519Jwk,
  inverse,
  number,
  publicKey,
  rsaJwk,
  secretJwk,
  type RsaPrivateJwk,
} from '../../support/vectors/vector-keys.ts'

const RSA = rsaJwk('jwk')
const OKP = ed25519Jwk('jwk')
const OCT = secretJwk('jwk')
const RSA_PUBLIC = { kty: 'RSA', n: RSA.n, e: RSA.e }
const OKP_PUBLIC = { kty: 'OKP', crv: 'Ed25519', x: OKP.x }
const MISMATCH = 'has private and public halves that do not match'

/** With leading zero bytes: the same number, spelt otherwise. */
const padded = (member: string): string => `AAAA${member}`
const plusOne = (member: string): string => b64(number(member) + 1n)
/** An odd number of so many bits that begins with two ones. */
const odd = (bits: number): string =>
  b64((3n << BigInt(bits - 2)) | number(bytesOf('odd', bits / 8 - 1).toString('base64url')) | 1n)

test('a key is read as what it is, and what others may see is told from what they may not', () => {
  const told = [RSA, RSA_PUBLIC, OKP, OKP_PUBLIC, OCT].map((one) => {
    const key = jwkSchema.parse(one)
    return [key, materialOf(key), holdsPrivate(key)]
  })
  expect(told).toEqual([
    [RSA, 'rsa', true],
    [RSA_PUBLIC, 'rsa', false],
    [OKP, 'ed25519', true],
    [OKP_PUBLIC, 'ed25519', false],
    [OCT, 'secret', true],
  ])
  expect([publicHalf(RSA), publicHalf(OKP)]).toEqual([RSA_PUBLIC, OKP_PUBLIC])
  expect(() => publicHalf(OCT)).toThrow('a secret has no public half')
})

describe('what is wrong with a key is said', () => {
  test.each<[string, Jwk | object]>([
    ['RSA', RSA],
    ['the public half of RSA', RSA_PUBLIC],
    ['a modulus of 3072 bits', { ...RSA_PUBLIC, n: odd(3072) }],
    ['a modulus of 4096 bits', { ...RSA_PUBLIC, n: odd(4096) }],
    ['Ed25519', OKP],
    ['the public half of Ed25519', OKP_PUBLIC],
    ['a secret', OCT],
  ])('nothing, of %s', (_name, key) => {
    expect(findWeakness(key as Jwk)).toBeNull()
  })

  test.each([1024, 2040, 2056, 3064, 4104])('a modulus of %i bits', (bits) => {
    expect(findWeakness({ ...RSA_PUBLIC, n: odd(bits) } as Jwk)).toBe(
      `has a modulus of ${bits} bits; 2048, 3072 or 4096 are allowed`,
    )
  })

  test.each<[string, object, string]>([
    ['zero bytes before the modulus', { n: padded(RSA.n) }, 'has a modulus with leading zero bytes'],
    ['another exponent', { e: 'Aw' }, 'has a public exponent other than 65537'],
    ['the exponent in four bytes', { e: 'AAEAAQ' }, 'has a public exponent other than 65537'],
    ['no modulus', { n: '' }, 'is no usable key'],
  ])('%s', (_name, bend, said) => {
    expect(findWeakness({ ...RSA, ...bend })).toBe(said)
  })

  test('the fingerprint of ROCA, which needs every prime', () => {
    const weak = { ...RSA_PUBLIC, n: b64(rocaModulus(5n)) }
    expect(findWeakness(weak as Jwk)).toBe('bears the ROCA fingerprint')
    expect(hasRocaFingerprint(65_537n ** 7n)).toBe(true)
    expect([number(RSA.n), 65_537n + ROCA_PRODUCT / 157n].map(hasRocaFingerprint)).toEqual([false, false])
  })

  test.each<[string, Partial<RsaPrivateJwk>]>([
    ...(['d', 'p', 'q', 'dp', 'dq', 'qi'] as const).flatMap((name): [string, Partial<RsaPrivateJwk>][] => [
      [`${name} one too high`, { [name]: plusOne(RSA[name]) }],
      [`zero bytes before ${name}`, { [name]: padded(RSA[name]) }],
    ]),
    ['p and q swapped, and nothing else', { p: RSA.q, q: RSA.p }],
    ['one for p', { p: 'AQ', q: RSA.n }],
    ['two for p', { p: 'Ag' }],
    ['zero for q', { q: 'AA' }],
    ['another modulus', { n: b64(number(RSA.n) + 2n) }],
  ])('a private half of RSA with %s', (_name, bend) => {
    expect(findWeakness({ ...RSA, ...bend })).toBe(MISMATCH)
  })

  test('a private half that agrees with itself and opens nothing, because a factor is no prime', () => {
    expect(findWeakness(withoutPrime())).toBe(MISMATCH)
  })

  test('an Ed25519 key with the private half of another', () => {
    expect(findWeakness({ ...OKP, d: ed25519Jwk('another').d })).toBe(MISMATCH)
    expect(findWeakness({ ...OKP, x: ed25519Jwk('another').x })).toBe(MISMATCH)
  })
})

/** As RSA would be made, of a prime and a multiple of three: no exponent undoes another modulo that. */
function withoutPrime(): RsaPrivateJwk {
  const [e, q] = [number(RSA.e), number(RSA.q)]
  let p = number(RSA.p) + 2n
  while (p % 3n !== 0n || (p - 1n) % e === 0n) p += 2n
  const d = inverse(e, (p - 1n) * (q - 1n))
  return {
    ...{ kty: 'RSA', n: b64(p * q), e: RSA.e, d: b64(d), p: b64(p), q: b64(q) },
    ...{ dp: b64(d % (p - 1n)), dq: b64(d % (q - 1n)), qi: b64(inverse(q, p)) },
  }
}

test('keys that are made: RSA of 2048 bits, Ed25519, 256 random bits, each another', async () => {
  const [rsa, okp, ...secrets] = await Promise.all(
    (['rsa', 'ed25519', 'secret', 'secret'] as const).map(generateJwk),
  )
  const bits = rsa?.kty === 'RSA' ? number(rsa.n).toString(2).length : 0
  expect([rsa?.kty, bits, rsa?.kty === 'RSA' && rsa.e]).toEqual(['RSA', 2048, 'AQAB'])
  expect(okp).toMatchObject({ kty: 'OKP', crv: 'Ed25519' })
  for (const key of [rsa, okp]) expect(key !== undefined && holdsPrivate(key) && findWeakness(key)).toBeNull()
  const bytes = secrets.map((key) => (key.kty === 'oct' ? Buffer.from(key.k, 'base64url') : Buffer.alloc(0)))
  expect(bytes.map(({ length }) => length)).toEqual([32, 32])
  expect(bytes[0]?.equals(bytes[1] ?? Buffer.alloc(0))).toBe(false)
})

describe('a key that is imported', () => {
  const about = { purpose: 'local', kid: 'ml-AAAAAAAA', state: 'accept' } as const
  const material = async (key: object): Promise<KeyObject | webcrypto.CryptoKey> =>
    (await importKey(about, jwkSchema.parse(key))).material

  test('keeps what it is called', async () => {
    expect(await importKey(about, OCT)).toEqual({ ...about, material: expect.anything() })
  })

  test.each([
    ['RSA, private', RSA, 'RSA-OAEP', 'private', ['decrypt']],
    ['Ed25519, public', OKP_PUBLIC, 'Ed25519', 'public', ['verify']],
  ])('%s: for one use, and not to be exported', async (_name, key, algorithm, type, usages) => {
    const imported = (await material(key)) as webcrypto.CryptoKey
    expect([imported.algorithm.name, imported.type, imported.usages, imported.extractable]).toEqual([
      ...[algorithm, type, usages, false],
    ])
  })

  test.each([
    ['RSA, public', RSA_PUBLIC, 'public', RSA_PUBLIC],
    ['Ed25519, private', OKP, 'private', OKP],
    ['a secret', OCT, 'secret', OCT],
  ])('%s: as OpenSSL holds it', async (_name, key, type, exported) => {
    const imported = (await material(key)) as KeyObject
    expect([imported.type, imported.export({ format: 'jwk' })]).toEqual([type, exported])
  })

  test('RSA, private: opens what was sealed to its public half (RFC 8017 §7.1)', async () => {
    const opener = (await material(RSA)) as webcrypto.CryptoKey
    const probe = randomBytes(32)
    const sealed = publicEncrypt({ key: publicKey(RSA_PUBLIC), oaepHash: 'sha256' }, probe)
    const opened = await webcrypto.subtle.decrypt('RSA-OAEP', opener, sealed)
    expect(Buffer.from(opened).equals(probe)).toBe(true)
  })
})
