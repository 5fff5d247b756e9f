import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readClerkKeys, verifyClerkToken, type ClerkKeys } from '../../src/crypto/clerk-token.ts'
import { openCode, sealCode, type CodePayload } from '../../src/crypto/code.ts'
import { CODE, RECEIPT, WRAPPED } from '../../src/crypto/formats.ts'
import { signHead, verifyHead } from '../../src/crypto/head-signature.ts'
import { signCall, verifyCall } from '../../src/crypto/internal-call.ts'
import type { Reason } from '../../src/crypto/reason.ts'
import { openReceipt, sealReceipt } from '../../src/crypto/receipt.ts'
import { deriveKey, openWith, sealWith } from '../../src/crypto/sealed.ts'
import { sealAccessToken } from '../../src/crypto/token-seal.ts'
import { openWrapped, wrapCredential } from '../../src/crypto/wrapped.ts'
import { randomId, randomSecret } from '../../src/kernel/random.ts'
import type { Result } from '../../src/kernel/result.ts'
import { b64, ed25519, forgeJwe, forgeJws } from '../support/crypto/token-forge.ts'
import {
  aReceipt,
  aWrapped,
  ISSUER,
  open,
  openWorkshop,
  privateKeyOf,
  sealed,
  secretOf,
  someClaims,
  verdict,
  type Workshop,
} from '../support/crypto/token-workshop.ts'

const clerkPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rs256 = (input: Buffer): Buffer => signWith('sha256', input, clerkPair.privateKey)
const TYP = 'mx-successor+jwe'
const key = deriveKey('a secret of the tests', 'sealed')
const PATH = '/internal/grants'

let shop: Workshop
let clerkKeys: ClerkKeys
let artefacts: Record<string, string>

beforeAll(async () => {
  shop = await openWorkshop()
  const jwk = clerkPair.publicKey.export({ format: 'jwk' })
  const read = await readClerkKeys({ keys: [{ ...jwk, kid: 'ins_1', alg: 'RS256', use: 'sig' }] })
  if (!read.ok) throw new Error(read.error)
  clerkKeys = read.value
  artefacts = await makeArtefacts()
})
afterAll(() => shop.close())

const aCode = (): CodePayload => ({
  j: randomId(),
  gid: randomId(),
  cid: 'client',
  ruri: 'http://localhost:1234/callback',
  chal: randomSecret(),
  sub: 'user_1',
  sid: 'sess_1',
  env: randomId(),
  scp: 'maximo:read',
  res: 'http://localhost:8081/mcp',
  ep: 'epoch-1',
  k: randomSecret(),
  iat: shop.nowS,
  exp: shop.nowS + 300,
})

async function makeArtefacts(): Promise<Record<string, string>> {
  const { portal, mcp, clock, nowS } = shop
  const token = await sealAccessToken(await someClaims(shop), portal)
  const wrapped = await wrapCredential(aWrapped(), mcp)
  const signing = await shop.file('portal', 'ps')
  const inner = { alg: 'Ed25519', kid: signing.kid, typ: 'at+jwt' }
  const session = { iss: 'https://clerk.example', azp: ISSUER, sub: 'user_1', sid: 'sess_1', v: 2 }
  return {
    'access token': token.ok ? token.value : '',
    'inner token': forgeJws(inner, await someClaims(shop), ed25519(privateKeyOf(signing))),
    receipt: await sealed(aReceipt(), shop),
    'wrapped credential': wrapped.ok ? wrapped.value : '',
    'authorization code': await sealCode(aCode(), portal),
    'internal call': await signCall({
      path: PATH,
      audience: 'mcp-1',
      issuer: 'portal-1',
      body: { gid: 'x' },
      signer: portal.internalSigning.active,
      clock,
    }),
    'audit head': await signHead(Buffer.from('{"n":7}'), portal),
    'sealed blob': await sealWith(key, TYP, 'receipt'),
    'Clerk session': forgeJws(
      { alg: 'RS256', kid: 'ins_1', typ: 'JWT' },
      { ...session, iat: nowS, nbf: nowS, exp: nowS + 60 },
      rs256,
    ),
    'refresh token': `mxr_${randomSecret()}`,
    'client secret': `mxs_${randomSecret()}`,
  }
}

const openers: Record<string, (text: string) => Promise<Result<unknown, Reason>>> = {
  'access token': (text) => open(text, shop),
  receipt: (text) => openReceipt(text, shop.mcp),
  'wrapped credential': (text) => openWrapped(text, aWrapped(), shop.mcp),
  'authorization code': (text) => openCode(text, shop.portal, shop.clock),
  'internal call': (text) =>
    verifyCall({
      path: PATH,
      jws: text,
      audience: 'mcp-1',
      callers: ['portal'],
      keys: shop.mcp,
      clock: shop.clock,
    }),
  'audit head': (text) => verifyHead(text, shop.mcp.auditHead.verifiers),
  'sealed blob': (text) => openWith(key, TYP, text),
  'Clerk session': (text) =>
    verifyClerkToken(text, clerkKeys, {
      issuer: 'https://clerk.example',
      authorizedParty: ISSUER,
      clock: shop.clock,
    }),
}

describe('T-07 an artefact is what it was made as and nothing else', () => {
  test('the whole product: every artefact at every door', async () => {
    const found: string[] = []
    for (const [door, opener] of Object.entries(openers)) {
      for (const [name, text] of Object.entries(artefacts)) {
        if ((await opener(text)).ok) found.push(`${name} as ${door}`)
      }
    }
    expect(found).toEqual(Object.keys(openers).map((name) => `${name} as ${name}`))
  })

  test('each door with the right key and kid, but the typ of another artefact', async () => {
    const doors = [
      ['receipt', RECEIPT, 'mcp', 'mg'],
      ['authorization code', CODE, 'portal', 'pc'],
    ] as const
    const plaintext = { receipt: await receiptRow(), 'authorization code': JSON.stringify(aCode()) }
    for (const [door, format, owner, prefix] of doors) {
      const file = await shop.file(owner, prefix)
      const forge = (typ: string): string =>
        forgeJwe({ alg: 'dir', enc: 'A256GCM', kid: file.kid, typ }, plaintext[door], {
          directKey: secretOf(file),
        })
      expect(verdict((await openers[door]?.(forge(format.header.typ))) ?? NEVER)).toBe('opened')
      for (const typ of [RECEIPT.header.typ, CODE.header.typ, WRAPPED.header.typ, 'JWT', TYP, '']) {
        if (typ === format.header.typ) continue
        expect(verdict((await openers[door]?.(forge(typ))) ?? NEVER), `${typ} as ${door}`).toBe(
          'header_not_exact',
        )
      }
    }
  })

  test('a call signed for one path is none for another, nor is it for another server', async () => {
    const signer = shop.portal.internalSigning.active
    const ask = { audience: 'mcp-1', issuer: 'portal-1', body: {}, signer, clock: shop.clock }
    const jws = await signCall({ ...ask, path: '/internal/grants' })
    const at = (path: string, audience: string): Promise<Result<unknown, Reason>> =>
      verifyCall({ path, jws, audience, callers: ['portal'], keys: shop.mcp, clock: shop.clock })
    expect(verdict(await at('/internal/grants', 'mcp-1'))).toBe('opened')
    expect(verdict(await at('/internal/revocations', 'mcp-1'))).toBe('header_not_exact')
    expect(verdict(await at('/internal/grants/status', 'mcp-1'))).toBe('header_not_exact')
    expect(verdict(await at('/internal/grants', 'mcp-2'))).toBe('audience_wrong')
  })

  test('one signing key does not do the work of another', async () => {
    const call = {
      iss: 'portal-1',
      aud: 'mcp-1',
      iat: shop.nowS,
      exp: shop.nowS + 60,
      jti: randomId(),
      body: {},
    }
    const forge = async (prefix: string): Promise<string> => {
      const file = await shop.file('portal', prefix)
      const header = { alg: 'Ed25519', kid: file.kid, typ: 'mx-internal-grants+jwt' }
      return forgeJws(header, call, ed25519(privateKeyOf(file)))
    }
    const found = await Promise.all(
      ['pi', 'ps', 'pa'].map(async (prefix) => openers['internal call']?.(await forge(prefix))),
    )
    expect(found.map((result) => verdict(result ?? NEVER))).toEqual(['opened', 'kid_unknown', 'kid_unknown'])
  })

  test('a sealed blob under another key or name', async () => {
    const blob = artefacts['sealed blob'] ?? ''
    expect(verdict(await openWith(key, TYP, blob))).toBe('opened')
    expect(verdict(await openWith(deriveKey('other', 'sealed'), TYP, blob))).toBe('decryption_failed')
    expect(verdict(await openWith(key, 'mx-other+jwe', blob))).toBe('header_not_exact')
  })
})

describe('T-23, T-24 a wrapped credential stays with its owner, environment and host', () => {
  const { sub, env } = aReceipt()

  test('the twin: its owner opens it', async () => {
    const opened = await openWrapped(artefacts['wrapped credential'] ?? '', { sub, env }, shop.mcp)
    expect(opened.ok && opened.value.c.k.reveal()).toBe(aReceipt().c.k.reveal())
    expect(opened.ok && opened.value.c.u).toBe('https://maximo.example.com/maximo')
  })

  test.each([
    ['another person', { sub: 'user_mallory', env }],
    ['another environment', { sub, env: 'QW5vdGhlckVudmlyb25tZQ' }],
  ])('moved to %s', async (_name, owner) => {
    expect(verdict(await openWrapped(artefacts['wrapped credential'] ?? '', owner, shop.mcp))).toBe(
      'owner_mismatch',
    )
  })

  test('its base URL cannot be edited: it is inside', async () => {
    const segments = (artefacts['wrapped credential'] ?? '').split('.')
    const header = {
      alg: 'dir',
      enc: 'A128CBC-HS256',
      kid: (await shop.file('mcp', 'mw')).kid,
      typ: 'mx-cred+jwe',
    }
    for (const extra of [{ u: 'https://attacker.example' }, { sub: 'user_mallory' }, { env }]) {
      const edited = [b64({ ...header, ...extra }), ...segments.slice(1)].join('.')
      expect(verdict(await openWrapped(edited, { sub, env }, shop.mcp))).toBe('header_not_exact')
    }
    for (const index of [2, 3, 4]) {
      const bent = segments.map((one, at) =>
        at === index ? `${one.startsWith('A') ? 'B' : 'A'}${one.slice(1)}` : one,
      )
      expect(verdict(await openWrapped(bent.join('.'), { sub, env }, shop.mcp))).toBe('decryption_failed')
    }
  })

  test('raw AES-128-CBC without authentication is nothing we read', async () => {
    const segments = (artefacts['wrapped credential'] ?? '').split('.')
    const untagged = [...segments.slice(0, 4), ''].join('.')
    expect(verdict(await openWrapped(untagged, { sub, env }, shop.mcp))).toBe('segments_malformed')
  })
})

describe('a receipt is the MCP server’s alone', () => {
  test('receipts of another server do not open here', async () => {
    const elsewhere = await openWorkshop()
    const foreign = await sealReceipt(aReceipt(), elsewhere.mcp)
    await elsewhere.close()
    expect(verdict(await openReceipt(foreign.ok ? foreign.value : '', shop.mcp))).toBe('kid_unknown')
  })

  test('what is sealed under the right key but is no receipt', async () => {
    const file = await shop.file('mcp', 'mg')
    const header = { alg: 'dir', enc: 'A256GCM', kid: file.kid, typ: 'mx-grant+jwe' }
    const row = JSON.parse(await receiptRow()) as unknown[]
    const bent = [
      row.slice(1),
      [...row, 1],
      [2, ...row.slice(1)],
      Object.fromEntries(row.entries()),
      row.map((value) => (value === 'at' ? 'ci' : value)),
      row.map((value) => (value === 'at' ? 'root' : value)),
      row.map((value) => (value === aReceipt().max ? null : value)),
    ]
    const verdicts = await Promise.all(
      bent.map(async (value) => {
        const jwe = forgeJwe(header, JSON.stringify(value).padEnd(300), { directKey: secretOf(file) })
        return verdict(await openReceipt(jwe, shop.mcp))
      }),
    )
    expect(new Set(verdicts)).toEqual(new Set(['payload_malformed']))
    const twin = forgeJwe(header, JSON.stringify(row), { directKey: secretOf(file) })
    expect(verdict(await openReceipt(twin, shop.mcp))).toBe('opened')
  })
})

/** The literal row of {@link aReceipt}: a change of the order breaks every token that is out there. */
async function receiptRow(): Promise<string> {
  const { v, sub, sid, env, ver, cid, scp, knd, gid, prf, pla, fea, at, max, c } = aReceipt()
  const row = [
    v,
    sub,
    sid,
    env,
    ver,
    cid,
    scp,
    knd,
    gid,
    prf,
    pla,
    fea,
    at,
    max,
    null,
    null,
    c.u,
    c.a,
    c.k.reveal(),
  ]
  return Promise.resolve(JSON.stringify(row))
}

const NEVER: Result<never, Reason> = { ok: false, error: 'payload_malformed' }
