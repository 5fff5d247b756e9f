import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Session, User } from '../../../src/dev/standin/state.ts'
import { readClerkKeys, readClerkPem, verifyClerkToken } from '../../../src/crypto/clerk-token.ts'
import { createMint, type MintOptions } from '../../../src/dev/standin/tokens.ts'

const NOW_MS = 1_795_000_123_456
const privateKeyPem = newKey()

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
const aMint = (change: Partial<MintOptions> = {}) =>
  createMint({
    privateKeyPem,
    instanceId: 'ins_1',
    issuer: 'https://clerk.localhost:8082',
    lifeSeconds: 60,
    nowMs: () => NOW_MS,
    ...change,
  })
const session: Session = {
  id: 'sess_1',
  clientId: 'client_1',
  userId: 'user_1',
  status: 'active',
  createdAtMs: NOW_MS - 180_000,
  updatedAtMs: NOW_MS,
  expireAtMs: NOW_MS + 1_000_000,
  factorAtMs: NOW_MS - 180_000,
  refreshToken: 'r',
}
const user: User = {
  id: 'user_1',
  email: 'a@example.com',
  firstName: 'A',
  lastName: 'B',
  plan: 'pro',
  features: ['mcp', 'audit'],
  publicMetadata: {},
  privateMetadata: {},
  unsafeMetadata: {},
  banned: false,
  locked: false,
  createdAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
  lastSignInAtMs: null,
}
const decoded = (part: string | undefined): unknown =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))

describe('a session token', () => {
  test('has the header and the claims of a real one', () => {
    const [header, payload] = aMint().sessionToken(session, user, 'http://localhost:8080').split('.')
    expect(decoded(header)).toEqual({ alg: 'RS256', cat: 'cl_B7d4PD111AAA', kid: 'ins_1', typ: 'JWT' })
    expect(decoded(payload)).toEqual({
      azp: 'http://localhost:8080',
      exp: 1_795_000_183,
      fea: 'u:mcp,u:audit',
      fva: [3, -1],
      iat: 1_795_000_123,
      iss: 'https://clerk.localhost:8082',
      nbf: 1_795_000_113,
      pla: 'u:pro',
      sid: 'sess_1',
      sts: 'active',
      sub: 'user_1',
      v: 2,
    })
  })

  test('is signed by the key that both key endpoints publish', () => {
    const mint = aMint()
    const [header = '', payload = '', signature = ''] = mint.sessionToken(session, user, 'x').split('.')
    const key = createPublicKey({ key: mint.jwks.keys[0] ?? {}, format: 'jwk' })
    const input = Buffer.from(`${header}.${payload}`)
    expect(verify('RSA-SHA256', input, key, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(mint.jwks.keys[0]).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'ins_1', e: 'AQAB' })
    expect(Object.keys(mint.jwks.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
  })

  test('is one that the MCP server takes, by key set and by pinned key', async () => {
    const mint = aMint()
    const token = mint.sessionToken(session, user, 'http://localhost:8080')
    const options = {
      issuer: 'https://clerk.localhost:8082',
      authorizedParty: 'http://localhost:8080',
      clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
    }
    const pem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString()
    for (const keys of [await readClerkKeys(mint.jwks), await readClerkPem(pem)]) {
      if (!keys.ok) throw new Error(keys.error)
      expect(await verifyClerkToken(token, keys.value, options)).toEqual({
        ok: true,
        value: {
          sub: 'user_1',
          sid: 'sess_1',
          iat: 1_795_000_123,
          pla: 'pro',
          fea: 'audit,mcp',
          fva: [3, -1],
        },
      })
    }
  })

  test('of a session with open tasks says so', () => {
    const [, payload] = aMint()
      .sessionToken({ ...session, status: 'pending' }, user, 'x')
      .split('.')
    expect(decoded(payload)).toMatchObject({ sts: 'pending' })
  })

  test('is recognised long after it expired; a stranger’s or a broken one is not', () => {
    const old = aMint({ nowMs: () => NOW_MS - 86_400_000 }).sessionToken(session, user, 'x')
    expect(aMint().sessionOf(old)).toBe('sess_1')
    const strange = aMint({ privateKeyPem: newKey() }).sessionToken(session, user, 'x')
    for (const token of [strange, `${old.slice(0, -4)}AAAA`, 'a.b.c', ''])
      expect(aMint().sessionOf(token)).toBeNull()
  })
})
