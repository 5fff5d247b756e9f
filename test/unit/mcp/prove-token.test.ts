import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AccessClaims } from '../../../src/crypto/claims.ts'
import { sha256Base64url } from '../../../src/crypto/digest.ts'
import { sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { FailureLimiter } from '../../../src/kernel/failure-limiter.ts'
import { randomId } from '../../../src/kernel/random.ts'
import type { Bearer } from '../../../src/mcp/admission/bearer.ts'
import { DecryptGate } from '../../../src/mcp/admission/decrypt-gate.ts'
import { proveToken, type ProveDeps } from '../../../src/mcp/admission/prove-token.ts'
import { TokenCache } from '../../../src/mcp/admission/token-cache.ts'
import {
  AUDIENCE,
  ISSUER,
  openWorkshop,
  someClaims,
  type Workshop,
} from '../../support/crypto/token-workshop.ts'
import { anAutomationToken } from '../../support/mcp/admission-parts.ts'

const ADDRESS = '192.0.2.7'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

let deps: ProveDeps
beforeEach(() => {
  const { clock, mcp } = shop
  deps = {
    clock,
    keys: () => mcp,
    tokens: { issuer: ISSUER, audience: AUDIENCE },
    cache: new TokenCache(clock),
    gate: new DecryptGate(clock),
    failures: new FailureLimiter({ max: 2, windowMs: 90_000 }, clock),
  }
})

async function aToken(bend: Partial<AccessClaims> = {}): Promise<string> {
  const made = await sealAccessToken(await someClaims(shop, bend), shop.portal)
  if (!made.ok) throw new Error('not sealed')
  return made.value
}
/** The same token with another end: its head still proves its id. */
const touched = (token: string): string => `${token.slice(0, -6)}AAAAAA`
const nowS = (): number => Math.floor(shop.clock.nowMs() / 1000)
const sent = (text: string): Bearer => ({ text, digest: sha256Base64url(text) })
const prove = (token: string) => proveToken(sent(token), ADDRESS, deps)
const refusedAs = (fault: object, tokenId?: string): object => ({
  ok: false,
  error: { reason: 'token_invalid', fault, ...(tokenId !== undefined && { tokenId }) },
})

describe('a good token', () => {
  test('is proven, and its key is used once however often it comes', async () => {
    const jti = randomId()
    const token = await aToken({ jti })
    for (let time = 0; time < 3; time += 1)
      expect(await prove(token)).toMatchObject({ ok: true, value: { claims: { jti } } })
    expect([deps.gate.begun, deps.cache.size]).toEqual([1, 1])
  })

  test('is told at once when it is known, and so is one that is known as bad', async () => {
    const [token, bad] = [await aToken(), touched(await aToken())]
    for (const one of [token, bad]) {
      const first = prove(one)
      expect(first).toBeInstanceOf(Promise)
      await first
      expect(prove(one)).not.toBeInstanceOf(Promise)
    }
  })

  test('ends in the very second of its exp, known or not', async () => {
    const jti = randomId()
    const [known, unknown] = [
      await aToken({ jti, iat: nowS(), exp: nowS() + 2 }),
      await aToken({ jti, iat: nowS(), exp: nowS() + 2 }),
    ]
    shop.clock.advance(1_999)
    expect(await prove(known)).toMatchObject({ ok: true })
    shop.clock.advance(1)
    const expired = refusedAs({ kind: 'expired' }, jti)
    expect([await prove(known), await prove(unknown)]).toEqual([expired, expired])
  })

  test('for automation may have no end', async () => {
    const token = await anAutomationToken(shop)
    for (let time = 0; time < 2; time += 1) expect(await prove(token)).toMatchObject({ ok: true })
  })

  test('that ended while it was worked on is expired, too', async () => {
    const jti = randomId()
    const token = await aToken({ jti, iat: nowS(), exp: nowS() + 2 })
    const { gate } = deps
    const slow = {
      run: async (job: Parameters<typeof gate.run>[0]) => {
        const done = await gate.run(job)
        shop.clock.advance(2_000)
        return done
      },
    }
    const late = await proveToken(sent(token), ADDRESS, { ...deps, gate: slow as unknown as typeof gate })
    expect(late).toEqual(refusedAs({ kind: 'expired' }, jti))
  })
})

describe('what is no token', () => {
  test('is named for the log, and counted by its address until nothing more is said', async () => {
    expect(await prove('garbage')).toMatchObject(
      refusedAs({ kind: 'unreadable', detail: expect.any(String) }),
    )
    const other = (await aToken()).replace(/^([^.]*)/, (head) => `${head.slice(0, -2)}AA`)
    expect(await prove(other)).toMatchObject({ error: { reason: 'token_invalid' } })
    shop.clock.advance(500)
    expect(await prove('garbage')).toEqual({
      ok: false,
      error: {
        ...{ reason: 'limited', limit: 'failed_authentication', retryAfterS: 90, whose: null },
        policy: { name: 'failed_authentication', quota: 2, windowS: 90 },
      },
    })
    expect(await proveToken(sent('garbage'), '198.51.100.1', deps)).toMatchObject({
      error: { reason: 'token_invalid' },
    })
    expect(deps.gate.begun).toBe(0)
    expect(await prove(await aToken())).toMatchObject({ ok: true })
  })

  test.each([' ', '=', 'ä', ' and another'])('nor with %j behind it: refused, and counted', async (more) => {
    const token = await aToken()
    await prove(token)
    for (let time = 0; time < 2; time += 1)
      expect(await prove(`${token}${more}`)).toMatchObject(
        refusedAs({ kind: 'unreadable', detail: expect.any(String) }),
      )
    expect(await prove('garbage')).toMatchObject({ error: { reason: 'limited' } })
  })

  test('but bears a proven id is decrypted once, refused under that id, and not counted', async () => {
    const jti = randomId()
    const bad = touched(await aToken({ jti }))
    const first = await prove(bad)
    expect(first).toMatchObject(refusedAs({ kind: 'unreadable' }, jti))
    for (let time = 0; time < 4; time += 1)
      expect(await prove(bad)).toMatchObject({
        error: { reason: 'token_invalid', fault: { kind: 'unreadable' } },
      })
    expect(deps.gate.begun).toBe(1)
    expect(deps.failures.fail(ADDRESS)).toEqual({ state: 'counted' })
  })

  test('because its time is to come is looked at again', async () => {
    const token = await aToken({ iat: nowS() + 40, exp: nowS() + 100 })
    expect(await prove(token)).toMatchObject(refusedAs({ kind: 'unreadable', detail: 'issued_in_future' }))
    shop.clock.advance(40_000)
    expect(await prove(token)).toMatchObject({ ok: true })
  })
})

test('more than can be decrypted at once is overload, and no verdict on the token', async () => {
  const jti = randomId()
  const token = await aToken({ jti })
  const answers = await Promise.all([prove(token), prove(touched(token))])
  expect(answers).toMatchObject([
    { ok: true },
    { ok: false, error: { reason: 'unavailable', why: 'overloaded', retryAfterS: 1, tokenId: jti } },
  ])
  expect(deps.cache.findRefused('any')).toBeNull()
})

test('what keys said that were replaced meanwhile is not kept, be it good or bad', async () => {
  const [good, bad] = [await aToken(), touched(await aToken())]
  let asked = 0
  // Asked for the pre-tag, for the decryption, and after it: other keys by then.
  const changing: ProveDeps = { ...deps, keys: () => ((asked += 1) % 3 === 0 ? { ...shop.mcp } : shop.mcp) }
  expect(await proveToken(sent(good), ADDRESS, changing)).toMatchObject({ ok: true })
  expect(await proveToken(sent(bad), ADDRESS, changing)).toMatchObject({ ok: false })
  expect([asked, deps.cache.size]).toEqual([6, 0])
  await prove(good)
  await prove(bad)
  expect(deps.gate.begun).toBe(4)
})
