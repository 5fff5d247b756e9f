import { generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  readClerkKeys,
  readClerkPem,
  verifyClerkToken,
  type ClerkKeys,
} from '../../../src/crypto/clerk-token.ts'
import { manualClock } from '../../support/clock.ts'
import { forgeJws } from '../../support/crypto/token-forge.ts'
import { verdict } from '../../support/crypto/token-workshop.ts'

const clock = manualClock()
const nowS = Math.floor(clock.nowMs() / 1000)
const options = { issuer: 'https://clerk.example', authorizedParty: 'http://localhost:8080', clock }
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwkOf = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' })
const published = { ...jwkOf(pair.publicKey), kid: 'ins_1', alg: 'RS256', use: 'sig' }

const header = { alg: 'RS256', cat: 'cl_B7d4PD111AAA', kid: 'ins_1', typ: 'JWT' }
const claims = {
  azp: 'http://localhost:8080',
  exp: nowS + 60,
  fva: [3, -1],
  iat: nowS,
  iss: 'https://clerk.example',
  nbf: nowS - 10,
  sid: 'sess_1',
  sub: 'user_1',
  v: 2,
}
type Bend = Record<string, unknown>
const rs256 =
  (key: KeyObject) =>
  (input: Buffer): Buffer =>
    signWith('sha256', input, key)

let keys: ClerkKeys
beforeAll(async () => {
  const read = await readClerkKeys({ keys: [published] })
  if (!read.ok) throw new Error(read.error)
  keys = read.value
})

const verifying = (bend: Bend = {}, headerBend: Bend = {}, key = pair.privateKey) =>
  verifyClerkToken(forgeJws({ ...header, ...headerBend }, { ...claims, ...bend }, rs256(key)), keys, options)

describe('a live Clerk session is believed', () => {
  test('with what it says about the person', async () => {
    expect(await verifying({ pla: 'u:pro,o:team', fea: 'u:mcp,o:board,uo:audit,ou:ci' })).toEqual({
      ok: true,
      value: { sub: 'user_1', sid: 'sess_1', iat: nowS, pla: 'pro', fea: 'audit,ci,mcp', fva: [3, -1] },
    })
  })

  test.each<[string, Bend, Bend]>([
    ['no category, as older instances sign', {}, { cat: undefined }],
    ['a new header member', {}, { oiat: nowS }],
    ['new claims', { jti: 'x', o: { id: 'org_1' } }, {}],
    ['an active status', { sts: 'active' }, {}],
    ['no factor ages', { fva: undefined }, {}],
    ['no nbf', { nbf: undefined }, {}],
    ['issued 65 s ago', { iat: nowS - 65, exp: nowS + 1 }, {}],
    ['issued 5 s ahead', { iat: nowS + 5, exp: nowS + 65 }, {}],
    ['expired 4 s ago', { iat: nowS - 64, exp: nowS - 4 }, {}],
    ['a life of 120 s', { exp: nowS + 120 }, {}],
    ['valid from in 5 s', { nbf: nowS + 5 }, {}],
    ['ids of one character', { sub: 'u', sid: 's' }, {}],
    ['ids of 100 characters', { sub: 'u'.repeat(100), sid: 's'.repeat(100) }, {}],
    ['the longest plan and features', { pla: 'x'.repeat(500), fea: 'x'.repeat(1000) }, {}],
  ])('%s', async (_name, bend, headerBend) => {
    expect(verdict(await verifying(bend, headerBend))).toBe('opened')
  })

  test('odd plan and feature texts name nobody’s plan', async () => {
    const odd = await verifying({ pla: 'pro', fea: ',u:,:x,o:a,u:b:c' })
    expect(odd.ok && [odd.value.pla, odd.value.fea]).toEqual(['', 'b'])
  })
})

describe('anything else is not', () => {
  test.each<[string, Bend, string]>([
    ['issuer with a slash', { iss: 'https://clerk.example/' }, 'issuer_wrong'],
    ['another issuer', { iss: 'https://other.example' }, 'issuer_wrong'],
    ['another party', { azp: 'http://localhost:9999' }, 'party_wrong'],
    ['no party', { azp: undefined }, 'payload_malformed'],
    ['a list of parties', { azp: ['http://localhost:8080'] }, 'payload_malformed'],
    ['impersonation', { act: { sub: 'user_admin' } }, 'impersonated'],
    ['impersonation by nobody', { act: null }, 'impersonated'],
    ['pending', { sts: 'pending' }, 'session_not_active'],
    ['no session, as a template', { sid: undefined }, 'payload_malformed'],
    ['no subject', { sub: undefined }, 'payload_malformed'],
    ['an empty subject', { sub: '' }, 'payload_malformed'],
    ['a life of 121 s', { exp: nowS + 121 }, 'lifetime_too_long'],
    ['a life of years', { exp: nowS + 315_360_000 }, 'lifetime_too_long'],
    ['issued 66 s ago', { iat: nowS - 66, exp: nowS + 10 }, 'stale'],
    ['issued 6 s ahead', { iat: nowS + 6, exp: nowS + 60 }, 'issued_in_future'],
    ['valid from in 6 s', { nbf: nowS + 6 }, 'issued_in_future'],
    ['expired 5 s ago', { iat: nowS - 60, exp: nowS - 5 }, 'expired'],
    ['no end', { exp: undefined }, 'payload_malformed'],
    ['an end in words', { exp: '9999999999' }, 'payload_malformed'],
    ['an end without end', { exp: 1e300 }, 'payload_malformed'],
    ['a subject of 101 characters', { sub: 'u'.repeat(101) }, 'payload_malformed'],
    ['a session of 101 characters', { sid: 's'.repeat(101) }, 'payload_malformed'],
    ['an empty session', { sid: '' }, 'payload_malformed'],
    ['a plan of 501 characters', { pla: 'x'.repeat(501) }, 'payload_malformed'],
    ['features of 1,001 characters', { fea: 'x'.repeat(1001) }, 'payload_malformed'],
    ['an issue at zero', { iat: 0 }, 'payload_malformed'],
    ['an end at zero', { exp: 0 }, 'payload_malformed'],
    ['a start at zero', { nbf: 0 }, 'payload_malformed'],
    ['one factor age', { fva: [3] }, 'payload_malformed'],
    ['three factor ages', { fva: [3, 3, 3] }, 'payload_malformed'],
    ['half a minute', { fva: [0.5, 0] }, 'payload_malformed'],
    ['factor ages in words', { fva: ['0', '0'] }, 'payload_malformed'],
  ])('%s', async (_name, bend, reason) => {
    expect(verdict(await verifying(bend))).toBe(reason)
  })

  test.each<[string, Bend, string]>([
    ['the category of a template', { cat: 'cl_B7d4PD222AAA' }, 'session_not_active'],
    ['the category of a machine', { cat: 'cl_B7d4PD333AAA' }, 'session_not_active'],
    ['alg none', { alg: 'none' }, 'header_not_exact'],
    ['alg HS256', { alg: 'HS256' }, 'header_not_exact'],
    ['alg PS256', { alg: 'PS256' }, 'header_not_exact'],
    ['our own typ', { typ: 'at+jwt' }, 'header_not_exact'],
    ['an unknown kid', { kid: 'ins_2' }, 'kid_unknown'],
    ['kid __proto__', { kid: '__proto__' }, 'kid_unknown'],
    ['no kid', { kid: undefined }, 'kid_unknown'],
    ['jwk', { jwk: { kty: 'RSA', n: 'AA', e: 'AQAB' } }, 'header_not_exact'],
    ['jku', { jku: 'https://attacker.example/jwks' }, 'header_not_exact'],
    ['x5c', { x5c: ['MIIB'] }, 'header_not_exact'],
    ['crit', { crit: ['exp'] }, 'header_not_exact'],
    ['b64', { b64: false }, 'header_not_exact'],
  ])('%s in the header', async (_name, headerBend, reason) => {
    expect(verdict(await verifying({}, headerBend))).toBe(reason)
  })

  test('a signature by another key', async () => {
    expect(verdict(await verifying({}, {}, stranger.privateKey))).toBe('signature_wrong')
  })

  test('a token of more than 4 KiB', async () => {
    expect(verdict(await verifying({ pad: 'x'.repeat(4096) }))).toBe('length_out_of_range')
  })
})

describe('Clerk’s keys', () => {
  test('a PEM serves any kid, as CLERK_JWT_KEY does', async () => {
    const read = await readClerkPem(pair.publicKey.export({ format: 'pem', type: 'spki' }).toString())
    const token = forgeJws({ ...header, kid: 'ins_9' }, claims, rs256(pair.privateKey))
    expect(verdict(read.ok ? await verifyClerkToken(token, read.value, options) : read)).toBe('opened')
  })

  test('a PEM serves no token without a kid', async () => {
    const read = await readClerkPem(pair.publicKey.export({ format: 'pem', type: 'spki' }).toString())
    expect(read.ok && read.value.find({ kid: undefined, alg: 'RS256' })).toEqual([])
  })

  test('keys for other uses are passed over', async () => {
    const other = { kty: 'EC', crv: 'P-256', kid: 'ec', x: 'AA', y: 'AA' }
    const encryption = { ...published, kid: 'enc', use: 'enc' }
    const other384 = { ...published, kid: 'rs384', alg: 'RS384' }
    const unsaid = { ...published, kid: 'unsaid', alg: undefined, use: undefined }
    const read = await readClerkKeys({ keys: [other, encryption, other384, unsaid, published], note: 'x' })
    const found = (kid: string) => (read.ok ? read.value.find({ kid, alg: 'RS256' }).length : -1)
    expect(['ec', 'enc', 'rs384', 'unsaid', 'ins_1'].map(found)).toEqual([0, 0, 0, 1, 1])
  })

  test('as many as twenty, under ids of up to 200 characters', async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      ...published,
      kid: `${index}`.padEnd(200, 'k'),
    }))
    const read = await readClerkKeys({ keys: many })
    expect(read.ok && read.value.find({ kid: many[19]?.kid, alg: 'RS256' })).toHaveLength(1)
  })

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  test.each<[string, unknown]>([
    ['no document', undefined],
    ['HTML', '<html>'],
    ['no keys', { keys: [] }],
    ['no RSA key', { keys: [{ kty: 'oct', k: 'AA' }] }],
    ['a key without kid', { keys: [{ ...published, kid: undefined }] }],
    ['one kid twice', { keys: [published, published] }],
    ['a private key', { keys: [{ ...published, ...jwkOf(pair.privateKey) }] }],
    ['1024 bits beside a good key', { keys: [published, { ...published, ...jwkOf(weak), kid: 'weak' }] }],
    ['an endless modulus', { keys: [{ ...published, n: 'A'.repeat(1404) }] }],
    ['an endless exponent', { keys: [{ ...published, e: 'AQABAQABAQAB' }] }],
    ['a modulus that is not base64url', { keys: [{ ...published, n: `+${String(published.n).slice(1)}` }] }],
    ['an empty kid', { keys: [{ ...published, kid: '' }] }],
    ['a kid of 201 characters', { keys: [{ ...published, kid: 'k'.repeat(201) }] }],
    ['a list', [published]],
    ['e = 1', { keys: [{ ...published, e: 'AQ' }] }],
    ['a flood', { keys: Array.from({ length: 21 }, (_, index) => ({ ...published, kid: `k${index}` })) }],
  ])('refused: %s', async (_name, jwks) => {
    expect(verdict(await readClerkKeys(jwks))).toBe('payload_malformed')
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['no PEM', 'pk_test_xxx'],
    ['a private key', pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['1024 bits', weak.export({ format: 'pem', type: 'spki' }).toString()],
    ['no RSA', generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString()],
  ])('refused as PEM: %s', async (_name, pem) => {
    expect(verdict(await readClerkPem(pem))).toBe('payload_malformed')
  })
})
