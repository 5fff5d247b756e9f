import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hiddenFields, PageClient } from '../support/browser/page-client.ts'
import { ageSession, shown, signIn, startWorld, type World } from '../support/session-portal.ts'

const PLANNER = 'planner@example.com'
const ADMIN = 'admin@example.com'

let world: World
beforeAll(async () => {
  world = await startWorld({ pinned: true })
})
afterAll(() => world.close())

const signedIn = async (email = PLANNER): Promise<PageClient> => {
  const client = new PageClient()
  await signIn(client, world, email)
  return client
}
/** As a Clerk instance that hands out no refresh cookies. */
const withoutRefresh = (client: PageClient) =>
  client.setCookie(world.portal, `__refresh_${world.clerk.config.instance.cookieSuffix}`, null)
const post = (client: PageClient, path: string, headers: Record<string, string | null> = {}) =>
  client.send('POST', world.portal + path, { form: { note: 'a & b', csrf: 'x' }, headers })

describe('a form sent after the token expired', () => {
  test('a form sent in time passes without a question to Clerk', async () => {
    const client = await signedIn()
    world.standin.hooks.takeRequests()
    const answer = await post(client, '/form')
    expect(JSON.parse(answer.text)).toMatchObject({ body: { note: 'a & b' } })
    expect(world.standin.hooks.takeRequests()).toEqual([])
  })

  test('is taken at once when the refresh cookie renews the session', async () => {
    const client = await signedIn()
    const old = await ageSession(client, world, 300)
    const answer = await post(client, '/form')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({ body: { note: 'a & b' } })
    expect(await client.cookie(world.portal, '__session')).not.toBe(old)
  })

  test('is kept, and offered again after a handshake, when nothing renews the session', async () => {
    const client = await signedIn()
    await ageSession(client, world, 300)
    await withoutRefresh(client)
    const kept = await client.submit(`${world.portal}/form?step=2`, { note: 'a & b', csrf: 'x' })
    expect(kept).toMatchObject({ status: 200 })
    expect(kept.hops[0]).toBe(`${world.portal}/session/resume`)
    expect(kept.text).toContain('action="/form?step=2"')
    const sent = await client.submit(`${world.portal}/form?step=2`, hiddenFields(kept.text))
    expect(JSON.parse(sent.text)).toMatchObject({ body: { note: 'a & b', csrf: 'x' } })
  })

  test('is not kept when it comes from another site: the detour would make it one of ours', async () => {
    const client = await signedIn()
    await ageSession(client, world, 300)
    await withoutRefresh(client)
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: null },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await post(client, '/form', headers)
      expect(answer).toMatchObject({ status: 403, text: '<h1>foreign</h1>' })
    }
  })

  test('a form without any session gets a page with the sign-in link', async () => {
    const answer = await post(new PageClient(), '/form')
    expect(answer.status).toBe(403)
    expect(answer.text).toContain(world.standin.config.signInUrl)
  })

  test('the refresh cookie of another session does not renew this one', async () => {
    const [client, other] = [await signedIn(), await signedIn(ADMIN)]
    await ageSession(client, world, 300)
    const name = `__refresh_${world.clerk.config.instance.cookieSuffix}`
    await client.setCookie(world.portal, name, (await other.cookie(world.portal, name)) ?? '')
    expect(await post(client, '/form')).toMatchObject({ status: 303 })
  })
})

describe('a kept form', () => {
  const keep = async (): Promise<{ client: PageClient; address: string }> => {
    const client = await signedIn()
    await ageSession(client, world, 300)
    await withoutRefresh(client)
    const address = String((await post(client, '/form')).headers['location'])
    expect(address).toMatch(/^\/session\/resume\?form=[A-Za-z0-9_-]{22}$/)
    return { client, address: world.portal + address }
  }

  test('can be taken once', async () => {
    const { client, address } = await keep()
    expect((await client.visit(address)).status).toBe(200)
    expect((await client.visit(address)).status).toBe(410)
  })

  test('is not given to another person', async () => {
    const { client, address } = await keep()
    const stranger = await signedIn(ADMIN)
    const answer = await stranger.visit(address)
    expect(answer).toMatchObject({ status: 410, text: '<h1>gone</h1>' })
    expect((await client.visit(address)).status).toBe(410)
  })

  test('is not given to another session of the same person', async () => {
    const { address } = await keep()
    expect((await (await signedIn()).visit(address)).status).toBe(410)
  })

  test('an invented id is gone', async () => {
    const client = await signedIn()
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', '../secrets', ''])
      expect(
        (await client.visit(`${world.portal}/session/resume?form=${encodeURIComponent(id)}`)).status,
      ).toBe(410)
  })

  test('that is too large is refused with the sign-in page, and nothing is stored', async () => {
    const client = await signedIn()
    await ageSession(client, world, 300)
    await withoutRefresh(client)
    const answer = await client.send('POST', `${world.portal}/form`, { form: { note: 'x'.repeat(9000) } })
    expect(answer.status).toBe(403)
  })
})

describe('a token for the MCP server', () => {
  const ageOf = (text: string): number => shown(text).ageS

  test('of 30 seconds serves as it is', async () => {
    const client = await signedIn()
    await ageSession(client, world, 30)
    world.standin.hooks.takeRequests()
    const answer = await post(client, '/fresh')
    expect(ageOf(answer.text)).toBeGreaterThanOrEqual(30)
    expect(world.standin.hooks.takeRequests()).toEqual([])
  })

  test('of 45 seconds is renewed first, although the library still takes it', async () => {
    const client = await signedIn()
    await ageSession(client, world, 45)
    const answer = await post(client, '/fresh')
    expect(ageOf(answer.text)).toBeLessThan(5)
    expect(ageOf((await client.send('POST', `${world.portal}/form`, { form: {} })).text)).toBeLessThan(5)
  })

  test('of 45 seconds without a refresh cookie goes through the handshake, form and all', async () => {
    const client = await signedIn()
    await ageSession(client, world, 45)
    await withoutRefresh(client)
    const kept = await client.submit(`${world.portal}/fresh`, { note: 'kept' })
    expect(kept.text).toContain('send again')
    const sent = await client.submit(`${world.portal}/fresh`, hiddenFields(kept.text))
    expect(JSON.parse(sent.text)).toMatchObject({ body: { note: 'kept' } })
    expect(ageOf(sent.text)).toBeLessThan(5)
  })
})
