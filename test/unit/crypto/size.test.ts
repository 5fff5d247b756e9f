import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { largestPart } from '../../../src/crypto/largest-part.ts'
import type { Receipt } from '../../../src/crypto/credential.ts'
import { sealReceipt } from '../../../src/crypto/receipt.ts'
import { formatCiToken, sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { wrapCredential } from '../../../src/crypto/wrapped.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import {
  aReceipt,
  aWrapped,
  openWorkshop,
  someClaims,
  verdict,
  open,
  without,
  type Workshop,
} from '../../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

const tokenFor = async (receipt: Receipt, addresses = {}): Promise<string> => {
  const sealed = await sealAccessToken(await someClaims(shop, addresses, receipt), shop.portal)
  return sealed.ok ? sealed.value : `${sealed.error.part} ${sealed.error.chars}`
}
const longHosts = { iss: 'https://connect.maximo.example.com', aud: 'https://mcp.maximo.example.com/mcp' }

describe('an access token stays small', () => {
  test('an API-key grant with default scopes: at most 2,600 characters', async () => {
    const token = await tokenFor(aReceipt())
    expect(verdict(await open(token, shop))).toBe('opened')
    expect(token.length).toBeLessThanOrEqual(2600)
  })

  test('the same with production host names and a 64-character key', async () => {
    const c = {
      ...aReceipt().c,
      u: 'https://prod.manage.mas.example.com/maximo',
      k: new Secret('k'.repeat(64)),
    }
    expect((await tokenFor(aReceipt({ c }), longHosts)).length).toBeLessThanOrEqual(2600)
  })

  test.each([
    ['apikey', 'k'.repeat(64), 'x'.repeat(43)],
    [
      'oauth',
      JSON.stringify({
        t: `https://login.example.com/${'p'.repeat(60)}`,
        i: 'i'.repeat(36),
        s: 's'.repeat(64),
      }),
      'x'.repeat(43),
    ],
    [
      'oidc',
      JSON.stringify({
        t: `https://login.example.com/${'p'.repeat(60)}`,
        i: 'i'.repeat(36),
        r: 'r'.repeat(200),
      }),
      undefined,
    ],
    ['certificate', 'certificate', 'x'.repeat(43)],
  ] as const)('a credential of method %s comes back whole: at most 4,000', async (a, k, x) => {
    const c = {
      u: 'https://prod.manage.mas.example.com/maximo',
      a,
      k: new Secret(k),
      ...(x === undefined ? {} : { x }),
    }
    const token = await tokenFor(aReceipt({ c }))
    expect(token.length).toBeLessThanOrEqual(4000)
    const opened = await open(token, shop)
    if (!opened.ok) throw new Error(opened.error)
    const { k: kept, ...rest } = opened.value.receipt.c
    expect({ ...rest, k: kept.reveal() }).toEqual({ ...c, k })
  })

  test('all scopes, several features, a long client id: at most 4,000', async () => {
    const scp = 'maximo:read maximo:write maximo:finance maximo:apm maximo:admin offline_access'
    const cid = `https://client.example/${'x'.repeat(120)}`
    const token = await tokenFor(aReceipt({ scp, cid, fea: 'audit,ci,export,finance,write' }), longHosts)
    expect(token.length).toBeGreaterThan(2000)
    expect(token.length).toBeLessThanOrEqual(4000)
  })

  test('an automation token: at most 4,000 with its prefix', async () => {
    const jti = randomId()
    const { portal } = shop
    const kids: [string, string] = [portal.tokenEncryption.active.kid, portal.tokenSigning.active.kid]
    const receipt = without(aReceipt({ knd: 'ci', jti, kids }), 'max')
    const token = formatCiToken(await tokenFor(receipt, { jti, ...longHosts }))
    expect(token).toMatch(/^mxci_[A-Za-z0-9_-]{6}_eyJ/)
    expect(token.length).toBeLessThanOrEqual(2700)
  })
})

describe('the restrictions of an automation token cost what they are worth', () => {
  const restricted = async (bend: Partial<Receipt>): Promise<string> => {
    const jti = randomId()
    const { portal } = shop
    const kids: [string, string] = [portal.tokenEncryption.active.kid, portal.tokenSigning.active.kid]
    const receipt = without(aReceipt({ knd: 'ci', scp: 'maximo:read', jti, kids, ...bend }), 'max')
    return formatCiToken(await tokenFor(receipt, { jti, ...longHosts }))
  }

  test('a preset, a risk class and four IPv4 networks: still within 2,700', async () => {
    const plain = await restricted({})
    const token = await restricted({
      obj: '@erp-readonly.1',
      rsk: 'm',
      net: '203.0.113.0/24 198.51.100.7/32 192.0.2.128/25 10.20.0.0/16',
    })
    expect(token.length - plain.length).toBeLessThanOrEqual(200)
    expect(token.length).toBeLessThanOrEqual(2700)
  })

  test('eight objects of 18 characters and four IPv6 networks: at most 4,000', async () => {
    const obj = Array.from({ length: 8 }, (_one, index) => `MXAPIOBJECTNAME_${index}X:rw`).join(' ')
    const net = Array.from({ length: 4 }, (_one, index) => `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${index}/128`)
    expect((await restricted({ obj, net: net.join(' ') })).length).toBeLessThanOrEqual(4000)
  })

  test('eight objects of 60 characters do not fit a receipt, and the part is named', async () => {
    const obj = Array.from({ length: 8 }, (_one, index) => `${'X'.repeat(59)}${index}:rw`).join(' ')
    const { portal } = shop
    const kids: [string, string] = [portal.tokenEncryption.active.kid, portal.tokenSigning.active.kid]
    const cid = 'c'.repeat(200)
    const receipt = without(aReceipt({ knd: 'ci', jti: randomId(), kids, obj, cid }), 'max')
    expect(await sealReceipt(receipt, shop.mcp)).toMatchObject({
      ok: false,
      error: { reason: 'too_long', part: 'obj', maxChars: 1400 },
    })
  })
})

describe('what would be longer is refused where it is made, naming the part', () => {
  test.each<[string, Partial<Receipt>]>([
    ['cid', { cid: `https://client.example/${'x'.repeat(480)}`, scp: 's'.repeat(400) }],
    ['c.k', { c: { ...aReceipt().c, k: new Secret('k'.repeat(512)) }, cid: 'c'.repeat(300) }],
    ['c.u', { c: { ...aReceipt().c, u: `https://m.example/${'p'.repeat(700)}` } }],
  ])('a receipt: %s', async (part, bend) => {
    const sealed = await sealReceipt(aReceipt(bend), shop.mcp)
    expect(sealed).toMatchObject({ ok: false, error: { reason: 'too_long', part, maxChars: 1400 } })
  })

  test('a receipt just within its limit makes a token within its own', async () => {
    const receipt = aReceipt({ c: { ...aReceipt().c, k: new Secret('k'.repeat(500)) } })
    const sealed = await sealReceipt(receipt, shop.mcp)
    expect(sealed.ok && sealed.value.length).toBeGreaterThan(1200)
    expect((await tokenFor(receipt, longHosts)).length).toBeLessThanOrEqual(4000)
  })

  test('a token: its scope', async () => {
    const claims = await someClaims(shop, {
      scope: 's'.repeat(400),
      aud: `https://m.example/${'p'.repeat(2000)}`,
    })
    const sealed = await sealAccessToken(claims, shop.portal)
    expect(sealed).toMatchObject({ ok: false, error: { reason: 'too_long', part: 'aud', maxChars: 3988 } })
  })

  test('a token of one character more than there is room for, and of one less', async () => {
    const sealed = async (chars: number) =>
      sealAccessToken({ ...(await someClaims(shop)), scope: 's', gr: 'x'.repeat(chars) }, shop.portal)
    // Three characters of a claim make four, and those four five or six: none makes exactly 3,988.
    const [most, more] = [await sealed(1604), await sealed(1605)]
    expect(most.ok && most.value.length).toBe(3987)
    expect(more).toEqual({
      ok: false,
      error: { reason: 'too_long', part: 'gr', chars: 3989, maxChars: 3988 },
    })
  })

  test('a wrapped credential: its base URL', async () => {
    const c = { ...aWrapped().c, u: `https://m.example/${'p'.repeat(2000)}` }
    expect(await wrapCredential(aWrapped({ c }), shop.mcp)).toMatchObject({
      ok: false,
      error: { reason: 'too_long', part: 'c.u', maxChars: 2048 },
    })
  })

  test('fifteen wrapped credentials fit the 8 KB of Clerk’s metadata', async () => {
    const wrapped = await wrapCredential(aWrapped(), shop.mcp)
    expect(wrapped.ok && wrapped.value.length).toBeLessThanOrEqual(500)
  })
})

describe('the makers refuse what would never open', () => {
  test.each<[string, Partial<Receipt>]>([
    ['automation without a token id', { knd: 'ci' }],
    ['a person’s with a token id', { jti: randomId() }],
    ['an unknown environment', { env: 'demo' }],
    ['another version', { v: 2 as 1 }],
  ])('a receipt: %s', async (_name, bend) => {
    await expect(sealReceipt(aReceipt(bend), shop.mcp)).rejects.toThrow()
  })

  test('a person’s receipt without an end', async () => {
    await expect(sealReceipt(without(aReceipt(), 'max'), shop.mcp)).rejects.toThrow(
      'lacks what its kind needs',
    )
  })

  test('a token under a key that no pre-tag key is bound to', async () => {
    const keys = { ...shop.portal, preTag: { findFor: () => undefined } }
    await expect(sealAccessToken(await someClaims(shop), keys)).rejects.toThrow(
      `no pre-tag key for ${shop.portal.tokenEncryption.active.kid}`,
    )
  })

  test('claims that break the schema', async () => {
    const claims = await someClaims(shop)
    await expect(sealAccessToken({ ...claims, jti: 'short' }, shop.portal)).rejects.toThrow()
  })
})

describe('the part to shorten', () => {
  test.each<[object, string]>([
    [{ a: 'x', b: 'xx' }, 'b'],
    [{ a: 'x', c: { u: 'xxx', k: 'xx' } }, 'c.u'],
    [{ list: ['x', 'xx'] }, 'list.1'],
    [{ a: null, n: 123_456, u: undefined, b: true, t: 'x' }, 't'],
    [{ a: 1, b: null }, ''],
    [{}, ''],
  ])('of %j is %j', (value, expected) => {
    expect(largestPart(value)).toBe(expected)
  })
})
