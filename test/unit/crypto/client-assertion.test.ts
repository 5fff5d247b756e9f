import { createHmac, generateKeyPairSync, sign as signWith, type KeyObject, constants } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  MAX_ASSERTION_LIFE_S,
  readAssertionSubject,
  verifyClientAssertion,
} from '../../../src/crypto/client-assertion.ts'
import { readForeignKeys, type ForeignKeys } from '../../../src/crypto/foreign-keys.ts'
import { manualClock } from '../../support/clock.ts'
import { ed25519, forgeJws } from '../../support/crypto/token-forge.ts'
import { verdict } from '../../support/crypto/token-workshop.ts'

const clock = manualClock()
const nowS = Math.floor(clock.nowMs() / 1000)
const issuer = 'https://portal.example'
const clientId = 'https://client.example/oauth/client.json'
const options = { issuer, clientId, clock }

const pairs = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed: generateKeyPairSync('ed25519'),
}
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicJwk = (key: KeyObject): object => key.export({ format: 'jwk' })
const set = {
  keys: Object.entries(pairs).map(([kid, pair]) => ({ ...publicJwk(pair.publicKey), kid, use: 'sig' })),
}

type Bend = Record<string, unknown>
type Signer = (input: Buffer) => Buffer
const ecdsa =
  (hash: string, key: KeyObject): Signer =>
  (input) =>
    signWith(hash, input, { key, dsaEncoding: 'ieee-p1363' })
const es256 = ecdsa('sha256', pairs.p256.privateKey)
const SIGNERS: Record<string, readonly [string, Signer]> = {
  ES256: ['p256', es256],
  ES384: ['p384', ecdsa('sha384', pairs.p384.privateKey)],
  RS256: ['rsa', (input) => signWith('sha256', input, pairs.rsa.privateKey)],
  PS256: [
    'rsa',
    (input) =>
      signWith('sha256', input, {
        key: pairs.rsa.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: 32,
      }),
  ],
  Ed25519: ['ed', ed25519(pairs.ed.privateKey)],
  EdDSA: ['ed', ed25519(pairs.ed.privateKey)],
}

const header = { alg: 'ES256', kid: 'p256', typ: 'JWT' }
const claims = {
  iss: clientId,
  sub: clientId,
  aud: issuer,
  jti: 'once-1',
  iat: nowS,
  exp: nowS + 60,
}

let keys: ForeignKeys
beforeAll(async () => {
  const read = await readForeignKeys(set)
  if (!read.ok) throw new Error(read.error)
  keys = read.value
})

const verifying = (bend: Bend = {}, headerBend: Bend = {}, sign = es256) =>
  verifyClientAssertion(forgeJws({ ...header, ...headerBend }, { ...claims, ...bend }, sign), keys, options)

describe('a client that holds its key is believed', () => {
  test.each(Object.entries(SIGNERS))('%s', async (alg, [kid, sign]) => {
    const proven = await verifying({}, { alg, kid }, sign)
    expect(proven).toEqual({
      ok: true,
      value: {
        jti: 'once-1',
        exp: nowS + 60,
        thumbprint: keys.all.find((key) => key.kid === kid)?.thumbprint,
      },
    })
  })

  test.each<[string, Bend, Bend]>([
    ['no kid', {}, { kid: undefined }],
    ['no typ', {}, { typ: undefined }],
    ['the typ of the newer draft', {}, { typ: 'client-authentication+jwt' }],
    ['no iat', { iat: undefined }, {}],
    ['other claims', { nbf: nowS, client: 'x' }, {}],
    ['a clock 30 s ahead', { iat: nowS + 30, nbf: nowS + 30 }, {}],
    ['expired 29 s ago', { iat: nowS - 60, exp: nowS - 29 }, {}],
    ['the longest life, by a clock 30 s ahead', { exp: nowS + MAX_ASSERTION_LIFE_S + 30 }, {}],
    ['a jti of 255 characters', { jti: 'x'.repeat(255) }, {}],
  ])('%s', async (_name, bend, headerBend) => {
    expect(verdict(await verifying(bend, headerBend))).toBe('opened')
  })
})

describe('anything else is not', () => {
  test.each<[string, Bend, string]>([
    ['aud as a list of ours alone', { aud: [issuer] }, 'payload_malformed'],
    ['aud as a list', { aud: [issuer, 'https://other.example'] }, 'payload_malformed'],
    ['the token endpoint as aud', { aud: `${issuer}/oauth/token` }, 'audience_wrong'],
    ['the issuer with a slash as aud', { aud: `${issuer}/` }, 'audience_wrong'],
    ['no aud', { aud: undefined }, 'payload_malformed'],
    ['another client', { iss: 'mxc_other', sub: 'mxc_other' }, 'issuer_wrong'],
    ['another iss', { iss: 'mxc_other' }, 'issuer_wrong'],
    ['another sub', { sub: 'mxc_other' }, 'issuer_wrong'],
    ['no jti', { jti: undefined }, 'payload_malformed'],
    ['an empty jti', { jti: '' }, 'payload_malformed'],
    ['a jti of 256 characters', { jti: 'x'.repeat(256) }, 'payload_malformed'],
    ['no end', { exp: undefined }, 'payload_malformed'],
    ['an end in words', { exp: String(nowS + 60) }, 'payload_malformed'],
    ['an end without end', { exp: 1e300 }, 'payload_malformed'],
    ['expired 30 s ago', { iat: nowS - 90, exp: nowS - 30 }, 'expired'],
    ['issued 31 s ahead', { iat: nowS + 31 }, 'issued_in_future'],
    ['valid from in 31 s', { nbf: nowS + 31 }, 'issued_in_future'],
    ['a life beyond the limit', { exp: nowS + MAX_ASSERTION_LIFE_S + 31 }, 'lifetime_too_long'],
  ])('%s', async (_name, bend, reason) => {
    expect(verdict(await verifying(bend))).toBe(reason)
  })

  test.each<[string, Bend, string]>([
    ['alg none', { alg: 'none' }, 'header_not_exact'],
    ['alg HS256', { alg: 'HS256' }, 'header_not_exact'],
    ['alg ES256K', { alg: 'ES256K' }, 'header_not_exact'],
    ['a key of another kind', { alg: 'RS256' }, 'kid_unknown'],
    ['the typ of an access token', { typ: 'at+jwt' }, 'header_not_exact'],
    ['an unknown kid', { kid: 'p257' }, 'kid_unknown'],
    ['kid as a list', { kid: ['p256'] }, 'header_not_exact'],
    ['jwk', { jwk: publicJwk(stranger.publicKey) }, 'header_not_exact'],
    ['jku', { jku: 'https://attacker.example/jwks' }, 'header_not_exact'],
    ['x5c', { x5c: ['MIIB'] }, 'header_not_exact'],
    ['crit', { crit: ['exp'] }, 'header_not_exact'],
  ])('%s in the header', async (_name, headerBend, reason) => {
    expect(verdict(await verifying({}, headerBend))).toBe(reason)
  })

  test('a signature by another key', async () => {
    expect(verdict(await verifying({}, {}, ecdsa('sha256', stranger.privateKey)))).toBe('signature_wrong')
  })

  test('alg none without a signature', async () => {
    expect(verdict(await verifying({}, { alg: 'none' }, () => Buffer.alloc(0)))).toBe('header_not_exact')
  })

  test('HS256 with the public key as the secret', async () => {
    const pem = pairs.rsa.publicKey.export({ format: 'pem', type: 'spki' })
    const hmac: Signer = (input) => createHmac('sha256', pem).update(input).digest()
    expect(verdict(await verifying({}, { alg: 'HS256', kid: 'rsa' }, hmac))).toBe('header_not_exact')
  })

  test('an assertion of more than 4 KiB', async () => {
    expect(verdict(await verifying({ pad: 'x'.repeat(4096) }))).toBe('length_out_of_range')
  })
})

describe('the keys of a client', () => {
  const [p256, p384, rsa, ed] = set.keys
  const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey

  test('other uses and other kinds beside a usable key are passed over', async () => {
    const enc = { ...rsa, kid: 'enc', use: 'enc' }
    const others = [
      { kty: 'OKP', crv: 'X25519', kid: 'x', x: 'AA' },
      { kty: 'OKP', crv: 'P-256', kid: 'okp', x: 'AA' },
      { kty: 'EC', crv: 'P-521', kid: 'p521', x: 'AA', y: 'AA' },
      { kty: 'EC', crv: 'Ed25519', kid: 'ec', x: 'AA', y: 'AA' },
      { kty: 'XY', crv: 'P-256', kid: 'xy', x: 'AA', y: 'AA' },
      { ...rsa, kid: 'rs512', alg: 'RS512' },
    ]
    const read = await readForeignKeys({ keys: [enc, ...others, p256], note: 'x' })
    expect(read.ok && read.value.all.map(({ kid }) => kid)).toEqual(['p256'])
  })

  test('that say no use, no kid and no algorithm serve what fits them', async () => {
    const bare = [p256, p384, rsa, ed].map((key) => ({ ...key, use: undefined, kid: undefined }))
    const read = await readForeignKeys({ keys: bare })
    expect(read.ok && read.value.all.map(({ algorithms }) => algorithms.join(' '))).toEqual([
      ...['ES256', 'ES384', 'RS256 PS256', 'Ed25519 EdDSA'],
    ])
    expect(read.ok && read.value.find({ kid: 'any', alg: 'ES384' })).toHaveLength(1)
  })

  test('a key bound to one algorithm serves no other', async () => {
    const read = await readForeignKeys({ keys: [{ ...rsa, alg: 'PS256' }] })
    const find = (alg: string) => (read.ok ? read.value.find({ kid: 'rsa', alg }).length : -1)
    expect([find('PS256'), find('RS256')]).toEqual([1, 0])
  })

  test.each<[string, unknown]>([
    ['a private member', { keys: [p256, { ...p384, d: 'AAAA' }] }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map((name): [string, unknown] => [
      `a private member ${name} beside a good key`,
      { keys: [p256, { ...rsa, [name]: 'AAAA' }] },
    ]),
    ['a symmetric key that hides its value', { keys: [p256, { kty: 'oct', kid: 'k' }] }],
    ['a weak key beside a good one', { keys: [p256, { ...publicJwk(weakRsa), kid: 'weak' }] }],
    ['a member that is not base64url', { keys: [{ ...p256, x: '+/==' }] }],
    ['an empty member', { keys: [{ ...rsa, n: '' }] }],
    ['an endless member', { keys: [{ ...rsa, n: 'A'.repeat(1404) }] }],
    ['a key of no kind beside a good one', { keys: [p256, { kty: 7 }] }],
    ['a key for no use beside a good one', { keys: [p256, { ...rsa, use: ['sig'] }] }],
    ['an empty kid', { keys: [{ ...p256, kid: '' }] }],
    ['a kid of 201 characters', { keys: [{ ...p256, kid: 'k'.repeat(201) }] }],
    ['a symmetric key', { keys: [p256, { kty: 'oct', kid: 'k', k: 'AAAA' }] }],
    ['a kid that stands twice', { keys: [p256, { ...ed, kid: 'p256' }] }],
    ['no usable key', { keys: [{ ...rsa, use: 'enc' }] }],
    ['no key', { keys: [] }],
    ['no set', p256],
    ['nothing', null],
    ['too many keys', { keys: Array.from({ length: 21 }, (_, index) => ({ ...p256, kid: `k${index}` })) }],
    ['a point off the curve', { keys: [{ ...p256, y: Buffer.alloc(32, 7).toString('base64url') }] }],
    ['RSA of 1024 bits', { keys: [{ ...publicJwk(weakRsa), kid: 'weak' }] }],
    ['an exponent of 1', { keys: [{ ...rsa, e: 'AQ' }] }],
    ['an algorithm of another kind', { keys: [{ ...rsa, alg: 'ES256' }] }],
    ['a short Ed25519 key', { keys: [{ ...ed, x: 'AAAA' }] }],
  ])('%s is refused', async (_name, jwks) => {
    expect(verdict(await readForeignKeys(jwks))).toBe('payload_malformed')
  })
})

describe('whom an assertion says it is of', () => {
  test('its subject', () => {
    const said = forgeJws(header, claims, es256)
    expect(readAssertionSubject(said)).toBe(clientId)
    expect(readAssertionSubject(said.padEnd(4096, 'A'))).toBe(clientId)
    expect(readAssertionSubject(said.padEnd(4097, 'A'))).toBeNull()
  })

  test.each([
    ['no token', 'x'],
    ['no claims', 'a.b.c'],
    ['four parts', `${forgeJws(header, claims, es256)}.x`],
    ['no subject', forgeJws(header, { iss: clientId }, es256)],
    ['a subject that is a number', forgeJws(header, { sub: 1 }, es256)],
    ['two subjects', forgeJws(header, '{"sub":"a","sub":"b"}', es256)],
    ['too long', forgeJws(header, { ...claims, pad: 'x'.repeat(4096) }, es256)],
  ])('%s: nobody', (_name, assertion) => {
    expect(readAssertionSubject(assertion)).toBeNull()
  })
})
