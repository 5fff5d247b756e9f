import { parse } from 'node-html-parser'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { callMcp, connectClient, refresh, registerClient } from '../support/oauth/oauth-client.ts'
import {
  askPortal,
  PLANNER,
  type PortalWorld,
  startPortalWorld,
  TECHNICIAN,
} from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterEach(() => world.store.restore())
afterAll(async () => world.close())

const revoke = (form: Record<string, string>) => askPortal(world, '/oauth/revoke', { form })

describe('T-55: RFC 7009', () => {
  test('an access token ends alone, and the very next call is refused', async () => {
    const { client, access_token, refresh_token } = await connectClient(world)
    expect(await callMcp(world, access_token)).toBe(200)
    expect((await revoke({ client_id: client.id, token: access_token })).status).toBe(200)
    expect(await callMcp(world, access_token)).toBe(401)
    expect((await refresh(world, client, refresh_token)).status).toBe(200)
  })

  test.each([undefined, 'refresh_token', 'access_token', 'nonsense'])(
    'a refresh token ends the whole connection, whatever the hint (%j) says',
    async (hint) => {
      const { client, access_token, refresh_token } = await connectClient(world)
      const form = { client_id: client.id, token: refresh_token }
      expect((await revoke(hint === undefined ? form : { ...form, token_type_hint: hint })).status).toBe(200)
      expect(await callMcp(world, access_token)).toBe(401)
      expect(await refresh(world, client, refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } })
    },
  )

  test.each(['access_token', 'refresh_token'] as const)(
    'another client’s %s: 200, and nothing ends',
    async (kind) => {
      const own = await connectClient(world)
      const other = await registerClient(world)
      expect((await revoke({ client_id: other.id, token: own[kind] })).status).toBe(200)
      expect(await callMcp(world, own.access_token)).toBe(200)
      expect((await refresh(world, own.client, own.refresh_token)).status).toBe(200)
    },
  )

  test('a token with a borrowed header ends nothing', async () => {
    const { client, access_token } = await connectClient(world)
    const [header] = access_token.split('.')
    const forged = [header, ...access_token.split('.').slice(1, 4), 'AAAAAAAAAAAAAAAAAAAAAA'].join('.')
    expect((await revoke({ client_id: client.id, token: forged })).status).toBe(200)
    expect(await callMcp(world, access_token)).toBe(200)
  })

  test.each(['nonsense', 'a.b.c.d.e', `mxr_${'A'.repeat(43)}`, 'e30.e30.e30.e30.e30', 'x'.repeat(8000)])(
    'an unknown token (%.20s): 200',
    async (token) => {
      const client = await registerClient(world)
      expect((await revoke({ client_id: client.id, token })).status).toBe(200)
    },
  )

  test.each([
    ['no token', { client_id: 'OWN' }, 400, 'invalid_request'],
    ['no client', { token: 'x' }, 400, 'invalid_request'],
    ['an unknown client', { client_id: 'mxc_unknown', token: 'x' }, 401, 'invalid_client'],
    [
      'a secret of a public client',
      { client_id: 'OWN', client_secret: 'x', token: 'x' },
      401,
      'invalid_client',
    ],
  ])('%s is an error', async (_what, form: Record<string, string>, status, error) => {
    const client = await registerClient(world)
    const own = form['client_id'] === 'OWN' ? { client_id: client.id } : {}
    expect(await revoke({ ...form, ...own })).toMatchObject({
      status,
      body: { error },
    })
  })

  test('the store is silent: 503, never a false 200', async () => {
    const { client, access_token } = await connectClient(world)
    world.store.silence()
    const answer = await revoke({ client_id: client.id, token: access_token })
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(await callMcp(world, access_token)).toBe(200)
  })

  test('the MCP server is silent: 503, the family ends at once, and the rest follows by itself', async () => {
    const { client, access_token, refresh_token } = await connectClient(world)
    await world.stopMcp()
    const answer = await revoke({ client_id: client.id, token: refresh_token })
    const refused = await refresh(world, client, refresh_token)
    await world.startMcp()
    expect(answer.status).toBe(503)
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    await expect.poll(() => callMcp(world, access_token), { timeout: 10_000 }).toBe(401)
  })

  test('what is pending survives a restart of the portal', async () => {
    const { client, access_token } = await connectClient(world)
    await world.stopMcp()
    expect((await revoke({ client_id: client.id, token: access_token })).status).toBe(503)
    await world.restartPortal()
    await world.startMcp()
    await expect.poll(() => callMcp(world, access_token), { timeout: 10_000 }).toBe(401)
  })
})

describe('the owner ends a connection', () => {
  const connections = (browser: Browser, email = PLANNER) =>
    openSignedIn(browser, `${world.portalUrl}/connections`, email)
  /** The newest live one: each test has just made its own. */
  const live = async (browser: Browser) => {
    const page = await connections(browser)
    const card = page.html.querySelector('[data-state="live"]')
    return { page, gid: card?.getAttribute('data-connection') ?? '' }
  }

  test('on the page, and the very next call is refused; the page says that it is in force', async () => {
    const { client, access_token, refresh_token } = await connectClient(world)
    const browser = new Browser()
    const { page, gid } = await live(browser)
    const after = await browser.submit(page, formTo(page, '/connections/revoke', { gid }))
    expect(after.url).toBe(`${world.portalUrl}/connections`)
    expect(after.html.querySelector(`[data-connection="${gid}"]`)?.getAttribute('data-state')).toBe(
      'enforced',
    )
    expect(await callMcp(world, access_token)).toBe(401)
    expect(await refresh(world, client, refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } })
  })

  test('while the MCP server is silent the page says “not yet in force”, and later that it is', async () => {
    const { access_token } = await connectClient(world)
    const browser = new Browser()
    const { page, gid } = await live(browser)
    await world.stopMcp()
    const after = await browser.submit(page, formTo(page, '/connections/revoke', { gid }))
    await world.startMcp()
    const card = after.html.querySelector(`[data-connection="${gid}"]`)
    expect(card?.getAttribute('data-state')).toBe('pending')
    expect(card?.text).toContain('not yet in force')
    const state = async () => (await connections(browser)).html.querySelector(`[data-connection="${gid}"]`)
    await expect
      .poll(async () => (await state())?.getAttribute('data-state'), { timeout: 10_000 })
      .toBe('enforced')
    expect(await callMcp(world, access_token)).toBe(401)
  })

  test('nobody else sees it or can end it', async () => {
    const { access_token } = await connectClient(world)
    const { gid } = await live(new Browser())
    const other = new Browser()
    const page = await connections(other, TECHNICIAN)
    expect(page.body).not.toContain(gid)
    const token = page.html.querySelector('input[name="form"]')?.getAttribute('value') ?? ''
    const own = parse('<form method="post" action="/connections/revoke"></form>').querySelector('form')
    const forged = await other.submit(page, own!, { gid, form: token })
    expect(forged.status).toBe(200)
    expect(await callMcp(world, access_token)).toBe(200)
  })
})
