import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomId } from '../../src/kernel/random.ts'
import { ALICE, type Answer, BOB, type Grant, McpWorld, send } from '../support/mcp/mcp-world.ts'

let world: McpWorld
let grant: Grant
let token: string
beforeAll(async () => {
  world = await McpWorld.start({ FAILED_AUTH_MAX: '10000' })
  grant = await world.attest(ALICE)
  token = await world.token(grant)
})
afterAll(() => world.close())

const challengeOf = (answer: Answer): string => String(answer.headers['www-authenticate'])
const isInvalidToken = (answer: Answer): void => {
  expect(answer.status).toBe(401)
  expect(challengeOf(answer)).toContain('error="invalid_token"')
  expect(answer.json['error']).toMatchObject({ code: 401, data: { reason: 'invalid_token' } })
}
const lastReason = async (): Promise<unknown> => (await world.audited()).at(-1)?.['reason']

describe('a request without a credential', () => {
  test('is told where to get one, without an error code (RFC 6750 §3.1)', async () => {
    const answer = await world.rpc(null)
    expect(answer.status).toBe(401)
    expect(challengeOf(answer)).toBe(
      `Bearer resource_metadata="${world.mcpUrl}/.well-known/oauth-protected-resource/mcp", scope="maximo:read"`,
    )
  })

  test.each(['GET', 'POST'] as const)('%s is challenged before its body is read', async (method) => {
    const answer = await send(`${world.mcpUrl}/mcp`, { method, ...(method === 'POST' ? { body: 'x' } : {}) })
    expect(answer.status).toBe(401)
  })

  test('at the address of an environment, the challenge names that resource', async () => {
    const answer = await world.rpc(null, { path: `/mcp/${grant.env}` })
    expect(challengeOf(answer)).toContain(`/.well-known/oauth-protected-resource/mcp/${grant.env}"`)
  })

  test('at /ci/mcp no OAuth metadata is named', async () => {
    const answer = await world.rpc(null, { path: '/ci/mcp' })
    expect(answer.status).toBe(401)
    expect(challengeOf(answer)).toBe('Bearer realm="maximo-mcp"')
  })

  test('no quoted value holds what a naive parser splits at', async () => {
    const answers = [
      await world.rpc(null),
      await world.rpc('garbage'),
      await world.rpc(null, { path: '/mcp/a,b=c' }),
    ]
    for (const answer of answers) {
      const values = [...challengeOf(answer).matchAll(/"([^"]*)"/g)].map((match) => match[1])
      expect(values.join('')).not.toMatch(/[,=]/)
    }
  })
})

describe('where a token may stand', () => {
  test('in one Authorization header it passes', async () => {
    expect((await world.rpc(token)).status).toBe(200)
    expect((await world.rpc(null, { headers: { authorization: `bearer ${token}` } })).status).toBe(200)
  })

  test('in the query it is refused, even beside a good header', async () => {
    const answer = await world.rpc(token, { path: `/mcp?access_token=${token}` })
    expect(answer.status).toBe(400)
    expect(challengeOf(answer)).toContain('error="invalid_request"')
    expect(world.log.text()).not.toContain(token)
  })

  test('two Authorization headers are refused', async () => {
    const header = ['content-type', 'application/json', 'authorization', `Bearer ${token}`]
    const answer = await send(`${world.mcpUrl}/mcp`, {
      method: 'POST',
      headers: [...header, 'authorization', `Bearer ${token}`],
      body: '{}',
    })
    expect(answer.status).toBe(400)
  })

  test.each([
    ['another scheme', (good: string) => `Basic ${good}`],
    ['two words', (good: string) => `Bearer ${good} ${good}`],
    ['nothing', () => 'Bearer '],
    ['a session token of Clerk', () => `Bearer ${world.clerkToken(ALICE)}`],
    ['a receipt', () => `Bearer ${grant.receipt}`],
    ['a cookie’s worth of garbage', () => `Bearer ${'a'.repeat(2_000)}`],
  ])('%s is no token', async (_name, header) => {
    isInvalidToken(await world.rpc(null, { headers: { authorization: header(token) } }))
  })
})

describe('T-12 what is wrong with a token is not told', () => {
  test('forged, touched, expired and revoked tokens get the same answer', async () => {
    const [good, ended] = [await world.attest(ALICE), await world.attest(ALICE)]
    const touched = (segment: number): Promise<string> =>
      world.token(good).then((made) => {
        const parts = made.split('.')
        const text = parts[segment] ?? ''
        parts[segment] = `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
        return parts.join('.')
      })
    const nowS = Math.floor(world.clock.nowMs() / 1000)
    const bad = [
      ...(await Promise.all([0, 1, 2, 3, 4].map(touched))),
      await world.token({ ...good, receipt: ended.receipt }),
      await world.token(good, { aud: 'https://other.example/mcp' }),
      await world.token(good, { iat: nowS - 20, exp: nowS - 10 }),
      await world.token(ended),
    ]
    await world.revoke({ kind: 'grant', gid: ended.gid })
    const seen = new Set<string>()
    for (const one of bad) {
      const { status, headers, json } = await world.rpc(one)
      expect(status).toBe(401)
      // A token that was proven, and then found revoked, is answered under the id of its message.
      const varying = { date: '', 'x-correlation-id': '', 'content-length': '' }
      seen.add(
        JSON.stringify([
          { ...headers, ...varying },
          { ...json, id: null },
        ]),
      )
    }
    expect([...seen]).toEqual([[...seen][0]])
    expect((await world.rpc(await world.token(good))).status).toBe(200)
  })
})

describe('time', () => {
  test('a token ends in the second of its exp, although it is cached', async () => {
    const nowS = Math.floor(world.clock.nowMs() / 1000)
    const short = await world.token(grant, { exp: nowS + 60 })
    world.clock.advance(59_000)
    expect((await world.rpc(short)).status).toBe(200)
    world.clock.advance(1_000)
    isInvalidToken(await world.rpc(short))
    expect(await lastReason()).toBe('token_expired')
    isInvalidToken(await world.rpc(short))
  })
})

describe('doors', () => {
  test('the address of an environment opens for its own tokens alone', async () => {
    const other = await world.attest(BOB)
    expect((await world.rpc(token, { path: `/mcp/${grant.env}` })).status).toBe(200)
    isInvalidToken(await world.rpc(await world.token(other), { path: `/mcp/${grant.env}` }))
    expect(await lastReason()).toBe('token_wrong_environment')
    isInvalidToken(await world.rpc(token, { path: `/mcp/${randomId()}` }))
  })

  test('an automation token opens /ci/mcp and nothing else', async () => {
    const ci = await world.token(await world.attestCi(ALICE))
    expect((await world.rpc(ci, { path: '/ci/mcp' })).status).toBe(200)
    isInvalidToken(await world.rpc(ci))
    expect(await lastReason()).toBe('token_wrong_door')
  })

  test('a person’s token does not open /ci/mcp, and the refusal starts no browser', async () => {
    const answer = await world.rpc(token, { path: '/ci/mcp' })
    isInvalidToken(answer)
    expect(challengeOf(answer)).not.toContain('resource_metadata')
  })

  test('an automation token that is not on the list is refused', async () => {
    const listed = await world.attestCi(ALICE)
    const ci = await world.token(listed)
    expect((await world.rpc(ci, { path: '/ci/mcp' })).status).toBe(200)
    world.store.drop(`ci:${listed.jti ?? ''}`)
    isInvalidToken(await world.rpc(ci, { path: '/ci/mcp' }))
    expect(await lastReason()).toBe('token_unlisted')
  })
})

describe('a thief of the portal’s keys (T-20, T-21)', () => {
  test.each<[string, () => Promise<string>]>([
    [
      'another user’s receipt',
      async () => world.token({ ...grant, receipt: (await world.attest(BOB)).receipt }),
    ],
    ['a wider scope', () => world.token(grant, { scope: 'maximo:write' })],
    ['another grant', () => world.token(grant, { gid: randomId() })],
    ['a later end than the grant has', async () => world.token(await world.attest(ALICE, { lifeS: 60 }))],
    ['an invented receipt', () => world.token({ ...grant, receipt: grant.receipt.replace(/.{4}$/, 'AAAA') })],
  ])('gets nowhere with %s, and somebody is told', async (_name, forge) => {
    isInvalidToken(await world.rpc(await forge()))
    const alarms = world.log.events().filter(({ event }) => event === 'receipt.mismatch')
    expect(alarms.at(-1)).toMatchObject({
      level: 50,
      correlationId: (await world.audited()).at(-1)?.['correlationId'],
    })
    expect((await world.rpc(token)).status).toBe(200)
  })
})

describe('origin and host (DNS rebinding)', () => {
  test.each([
    ['a foreign page', { origin: 'https://evil.test' }],
    ['an opaque origin', { origin: 'null' }],
    ['the portal’s page', { origin: 'http://localhost:8080' }],
    ['a rebound name', { host: 'rebound.evil.test' }],
  ])('%s is refused, with a good token too', async (_name, headers) => {
    expect((await world.rpc(token, { headers })).status).toBe(403)
  })

  test('no Origin, our own Origin and our own Host pass', async () => {
    expect((await world.rpc(token)).status).toBe(200)
    expect((await world.rpc(token, { headers: { origin: world.mcpUrl } })).status).toBe(200)
    expect((await world.rpc(token, { headers: { host: new URL(world.mcpUrl).host } })).status).toBe(200)
  })
})

describe('scope', () => {
  const params = { name: 'search_work_orders', arguments: {} }
  const call = (bearer: string): Promise<Answer> =>
    world.rpc(bearer, { body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } })

  test('a tool that the scope does not cover is 403 with all that it needs', async () => {
    const narrow = await world.token(grant, { scope: 'offline_access' })
    const answer = await call(narrow)
    expect(answer.status).toBe(403)
    expect(challengeOf(answer)).toContain('error="insufficient_scope", scope="maximo:read"')
    expect((await call(token)).status).toBe(200)
  })

  test('who may write may read', async () => {
    const wide = await world.attest(ALICE, { scp: 'maximo:write' })
    expect((await call(await world.token(wide, { scope: 'maximo:write' }))).status).toBe(200)
  })
})

describe('the record of an attempt', () => {
  test('a refusal is on disk before its answer, with its reason and without the token', async () => {
    const forged = `${token.slice(0, -6)}AAAAAA`
    isInvalidToken(await world.rpc(forged))
    const event = (await world.audited()).at(-1)
    expect(event).toMatchObject({ eventType: 'auth.attempt', outcome: 'refused', responseCode: 401 })
    expect(event?.['reason']).toMatch(/^token_/)
    expect(JSON.stringify(event)).not.toContain(forged.slice(0, 60))
  })

  test('an admitted message is recorded under its caller', async () => {
    await world.rpc(token)
    expect((await world.audited()).at(-1)).toMatchObject({
      eventType: 'mcp.call',
      outcome: 'success',
      operation: 'tools/list',
      principal: ALICE.sub,
      grantId: grant.gid,
    })
  })
})
