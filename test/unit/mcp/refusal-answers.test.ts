import fastify from 'fastify'
import { expect, test } from 'vitest'
import { answerRefusal } from '../../../src/mcp/admission/answer-refusal.ts'
import type { Door } from '../../../src/mcp/admission/demand.ts'
import type { Refusal } from '../../../src/mcp/admission/refusal.ts'

const OAUTH: Door = { kind: 'oauth', environment: null }
const METADATA = 'https://mcp.example/.well-known/oauth-protected-resource/mcp'
const METADATA_AT = `resource_metadata="${METADATA}"`

async function answered(refusal: Refusal, door: Door = OAUTH, rpcId: string | null = 'call-1') {
  const app = fastify()
  app.get('/', (_request, reply) =>
    answerRefusal(reply, refusal, { door, rpcId, publicUrl: 'https://mcp.example' }),
  )
  const { statusCode, headers, body } = await app.inject('/')
  await app.close()
  return { status: statusCode, headers, body: JSON.parse(body) as unknown }
}
const error = (code: number, message: string, data: object) => ({
  ...{ jsonrpc: '2.0', id: 'call-1', error: { code, message, data } },
})
const LATER = 'The server cannot decide about this request now. Nothing was done; try again.'
const INVALID = 'The access token is not valid any more, or not valid here.'

/** Each with its whole body, and its challenge at `/mcp`. */
test.each<[Refusal, ReturnType<typeof error>, string?]>([
  [
    { reason: 'origin_refused' },
    error(403, 'Requests from this origin are not served.', { reason: 'origin' }),
  ],
  [{ reason: 'host_refused' }, error(403, 'Requests from this origin are not served.', { reason: 'origin' })],
  [
    { reason: 'credentials_missing' },
    error(401, 'This server needs an access token.', { reason: 'credentials_missing' }),
    `Bearer ${METADATA_AT}, scope="maximo:read"`,
  ],
  [
    { reason: 'credentials_misplaced' },
    error(400, 'The access token belongs into one Authorization header.', { reason: 'invalid_request' }),
    `Bearer ${METADATA_AT}, error="invalid_request"`,
  ],
  [
    { reason: 'token_invalid', fault: { kind: 'expired' } },
    error(401, INVALID, { reason: 'invalid_token' }),
    `Bearer ${METADATA_AT}, error="invalid_token", scope="maximo:read"`,
  ],
  [
    { reason: 'scope_missing', required: ['maximo:read', 'maximo:write'] },
    error(403, 'This needs the scope maximo:read maximo:write, which this connection does not have.', {
      ...{ reason: 'insufficient_scope', scope: 'maximo:read maximo:write' },
    }),
    `Bearer ${METADATA_AT}, error="insufficient_scope", scope="maximo:read maximo:write"`,
  ],
  [
    { reason: 'feature_missing', feature: 'reporting' },
    error(403, 'The plan of this account does not include reporting.', {
      ...{ reason: 'feature_missing', feature: 'reporting' },
    }),
  ],
  [
    { reason: 'object_refused', object: 'MXAPIPO', access: 'write', rule: 'preset mobile, version 1' },
    error(403, 'This token may not write MXAPIPO: its rule is preset mobile, version 1.', {
      ...{ reason: 'object_refused', object: 'MXAPIPO', access: 'write', rule: 'preset mobile, version 1' },
    }),
  ],
  [
    { reason: 'object_refused', access: 'read', rule: 'objects MXAPIPO:w' },
    error(403, 'This token may not read any object: its rule is objects MXAPIPO:w.', {
      ...{ reason: 'object_refused', access: 'read', rule: 'objects MXAPIPO:w' },
    }),
  ],
  [
    { reason: 'address_refused', address: '192.0.2.7' },
    error(
      403,
      'This token may not be used from 192.0.2.7. Its owner named the networks it may be used from.',
      { reason: 'address_refused', address: '192.0.2.7' },
    ),
  ],
])('%j has one answer', async (refusal, body, challenge) => {
  const answer = await answered(refusal)
  expect(answer.body).toEqual(body)
  expect(answer.status).toBe(body.error.code)
  expect(answer.headers['www-authenticate']).toBe(challenge)
  expect([answer.headers['cache-control'], answer.headers['content-type']]).toEqual([
    ...['no-store', 'application/json; charset=utf-8'],
  ])
})

test.each([
  ['store_silent', LATER, 'revocation_unavailable'],
  ['store_unprimed', LATER, 'revocation_unavailable'],
  ['audit_silent', LATER, 'audit_unavailable'],
  [
    'overloaded',
    'The server has more to do than it can at the moment. Nothing was done; try again.',
    'overloaded',
  ],
] as const)('%s says when to come back, and that nothing was done', async (why, message, reason) => {
  const { status, headers, body } = await answered({ reason: 'unavailable', why, retryAfterS: 3 })
  expect(body).toEqual(error(503, message, { reason, retryAfterS: 3 }))
  expect([status, headers['retry-after'], headers['www-authenticate']]).toEqual([503, '3', undefined])
})

test('a limit has the headers of its policy', async () => {
  const policy = { name: 'tool_rate', quota: 30, windowS: 60 }
  const limit = { limit: 'tool_rate', retryAfterS: 12, whose: 'query_records' } as const
  const { status, headers, body } = await answered({ reason: 'limited', policy, ...limit })
  expect([status, headers['retry-after'], headers['ratelimit']]).toEqual([429, '12', '"tool_rate";r=0;t=12'])
  expect(body).toMatchObject({ error: { code: 429, data: { reason: 'limited', limit: 'tool_rate' } } })
})

test.each<[Door, string]>([
  [{ kind: 'oauth', environment: 'env-1' }, `${METADATA}/env-1`],
  [{ kind: 'oauth', environment: 'a/b c,"=' }, `${METADATA}/a%2Fb%20c%2C%22%3D`],
])('at %j the challenge names the metadata of that resource', async (door, metadata) => {
  const { headers } = await answered({ reason: 'credentials_missing' }, door)
  expect(headers['www-authenticate']).toBe(`Bearer resource_metadata="${metadata}", scope="maximo:read"`)
})

test('at /ci/mcp the challenge names no metadata and no scope, whatever was refused', async () => {
  const door: Door = { kind: 'automation', environment: null }
  const challenge = async (refusal: Refusal) => (await answered(refusal, door)).headers['www-authenticate']
  expect(await challenge({ reason: 'credentials_missing' })).toBe('Bearer realm="maximo-mcp"')
  expect(await challenge({ reason: 'token_invalid', fault: { kind: 'unlisted' } })).toBe(
    'Bearer realm="maximo-mcp", error="invalid_token"',
  )
  expect(await challenge({ reason: 'scope_missing', required: ['maximo:write'] })).toBe(
    'Bearer realm="maximo-mcp", error="insufficient_scope"',
  )
})

test('what has no id is answered without one', async () => {
  expect((await answered({ reason: 'origin_refused' }, OAUTH, null)).body).toMatchObject({ id: null })
})
