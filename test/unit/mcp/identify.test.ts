import type { FastifyRequest, InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { bearerOn } from '../../../src/mcp/admission/bearer.ts'
import type { Door } from '../../../src/mcp/admission/demand.ts'
import { identify, type IdentifyDeps } from '../../../src/mcp/admission/identify.ts'
import type { AdmissionDeps } from '../../../src/mcp/admission/open-admission.ts'
import { checkRequestOrigin } from '../../../src/mcp/admission/request-origin.ts'
import { aReceipt, openWorkshop, type Workshop } from '../../support/crypto/token-workshop.ts'
import { captureLog } from '../../support/log.ts'
import { aBearer, admissionParts, anAutomationToken } from '../../support/mcp/admission-parts.ts'
import { openRequestReceiver } from '../../support/mcp/received-request.ts'

const OAUTH: Door = { kind: 'oauth', environment: null }
const AUTOMATION: Door = { kind: 'automation', environment: null }
const ADDRESS = '192.0.2.7'
const MACHINE = 'mxm_abcdefghijklmnopqrstuv'

let shop: Workshop
const receiver = openRequestReceiver()
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(async () => {
  await receiver.close()
  await shop.close()
})

const aRequest = (headers: Record<string, string>, more: InjectOptions = {}): Promise<FastifyRequest> =>
  receiver.receive({ headers: { host: 'mcp.example', ...headers }, remoteAddress: ADDRESS, ...more })
const bearing = (token: string, headers: Record<string, string> = {}): Promise<FastifyRequest> =>
  aRequest({ authorization: `Bearer ${token}`, ...headers })

const deps = (bend: Partial<AdmissionDeps> = {}): IdentifyDeps => {
  const audit = {
    write: () => Promise.reject(new Error('it records nothing')),
  } as unknown as AdmissionDeps['audit']
  const origins = { publicUrl: 'https://mcp.example', allowedOrigins: ['https://app.example'] }
  return admissionParts(shop, { audit, log: captureLog().log, origins, ...bend })
}
const identified = async (token: string, door: Door, bend: Partial<AdmissionDeps> = {}) =>
  identify(await bearing(token), door, deps(bend))
const refusedAs = (error: object): object => ({ ok: false, error })
const expired = (tokenId: string) =>
  refusedAs({ reason: 'token_invalid', fault: { kind: 'expired' }, tokenId })

describe('Host and Origin', () => {
  const check = async (headers: Record<string, string>) =>
    checkRequestOrigin(await aRequest(headers), deps().origins)

  test.each([
    ...['mcp.example', 'MCP.Example', 'localhost', 'LOCALHOST:8081', '127.0.0.1:1', '[::1]', '[::1]:65535'],
  ])('the host %s is ours', async (host) => {
    expect(await check({ host })).toEqual({ ok: true, value: undefined })
  })

  test.each([
    ...['evil.example', 'xmcp.example', 'mcp.example.evil', 'mcp.example:8443', 'example', 'xlocalhost'],
    ...['localhost.evil', 'localhost:', 'localhost:123456', 'localhost:a', '127.0.0.1.evil', '127x0.0.1'],
    ...['127.0x0.1', '127.0.0x1', '[::1]x', '[::2]', '::1'],
  ])('the host %j is not', async (host) => {
    expect(await check({ host })).toEqual(refusedAs({ reason: 'host_refused' }))
  })

  test('no host is none of ours, as HTTP/1.0 allows', async () => {
    const request = await aRequest({})
    delete request.headers.host
    expect(checkRequestOrigin(request, deps().origins)).toEqual(refusedAs({ reason: 'host_refused' }))
  })

  test.each([
    ['https://mcp.example', true],
    ['https://app.example', true],
    ['https://evil.example', false],
    ['http://mcp.example', false],
    ['https://mcp.example.evil', false],
    ['null', false],
    ['', false],
  ])('the origin %j: %s', async (origin, isAllowed) => {
    expect(await check({ origin })).toEqual(
      isAllowed ? { ok: true, value: undefined } : refusedAs({ reason: 'origin_refused' }),
    )
  })
})

describe('in its order', () => {
  test('a page of others is kept out before anything else is looked at', async () => {
    const request = await aRequest({ origin: 'https://evil.example' })
    expect(await identify(request, OAUTH, deps({ isPrimed: () => false }))).toEqual(
      refusedAs({ reason: 'origin_refused' }),
    )
  })

  test('a store not known to be whole is no verdict on any token', async () => {
    const refused = await identify(await aRequest({}), OAUTH, deps({ isPrimed: () => false }))
    expect(refused).toEqual(refusedAs({ reason: 'unavailable', why: 'store_unprimed', retryAfterS: 1 }))
  })

  test('no token, then one that proves nothing', async () => {
    expect(await identify(await aRequest({}), OAUTH, deps())).toEqual(
      refusedAs({ reason: 'credentials_missing' }),
    )
    expect(await identified('garbage', OAUTH)).toMatchObject({
      error: { reason: 'token_invalid', fault: { kind: 'unreadable' } },
    })
  })
})

test('a token that was proven is kept with its connection, and no other', async () => {
  for (const [token, isKept] of [
    [await aBearer(shop), true],
    ['garbage', false],
  ] as const) {
    const request = await bearing(token)
    expect((await identify(request, OAUTH, deps())).ok).toBe(isKept)
    const [first, second] = [bearerOn(request.raw.socket, token), bearerOn(request.raw.socket, token)]
    expect(first === second).toBe(isKept)
  }
})

describe('the facts of a caller', () => {
  test('are those of his receipt and token', async () => {
    const jti = randomId()
    const gid = randomId()
    const at = shop.clock.nowMs()
    const token = await aBearer(shop, { gid, at, scp: 'maximo:write offline_access' }, { jti })
    const headers = { 'user-agent': 'agent/1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    const request = await bearing(token, headers)
    const found = await identify(request, OAUTH, deps())
    if (!found.ok) throw new Error(found.error.reason)
    const { caller, token: opened } = found.value
    const { sub, env, cid } = aReceipt()
    expect(opened).toMatchObject({ claims: { jti }, receipt: { gid } })
    expect(caller.facts).toEqual({
      ...{ subject: sub, environment: env, clientId: cid, grantId: gid, tokenId: jti, kind: 'at' },
      scopes: new Set(['maximo:write', 'maximo:read']),
      profile: 'interactive',
      plan: { plan: 'pro', features: new Set(['audit', 'ci']) },
      ...{ objects: null, risk: 'low', expiresAtS: Math.floor(at / 1000) + 3_600 },
    })
    const { correlationId, address, userAgent, traceparent } = caller.request
    expect({ correlationId, address, userAgent, traceparent }).toEqual({
      ...{ correlationId: request.id, address: ADDRESS, userAgent: 'agent/1' },
      traceparent: headers.traceparent,
    })
  })

  test('an automation token has its objects, its risk and no end; a client need not name itself', async () => {
    const token = await anAutomationToken(shop, { obj: 'MXAPIPO:r', rsk: 'h', prf: 'batch' })
    const request = await bearing(token)
    delete request.headers['user-agent']
    const found = await identify(request, AUTOMATION, deps())
    if (!found.ok) throw new Error(found.error.reason)
    const { facts } = found.value.caller
    expect(facts).toMatchObject({ kind: 'ci', profile: 'batch', risk: 'high', expiresAtS: null })
    expect(facts.objects?.rule).toBe('objects MXAPIPO:r')
    expect(found.value.caller.request).toMatchObject({ userAgent: '', traceparent: null })
  })
})

describe('where a token counts', () => {
  const wrong = (kind: 'wrong_door' | 'wrong_environment', tokenId: string): object =>
    refusedAs({ reason: 'token_invalid', fault: { kind }, tokenId })
  const made = async (kind: 'at' | 'ci', cid?: string): Promise<[string, string]> => {
    const jti = randomId()
    const bend = cid === undefined ? {} : { cid }
    const token = kind === 'at' ? aBearer(shop, bend, { jti }) : anAutomationToken(shop, bend, { jti })
    return [await token, jti]
  }

  test('a person’s at /mcp, an automation token at /ci/mcp, and neither at the other', async () => {
    const [[persons, personsId], [automation, automationId]] = [await made('at'), await made('ci')]
    expect(await identified(persons, OAUTH)).toMatchObject({ ok: true })
    expect(await identified(automation, AUTOMATION)).toMatchObject({ ok: true })
    expect(await identified(persons, AUTOMATION)).toEqual(wrong('wrong_door', personsId))
    expect(await identified(automation, OAUTH)).toEqual(wrong('wrong_door', automationId))
  })

  test('a machine client’s at both', async () => {
    const [token] = await made('at', MACHINE)
    for (const door of [OAUTH, AUTOMATION]) expect(await identified(token, door)).toMatchObject({ ok: true })
  })

  test('at the address of its environment, and at no other environment’s', async () => {
    const [token, jti] = await made('at')
    const at = (environment: string): Door => ({ kind: 'oauth', environment })
    expect(await identified(token, at(aReceipt().env))).toMatchObject({ ok: true })
    expect(await identified(token, at('another'))).toEqual(wrong('wrong_environment', jti))
  })

  test('from the networks that its owner named', async () => {
    const jti = randomId()
    const token = (net: string) => aBearer(shop, { net }, { jti })
    expect(await identified(await token('198.51.100.0/24 192.0.2.0/24'), OAUTH)).toMatchObject({ ok: true })
    expect(await identified(await token('198.51.100.0/24 203.0.113.0/24'), OAUTH)).toEqual(
      refusedAs({ reason: 'address_refused', address: ADDRESS, tokenId: jti }),
    )
  })

  test('an automation grant ends when our journal says so; a person’s grant has no such end', async () => {
    const [automation, automationId] = await made('ci')
    const nowS = Math.floor(shop.clock.nowMs() / 1000)
    const asked: string[] = []
    const ending = (atS: number | null) => ({
      findEnd: (gid: string) => {
        asked.push(gid)
        return atS
      },
    })
    for (const atS of [null, nowS + 1])
      expect(await identified(automation, AUTOMATION, ending(atS))).toMatchObject({ ok: true })
    for (const atS of [nowS, nowS - 1, 0])
      expect(await identified(automation, AUTOMATION, ending(atS))).toEqual(expired(automationId))
    expect(new Set(asked).size).toBe(1)
    const [persons] = await made('at')
    expect(await identified(persons, OAUTH, ending(0))).toMatchObject({ ok: true })
  })
})
