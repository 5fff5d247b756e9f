import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  callMcp,
  connectClient,
  newVerifier,
  obtainCode,
  redeem,
  refresh,
  registerClient,
  tokensOf,
} from '../support/oauth/oauth-client.ts'
import { type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterEach(() => world.clock.reset())
afterAll(async () => world.close())

describe('T-43: an authorization code', () => {
  test('works once, for its client, with its verifier', async () => {
    const client = await registerClient(world)
    const answer = await redeem(world, client, await obtainCode(world, client))
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const tokens = tokensOf(answer)
    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'maximo:read offline_access',
    })
    expect(tokens.refresh_token).toMatch(/^mxr_[A-Za-z0-9_-]{43}$/)
    expect(tokens.access_token.length).toBeLessThanOrEqual(2600)
    expect(await callMcp(world, tokens.access_token)).toBe(200)
  })

  test.each([
    ['another client', async () => ({ client_id: (await registerClient(world)).id }), 'invalid_grant'],
    ['another redirect URI', async () => ({ redirect_uri: 'http://localhost:33418/other' }), 'invalid_grant'],
    [
      'another port of the redirect URI',
      async () => ({ redirect_uri: 'http://localhost:1/callback' }),
      'invalid_grant',
    ],
    ['another verifier', async () => ({ code_verifier: newVerifier() }), 'invalid_grant'],
    ['a short verifier', async () => ({ code_verifier: 'a'.repeat(42) }), 'invalid_grant'],
    ['a long verifier', async () => ({ code_verifier: 'a'.repeat(129) }), 'invalid_grant'],
    ['no verifier', async () => ({ code_verifier: undefined }), 'invalid_request'],
    ['no code', async () => ({ code: undefined }), 'invalid_request'],
    ['another host as resource', async () => ({ resource: 'https://evil.example/mcp' }), 'invalid_target'],
    ['a foreign grant type', async () => ({ grant_type: 'password' }), 'unsupported_grant_type'],
    ['no grant type', async () => ({ grant_type: undefined }), 'invalid_request'],
  ])('with %s is refused, and not used up by it', async (_what, bend, error) => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const refused = await redeem(world, client, obtained, await bend())
    expect(refused).toMatchObject({ status: 400, body: { error } })
    expect(refused.headers['cache-control']).toBe('no-store')
    expect((await redeem(world, client, obtained)).status).toBe(200)
  })

  test('without redirect_uri and resource works too (OAuth 2.1 dropped the one, clients forget the other)', async () => {
    const client = await registerClient(world)
    const bend = { redirect_uri: undefined, resource: undefined }
    expect((await redeem(world, client, await obtainCode(world, client), bend)).status).toBe(200)
  })

  test.each([
    ['truncated', (code: string) => code.slice(0, -4)],
    [
      'with a flipped character',
      (code: string) => code.slice(0, 60) + (code[60] === 'A' ? 'B' : 'A') + code.slice(61),
    ],
    ['with a foreign tail', (code: string) => `${code}AAAA`],
    ['of nonsense', () => 'nonsense'],
    ['that is very long', () => 'A'.repeat(9000)],
  ])('%s is refused', async (_what, bend) => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const answer = await redeem(world, client, { ...obtained, code: bend(obtained.code) })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('that is an access token, a refresh token or a client id is refused', async () => {
    const { client, access_token, refresh_token } = await connectClient(world)
    for (const code of [access_token, refresh_token, client.id]) {
      const answer = await redeem(world, client, { code, verifier: newVerifier() })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    }
  })

  test('a thousand times at once has one winner, and what it won is ended', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const answers = await overFewConnections(() =>
      Promise.all(Array.from({ length: 1_000 }, () => redeem(world, client, obtained))),
    )
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    for (const lost of answers.filter(({ status }) => status !== 200))
      expect(lost).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const tokens = tokensOf(won[0]!)
    expect(await callMcp(world, tokens.access_token)).toBe(401)
    expect(await refresh(world, client, tokens.refresh_token)).toMatchObject({ status: 400 })
  })
})

/** As one program does it; a thousand sockets would try the machine rather than the portal. */
async function overFewConnections<T>(work: () => Promise<T>): Promise<T> {
  const usual = getGlobalDispatcher()
  const few = new Agent({ connections: 64 })
  setGlobalDispatcher(few)
  try {
    return await work()
  } finally {
    setGlobalDispatcher(usual)
    await few.close()
  }
}

describe('T-44: a code that is used again', () => {
  test('validly ends what the first use issued', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const tokens = tokensOf(await redeem(world, client, obtained))
    expect(await callMcp(world, tokens.access_token)).toBe(200)
    expect(await redeem(world, client, obtained)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await callMcp(world, tokens.access_token)).toBe(401)
    const refused = await refresh(world, client, tokens.refresh_token)
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('without the verifier ends nothing', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const tokens = tokensOf(await redeem(world, client, obtained))
    const stolen = { ...obtained, verifier: newVerifier() }
    expect(await redeem(world, client, stolen)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await callMcp(world, tokens.access_token)).toBe(200)
    expect((await refresh(world, client, tokens.refresh_token)).status).toBe(200)
  })
})

describe('time and loss', () => {
  test('a code lives for 300 seconds, to the second', async () => {
    const client = await registerClient(world)
    const [early, late] = [await obtainCode(world, client), await obtainCode(world, client)]
    world.clock.advance(290_000)
    expect((await redeem(world, client, early)).status).toBe(200)
    world.clock.advance(11_000)
    expect(await redeem(world, client, late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('a silent store is 503 and no refusal; afterwards the same code works', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    world.store.silence()
    const silent = await redeem(world, client, obtained)
    world.store.restore()
    expect(silent).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(Number(silent.headers['retry-after'])).toBeGreaterThan(0)
    await expect.poll(async () => (await redeem(world, client, obtained)).status).toBe(200)
  })

  test('a store that falls silent right after the use is 503, and the retry is no reuse', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const putOnce = world.store.putOnce.bind(world.store)
    world.store.putOnce = async (...use) => {
      const isFirst = putOnce(...use)
      world.store.silence()
      return isFirst
    }
    const silent = await redeem(world, client, obtained)
    world.store.putOnce = putOnce
    world.store.restore()
    expect(silent.status).toBe(503)
    await expect.poll(async () => (await redeem(world, client, obtained)).status).toBe(200)
  })

  test('a code of before the store was emptied is dead, because its use was forgotten', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    world.store.flush()
    const answers = async () => (await redeem(world, client, obtained)).status
    await expect.poll(answers, { timeout: 5000 }).toBe(400)
    // The twin: a code of after it works.
    expect((await redeem(world, client, await obtainCode(world, client))).status).toBe(200)
  })

  test('a store rolled back to before the use does not make it the first again', async () => {
    const client = await registerClient(world)
    const kept: [string, string][] = []
    const put = world.store.put.bind(world.store)
    world.store.put = async (key, value, ttlMs) => {
      if (key.startsWith('receipt:')) kept.push([key, value])
      return put(key, value, ttlMs)
    }
    const obtained = await obtainCode(world, client)
    world.store.put = put
    expect((await redeem(world, client, obtained)).status).toBe(200)
    world.store.flush()
    for (const [key, value] of kept) await put(key, value, 60_000)
    const answers: number[] = []
    const again = async () => {
      answers.push((await redeem(world, client, obtained)).status)
      return answers.at(-1)
    }
    await expect.poll(again, { timeout: 5000 }).toBe(400)
    expect(answers).not.toContain(200)
  })
})
