import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  callMcp,
  connectClient,
  obtainCode,
  redeem,
  refresh,
  registerClient,
  tokensOf,
} from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

const DAY_MS = 24 * 3_600_000
const DEAD = { status: 400, body: { error: 'invalid_grant' } }
const UNKNOWN = { status: 503, body: { error: 'temporarily_unavailable' } }

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterEach(() => {
  world.clock.reset()
  world.store.restore()
})
afterAll(async () => world.close())

/** Rotations that the portal has journaled so far. */
const rotations = async (): Promise<number> => {
  const journal = await readFile(`${world.dataDir}/portal/journal/portal-1.jsonl`, 'utf8')
  return journal.split('"refresh.rotated"').length - 1
}

describe('T-54: rotation', () => {
  test('a refresh token gives a new pair, and both work', async () => {
    const { client, refresh_token } = await connectClient(world)
    const second = tokensOf(await refresh(world, client, refresh_token))
    expect(second.refresh_token).not.toBe(refresh_token)
    expect(second).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'maximo:read offline_access',
    })
    expect(await callMcp(world, second.access_token)).toBe(200)
    expect((await refresh(world, client, second.refresh_token)).status).toBe(200)
  })

  test('fifty at once with one token get one successor and fifty access tokens', async () => {
    const { client, refresh_token } = await connectClient(world)
    const before = await rotations()
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(world, client, refresh_token)))
    const tokens = answers.map(tokensOf)
    expect((await rotations()) - before).toBe(1)
    expect(new Set(tokens.map((one) => one.refresh_token)).size).toBe(1)
    expect(new Set(tokens.map((one) => one.access_token)).size).toBe(50)
    expect((await refresh(world, client, tokens[0]!.refresh_token)).status).toBe(200)
  })

  test('a lost answer is no harm: for 60 seconds the same token leads to the same successor', async () => {
    const { client, refresh_token } = await connectClient(world)
    const lost = tokensOf(await refresh(world, client, refresh_token))
    world.clock.advance(58_000)
    const again = tokensOf(await refresh(world, client, refresh_token))
    expect(again.refresh_token).toBe(lost.refresh_token)
    expect((await refresh(world, client, again.refresh_token)).status).toBe(200)
  })

  test('after 60 seconds it is reuse: the whole family ends, and its access tokens with it', async () => {
    const { client, refresh_token } = await connectClient(world)
    const second = tokensOf(await refresh(world, client, refresh_token))
    world.clock.advance(61_000)
    expect(await refresh(world, client, refresh_token)).toMatchObject(DEAD)
    expect(await refresh(world, client, second.refresh_token)).toMatchObject(DEAD)
    expect(await callMcp(world, second.access_token)).toBe(401)
  })

  test('a grandparent inside the window is refused, and ends nothing', async () => {
    const { client, refresh_token } = await connectClient(world)
    const second = tokensOf(await refresh(world, client, refresh_token))
    const third = tokensOf(await refresh(world, client, second.refresh_token))
    expect(await refresh(world, client, refresh_token)).toMatchObject(DEAD)
    expect((await refresh(world, client, third.refresh_token)).status).toBe(200)
    expect(await callMcp(world, third.access_token)).toBe(200)
  })

  test('a connection goes on for months, thirty days at a time, but not beyond 180 days', async () => {
    const own = await startPortalWorld()
    try {
      const { client, refresh_token } = await connectClient(own)
      let token = refresh_token
      for (let month = 1; month <= 6; month += 1) {
        own.clock.advance(29 * DAY_MS)
        // Owners are looked up every ten minutes of real time, and at each start.
        await own.restartPortal()
        token = tokensOf(await eventually(() => refresh(own, client, token))).refresh_token
      }
      own.clock.advance(7 * DAY_MS)
      expect(await refresh(own, client, token)).toMatchObject(DEAD)
    } finally {
      await own.close()
    }
  })

  test('a token that nobody used for 30 days is dead', async () => {
    const { client, refresh_token } = await connectClient(world)
    world.clock.advance(30 * DAY_MS + 1000)
    expect(await refresh(world, client, refresh_token)).toMatchObject(DEAD)
  })
})

/** A started portal answers 503 until its first look at all owners is done. */
async function eventually<T extends { readonly status: number }>(step: () => Promise<T>): Promise<T> {
  const answer = await step()
  return answer.status === 503 ? eventually(step) : answer
}

describe('a refresh token is its client’s alone', () => {
  test.each([
    [
      'of another client',
      async () => ({ client_id: (await registerClient(world)).id }),
      400,
      'invalid_grant',
    ],
    ['for another host', async () => ({ resource: 'https://evil.example/mcp' }), 400, 'invalid_target'],
    ['with a wider scope', async () => ({ scope: 'maximo:read maximo:write' }), 400, 'invalid_scope'],
    ['for nobody', async () => ({ client_id: undefined }), 400, 'invalid_request'],
    ['for an unknown client', async () => ({ client_id: 'mxc_unknown' }), 401, 'invalid_client'],
    ['without itself', async () => ({ refresh_token: undefined }), 400, 'invalid_request'],
    ['bent', async () => ({ refresh_token: `mxr_${'A'.repeat(43)}` }), 400, 'invalid_grant'],
    ['as another kind of token', async () => ({ refresh_token: 'mxs_nonsense' }), 400, 'invalid_grant'],
  ])('%s it is refused, and stays usable', async (_what, bend, status, error) => {
    const { client, refresh_token } = await connectClient(world)
    expect(await refresh(world, client, refresh_token, await bend())).toMatchObject({
      status,
      body: { error },
    })
    expect((await refresh(world, client, refresh_token)).status).toBe(200)
  })

  test.each([
    [undefined, 'maximo:read offline_access'],
    ['maximo:read', 'maximo:read offline_access'],
    ['maximo_read offline_access', 'maximo:read offline_access'],
  ])('asking for the scope %j is fine', async (scope, granted) => {
    const { client, refresh_token } = await connectClient(world)
    expect(tokensOf(await refresh(world, client, refresh_token, { scope })).scope).toBe(granted)
  })

  test('a client that never asked to stay connected gets no refresh token', async () => {
    const client = await registerClient(world, { grant_types: ['authorization_code'] })
    const obtained = await obtainCode(world, client, { bend: { scope: 'maximo:read' } })
    const answer = await redeem(world, client, obtained)
    expect(answer).toMatchObject({ status: 200, body: { scope: 'maximo:read' } })
    expect(answer.body).not.toHaveProperty('refresh_token')
  })
})

describe('limits', () => {
  test('sixty a minute pass; one more waits, is not used up, and nobody else waits with it', async () => {
    const [{ client, refresh_token }, other] = [await connectClient(world), await connectClient(world)]
    const many = await Promise.all(Array.from({ length: 60 }, () => refresh(world, client, refresh_token)))
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]))
    const limited = await refresh(world, client, refresh_token)
    expect(limited).toMatchObject({ status: 429, body: { error: 'slow_down' } })
    expect(Number(limited.headers['retry-after'])).toBe(60)
    expect(limited.headers['ratelimit']).toBe('"refreshes";r=0;t=60')
    expect((await refresh(world, other.client, other.refresh_token)).status).toBe(200)
    world.clock.advance(60_001)
    const next = tokensOf(many[0]!).refresh_token
    expect((await refresh(world, client, next)).status).toBe(200)
  })

  test('failures of others, of the same client and address, lock no proven token out', async () => {
    const { client, refresh_token } = await connectClient(world)
    const guesses = Array.from({ length: 40 }, () => refresh(world, client, `mxr_${'A'.repeat(43)}`))
    expect((await Promise.all(guesses)).map(({ status }) => status)).toContain(429)
    expect((await refresh(world, client, refresh_token)).status).toBe(200)
  })
})

describe('T-65: one silent call of the store, whichever it is', () => {
  /** Calls that a request makes at most, and some of the portal's own besides. */
  const CALLS = Array.from({ length: 14 }, (_, index) => index + 1)

  test('never makes an ended connection pass', async () => {
    const { client, refresh_token } = await connectClient(world)
    await askPortal(world, '/oauth/revoke', { form: { client_id: client.id, token: refresh_token } })
    for (const call of CALLS) {
      world.store.failAt(call)
      expect([400, 503], `call ${call}`).toContain((await refresh(world, client, refresh_token)).status)
    }
  })

  test('never makes a used code pass', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    expect((await redeem(world, client, obtained)).status).toBe(200)
    for (const call of CALLS) {
      world.store.failAt(call)
      expect([400, 503], `call ${call}`).toContain((await redeem(world, client, obtained)).status)
    }
  })

  test('never ends a connection that stands, and never hands out two successors', async () => {
    const { client, refresh_token } = await connectClient(world)
    const successors = new Set<string>()
    for (const call of CALLS) {
      world.store.failAt(call)
      const answer = await refresh(world, client, refresh_token)
      expect([200, 503], `call ${call}`).toContain(answer.status)
      if (answer.status === 200) successors.add(tokensOf(answer).refresh_token)
    }
    world.store.restore()
    await expect.poll(async () => (await refresh(world, client, refresh_token)).status).toBe(200)
    expect(successors.size).toBeLessThanOrEqual(1)
  })
})

describe('what cannot be known is 503, and never the end of a connection', () => {
  test('the MCP server does not answer', async () => {
    const { client, refresh_token } = await connectClient(world)
    await world.stopMcp()
    const silent = await refresh(world, client, refresh_token)
    await world.startMcp()
    expect(silent).toMatchObject(UNKNOWN)
    expect(Number(silent.headers['retry-after'])).toBeGreaterThan(0)
    expect((await refresh(world, client, refresh_token)).status).toBe(200)
  })

  test('the store does not answer', async () => {
    const { client, refresh_token } = await connectClient(world)
    world.store.silence()
    expect(await refresh(world, client, refresh_token)).toMatchObject(UNKNOWN)
    world.store.restore()
    await expect.poll(async () => (await refresh(world, client, refresh_token)).status).toBe(200)
  })

  test('the store was emptied: 503 until it is whole again, then the same token works', async () => {
    const { client, refresh_token } = await connectClient(world)
    world.store.silence(['project'])
    world.store.flush()
    expect(await refresh(world, client, refresh_token)).toMatchObject(UNKNOWN)
    world.store.restore()
    await expect.poll(async () => (await refresh(world, client, refresh_token)).status).toBe(200)
  })

  test('the store falls silent in the middle of a rotation: the retry, even much later, is no reuse', async () => {
    const { client, refresh_token } = await connectClient(world)
    world.store.silence(['project'])
    expect(await refresh(world, client, refresh_token)).toMatchObject(UNKNOWN)
    world.clock.advance(300_000)
    world.store.restore()
    const answers: number[] = []
    await expect
      .poll(async () => {
        answers.push((await refresh(world, client, refresh_token)).status)
        return answers.at(-1)
      })
      .toBe(200)
    expect(answers).not.toContain(400)
  })

  test('Clerk was not seen for more than an hour', async () => {
    const { client, refresh_token } = await connectClient(world)
    world.clock.advance(3_500_000)
    const second = tokensOf(await refresh(world, client, refresh_token))
    world.clock.advance(200_000)
    expect(await refresh(world, client, second.refresh_token)).toMatchObject(UNKNOWN)
  })
})

test('a restart of the portal keeps every connection', async () => {
  const { client, refresh_token } = await connectClient(world)
  const second = tokensOf(await refresh(world, client, refresh_token))
  world.store.flush()
  await world.restartPortal()
  expect((await eventually(() => refresh(world, client, second.refresh_token))).status).toBe(200)
})

test('nothing that opens a door is written down: no token in journal, audit, log or store', async () => {
  const { client, access_token, refresh_token } = await connectClient(world, {
    token_endpoint_auth_method: 'none',
  })
  const second = tokensOf(await refresh(world, client, refresh_token))
  const texts = [
    world.log.text(),
    await readFile(`${world.dataDir}/portal/journal/portal-1.jsonl`, 'utf8'),
    await readFile(`${world.dataDir}/portal/audit/portal-1.jsonl`, 'utf8'),
  ]
  for (const secret of [access_token, refresh_token, second.access_token, second.refresh_token])
    for (const text of texts) {
      expect(text.length).toBeGreaterThan(0)
      expect(text).not.toContain(secret)
      expect(text).not.toContain(secret.slice(-40))
    }
})
