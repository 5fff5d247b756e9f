import { describe, expect, test } from 'vitest'
import { accessClaims, receiptClaims, wrappedCredential } from '../../../src/crypto/claims.ts'
import { codePayload } from '../../../src/crypto/code.ts'
import { callClaims } from '../../../src/crypto/internal-call.ts'
import { keyFile } from '../../../src/crypto/keys/key-file.ts'
import { machineProof } from '../../../src/crypto/machine-proof.ts'
import { rootClaims } from '../../../src/crypto/root-receipt.ts'
import {
  ANYTHING,
  BYTES_32,
  findDisagreements,
  ID,
  KEY_ID,
  MACHINE_ID,
  oneOf,
  POSITIVE,
  text,
  WEB_ADDRESS,
  type Bound,
  type Shape,
} from '../../support/crypto/bounds.ts'

const AN_ID = 'A'.repeat(22)
const DIGEST = 'A'.repeat(43)
const KID = 'te-AAAAAAAA'
const BASE = 'https://maximo.example.com/maximo'

const PROFILE = oneOf('interactive', 'sync', 'reporting', 'batch', 'webhook')
const OBJECTS: Bound = { takes: ['MXAPIPO:r', '@mobile.1'], refuses: ['mobile', 'MXAPIPO', '', null] }
const NETWORKS: Bound = {
  takes: ['10.0.0.0/8', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:0/112 '.repeat(4).trim()],
  refuses: [
    ...[
      '10.0.0.0/8 ',
      ' 10.0.0.0/8',
      '10.0.0.0',
      '10.0.0.0/',
      '10.0.0.0/1234',
      '/8',
      '10.0.0.0/8  10.0.0.0/8',
    ],
    ...['10.0.0.0/8\n', `${'0'.repeat(180)}/8`, '10.0.0.0/8,10.0.0.0/8', '', null],
  ],
}
const METHOD = oneOf('apikey', 'maxauth', 'basic', 'oauth', 'oidc', 'certificate')

const CREDENTIAL = { u: BASE, a: 'apikey', k: 'secret', x: DIGEST }
const CREDENTIAL_BOUNDS = { 'c.u': WEB_ADDRESS, 'c.a': METHOD, 'c.k': text(1, 900), 'c.x': BYTES_32 }

const GRANT = {
  ...{ v: 1, sub: 'user_1', sid: 'sess_1', env: AN_ID, ver: 1, cid: 'c', scp: 'maximo:read', gid: AN_ID },
  ...{
    prf: 'batch',
    pla: 'pro',
    fea: 'ci',
    at: 1,
    obj: 'MXAPIPO:r',
    rsk: 'm',
    net: '10.0.0.0/8',
    c: CREDENTIAL,
  },
}
const GRANT_BOUNDS = {
  ...{ v: { takes: [1], refuses: [0, 2, '1', null] }, sub: text(0, 100), sid: text(0, 100), env: ID },
  ...{ ver: POSITIVE, scp: text(0, 400), gid: ID, prf: PROFILE, pla: text(0, 100), fea: text(0, 300) },
  ...{ at: POSITIVE, obj: OBJECTS, rsk: oneOf('m', 'h'), net: NETWORKS, ...CREDENTIAL_BOUNDS },
}
const RESTRICTIONS = ['obj', 'rsk', 'net', 'c.x']

const SHAPES: readonly (Shape & { readonly name: string })[] = [
  {
    name: 'the claims of an access token',
    schema: accessClaims,
    whole: {
      ...{ iss: BASE, aud: BASE, jti: AN_ID, iat: 1, exp: 2 },
      ...{ gid: AN_ID, scope: 'maximo:read', knd: 'at', gr: 'receipt' },
    },
    bounds: {
      ...{ iss: WEB_ADDRESS, aud: WEB_ADDRESS, jti: ID, iat: POSITIVE, exp: POSITIVE },
      ...{ gid: ID, scope: text(0, 400), knd: oneOf('at', 'ci'), gr: text(0, 2500) },
    },
    optional: ['exp'],
  },
  {
    name: 'a receipt',
    schema: receiptClaims,
    whole: { ...GRANT, knd: 'ci', max: 1, jti: AN_ID, kids: [KID, KID] },
    bounds: {
      ...{ ...GRANT_BOUNDS, cid: text(0, 512), knd: oneOf('at', 'ci'), max: POSITIVE, jti: ID },
      ...{ 'kids.0': KEY_ID, 'kids.1': KEY_ID },
    },
    optional: [...RESTRICTIONS, 'max', 'jti', 'kids'],
  },
  {
    name: 'a root receipt',
    schema: rootClaims,
    whole: { ...GRANT, rid: AN_ID, cid: `mxm_${AN_ID}`, proof: { kind: 'secret', sha256: DIGEST } },
    bounds: {
      ...GRANT_BOUNDS,
      ...{ rid: ID, cid: MACHINE_ID, 'proof.kind': oneOf('secret'), 'proof.sha256': BYTES_32 },
    },
    optional: RESTRICTIONS,
  },
  {
    name: 'a wrapped credential',
    schema: wrappedCredential,
    whole: { v: 1, sub: 'user_1', env: AN_ID, ver: 1, c: CREDENTIAL },
    bounds: { v: GRANT_BOUNDS.v, sub: text(0, 100), env: ID, ver: POSITIVE, ...CREDENTIAL_BOUNDS },
    optional: ['c.x'],
  },
  {
    name: 'an authorization code',
    schema: codePayload,
    whole: {
      ...{ j: AN_ID, gid: AN_ID, cid: 'c', ruri: 'r', chal: DIGEST, sub: 'u', sid: 's', env: AN_ID },
      ...{ scp: 'maximo:read', res: BASE, ep: 'e', k: DIGEST, iat: 1, exp: 2 },
    },
    bounds: {
      ...{ j: ID, gid: ID, cid: text(1, 512), ruri: text(1, 1024), chal: BYTES_32, sub: text(1, 100) },
      ...{ sid: text(1, 100), env: ID, scp: text(0, 400), ep: text(1, 64), k: BYTES_32, iat: POSITIVE },
      exp: POSITIVE,
      res: {
        takes: [`${BASE}${'x'.repeat(255 - BASE.length)}`],
        refuses: [`${BASE}${'x'.repeat(256 - BASE.length)}`, 'x', ''],
      },
    },
  },
  {
    name: 'the claims of an internal call',
    schema: callClaims,
    whole: { iss: 'portal-1', aud: 'mcp-1', iat: 1, exp: 2, jti: AN_ID, body: 'x' },
    bounds: { iss: text(1, 100), aud: text(1, 100), iat: POSITIVE, exp: POSITIVE, jti: ID, body: ANYTHING },
  },
  {
    name: 'the proof by keys',
    schema: machineProof,
    whole: { kind: 'keys', thumbprints: [DIGEST, DIGEST, DIGEST, DIGEST] },
    bounds: {
      kind: oneOf('keys'),
      ...Object.fromEntries([0, 1, 2, 3].map((index) => [`thumbprints.${index}`, BYTES_32])),
    },
  },
  {
    name: 'the proof by an OpenID provider',
    schema: machineProof,
    whole: {
      ...{ kind: 'workload', issuer: 'https://issuer.example', audience: BASE },
      rules: [{ claim: 'repository_id', match: 'exact', value: '12345' }],
    },
    bounds: {
      ...{ kind: oneOf('workload'), issuer: text(1, 255), 'rules.0.match': oneOf('exact') },
      audience: { takes: [BASE], refuses: [`${BASE}${'x'.repeat(256 - BASE.length)}`, 'x', ''] },
      'rules.0.claim': { takes: ['a', 'Z_9'.repeat(20)], refuses: ['', 'a'.repeat(61), 'a-b', 'a\n', ' a'] },
      'rules.0.value': {
        takes: ['!', '~'.repeat(200)],
        refuses: ['', 'x'.repeat(201), 'a b', 'ä', 'x\n', '\u007F'],
      },
    },
  },
  {
    name: 'a key file',
    schema: keyFile,
    whole: {
      ...{
        kid: KID,
        purpose: 'pre-tag',
        state: 'active',
        created: 1,
        since: 1,
        thumbprint: DIGEST,
        boundTo: KID,
      },
      jwk: { kty: 'oct', k: DIGEST },
    },
    bounds: {
      ...{
        kid: KEY_ID,
        purpose: { takes: ['x'], refuses: [5, null] },
        state: oneOf('active', 'accept', 'next', 'ci-only'),
      },
      ...{ created: POSITIVE, since: POSITIVE, thumbprint: BYTES_32, boundTo: KEY_ID },
      ...{ 'jwk.kty': oneOf('oct'), 'jwk.k': BYTES_32 },
    },
    optional: ['boundTo'],
  },
]

describe('what is sealed has these members and these bounds, and no others', () => {
  test.each(SHAPES)('$name', (shape) => {
    expect(findDisagreements(shape)).toEqual([])
  })

  test('a proof names one to four keys', () => {
    const proof = (count: number) => ({ kind: 'keys', thumbprints: Array(count).fill(DIGEST) })
    expect([0, 1, 4, 5].map((count) => machineProof.safeParse(proof(count)).success)).toEqual([
      ...[false, true, true, false],
    ])
  })

  test('a receipt pins two keys', () => {
    const receipt = (kids: readonly string[]) =>
      receiptClaims.safeParse({ ...GRANT, knd: 'ci', kids }).success
    expect([[], [KID], [KID, KID], [KID, KID, KID]].map(receipt)).toEqual([false, false, true, false])
  })
})
