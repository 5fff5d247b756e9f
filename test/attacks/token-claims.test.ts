import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessClaims } from '../../src/crypto/claims.ts'
import type { Receipt } from '../../src/crypto/credential.ts'
import { sealAccessToken } from '../../src/crypto/token-seal.ts'
import { isExpired } from '../../src/crypto/token-checks.ts'
import { randomId } from '../../src/kernel/random.ts'
import { assemble, goodParts, withCiPrefix, type Parts } from '../support/crypto/token-forge.ts'
import {
  aReceipt,
  AUDIENCE,
  open,
  openWorkshop,
  sealed,
  someClaims,
  verdict,
  without,
  type Workshop,
} from '../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

/** A token with signed claims bent in any way, schema or not. */
async function claiming(bend: (claims: Record<string, unknown>) => void): Promise<string> {
  const parts = await goodParts(shop)
  bend(parts.claims)
  return verdict(await open(assemble(parts), shop))
}

const now = (): number => shop.nowS

describe('T-14 claims mean one thing, whoever signed them', () => {
  test('the twin: unbent claims open', async () => {
    expect(await claiming(() => undefined)).toBe('opened')
  })

  test.each<[string, unknown, string]>([
    ['aud', [AUDIENCE], 'payload_malformed'],
    ['aud', [AUDIENCE, 'https://other.example'], 'payload_malformed'],
    ['aud', { 0: AUDIENCE }, 'payload_malformed'],
    ['aud', null, 'payload_malformed'],
    ['aud', undefined, 'payload_malformed'],
    ['aud', `${AUDIENCE}/`, 'audience_wrong'],
    ['aud', 'http://localhost:8081/MCP', 'audience_wrong'],
    ['aud', 'https://other.example/mcp', 'audience_wrong'],
    ['iss', 'http://localhost:8080/', 'issuer_wrong'],
    ['iss', 'https://attacker.example', 'issuer_wrong'],
    ['iss', undefined, 'payload_malformed'],
    ['exp', '1795309200', 'payload_malformed'],
    ['exp', 1_795_309_200.5, 'payload_malformed'],
    ['exp', 1e300, 'payload_malformed'],
    ['exp', Number.MAX_SAFE_INTEGER, 'lifetime_too_long'],
    ['exp', -1, 'payload_malformed'],
    ['exp', 0, 'payload_malformed'],
    ['exp', null, 'payload_malformed'],
    ['exp', [1_795_309_200], 'payload_malformed'],
    ['exp', undefined, 'lifetime_too_long'],
    ['iat', undefined, 'payload_malformed'],
    ['iat', '1795305600', 'payload_malformed'],
    ['iat', 1_795_305_600.25, 'payload_malformed'],
    ['nbf', 1, 'payload_malformed'],
    ['sub', 'user_victim', 'payload_malformed'],
    ['cnf', { jkt: 'x' }, 'payload_malformed'],
    ['knd', 'root', 'payload_malformed'],
    ['knd', ['at'], 'payload_malformed'],
    ['jti', '../../AAAAAAAAAAAAAAAAA', 'payload_malformed'],
    ['scope', ['maximo:read'], 'payload_malformed'],
    ['gr', undefined, 'payload_malformed'],
    ['gr', {}, 'payload_malformed'],
  ])('%s = %j', async (name, value, reason) => {
    expect(await claiming((claims) => void (claims[name] = value))).toBe(reason)
  })

  test.each(['[]', 'null', '"x"', '7', '', '{', '{}', '{"iss":'])('claims that are %j', async (text) => {
    const parts = await goodParts(shop)
    parts.claimsText = text.padStart(200) // long enough to be read at all
    expect(verdict(await open(assemble(parts), shop))).toBe('payload_malformed')
  })
})

describe('time is ours, to the second', () => {
  test.each([
    [0, 'opened'],
    [30, 'opened'],
    [31, 'issued_in_future'],
    [3600, 'issued_in_future'],
  ])('issued %i s ahead: %s', async (ahead, expected) => {
    const bent = await claiming((claims) => {
      claims['iat'] = now() + ahead
      claims['exp'] = now() + ahead + 60
    })
    expect(bent).toBe(expected)
  })

  test.each([
    [1, 'opened'],
    [0, 'expired'],
    [-1, 'expired'],
  ])('%i s before its end: %s', async (left, expected) => {
    expect(await claiming((claims) => void (claims['exp'] = now() + left))).toBe(expected)
  })

  test.each([
    [86_400, 'opened'],
    [86_401, 'lifetime_too_long'],
  ])('a life of %i s: %s', async (life, expected) => {
    expect(await claiming((claims) => void (claims['exp'] = now() + life))).toBe(expected)
  })

  test('the end is told, so that a cache can look at it again', async () => {
    const opened = await open(assemble(await goodParts(shop)), shop)
    const exp = opened.ok ? (opened.value.claims.exp ?? 0) : 0
    expect(isExpired(exp, shop.clock)).toBe(false)
    const then = { ...shop.clock, nowMs: () => exp * 1000 }
    expect(isExpired(exp, then)).toBe(true)
  })
})

describe('T-13 an opened envelope cannot be used again', () => {
  test('an inner token in a new envelope with another rid', async () => {
    const [first, second] = [await goodParts(shop), await goodParts(shop)]
    const rewrapped = assemble({ ...second, claims: first.claims })
    expect(verdict(await open(rewrapped, shop))).toBe('rid_mismatch')
  })

  test('an inner token that the portal signed for another resource', async () => {
    const bent = await claiming((claims) => void (claims['aud'] = 'https://other.example/mcp'))
    expect(bent).toBe('audience_wrong')
  })
})

/** A token whose portal signs what it likes around a receipt. */
async function around(receipt: Receipt, bend: Partial<AccessClaims> = {}): Promise<string> {
  const token = await sealAccessToken(await someClaims(shop, bend, receipt), shop.portal)
  return verdict(await open(token.ok ? token.value : '', shop))
}

describe('T-20, T-21 a stolen portal makes no grant and widens none', () => {
  test('the twin: a token within its receipt opens', async () => {
    expect(await around(aReceipt())).toBe('opened')
    expect(await around(aReceipt(), { scope: 'maximo:read' })).toBe('opened')
  })

  test('a receipt that the portal invented', async () => {
    const claims = without(await someClaims(shop), 'gr')
    const invented = [
      'invented',
      'a.b.c.d.e',
      Buffer.from(JSON.stringify(aReceipt())).toString('base64url'),
      'A'.repeat(500),
    ]
    for (const gr of invented) {
      const token = await sealAccessToken({ ...claims, gr }, shop.portal)
      expect(verdict(await open(token.ok ? token.value : '', shop))).toBe('receipt_refused')
    }
  })

  test('the receipt of another person under the grant of one’s own', async () => {
    const bobs = aReceipt({ sub: 'user_bob', gid: randomId() })
    expect(await around(bobs, { gid: aReceipt().gid })).toBe('grant_mismatch')
  })

  test('a receipt with one character changed', async () => {
    const gr = await sealed(aReceipt(), shop)
    for (const at of [5, gr.indexOf('..') + 4, gr.length - 30, gr.length - 2]) {
      const bent = gr.slice(0, at) + (gr[at] === 'A' ? 'B' : 'A') + gr.slice(at + 1)
      expect(await around(aReceipt(), { gr: bent })).toBe('receipt_refused')
    }
  })

  test.each([
    'maximo:read maximo:write',
    'maximo:admin',
    'maximo:read  offline_access',
    ' maximo:read',
    'MAXIMO:READ',
    'maximo:read\tmaximo:write',
    'maximo:',
    '',
  ])('scope %j under a ceiling of reading', async (scope) => {
    expect(await around(aReceipt(), { scope })).toBe('scope_too_wide')
  })

  test('a life beyond the receipt’s', async () => {
    const max = shop.nowS + 600
    expect(await around(aReceipt({ max }), { exp: max })).toBe('opened')
    expect(await around(aReceipt({ max }), { exp: max + 1 })).toBe('expiry_beyond_receipt')
  })

  test('issued before the grant was attested', async () => {
    const at = shop.clock.nowMs()
    expect(await around(aReceipt({ at: at + 30_000 }))).toBe('opened')
    expect(await around(aReceipt({ at: at + 31_000 }))).toBe('issued_before_grant')
  })
})

describe('an automation token is the one that its receipt names', () => {
  const automation = async (bend: Partial<Receipt>, claims: Partial<AccessClaims> = {}): Promise<string> => {
    const jti = randomId()
    const rest = without(aReceipt({ knd: 'ci', jti, kids: await ourKids(), ...bend }), 'max')
    const receipt = 'max' in bend ? { ...rest, max: bend.max ?? 1 } : rest
    const endless = without(await someClaims(shop, { jti, ...claims }, receipt), 'exp')
    const bent = claims.exp === undefined ? endless : { ...endless, exp: claims.exp }
    const token = await sealAccessToken(bent, shop.portal)
    const text = token.ok ? token.value : ''
    return verdict(await open(bent.knd === 'ci' ? withCiPrefix(text) : text, shop))
  }
  const ourKids = async (): Promise<[string, string]> => [
    (await shop.file('mcp', 'mt')).kid,
    (await shop.file('mcp', 'ps')).kid,
  ]

  test('the twins: without an end, with an end, beyond a day', async () => {
    expect(await automation({})).toBe('opened')
    expect(await automation({}, { exp: shop.nowS + 90 * 86_400 })).toBe('opened')
    expect(await automation({ max: shop.nowS + 60 }, { exp: shop.nowS + 60 })).toBe('opened')
  })

  test('another token id', async () => {
    expect(await automation({}, { jti: randomId() })).toBe('token_id_mismatch')
  })

  test('other keys', async () => {
    const [mt, ps] = await ourKids()
    expect(await automation({ kids: ['mt-AAAAAAAA', ps] })).toBe('token_id_mismatch')
    expect(await automation({ kids: [mt, 'ps-AAAAAAAA'] })).toBe('token_id_mismatch')
  })

  test('no end where the receipt has one', async () => {
    expect(await automation({ max: shop.nowS + 60 })).toBe('expiry_beyond_receipt')
  })

  test('a receipt for a person made into automation, and the other way round', async () => {
    const asCi = async (parts: Parts): Promise<string> => {
      const claims = without(parts.claims, 'exp')
      return verdict(await open(withCiPrefix(assemble({ ...parts, claims: { ...claims, knd: 'ci' } })), shop))
    }
    expect(await asCi(await goodParts(shop))).toBe('kind_mismatch')
    expect(await automation({}, { knd: 'at', exp: shop.nowS + 60 })).toBe('kind_mismatch')
  })
})
