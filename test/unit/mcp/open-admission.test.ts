import fastify, { type FastifyRequest } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/audit/event.ts'
import { sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { FailureLimiter } from '../../../src/kernel/failure-limiter.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import type { Admission } from '../../../src/mcp/admission/admission.ts'
import type { Caller } from '../../../src/mcp/admission/caller.ts'
import type { Demand, Door } from '../../../src/mcp/admission/demand.ts'
import { MemoryAdmissionStore } from '../../../src/mcp/admission/memory-admission-store.ts'
import { openAdmission, type AdmissionDeps } from '../../../src/mcp/admission/open-admission.ts'
import { recordKeys } from '../../../src/mcp/records/keys.ts'
import { aReceipt, openWorkshop, someClaims, type Workshop } from '../../support/crypto/token-workshop.ts'
import { captureLog, type CapturedLog } from '../../support/log.ts'
import { aBearer, admissionParts, anAutomationToken } from '../../support/mcp/admission-parts.ts'
import { openRequestReceiver } from '../../support/mcp/received-request.ts'

const OAUTH: Door = { kind: 'oauth', environment: null }
const AUTOMATION: Door = { kind: 'automation', environment: null }
const ADDRESS = '192.0.2.7'
const LIST: Demand = { kind: 'message', method: 'tools/list' }
const READ: Demand = {
  ...{ kind: 'tool', tool: 'query_records', scopes: ['maximo:read'], effect: 'read', costUnits: 1 },
}

let shop: Workshop
const receiver = openRequestReceiver()
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(async () => {
  await receiver.close()
  await shop.close()
})

let written: AuditEvent[]
let overlooked: AuditEvent[]
let used: unknown[]
let disk: Error | null
let log: CapturedLog
beforeEach(() => {
  ;[written, overlooked, used, disk, log] = [[], [], [], null, captureLog()]
})

function opened(bend: Partial<AdmissionDeps> = {}): Admission {
  const audit = {
    write: (event: AuditEvent) => {
      written.push(event)
      return disk === null ? Promise.resolve() : Promise.reject(disk)
    },
    overlook: (event: AuditEvent) => void overlooked.push(event),
  } as unknown as AdmissionDeps['audit']
  const uses = { note: (use: unknown) => void used.push(use) }
  return openAdmission(admissionParts(shop, { audit, uses, log: log.log, ...bend }))
}
const aRequest = (authorization?: string): Promise<FastifyRequest> =>
  receiver.receive({
    remoteAddress: ADDRESS,
    headers: { 'user-agent': 'agent/1', ...(authorization !== undefined && { authorization }) },
  })
const show = async (admission: Admission, token: string, door = OAUTH) =>
  admission.identify(await aRequest(`Bearer ${token}`), door)
async function aCaller(admission: Admission, token?: string, door = OAUTH): Promise<Caller> {
  const shown = await show(admission, token ?? (await aBearer(shop)), door)
  if (!shown.ok) throw new Error(shown.error.reason)
  return shown.value
}
/** A call that is admitted, and ends. */
async function ended(admitting: ReturnType<Admission['admit']>): Promise<void> {
  const admitted = await admitting
  if (!admitted.ok) throw new Error(admitted.error.reason)
  await admitted.value.release()
}
const unavailable = { ok: false, error: { reason: 'unavailable', why: 'audit_silent', retryAfterS: 5 } }

test('who is known is let through the door without a promise', async () => {
  const [admission, request] = [opened(), await aRequest(`Bearer ${await aBearer(shop)}`)]
  expect(await admission.identify(request, OAUTH)).toMatchObject({ ok: true })
  expect(admission.identify(request, OAUTH)).toMatchObject({ ok: true })
})

describe('who is refused at the door', () => {
  test('is written down with what is known of him, if he showed a credential', async () => {
    const admission = opened()
    const missing = { ok: false, error: { reason: 'credentials_missing' } }
    expect(await admission.identify(await aRequest(), OAUTH)).toEqual(missing)
    expect([written, overlooked]).toEqual([[], []])
    const jti = randomId()
    const token = await anAutomationToken(shop, {}, { jti })
    const fault = { kind: 'wrong_door' }
    expect(await show(admission, token)).toEqual({ ok: false, error: { reason: 'token_invalid', fault } })
    const { id } = receiver.last()
    expect(written).toEqual([
      {
        ...{ eventType: 'auth.attempt', outcome: 'refused', operation: 'identify', resource: '/mcp' },
        ...{ action: 'POST', responseCode: 401, sourceIP: ADDRESS, userAgent: 'agent/1', correlationId: id },
        ...{ reason: 'token_wrong_door', principal: null, authMethod: 'bearer', tokenId: jti },
      },
    ])
    await show(admission, 'garbage', { kind: 'automation', environment: null })
    await show(admission, 'garbage', { kind: 'oauth', environment: 'env-1' })
    expect(written.slice(1)).toMatchObject([{ resource: '/ci/mcp' }, { resource: '/mcp/env-1' }])
    expect(written[1]).not.toHaveProperty('tokenId')
  })

  test('without any proof is a few records an address, and then a number', async () => {
    const admission = opened({ strangers: new FailureLimiter({ max: 2, windowMs: 60_000 }, shop.clock) })
    for (let time = 0; time < 5; time += 1)
      expect(await show(admission, 'garbage')).toMatchObject({ error: { reason: 'token_invalid' } })
    expect([written.length, overlooked.length]).toEqual([3, 2])
    expect(overlooked[0]).toMatchObject({ eventType: 'auth.attempt', sourceIP: ADDRESS })
    // Whose token is known is written, whatever the others do.
    await show(admission, await anAutomationToken(shop))
    expect([written.length, overlooked.length]).toEqual([4, 2])
  })

  test('is refused the same where the log does not count what it leaves out', async () => {
    const audit = { write: () => Promise.resolve() } as unknown as AdmissionDeps['audit']
    const strangers = new FailureLimiter({ max: 0, windowMs: 60_000 }, shop.clock)
    const admission = opened({ audit, strangers })
    for (let time = 0; time < 2; time += 1)
      expect(await show(admission, 'garbage')).toMatchObject({ error: { reason: 'token_invalid' } })
  })

  test('and cannot be written down is told nothing about his token', async () => {
    const admission = opened()
    disk = new DiskUnavailable('full')
    expect(await show(admission, 'garbage')).toEqual(unavailable)
    expect(log.events()).toMatchObject([{ msg: 'audit: cannot write', err: { message: 'full' } }])
    disk = new TypeError('a bug')
    await expect(show(admission, 'garbage')).rejects.toThrow('a bug')
  })
})

describe('a token beyond what this server attested', () => {
  const around = async (receipt: Parameters<typeof aReceipt>[0], claims: object): Promise<string> => {
    const whole = await someClaims(shop, claims, aReceipt({ at: shop.clock.nowMs(), ...receipt }))
    const sealed = await sealAccessToken(whole, shop.portal)
    if (!sealed.ok) throw new Error('not sealed')
    return sealed.value
  }
  test.each<[string, () => Promise<string>]>([
    [
      'kind_mismatch',
      async () => around({ knd: 'ci', jti: randomId(), kids: ['mt-AAAAAAAA', 'ps-AAAAAAAA'] }, { knd: 'at' }),
    ],
    ['receipt_refused', async () => around({}, { gr: 'A'.repeat(500) })],
    ['grant_mismatch', async () => around({}, { gid: randomId() })],
    ['scope_too_wide', async () => around({}, { scope: 'maximo:admin' })],
    ['expiry_beyond_receipt', async () => around({ max: shop.nowS + 60 }, { exp: shop.nowS + 61 })],
    ['issued_before_grant', async () => around({ at: shop.clock.nowMs() + 31_000 }, {})],
    ['token_id_mismatch', async () => anAutomationToken(shop, { jti: randomId() })],
  ])('is an alarm: %s', async (reason, token) => {
    const door = reason === 'token_id_mismatch' ? AUTOMATION : OAUTH
    const shown = await show(opened(), await token(), door)
    expect(shown).toMatchObject({ error: { fault: { kind: 'unreadable', detail: reason } } })
    const [tokenId, correlationId] = [expect.stringMatching(/^[\w-]{22}$/), receiver.last().id]
    expect(log.events()).toMatchObject([
      { level: 50, event: 'receipt.mismatch', reason, tokenId, correlationId },
    ])
  })

  test('is none where the token is no token, or has ended, or is at the wrong door', async () => {
    const admission = opened()
    const ended = await aBearer(shop, {}, { iat: shop.nowS - 60, exp: shop.nowS - 1 })
    for (const token of ['garbage', ended, await anAutomationToken(shop)])
      expect(await show(admission, token)).toMatchObject({ error: { reason: 'token_invalid' } })
    expect(await admission.identify(await aRequest('Basic x'), OAUTH)).toMatchObject({ ok: false })
    expect(log.events()).toEqual([])
  })
})

describe('what a caller asks for', () => {
  test('is asked of who was identified here, and of nobody else', async () => {
    const stranger = await aCaller(opened())
    await expect(opened().admit(stranger, LIST)).rejects.toThrow('never identified')
  })

  test('is written when it is a message; a tool’s record is the tool’s own', async () => {
    const admission = opened()
    const caller = await aCaller(admission)
    await ended(admission.admit(caller, READ))
    expect(written).toEqual([])
    await ended(admission.admit(caller, LIST))
    const { subject, tokenId, grantId, clientId, environment } = caller.facts
    const own = { principal: subject, tokenId, grantId, clientId, environmentId: environment }
    expect(written).toEqual([
      {
        ...{ eventType: 'mcp.call', outcome: 'success', operation: 'tools/list', resource: '/mcp' },
        ...{ action: 'POST', responseCode: null, sourceIP: ADDRESS, userAgent: 'agent/1' },
        ...{ correlationId: receiver.last().id, authMethod: 'oauth_token', ...own },
      },
    ])
  })

  test('and is refused is written with caller and tool', async () => {
    const admission = opened()
    const caller = await aCaller(admission)
    const refused = { ok: false, error: { reason: 'scope_missing', required: ['maximo:write'] } }
    expect(await admission.admit(caller, { ...READ, scopes: ['maximo:write'] })).toEqual(refused)
    expect(written).toMatchObject([
      {
        ...{ eventType: 'auth.attempt', operation: 'tools/call', tool: 'query_records', responseCode: 403 },
        ...{ reason: 'scope_missing', principal: caller.facts.subject, tokenId: caller.facts.tokenId },
      },
    ])
    expect(used).toEqual([])
  })

  test('is not done when it cannot be written', async () => {
    const admission = opened()
    const caller = await aCaller(admission)
    disk = new DiskUnavailable('full')
    expect(await admission.admit(caller, LIST)).toEqual(unavailable)
  })

  test('by automation is noted as a use of its grant, a person’s is not', async () => {
    const admission = opened()
    await admission.admit(await aCaller(admission), LIST)
    expect(used).toEqual([])
    const [gid, jti] = [randomId(), randomId()]
    const store = new MemoryStore(shop.clock)
    await store.project('mcp-1', 1, [{ key: recordKeys.allowed(jti), value: gid }])
    const listed = opened({ store: new MemoryAdmissionStore(store, shop.clock) })
    const token = await anAutomationToken(shop, { gid, fea: 'automation' }, { jti })
    const caller = await aCaller(listed, token, AUTOMATION)
    await ended(listed.admit(caller, LIST))
    await ended(listed.admit(caller, READ))
    const use = { gid, address: ADDRESS, client: 'agent/1' }
    expect(used).toEqual([
      { ...use, tool: 'tools/list' },
      { ...use, tool: 'query_records' },
    ])
  })

  test('leaves of its limits what it leaves: nothing before, the last afterwards', async () => {
    const admission = opened()
    const [caller, other] = [await aCaller(admission), await aCaller(admission)]
    expect(admission.limitFields(caller)).toBeNull()
    await admission.admit(caller, LIST)
    const after = admission.limitFields(caller)
    expect(after).toMatchObject({ ratelimit: '"profile_rate";r=49;t=1' })
    // What is refused leaves it as it was.
    await admission.admit(caller, { ...READ, scopes: ['maximo:admin'] })
    expect([admission.limitFields(caller), admission.limitFields(other)]).toEqual([after, null])
    // Nor is anything known of who was identified elsewhere.
    expect(opened().limitFields(caller)).toBeNull()
  })
})

test('its answers name the metadata of its own address', async () => {
  const door = fastify()
  const admission = opened()
  door.get('/', (_request, reply) =>
    admission.answer(reply, { reason: 'credentials_missing' }, { door: OAUTH, rpcId: null }),
  )
  const { headers } = await door.inject('/')
  await door.close()
  expect(headers['www-authenticate']).toContain(
    '"http://localhost:8081/.well-known/oauth-protected-resource/mcp"',
  )
})
