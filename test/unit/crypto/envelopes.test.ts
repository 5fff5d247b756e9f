import { hkdfSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCode, sealCode, type CodePayload } from '../../../src/crypto/code.ts'
import { keyedHash, safeEqual, sha256, sha256Base64url } from '../../../src/crypto/digest.ts'
import { CODE } from '../../../src/crypto/formats.ts'
import { signHead, verifyHead } from '../../../src/crypto/head-signature.ts'
import { signCall, verifyCall, type Caller } from '../../../src/crypto/internal-call.ts'
import { encrypt } from '../../../src/crypto/jose.ts'
import { keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import { loadAuditHeadVerifiers } from '../../../src/crypto/keys/key-ring.ts'
import { deriveKey, openWith, sealWith } from '../../../src/crypto/sealed.ts'
import { readStrictJson } from '../../../src/crypto/strict-json.ts'
import { randomId, randomSecret } from '../../../src/kernel/random.ts'
import { ed25519, forgeJws } from '../../support/crypto/token-forge.ts'
import { openWorkshop, privateKeyOf, verdict, type Workshop } from '../../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())
const later = (seconds: number) => ({ ...shop.clock, nowMs: () => shop.clock.nowMs() + seconds * 1000 })

describe('an authorization code', () => {
  const payload = (bend: Partial<CodePayload> = {}): CodePayload => ({
    j: randomId(),
    gid: randomId(),
    cid: 'https://claude.ai/oauth/claude-code-client-metadata',
    ruri: 'http://localhost:39871/callback',
    chal: randomSecret(),
    sub: 'user_1',
    sid: 'sess_1',
    env: randomId(),
    scp: 'maximo:read offline_access',
    res: 'http://localhost:8081/mcp',
    ep: randomId(),
    k: randomSecret(),
    iat: shop.nowS,
    exp: shop.nowS + 300,
    ...bend,
  })

  test('comes back as it was', async () => {
    const said = payload()
    const opened = await openCode(await sealCode(said, shop.portal), shop.portal, shop.clock)
    expect(opened).toEqual({ ok: true, value: said })
  })

  test.each([
    [299, 'opened'],
    [300, 'expired'],
    [301, 'expired'],
  ])('after %i s: %s', async (seconds, expected) => {
    const code = await sealCode(payload(), shop.portal)
    expect(verdict(await openCode(code, shop.portal, later(seconds)))).toBe(expected)
  })

  test('fits a URL even at its longest', async () => {
    const code = await sealCode(
      payload({ cid: 'c'.repeat(512), ruri: 'r'.repeat(1024), scp: 's'.repeat(400) }),
      shop.portal,
    )
    expect(code.length).toBeLessThanOrEqual(4096)
    expect(verdict(await openCode(code, shop.portal, shop.clock))).toBe('opened')
  })

  test('truncated, bent or of another portal', async () => {
    const code = await sealCode(payload(), shop.portal)
    const elsewhere = await openWorkshop()
    const foreign = await sealCode(payload(), elsewhere.portal)
    await elsewhere.close()
    const bent = code.slice(0, -40) + (code.at(-40) === 'A' ? 'B' : 'A') + code.slice(-39)
    for (const one of [code.slice(0, -1), bent, foreign, '', 'x'.repeat(5000), code.repeat(2)]) {
      expect((await openCode(one, shop.portal, shop.clock)).ok).toBe(false)
    }
  })

  test('sealed by our key, but no code: refused by its reason', async () => {
    const plaintext = JSON.stringify({ ...payload(), more: 1 })
    const jwe = await encrypt(CODE, shop.portal.code.active, { plaintext })
    expect(verdict(await openCode(jwe, shop.portal, shop.clock))).toBe('payload_malformed')
  })

  test('a payload that breaks its bounds is never sealed', async () => {
    for (const bend of [{ ruri: 'r'.repeat(1025) }, { chal: 'plain' }, { exp: 0 }, { res: 'nowhere' }]) {
      await expect(sealCode(payload(bend), shop.portal)).rejects.toThrow()
    }
  })
})

describe('an internal call', () => {
  const PATH = '/internal/vault/open'
  const call = () => ({
    path: PATH,
    audience: 'mcp-1',
    issuer: 'portal-1',
    signer: shop.portal.internalSigning.active,
    clock: shop.clock,
  })
  const check = (jws: string, clock = shop.clock) =>
    verifyCall({ path: PATH, jws, audience: 'mcp-1', callers: ['portal'], keys: shop.mcp, clock })

  test('says who asks what, once and for a minute', async () => {
    const body = { clerkToken: 'x', nested: [1, null, 'é'] }
    const verified = await check(await signCall({ ...call(), body }))
    expect(verified).toMatchObject({ ok: true, value: { body, issuer: 'portal-1', exp: shop.nowS + 60 } })
    expect(verified.ok && verified.value.jti).toMatch(/^[A-Za-z0-9_-]{22}$/)
    const again = await check(await signCall({ ...call(), body }))
    expect(again.ok && verified.ok && again.value.jti !== verified.value.jti).toBe(true)
  })

  test.each([
    [59, 'opened'],
    [60, 'expired'],
    [-5, 'opened'],
    [-6, 'issued_in_future'],
  ])('read %i s later: %s', async (seconds, expected) => {
    const jws = await signCall({ ...call(), body: {} })
    expect(verdict(await check(jws, { ...shop.clock, ...later(seconds) }))).toBe(expected)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['nothing', {}, 'opened'],
    ['a life of 61 s', { exp: 61 }, 'lifetime_too_long'],
    ['a list of audiences', { aud: ['mcp-1'] }, 'payload_malformed'],
    ['another audience', { aud: 'mcp-2' }, 'audience_wrong'],
    ['no jti', { jti: undefined }, 'payload_malformed'],
    ['one claim more', { sub: 'x' }, 'payload_malformed'],
  ])('signed by the portal but with %s bent', async (_name, bend, expected) => {
    const file = await shop.file('portal', 'pi')
    const header = { alg: 'Ed25519', kid: file.kid, typ: 'mx-internal-vault-open+jwt' }
    const exp = shop.nowS + (typeof bend['exp'] === 'number' ? bend['exp'] : 60)
    const claims = { iss: 'portal-1', aud: 'mcp-1', iat: shop.nowS, jti: randomId(), body: {}, ...bend, exp }
    expect(verdict(await check(forgeJws(header, claims, ed25519(privateKeyOf(file)))))).toBe(expected)
  })

  test('unsigned JSON, a bent signature, an endless body', async () => {
    const jws = await signCall({ ...call(), body: {} })
    const bent = `${jws.slice(0, -10)}${jws.at(-10) === 'A' ? 'B' : 'A'}${jws.slice(-9)}`
    for (const one of ['{}', '', bent, `${jws}.`, 'x'.repeat(40_000)])
      expect((await check(one)).ok).toBe(false)
  })
})

describe('a call of the operator', () => {
  const PATH = '/internal/revocations'
  const call = (signer: Parameters<typeof signCall>[0]['signer']): Promise<string> =>
    signCall({ path: PATH, audience: 'mcp-1', issuer: 'ops:jo', body: {}, signer, clock: shop.clock })
  const check = async (jws: string, callers: readonly Caller[], path = PATH) =>
    verifyCall({ path, jws, audience: 'mcp-1', callers, keys: shop.mcp, clock: shop.clock })

  test('counts where the operator may ask, and says that it was the operator', async () => {
    const jws = await call(shop.operator)
    for (const callers of [['operator'], ['portal', 'operator']] as const)
      expect(await check(jws, callers)).toMatchObject({ ok: true, value: { caller: 'operator' } })
    const portals = await call(shop.portal.internalSigning.active)
    expect(await check(portals, ['portal', 'operator'])).toMatchObject({ value: { caller: 'portal' } })
  })

  test('counts nowhere else, nor does the portal’s where only the operator may ask', async () => {
    expect(verdict(await check(await call(shop.operator), ['portal']))).toBe('kid_unknown')
    const portals = await call(shop.portal.internalSigning.active)
    expect(verdict(await check(portals, ['operator']))).toBe('kid_unknown')
    expect(verdict(await check(await call(shop.operator), ['operator'], '/internal/introspect'))).toBe(
      'header_not_exact',
    )
  })

  test('the operator’s kid with another’s signature is refused', async () => {
    const file = await shop.file('portal', 'pi')
    const header = { alg: 'Ed25519', kid: shop.operator.kid, typ: 'mx-internal-revocations+jwt' }
    const claims = {
      iss: 'ops:jo',
      aud: 'mcp-1',
      iat: shop.nowS,
      exp: shop.nowS + 60,
      jti: randomId(),
      body: {},
    }
    const forged = forgeJws(header, claims, ed25519(privateKeyOf(file)))
    expect(verdict(await check(forged, ['portal', 'operator']))).toBe('signature_wrong')
  })
})

describe('an audit head', () => {
  test('is signed by either service and verified by both, and by who has the public halves', async () => {
    const content = Buffer.from('{"n":7,"h":"x"}')
    const folder = keyFolder(shop.dataDir, 'portal')
    const verifiers = [
      shop.portal.auditHead.verifiers,
      shop.mcp.auditHead.verifiers,
      await loadAuditHeadVerifiers(folder, 'portal'),
    ]
    for (const [owner, keys] of [
      ['portal', shop.portal],
      ['mcp', shop.mcp],
    ] as const) {
      const head = await signHead(content, keys)
      for (const one of verifiers) {
        const verified = await verifyHead(head, one)
        expect(verified).toMatchObject({ ok: true, value: { owner, kid: keys.auditHead.signer.kid } })
        expect(verified.ok && Buffer.from(verified.value.content).equals(content)).toBe(true)
      }
    }
  })

  test('bent, foreign or too long', async () => {
    const head = await signHead(Buffer.from('x'), shop.portal)
    const elsewhere = await openWorkshop()
    const foreign = await signHead(Buffer.from('x'), elsewhere.portal)
    await elsewhere.close()
    const segments = head.split('.')
    for (const one of [foreign, [segments[0], 'eQ', segments[2]].join('.'), 'x', '']) {
      expect((await verifyHead(one, shop.mcp.auditHead.verifiers)).ok).toBe(false)
    }
    expect(() => signHead(Buffer.alloc(1025), shop.portal)).toThrow('too long')
  })
})

describe('sealing under a derived key', () => {
  const key = deriveKey(randomSecret(), 'receipt at rest')

  test('text and bytes come back; empty ones too', async () => {
    for (const content of ['receipt', '', 'é', randomBytes(4000)]) {
      const opened = await openWith(key, 'mx-rest+jwe', await sealWith(key, 'mx-rest+jwe', content))
      expect(opened.ok && Buffer.from(opened.value).equals(Buffer.from(content))).toBe(true)
    }
  })

  test('labels and secrets part keys, the same pair does not', () => {
    const hex = (secret: string, label: string): string =>
      Buffer.from(deriveKey(secret, label)).toString('hex')
    expect(hex('a', 'x')).toBe(hex('a', 'x'))
    expect(new Set([hex('a', 'x'), hex('a', 'y'), hex('b', 'x')]).size).toBe(3)
    expect(hex('a', 'x')).toHaveLength(64)
  })

  test('the key is that of HKDF-SHA-256 without salt', () => {
    for (const secret of ['', 'a', randomSecret(), randomBytes(80)])
      for (const label of ['', 'receipt', 'é'.repeat(40)])
        expect(Buffer.from(deriveKey(secret, label))).toEqual(
          Buffer.from(hkdfSync('sha256', secret, '', label, 32)),
        )
  })

  test('a key of another length is a bug of the caller', () => {
    expect(() => sealWith(new Uint8Array(16), 'mx-rest+jwe', '')).toThrow('32 bytes')
    expect(() => openWith(new Uint8Array(0), 'mx-rest+jwe', '')).toThrow('32 bytes')
  })
})

describe('local keys and digests', () => {
  test('each service derives its own, the same after every start', () => {
    const { portal, mcp } = shop
    expect(portal.local.active.derive('csrf')).toEqual(portal.local.all[0]?.derive('csrf'))
    expect(portal.local.active.derive('csrf')).not.toEqual(mcp.local.active.derive('csrf'))
    expect(portal.local.active.derive('csrf')).not.toEqual(portal.local.active.derive('cookie'))
  })

  test('known answers', () => {
    expect(sha256Base64url('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
    expect(Buffer.from(sha256('abc')).toString('base64url')).toBe(sha256Base64url('abc'))
    // RFC 4231 test case 2.
    expect(keyedHash(Buffer.from('Jefe'), 'what do ya want for nothing?')).toBe(
      Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex').toString(
        'base64url',
      ),
    )
  })

  test('equal is equal', () => {
    expect([safeEqual('a', 'a'), safeEqual('', ''), safeEqual('a', 'b'), safeEqual('a', 'aa')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('strict JSON', () => {
  test.each([
    '{}',
    '[]',
    '"a"',
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{ "a" : "\\"a\\":1" , "b" : "{" }',
    '{"a":"é\\u00e9\\\\"}',
    '[{"a":1},"a","a"]',
    '{"A":1,"a":2}',
  ])('reads %s', (text) => {
    expect(readStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  test.each([
    '{"a":1,"a":1}',
    '{"a":1, "\\u0061":2}',
    '{"x":[{"b":{},"a":0,"b":1}]}',
    '{"__proto__":{}}',
    '{ "\\u005f_proto__" : 1 }',
    '{"a" :1,"b":"c","a"\n:2}',
    '{"a":1,}',
    "{'a':1}",
    '\uFEFF{}',
    '',
    'undefined',
    '['.repeat(100_000),
  ])('refuses %s', (text) => {
    expect(readStrictJson(text).ok).toBe(false)
  })

  test('refuses bytes that are not UTF-8, and survives any depth', () => {
    expect(readStrictJson(Buffer.from([0x22, 0xff, 0x22])).ok).toBe(false)
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect(() => readStrictJson(deep)).not.toThrow()
  })
})
