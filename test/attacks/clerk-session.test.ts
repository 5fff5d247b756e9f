import { createSign } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/kernel/secret.ts'
import { ClerkUnavailable, createClerk } from '../../src/portal/clerk/clerk-client.ts'
import { clerkConfig } from '../../src/portal/clerk/clerk-config.ts'
import { verifiedSession } from '../../src/portal/session/session-token.ts'
import { type Answer, PageClient } from '../support/browser/page-client.ts'
import {
  ageSession,
  claimsOf,
  shown,
  signIn,
  standinData,
  startWorld,
  type World,
} from '../support/session-portal.ts'

const PLANNER = 'planner@example.com'
const ADMIN = 'admin@example.com'

let world: World
beforeAll(async () => {
  world = await startWorld({ timeoutMs: 400 })
})
afterAll(() => world.close())
afterEach(() => {
  world.standin.hooks.setTrouble(null)
  world.standin.hooks.setPending(PLANNER, false)
})

const signedIn = async (email = PLANNER, where = world): Promise<PageClient> => {
  const client = new PageClient()
  expect((await signIn(client, where, email)).status).toBe(200)
  return client
}
const location = (answer: Answer): URL => new URL(String(answer.headers['location']), answer.url)

describe('a Clerk that does not answer is no sign-out', () => {
  test.each(['hang', 'fail'] as const)('%s: 503 in time, and the session survives', async (trouble) => {
    const client = await signedIn()
    await ageSession(client, world, 120)
    const before = await client.jar.getCookieString(world.portal)
    world.standin.hooks.setTrouble(trouble)
    const startedMs = performance.now()
    const answers = [
      await client.send('GET', `${world.portal}/page`),
      await client.send('GET', `${world.portal}/`),
      await client.send('POST', `${world.portal}/form`, { form: {} }),
      await client.send('POST', `${world.portal}/sign-out`, { form: {} }),
    ]
    expect(performance.now() - startedMs).toBeLessThan(4 * 1000)
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 503,
        text: '<h1>unavailable</h1>',
        headers: { 'retry-after': '5' },
      })
    expect(await client.jar.getCookieString(world.portal)).toBe(before)
    world.standin.hooks.setTrouble(null)
    expect(await client.visit(`${world.portal}/page`)).toMatchObject({ status: 200, hops: [] })
  })

  test('a token that is still valid needs nobody', async () => {
    const client = await signedIn()
    world.standin.hooks.setTrouble('hang')
    expect(await client.visit(`${world.portal}/page`)).toMatchObject({ status: 200, hops: [] })
  })

  test('a handshake result that cannot be fetched is no sign-out', async () => {
    const client = await signedIn()
    world.standin.hooks.setTrouble('fail')
    const answer = await client.send('GET', `${world.portal}/page?__clerk_handshake_nonce=abc`)
    expect(answer).toMatchObject({ status: 503 })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('keys that cannot be read make no token invalid', async () => {
    const cold = await startWorld({ pinned: true })
    const client = await signedIn(PLANNER, cold)
    const token = (await client.cookie(cold.portal, '__session')) ?? ''
    cold.standin.hooks.setTrouble('fail')
    const { secretKey, ...rest } = cold.standin.config
    const unpinned = { ...rest, secretKey: new Secret(secretKey), jwtKey: undefined }
    const context = {
      clerk: createClerk(clerkConfig(unpinned)),
      publicOrigin: cold.portal,
      clockSkewMs: 5000,
    }
    await expect(verifiedSession(token, context)).rejects.toBeInstanceOf(ClerkUnavailable)
    cold.standin.hooks.setTrouble(null)
    expect(await verifiedSession(token, context)).toMatchObject({ sessionId: claimsOf(token).sid })
    await cold.close()
  })

  test('a refused connection: 503', async () => {
    const alone = await startWorld({ timeoutMs: 400 })
    const client = await signedIn(PLANNER, alone)
    await ageSession(client, alone, 120)
    await alone.standin.close()
    expect((await client.send('GET', `${alone.portal}/page`)).status).toBe(503)
    await alone.restartStandin()
    expect((await client.visit(`${alone.portal}/page`)).status).toBe(200)
    await alone.close()
  })
})

describe('what a request says about itself', () => {
  test.each([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }],
    ['X-Forwarded-Host beside a forged Host', { host: 'evil.example', 'x-forwarded-host': 'evil.example' }],
  ])('a forged %s does not become the address that receives the session', async (_name, headers) => {
    const answer = await new PageClient().send('GET', `${world.portal}/page?x=1`, { headers })
    expect(location(answer).origin).toBe(world.standin.url)
    expect(location(answer).searchParams.get('redirect_url')).toBe(`${world.portal}/page?x=1`)
  })

  test('a bearer token in a header is not looked at, and does not hide the cookies', async () => {
    const client = await signedIn()
    const token = (await client.cookie(world.portal, '__session')) ?? ''
    const alone = await new PageClient().send('GET', `${world.portal}/page`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(alone.status).toBe(307)
    const answer = await client.send('GET', `${world.portal}/page`, {
      headers: { authorization: 'Bearer x' },
    })
    expect(answer.status).toBe(200)
  })

  test('the satellite protocol does not redirect anywhere', async () => {
    const client = await signedIn()
    const query = `?__clerk_redirect_url=${encodeURIComponent('https://evil.example/')}&__clerk_synced=false`
    expect(await client.visit(`${world.portal}/page${query}`)).toMatchObject({ status: 200, hops: [] })
    const cold = await new PageClient().send('GET', `${world.portal}/page${query}`)
    expect(location(cold).origin).toBe(world.standin.url)
  })

  test('an invented handshake token is refused with a page, without a session and without an error', async () => {
    const answer = await new PageClient().send('GET', `${world.portal}/page?__clerk_handshake=a.b.c`)
    expect(answer).toMatchObject({ status: 403 })
    expect(answer.text).toContain('sign in: refused')
  })

  test('the result of somebody else’s handshake in the address of a form signs nobody in', async () => {
    const client = await signedIn()
    const own = shown((await client.visit(`${world.portal}/page`)).text).userId
    const query = await handshakeResult(await signedIn(ADMIN))
    const answer = await client.send('POST', `${world.portal}/form${query}`, { form: {} })
    expect(shown(answer.text).userId).toBe(own)
  })
})

/** The query that the frontend API hands to this browser's portal, not yet used. */
async function handshakeResult(client: PageClient, where = world): Promise<string> {
  const devBrowser = (await client.cookie(where.portal, '__clerk_db_jwt')) ?? ''
  const address = new URL(`${where.standin.url}/v1/client/handshake`)
  address.searchParams.set('redirect_url', `${where.portal}/page`)
  address.searchParams.set('__clerk_db_jwt', devBrowser)
  return location(await client.send('GET', address.href)).search
}

describe('a production instance', () => {
  test('takes no handshake result from an address: a link could sign somebody in as another person', async () => {
    const live = await startWorld({ kind: 'production' })
    const victim = await signedIn(PLANNER, live)
    const own = shown((await victim.visit(`${live.portal}/page`)).text).userId
    const attacker = await signedIn(ADMIN, live)
    const suffix = live.clerk.config.instance.cookieSuffix
    await attacker.setCookie(live.portal, '__session', null)
    await attacker.setCookie(live.portal, `__session_${suffix}`, null)
    const start = location(await attacker.send('GET', `${live.portal}/page`))
    await attacker.send('GET', start.href)
    const nonce = (await attacker.cookie(live.portal, '__clerk_handshake_nonce')) ?? ''
    expect(nonce).not.toBe('')
    const page = await victim.visit(`${live.portal}/page?__clerk_handshake_nonce=${nonce}`)
    expect(shown(page.text).userId).toBe(own)
    expect((await attacker.visit(`${live.portal}/page`)).status).toBe(200)
    await live.close()
  })
})

describe('tokens that are not a live session of ours', () => {
  const withToken = async (token: string): Promise<Answer> => {
    const client = await signedIn()
    const suffix = world.clerk.config.instance.cookieSuffix
    const uat = String(claimsOf(token).iat)
    for (const end of ['', `_${suffix}`]) {
      await client.setCookie(world.portal, `__session${end}`, token)
      await client.setCookie(world.portal, `__client_uat${end}`, uat)
    }
    return client.send('GET', `${world.portal}/page`)
  }
  const forged = async (change: object, header: object = {}): Promise<string> => {
    const state = await standinData(world)
    const client = await signedIn()
    const claims = { ...claimsOf((await client.cookie(world.portal, '__session')) ?? ''), ...change }
    const head = { alg: 'RS256', cat: 'cl_B7d4PD111AAA', kid: state.instanceId, typ: 'JWT', ...header }
    const input = [head, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${input}.${createSign('RSA-SHA256').update(input).sign(state.privateKeyPem, 'base64url')}`
  }

  test('the builder’s own token passes', async () => {
    expect((await withToken(await forged({}))).status).toBe(200)
  })

  test.each([
    ['made for another site', { azp: 'https://evil.example' }],
    ['without a site', { azp: undefined }],
    ['of another instance', { iss: 'https://clerk.evil.example' }],
    ['of an operator who impersonates the user', { act: { iss: 'x', sid: 'y', sub: 'z' } }],
    ['without a session', { sid: undefined }],
    ['of a session with open tasks', { sts: 'pending' }],
  ])('%s: refused', async (_name, change) => {
    const answer = await withToken(await forged(change))
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('sign in:')
  })

  test.each([
    ['a template', { cat: 'cl_B7d4PD222AAA' }],
    ['a machine token', { cat: 'cl_B7d4PD333AAA' }],
  ])('%s: refused', async (_name, header) => {
    expect((await withToken(await forged({}, header))).status).toBe(403)
  })

  test('a token with a broken signature: refused', async () => {
    const token = await forged({})
    expect((await withToken(`${token.slice(0, -4)}AAAA`)).status).toBe(403)
  })

  test('a session with open tasks at Clerk is not signed in, on open pages too', async () => {
    world.standin.hooks.setPending(PLANNER, true)
    const client = new PageClient()
    const page = await signIn(client, world, PLANNER)
    expect(page).toMatchObject({ status: 403 })
    expect(page.text).toContain('sign in: pending')
    expect((await client.visit(`${world.portal}/`)).status).toBe(403)
    expect((await client.send('POST', `${world.portal}/form`, { form: {} })).text).toContain('pending')
  })
})

test('no session token and no secret is logged, and none is in a page', async () => {
  const client = await signedIn()
  const token = await ageSession(client, world, 120)
  const pages = [await client.visit(`${world.portal}/page`), await client.visit(`${world.portal}/`)]
  const text = [...world.logged, ...pages.map((page) => page.text)].join('\n')
  expect(world.logged.length).toBeGreaterThan(0)
  for (const secret of [token, world.standin.config.secretKey, 'eyJ']) expect(text).not.toContain(secret)
})
