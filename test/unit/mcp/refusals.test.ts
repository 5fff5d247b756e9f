import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import type { OpenedToken } from '../../../src/crypto/token-open.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { admit, type AdmitDeps } from '../../../src/mcp/admission/admit.ts'
import { answerRefusal } from '../../../src/mcp/admission/answer-refusal.ts'
import { Caller } from '../../../src/mcp/admission/caller.ts'
import type { Demand } from '../../../src/mcp/admission/demand.ts'
import { DEFAULT_LIMITS } from '../../../src/mcp/admission/limits.ts'
import { DEFAULT_PLANS, readPlans } from '../../../src/mcp/admission/plans.ts'
import type { LimitName, Refusal, TokenFault } from '../../../src/mcp/admission/refusal.ts'
import { allowedScopes } from '../../../src/mcp/admission/scopes.ts'
import type { AdmissionAsk, AdmissionVerdict } from '../../../src/mcp/admission/store.ts'
import { Secret } from '../../../src/kernel/secret.ts'

const NO_LIMITS = { profile_rate: null, tool_rate: null, daily_quota: null, monthly_quota: null }

async function answered(refusal: Refusal) {
  const app = fastify()
  app.get('/', (_request, reply) =>
    answerRefusal(reply, refusal, {
      door: { kind: 'oauth', environment: null },
      rpcId: 7,
      publicUrl: 'https://mcp.example',
    }),
  )
  const answer = await app.inject('/')
  await app.close()
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() }
}

describe('on the wire', () => {
  const METADATA = 'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"'

  test('every fault of a token is the same answer, byte for byte', async () => {
    const faults: TokenFault[] = [
      { kind: 'unreadable', detail: 'signature_wrong' },
      { kind: 'unreadable', detail: 'pre_tag_wrong' },
      { kind: 'expired' },
      { kind: 'revoked', by: 'user' },
      { kind: 'unlisted' },
      { kind: 'wrong_door' },
      { kind: 'wrong_environment' },
    ]
    const answers = await Promise.all(
      faults.map(async (fault) => {
        const { status, headers, body } = await answered({ reason: 'token_invalid', fault })
        return JSON.stringify([status, headers['www-authenticate'], body])
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('401')
  })

  test('a missing scope names all that the operation needs', async () => {
    const { status, headers } = await answered({
      reason: 'scope_missing',
      required: ['maximo:write', 'maximo:finance'],
    })
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toBe(
      `Bearer ${METADATA}, error="insufficient_scope", scope="maximo:write maximo:finance"`,
    )
  })

  test('a missing feature is no matter of scopes: no client asks its owner again', async () => {
    const { status, headers, body } = await answered({ reason: 'feature_missing', feature: 'reporting' })
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toBeUndefined()
    expect(body['error']).toMatchObject({ data: { reason: 'feature_missing', feature: 'reporting' } })
  })

  test.each<LimitName>([
    'profile_rate',
    'tool_rate',
    'concurrent_calls',
    'daily_quota',
    'monthly_quota',
    'failed_authentication',
  ])('the limit %s is named, with the time to wait', async (limit) => {
    const policy = { name: limit, quota: 30, windowS: 60, burst: 5 }
    const refusal = { reason: 'limited', limit, retryAfterS: 12, policy, whose: 'query_records' } as const
    const { status, headers, body } = await answered(refusal)
    expect([status, headers['retry-after']]).toEqual([429, '12'])
    expect([headers['ratelimit-policy'], headers['ratelimit']]).toEqual([
      `"${limit}";q=30;w=60;maximo-mcp-burst=5`,
      `"${limit}";r=0;t=12`,
    ])
    expect(body).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      error: { code: 429, data: { limit, retryAfterS: 12, quota: 30, windowS: 60, burst: 5 } },
    })
  })

  test.each([
    ['store_silent', 'revocation_unavailable'],
    ['store_unprimed', 'revocation_unavailable'],
    ['audit_silent', 'audit_unavailable'],
    ['overloaded', 'overloaded'],
  ] as const)('%s is 503, says %s, and never challenges', async (why, reason) => {
    const { status, headers, body } = await answered({ reason: 'unavailable', why, retryAfterS: 3 })
    expect([status, headers['retry-after'], headers['www-authenticate']]).toEqual([503, '3', undefined])
    expect(body['error']).toMatchObject({ code: 503, data: { reason } })
  })
})

describe('admit', () => {
  const PROFILE = { name: 'profile_rate', quota: 200, windowS: 60, burst: 50 }
  const TOOL = { name: 'tool_rate', quota: 100, windowS: 60, burst: 20 }
  const DAY = { name: 'daily_quota', quota: 500, windowS: 86_400 }
  const token = {
    claims: { jti: 'token-1', knd: 'at' },
    receipt: {
      ...{ gid: 'grant-1', sub: 'user-1', env: 'env-1', cid: 'client', at: 1, ver: 1 },
      c: { u: 'https://m.example/maximo', a: 'apikey', k: new Secret('key') },
    },
    encryptionKid: 'mt-1',
    signingKid: 'ps-1',
  } as unknown as OpenedToken

  const caller = (features: string[] = [], scope = 'maximo:read'): Caller =>
    Caller.assertion(
      {
        subject: 'user-1',
        environment: 'env-1',
        clientId: 'client',
        grantId: 'grant-1',
        tokenId: 'token-1',
        kind: 'at',
        scopes: allowedScopes(scope),
        profile: 'interactive',
        plan: { plan: 'free', features: new Set(features) },
        objects: null,
        risk: 'low',
        expiresAtS: null,
      },
      { correlationId: 'c', address: '192.0.2.1', userAgent: '', traceparent: null },
    )
  const tool = (bend: Partial<Extract<Demand, { kind: 'tool' }>> = {}): Demand => ({
    kind: 'tool',
    tool: 'query_records',
    scopes: ['maximo:read'],
    effect: 'read',
    costUnits: 2,
    ...bend,
  })

  class Spy {
    readonly asked: AdmissionAsk[] = []
    released = 0
    verdict: AdmissionVerdict = { state: 'passed', newer: null, left: NO_LIMITS }
    fault: Error | null = null
    readonly deps: AdmitDeps = {
      store: {
        ask: (ask) => {
          this.asked.push(ask)
          return this.fault === null ? Promise.resolve(this.verdict) : Promise.reject(this.fault)
        },
        renewLease: () => Promise.resolve(true),
        spent: () => Promise.resolve(null),
        releaseLease: () => {
          this.released += 1
          return Promise.resolve()
        },
      },
      requiredMarks: () => [{ writer: 'mcp-1', atLeast: 3 }],
      limits: DEFAULT_LIMITS,
      plans: readPlans(DEFAULT_PLANS),
      openNewer: () => Promise.reject(new Error('cannot be opened')),
    }
  }

  test('scope and feature are looked at before anything is spent', async () => {
    const spy = new Spy()
    const narrow = await admit(caller([], 'offline_access'), tool(), token, spy.deps)
    expect(narrow).toMatchObject({ error: { reason: 'scope_missing', required: ['maximo:read'] } })
    const plain = await admit(caller(), tool({ feature: 'reporting' }), token, spy.deps)
    expect(plain).toMatchObject({ error: { reason: 'feature_missing', feature: 'reporting' } })
    expect(spy.asked).toEqual([])
    expect(await admit(caller(['reporting']), tool({ feature: 'reporting' }), token, spy.deps)).toMatchObject(
      {
        ok: true,
      },
    )
  })

  test('a tool call spends its rates, a lease and its units; a message the profile’s rate alone', async () => {
    const spy = new Spy()
    await admit(caller(), tool({ effect: 'write' }), token, spy.deps)
    await admit(caller(), { kind: 'message', method: 'tools/list' }, token, spy.deps)
    expect(spy.asked[0]).toMatchObject({
      marks: [{ writer: 'mcp-1', atLeast: 3 }],
      standing: { tokenId: 'token-1', attestedMs: 1, encryptionKid: 'mt-1' },
      spending: {
        profile: { name: 'interactive', limit: { perMinute: 200, burst: 50 } },
        tool: { name: 'query_records', limit: { perMinute: 30, burst: 5 } },
        lease: { atMost: 16 },
        quota: { perDay: 500, perMonth: 5_000, units: 2 },
      },
    })
    expect(Object.keys(spy.asked[1]?.spending ?? {})).toEqual(['profile'])
  })

  test('a store that fails is 503; anything else that fails is a bug and says so', async () => {
    const spy = new Spy()
    spy.fault = new StoreUnavailable('silent')
    expect(await admit(caller(), tool(), token, spy.deps)).toMatchObject({
      error: { reason: 'unavailable', why: 'store_silent' },
    })
    spy.fault = new TypeError('bug')
    await expect(admit(caller(), tool(), token, spy.deps)).rejects.toThrow('bug')
  })

  test('a credential that cannot be opened gives its place back', async () => {
    const spy = new Spy()
    spy.verdict = { state: 'passed', newer: { version: 2, blob: 'x' }, left: NO_LIMITS }
    await expect(admit(caller(), tool(), token, spy.deps)).rejects.toThrow('cannot be opened')
    expect(spy.released).toBe(1)
  })

  test('what a call left of its limits comes with it', async () => {
    const spy = new Spy()
    const left = { ...NO_LIMITS, daily_quota: { remaining: 7, resetMs: 1_001 } }
    spy.verdict = { state: 'passed', newer: null, left }
    const admitted = await admit(caller(), tool(), token, spy.deps)
    if (!admitted.ok) throw new Error('not admitted')
    expect(admitted.value.limits).toEqual([{ policy: DAY, remaining: 7, resetS: 2 }])
  })

  test('what was admitted is released once, however often it is asked for', async () => {
    const spy = new Spy()
    const admitted = await admit(caller(), tool(), token, spy.deps)
    if (!admitted.ok) throw new Error('not admitted')
    expect(admitted.value.maximo).toMatchObject({
      baseUrl: 'https://m.example/maximo',
      cacheKey: 'user-1:env-1:1',
    })
    await admitted.value.release()
    await admitted.value.release()
    expect(spy.released).toBe(1)
  })

  test.each<[AdmissionVerdict, object]>([
    [
      { state: 'revoked', by: 'client' },
      { reason: 'token_invalid', fault: { kind: 'revoked', by: 'client' } },
    ],
    [{ state: 'unlisted' }, { reason: 'token_invalid', fault: { kind: 'unlisted' } }],
    [
      { state: 'limited', limit: 'profile_rate', retryAfterMs: 1_001 },
      {
        ...{ reason: 'limited', limit: 'profile_rate', retryAfterS: 2, whose: 'interactive' },
        policy: PROFILE,
      },
    ],
    [
      { state: 'limited', limit: 'tool_rate', retryAfterMs: 2_000 },
      { ...{ reason: 'limited', limit: 'tool_rate', retryAfterS: 2, whose: 'query_records' }, policy: TOOL },
    ],
    [
      { state: 'limited', limit: 'daily_quota', retryAfterMs: 0 },
      { ...{ reason: 'limited', limit: 'daily_quota', retryAfterS: 1, whose: null }, policy: DAY },
    ],
  ])('of %j it says what follows, and keeps no place', async (verdict, error) => {
    const spy = new Spy()
    spy.verdict = verdict
    expect(await admit(caller(), tool(), token, spy.deps)).toEqual({ ok: false, error })
    expect(spy.released).toBe(0)
  })

  test('while the store is not known to be whole nobody is let in, for one to five seconds', async () => {
    const spy = new Spy()
    spy.verdict = { state: 'unprimed' }
    const waits = new Set<number>()
    for (let call = 0; call < 200; call += 1) {
      const refused = await admit(caller(), tool(), token, spy.deps)
      if (refused.ok || refused.error.reason !== 'unavailable') throw new Error('not refused so')
      expect(refused.error.why).toBe('store_unprimed')
      waits.add(refused.error.retryAfterS)
    }
    expect([...waits].sort()).toEqual([1, 2, 3, 4, 5])
  })

  test('what costs nothing, and whoever has no quota, is not counted; each quota counts by itself', async () => {
    const spy = new Spy()
    await admit(caller(), tool({ costUnits: 0 }), token, spy.deps)
    const plans = (perDay: number | null, perMonth: number | null) =>
      readPlans({ default: 'a', plans: { a: { perDay, perMonth } } })
    for (const [perDay, perMonth] of [
      [null, null],
      [1, null],
      [null, 1],
    ] as const)
      await admit(caller(), tool(), token, { ...spy.deps, plans: plans(perDay, perMonth) })
    expect(spy.asked.map(({ spending }) => spending.quota)).toEqual([
      ...[undefined, undefined],
      ...[
        { perDay: 1, perMonth: null, units: 2 },
        { perDay: null, perMonth: 1, units: 2 },
      ],
    ])
  })

  test('each tool call has a place of its own; a message has none to give back', async () => {
    const spy = new Spy()
    for (let call = 0; call < 2; call += 1) await admit(caller(), tool(), token, spy.deps)
    const [first, second] = spy.asked.map(({ spending }) => spending.lease?.id)
    expect(first).toMatch(/^[\w-]{22}$/)
    expect(second).not.toBe(first)
    const message = await admit(caller(), { kind: 'message', method: 'tools/list' }, token, spy.deps)
    if (!message.ok) throw new Error('not admitted')
    await message.value.release()
    expect(spy.released).toBe(0)
  })

  test('a newer credential that was opened serves instead of the receipt’s', async () => {
    const spy = new Spy()
    const newer = { version: 2, blob: 'x' }
    spy.verdict = { state: 'passed', newer, left: NO_LIMITS }
    const opened: unknown[] = []
    const access = await admit(caller(), tool(), token, {
      ...spy.deps,
      openNewer: async (...asked) => {
        opened.push(asked)
        const admitted = await admit(caller(), tool(), token, new Spy().deps)
        if (!admitted.ok) throw new Error('not admitted')
        return { ...admitted.value.maximo, cacheKey: 'the newer' }
      },
    })
    expect(opened).toEqual([[token, newer]])
    expect(access).toMatchObject({ ok: true, value: { maximo: { cacheKey: 'the newer' } } })
  })
})
