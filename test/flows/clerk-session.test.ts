import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PageClient } from '../support/browser/page-client.ts'
import { ageSession, claimsOf, shown, signIn, startWorld, type World } from '../support/session-portal.ts'

const PLANNER = 'planner@example.com'
const TECHNICIAN = 'technician@example.com'
const ADMIN = 'admin@example.com'

let world: World
let handshake: string
beforeAll(async () => {
  world = await startWorld()
  handshake = `${world.standin.url}/v1/client/handshake`
})
afterAll(() => world.close())
afterEach(() => {
  world.standin.hooks.denyRefresh(false)
})

const signedIn = async (email = PLANNER): Promise<PageClient> => {
  const client = new PageClient()
  expect((await signIn(client, world, email)).status).toBe(200)
  return client
}
const refreshCookie = (): string => `__refresh_${world.clerk.config.instance.cookieSuffix}`

describe('signing in', () => {
  test('a cold visit to an open page ends anonymous after one handshake', async () => {
    const page = await new PageClient().visit(`${world.portal}/`)
    expect(page.text).toBe('anonymous')
    expect(page.hops).toEqual([handshake, `${world.portal}/`, `${world.portal}/`])
  })

  test('a cold visit to a guarded page leads to the sign-in page, and the choice of an account back to the page', async () => {
    const client = new PageClient()
    const page = await signIn(client, world, PLANNER, '/page?a=1&b=%2Fx')
    expect(page.url).toBe(`${world.portal}/page?a=1&b=%2Fx`)
    expect(JSON.parse(page.text)).toMatchObject({ pla: 'u:pro', fva: [0, -1], query: { a: '1', b: '/x' } })
  })

  test.each([
    [PLANNER, 'u:pro', 'u:mcp,u:write,u:automation'],
    [TECHNICIAN, 'u:free', 'u:mcp'],
    [ADMIN, 'u:enterprise', 'u:mcp,u:write,u:automation,u:client_secrets,u:finance,u:apm,u:admin,u:audit'],
  ])('the session of %s carries plan and features', async (email, pla, fea) => {
    const page = await (await signedIn(email)).visit(`${world.portal}/page`)
    expect(JSON.parse(page.text)).toMatchObject({ pla, fea })
  })

  test('a second page needs no redirect, and no question to Clerk', async () => {
    const client = await signedIn()
    world.standin.hooks.takeRequests()
    const page = await client.visit(`${world.portal}/page`)
    expect(page).toMatchObject({ status: 200, hops: [] })
    expect(world.standin.hooks.takeRequests()).toEqual([])
  })

  test('no cookie of the session can be read by a script, and no header of the library reaches the browser', async () => {
    const client = await signedIn()
    const cookies = await client.jar.getCookies(world.portal)
    const session = cookies.filter(({ key }) => /^__(session|client_uat|refresh|clerk_db_jwt)/.test(key))
    expect(session).toHaveLength(7)
    for (const cookie of session) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax' })
    await ageSession(client, world, 120)
    const { headers } = await client.send('GET', `${world.portal}/page`)
    expect(Object.keys(headers).filter((name) => /clerk|access-control/.test(name))).toEqual([])
  })

  test('two browsers hold two sessions of their own', async () => {
    const [one, other] = [await signedIn(PLANNER), await signedIn(ADMIN)]
    const [first, second] = [
      await one.visit(`${world.portal}/page`),
      await other.visit(`${world.portal}/page`),
    ]
    expect(shown(first.text).userId).not.toBe(shown(second.text).userId)
  })

  test.each(['//evil.example/', 'https://evil.example/', '/\\evil.example', ''])(
    'the sign-in link returns to the portal, whatever it was asked for (%s)',
    async (path) => {
      const url = `${world.portal}/sign-in?return=${encodeURIComponent(path)}`
      const location = new URL(String((await new PageClient().send('GET', url)).headers['location']))
      expect(location.origin + location.pathname).toBe(world.standin.config.signInUrl)
      expect(new URL(location.searchParams.get('redirect_url') ?? '').origin).toBe(world.portal)
    },
  )

  test('the sign-in link returns to the page that asked', async () => {
    const { headers } = await new PageClient().send('GET', `${world.portal}/sign-in?return=/page%3Fa=1`)
    const back = new URL(String(headers['location'])).searchParams.get('redirect_url')
    expect(back).toBe(`${world.portal}/page?a=1`)
  })
})

describe('renewal', () => {
  test('an expired token is renewed by the refresh cookie without a redirect', async () => {
    const client = await signedIn()
    const old = await ageSession(client, world, 120)
    const page = await client.visit(`${world.portal}/page`)
    expect(page).toMatchObject({ status: 200, hops: [] })
    expect(shown(page.text).ageS).toBeLessThan(5)
    expect(await client.cookie(world.portal, '__session')).not.toBe(old)
  })

  test('without a refresh cookie an expired token goes through one handshake', async () => {
    const client = await signedIn()
    await ageSession(client, world, 120)
    await client.setCookie(world.portal, refreshCookie(), null)
    const page = await client.visit(`${world.portal}/page`)
    expect(page).toMatchObject({
      status: 200,
      hops: [handshake, `${world.portal}/page`, `${world.portal}/page`],
    })
  })

  test('a refresh cookie that Clerk does not take leaves the handshake', async () => {
    const client = await signedIn()
    await ageSession(client, world, 120)
    await client.setCookie(world.portal, refreshCookie(), 'invented')
    const page = await client.visit(`${world.portal}/page`)
    expect(page.status).toBe(200)
    expect(page.hops[0]).toBe(handshake)
  })

  test('a changed plan shows in the next token', async () => {
    const client = await signedIn(TECHNICIAN)
    await world.standin.hooks.setPlan(TECHNICIAN, 'pro')
    await ageSession(client, world, 120)
    const page = await client.visit(`${world.portal}/page`)
    expect(JSON.parse(page.text)).toMatchObject({ pla: 'u:pro', fea: 'u:mcp,u:write,u:automation' })
    await world.standin.hooks.setPlan(TECHNICIAN, 'free')
  })

  test.each([
    ['banned', (email: string) => world.standin.hooks.ban(email)],
    ['signed out by an administrator', (email: string) => world.standin.hooks.revokeSessions(email)],
  ])('a user who is %s cannot renew and lands on the sign-in page', async (_name, end) => {
    const client = await signedIn(TECHNICIAN)
    await end(TECHNICIAN)
    await ageSession(client, world, 120)
    const page = await client.visit(`${world.portal}/page`)
    await world.standin.hooks.unban(TECHNICIAN)
    expect(page.url.startsWith(world.standin.config.signInUrl)).toBe(true)
  })

  test('a restart of the stand-in keeps everybody signed in, and renewing still works', async () => {
    const client = await signedIn()
    await world.restartStandin()
    expect(await client.visit(`${world.portal}/page`)).toMatchObject({ status: 200, hops: [] })
    await ageSession(client, world, 120)
    expect(await client.visit(`${world.portal}/page`)).toMatchObject({ status: 200, hops: [] })
  })

  test('a token is renewed when its true lifetime has passed', async () => {
    const short = await startWorld({ tokenLifeSeconds: 2, clockSkewMs: 0 })
    const client = new PageClient()
    await signIn(client, short, PLANNER)
    const old = claimsOf((await client.cookie(short.portal, '__session')) ?? '')
    await sleep(3100) // The library reads the machine's clock, so this one time has to pass.
    const page = await client.visit(`${short.portal}/page`)
    expect(page).toMatchObject({ status: 200, hops: [] })
    expect(claimsOf((await client.cookie(short.portal, '__session')) ?? '').iat).toBeGreaterThan(old.iat)
    await short.close()
  })
})

describe('signing out', () => {
  const signOut = (client: PageClient, headers: Record<string, string | null> = {}) =>
    client.send('POST', `${world.portal}/sign-out`, { form: {}, headers })

  test('ends the session at Clerk and in the browser', async () => {
    const client = await signedIn()
    const stolen = (await client.cookie(world.portal, '__session')) ?? ''
    const answer = await signOut(client)
    expect(answer).toMatchObject({ status: 303, headers: { location: '/' } })
    expect(await client.visit(`${world.portal}/`)).toMatchObject({ text: 'anonymous', hops: [] })
    expect(await client.cookie(world.portal, refreshCookie())).toBeUndefined()
    const session = await world.clerk.call((sdk) => sdk.sessions.getSession(claimsOf(stolen).sid))
    expect(session.status).toBe('revoked')
  })

  test('works on a page that has been open for an hour', async () => {
    const client = await signedIn()
    const old = await ageSession(client, world, 3600)
    expect((await signOut(client)).status).toBe(303)
    const session = await world.clerk.call((sdk) => sdk.sessions.getSession(claimsOf(old).sid))
    expect(session.status).toBe('revoked')
  })

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin', { origin: null }],
    ['another site, by Sec-Fetch-Site', { 'sec-fetch-site': 'same-site' }],
  ])('a form from %s signs nobody out', async (_name, headers) => {
    const client = await signedIn()
    expect((await signOut(client, headers)).status).toBe(403)
    expect((await client.visit(`${world.portal}/page`)).status).toBe(200)
  })

  test('a cookie kept from before cannot be renewed', async () => {
    const client = await signedIn()
    await ageSession(client, world, 120)
    const kept = new PageClient()
    for (const cookie of await client.jar.getCookies(world.portal))
      await kept.setCookie(world.portal, cookie.key, cookie.value)
    await signOut(client)
    const page = await kept.visit(`${world.portal}/page`)
    expect(page.url.startsWith(world.standin.config.signInUrl)).toBe(true)
  })
})
