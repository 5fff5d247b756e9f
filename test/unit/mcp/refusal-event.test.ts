import { expect, test } from 'vitest'
import { Caller, isUnattended, type CallerFacts } from '../../../src/mcp/admission/caller.ts'
import { messageEvent, refusalEvent, type RefusedAttempt } from '../../../src/mcp/admission/refusal-event.ts'
import type { Refusal, TokenFault } from '../../../src/mcp/admission/refusal.ts'

const REQUEST = { correlationId: 'c-1', address: '192.0.2.7', userAgent: 'agent/1', traceparent: null }
const eventOf = (refusal: Refusal, more: Partial<RefusedAttempt> = {}) =>
  refusalEvent({ refusal, request: REQUEST, ...more })
const token = (fault: TokenFault): Refusal => ({ reason: 'token_invalid', fault })
const MACHINE = 'mxm_abcdefghijklmnopqrstuv'
const POLICY = { name: 'tool_rate', quota: 1 }

test.each<[Refusal, number, string]>([
  [{ reason: 'origin_refused' }, 403, 'origin_refused'],
  [{ reason: 'host_refused' }, 403, 'host_refused'],
  [{ reason: 'credentials_missing' }, 401, 'credentials_missing'],
  [{ reason: 'credentials_misplaced' }, 400, 'credentials_misplaced'],
  [token({ kind: 'unreadable', detail: 'signature_wrong' }), 401, 'token_signature_wrong'],
  [token({ kind: 'expired' }), 401, 'token_expired'],
  [token({ kind: 'revoked', by: 'client' }), 401, 'revoked_by_client'],
  [token({ kind: 'unlisted' }), 401, 'token_unlisted'],
  [token({ kind: 'wrong_door' }), 401, 'token_wrong_door'],
  [token({ kind: 'wrong_environment' }), 401, 'token_wrong_environment'],
  [{ reason: 'scope_missing', required: ['maximo:read'] }, 403, 'scope_missing'],
  [{ reason: 'feature_missing', feature: 'f' }, 403, 'feature_missing'],
  [{ reason: 'object_refused', access: 'read', rule: 'r' }, 403, 'object_refused'],
  [{ reason: 'address_refused', address: '192.0.2.7' }, 403, 'address_refused'],
  [
    { reason: 'limited', limit: 'tool_rate', retryAfterS: 1, policy: POLICY, whose: null },
    ...([429, 'limited_tool_rate'] as const),
  ],
])('%j is written as refused, with %i and “%s”', (refusal, responseCode, reason) => {
  expect(eventOf(refusal)).toEqual({
    ...{ eventType: 'auth.attempt', outcome: 'refused', operation: 'identify', resource: '/mcp' },
    ...{ action: 'POST', responseCode, sourceIP: '192.0.2.7', userAgent: 'agent/1', correlationId: 'c-1' },
    ...{ reason, principal: null, authMethod: 'bearer' },
  })
})

test.each(['store_silent', 'store_unprimed', 'audit_silent', 'overloaded'] as const)(
  '%s is our failure, not a refusal',
  (why) => {
    expect(eventOf({ reason: 'unavailable', why, retryAfterS: 1 })).toMatchObject({
      ...{ outcome: 'failed', responseCode: 503, reason: why },
    })
  },
)

test('it names the door, the token as far as it was proven, and what was asked for', () => {
  const refusal = token({ kind: 'expired' })
  const door = (kind: 'oauth' | 'automation', environment: string | null) =>
    eventOf(refusal, { door: { kind, environment } }).resource
  expect([door('oauth', null), door('oauth', 'env-1'), door('automation', null)]).toEqual([
    ...['/mcp', '/mcp/env-1', '/ci/mcp'],
  ])
  expect(eventOf(refusal, { tokenId: 't-1' })).toMatchObject({ principal: null, tokenId: 't-1' })
  const message = eventOf(refusal, { demand: { kind: 'message', method: 'tools/list' } })
  expect(message).toMatchObject({ operation: 'tools/list' })
  expect(message).not.toHaveProperty('tool')
  const tool = { kind: 'tool', tool: 'query_records', scopes: [], effect: 'read', costUnits: 1 } as const
  const call = { operation: 'tools/call', tool: 'query_records' }
  expect(eventOf(refusal, { demand: tool })).toMatchObject(call)
  expect(eventOf(refusal, { demand: { ...tool, method: 'resources/read' } })).toMatchObject({
    ...{ ...call, operation: 'resources/read' },
  })
})

const FACTS: CallerFacts = {
  ...{ subject: 's-1', environment: 'e-1', clientId: 'c-1', grantId: 'g-1', tokenId: 't-1', kind: 'ci' },
  ...{ scopes: new Set(), profile: 'batch', plan: { plan: 'free', features: new Set() } },
  ...{ objects: null, risk: 'low', expiresAtS: null },
}
const NAMED = {
  ...{ principal: 's-1', authMethod: 'ci_token', tokenId: 't-1', grantId: 'g-1' },
  ...{ clientId: 'c-1', environmentId: 'e-1' },
}

test('a proven caller is named whole, whatever is known of the token besides', () => {
  const caller = Caller.assertion(FACTS, REQUEST)
  const refusal: Refusal = { reason: 'feature_missing', feature: 'f' }
  expect(eventOf(refusal, { caller, tokenId: 'other' })).toMatchObject(NAMED)
})

test.each([
  ['ci', 'c-1', 'ci_token', true],
  ['ci', MACHINE, 'ci_token', true],
  ['at', MACHINE, 'machine_token', true],
  ['at', 'c-1', 'oauth_token', false],
] as const)(
  'a %s token of %s is a %s; nobody is there to be asked: %s',
  (kind, clientId, authMethod, isAlone) => {
    const caller = Caller.assertion({ ...FACTS, kind, clientId }, REQUEST)
    expect(eventOf({ reason: 'scope_missing', required: [] }, { caller })).toMatchObject({
      authMethod,
      clientId,
    })
    expect(isUnattended(caller.facts)).toBe(isAlone)
  },
)

test('a message that is admitted is written with its caller and method', () => {
  expect(messageEvent(Caller.assertion(FACTS, REQUEST), 'tools/list')).toEqual({
    ...{ eventType: 'mcp.call', outcome: 'success', operation: 'tools/list', resource: '/mcp' },
    ...{ action: 'POST', responseCode: null, sourceIP: '192.0.2.7', userAgent: 'agent/1' },
    ...{ correlationId: 'c-1', ...NAMED },
  })
})
