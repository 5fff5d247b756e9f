import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, type Page } from '../../../src/dev/walk/browser.ts'
import { formTo } from '../../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../../src/dev/walk/sign-in.ts'
import {
  authorizeUrl,
  CALLBACK,
  callMcp,
  CODE,
  connectClient,
  decide,
  registerClient,
} from '../../support/oauth/oauth-client.ts'
import {
  askPortal,
  PLANNER,
  type PortalWorld,
  startPortalWorld,
  TECHNICIAN,
} from '../../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(async () => world.close())

const open = (path: string, email = PLANNER, browser = new Browser()) =>
  openSignedIn(browser, `${world.portalUrl}${path}`, email)
const GET_USAGE = { name: 'call_read_tool', arguments: { tool: 'get_usage', arguments: {} } }
const text = (page: Page): string => page.html.querySelector('main')?.text.replace(/\s+/g, ' ') ?? ''
const audit = async (): Promise<Record<string, unknown>[]> =>
  (await readFile(`${world.dataDir}/portal/audit/portal-1.jsonl`, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('home', () => {
  test('shows three steps and the address to connect to, signed out and signed in', async () => {
    const out = await new Browser().open(`${world.portalUrl}/`)
    expect(out.html.querySelectorAll('ol.steps > li')).toHaveLength(3)
    expect(text(out)).toContain(`${world.mcpUrl}/mcp`)
    expect(out.html.querySelector('a[href="/sign-in"]')).not.toBeNull()
    const browser = new Browser()
    await open('/environments', PLANNER, browser)
    const signedIn = await browser.open(`${world.portalUrl}/`)
    expect(text(signedIn)).toContain(`signed in as ${PLANNER}`)
    expect(text(signedIn)).toContain('You have 1 environment')
  })

  test('signing out ends the session: the next page asks to sign in again', async () => {
    const browser = new Browser()
    const page = await open('/environments', PLANNER, browser)
    const home = await browser.submit(page, formTo(page, '/sign-out'))
    expect(home.html.querySelector('a[href="/sign-in"]')).not.toBeNull()
    const next = await browser.open(`${world.portalUrl}/environments`)
    expect(next.html.querySelector('button[name="user"]')).not.toBeNull()
  })
})

describe('environments', () => {
  const openVault = async (browser: Browser, page: Page, purpose: string) => {
    const door = await browser.submit(page, formTo(page, '/environments/open', { purpose }))
    return { door, vault: await browser.submit(door, formTo(door, '/vault')) }
  }

  test('lists label, host and age, and the address of each', async () => {
    const page = await open('/environments')
    const card = page.html.querySelector('[data-environment]')?.text.replace(/\s+/g, ' ') ?? ''
    expect(card).toMatch(/demo127\.0\.0\.1:\d+ · added/)
    const env = page.html.querySelector('[data-environment]')?.getAttribute('data-environment') ?? ''
    expect(card).toContain(`For this one alone: ${world.mcpUrl}/mcp/${env}`)
  })

  test('the way to the vault is one button, with the handle in a form and not in an address', async () => {
    const browser = new Browser()
    const { door, vault } = await openVault(browser, await open('/environments', PLANNER, browser), 'add')
    expect(door.status).toBe(200)
    expect(door.headers['cache-control']).toBe('no-store')
    const handle =
      door.html.querySelector('form[action$="/vault"] input[name="handle"]')?.getAttribute('value') ?? ''
    expect(handle.length).toBeGreaterThan(20)
    expect(vault.url).toBe(`${world.mcpUrl}/vault`)
    expect(vault.status).toBe(200)
    expect(text(vault) + vault.body).toContain(PLANNER)
  })

  test('removing one in the vault removes it here, and ends its connections', async () => {
    const own = await startPortalWorld()
    try {
      const { access_token } = await connectClient(own)
      const browser = new Browser()
      const list = await openSignedIn(browser, `${own.portalUrl}/environments`, PLANNER)
      const { vault } = await openVault(browser, list, 'remove')
      await browser.submit(vault, formTo(vault, '/vault/remove'))
      const after = await browser.open(`${own.portalUrl}/environments`)
      expect(after.html.querySelectorAll('[data-environment]')).toHaveLength(0)
      expect(text(after)).toContain('The environment is removed')
      const connections = await browser.open(`${own.portalUrl}/connections`)
      expect(connections.html.querySelectorAll('[data-state="live"]')).toHaveLength(0)
      const { callMcp } = await import('../../support/oauth/oauth-client.ts')
      expect(await callMcp(own, access_token)).toBe(401)
      const again = await browser.open(`${own.portalUrl}/environments`)
      expect(text(again)).not.toContain('The environment is removed')
    } finally {
      await own.close()
    }
  })

  test('a person without one is led from consent to the vault and back to consent', async () => {
    const own = await startPortalWorld({ seeded: false })
    try {
      const client = await registerClient(own)
      const browser = new Browser({ stopAt: CALLBACK })
      const consent = await openSignedIn(browser, authorizeUrl(own, client), PLANNER)
      expect(consent.html.querySelector('#approve')).toBeNull()
      const link =
        consent.html.querySelector('main a[href^="/environments?next="]')?.getAttribute('href') ?? ''
      const list = await browser.open(`${own.portalUrl}${link}`)
      expect(text(list)).toContain('You have none yet')
      const { vault } = await openVault(browser, list, 'add')
      const saved = await browser.submit(vault, formTo(vault, '/vault/save'), {
        label: 'plant',
        baseUrl: own.maximoUrl,
        method: 'apikey',
        key: own.apiKeyOf(PLANNER),
      })
      expect(saved.status).toBe(200)
      const back = await browser.open(`${own.portalUrl}/environments`)
      expect(text(back)).toContain('“plant” is saved')
      const next = back.html.querySelector('main a[href^="/oauth/consent?txn="]')?.getAttribute('href') ?? ''
      const page = await browser.open(`${own.portalUrl}${next}`)
      const answered = await decide(browser, page)
      expect(new URL(answered.url).searchParams.get('code')).toMatch(CODE)
    } finally {
      await own.close()
    }
  })

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/oauth/consent?txn=AAAAAAAAAAAAAAAAAAAAAA&x=//evil.example',
    'javascript:alert(1)',
    '/connections',
  ])('T-42: the page does not lead on to %s', async (next) => {
    const page = await open(`/environments?next=${encodeURIComponent(next)}`)
    expect(page.status).toBe(200)
    expect(page.body).not.toContain('Go on connecting')
    expect(page.body).not.toContain('evil.example')
  })

  test('it does lead on to a consent page', async () => {
    const page = await open(
      `/environments?next=${encodeURIComponent(`/oauth/consent?txn=${'A'.repeat(22)}`)}`,
    )
    expect(page.body).toContain('Go on connecting')
  })

  test('T-47: opening the vault needs a form of this very page', async () => {
    const browser = new Browser()
    const page = await open('/environments', PLANNER, browser)
    const form = formTo(page, '/environments/open', { purpose: 'add' })
    for (const bend of [{ form: '' }, { form: 'A'.repeat(43) }, { purpose: 'everything' }])
      expect((await browser.submit(page, form, bend)).status).toBe(403)
    const other = new Browser()
    const theirs = await open('/environments', TECHNICIAN, other)
    const foreign = theirs.html.querySelector('input[name="form"]')?.getAttribute('value') ?? ''
    expect((await browser.submit(page, form, { form: foreign })).status).toBe(403)
    expect((await browser.submit(page, form)).status).toBe(200)
  })

  test('somebody else’s environment does not exist', async () => {
    const other = await open('/environments', TECHNICIAN)
    const env = other.html.querySelector('[data-environment]')?.getAttribute('data-environment') ?? ''
    const browser = new Browser()
    const page = await open('/environments', PLANNER, browser)
    const form = formTo(page, '/environments/open', { purpose: 'replace' })
    expect((await browser.submit(page, form, { env })).status).toBe(404)
  })

  test('while the MCP server is silent, the list stays and says so', async () => {
    const browser = new Browser()
    const page = await open('/environments', PLANNER, browser)
    await openVault(browser, page, 'add')
    await world.stopMcp()
    const list = await browser.open(`${world.portalUrl}/environments`)
    const door = await browser.submit(list, formTo(list, '/environments/open', { purpose: 'add' }))
    await world.startMcp()
    expect(list.status).toBe(200)
    expect(text(list)).toContain('demo')
    expect(text(list)).toContain('The MCP server does not answer')
    expect(door.status).toBe(503)
  })
})

describe('usage', () => {
  const usageOf = async (email: string, browser = new Browser()) => {
    const page = await open('/usage', email, browser)
    const said = (name: string): string | undefined =>
      page.html.querySelector(`[data-spent="${name}"]`)?.text.replace(/\s+/g, ' ')
    return { page, plan: page.html.querySelector('[data-plan]')?.text, said }
  }

  test('is what the MCP server counted of all connections, against the plan', async () => {
    const before = await usageOf(TECHNICIAN)
    expect([before.page.status, before.plan]).toEqual([200, 'free'])
    expect(before.said('day')).toContain('0 of 500 units used, 500 left.')
    for (const units of [1, 2]) {
      const { access_token } = await connectClient(world, {}, { email: TECHNICIAN })
      expect(await callMcp(world, access_token, 'tools/call', GET_USAGE)).toBe(200)
      const { said } = await usageOf(TECHNICIAN)
      expect(said('day')).toContain(`${units} of 500 units used, ${500 - units} left.`)
      expect(said('month')).toContain(`${units} of 5,000 units used, 4,99${10 - units} left.`)
    }
    const now = new Date(world.clock.nowMs())
    const next = (months: number, day: number): string =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, day)).toISOString().slice(0, 10)
    const { said } = await usageOf(TECHNICIAN)
    expect(said('day')).toContain(`The next day begins ${next(0, now.getUTCDate() + 1)}, 00:00 UTC, in `)
    expect(said('month')).toContain(`The next month begins ${next(1, 1)}, 00:00 UTC, in `)
    expect((await usageOf(PLANNER)).said('day')).toContain('0 of 10,000 units used')
  })

  test('of a plan without limits is that there are none', async () => {
    const { said, plan } = await usageOf('admin@example.com')
    expect([plan, said('day'), said('month')]).toEqual(['enterprise', undefined, undefined])
    expect(said('unlimited')).toContain('no limit per day or per month, so nothing is counted')
  })

  test('is not known while the MCP server does not answer, and not shown to who is signed out', async () => {
    const browser = new Browser()
    await usageOf(PLANNER, browser)
    await world.stopMcp()
    const { page, said } = await usageOf(PLANNER, browser)
    await world.startMcp()
    expect([page.status, said('day'), said('unlimited')]).toEqual([200, undefined, undefined])
    expect(text(page)).toContain('The MCP server does not say now what you have used')
    const stranger = await new Browser().open(`${world.portalUrl}/usage`)
    expect(stranger.html.querySelector('button[name="user"]')).not.toBeNull()
    expect(text(stranger)).not.toContain('units')
  })
})

describe('the MCP server’s own list of grants', () => {
  test('is one button away', async () => {
    const browser = new Browser()
    const page = await open('/connections', PLANNER, browser)
    const door = await browser.submit(page, formTo(page, '/environments/open', { purpose: 'grants' }))
    const vault = await browser.submit(door, formTo(door, '/vault'))
    expect(vault.status).toBe(200)
    expect(new URL(vault.url).origin).toBe(world.mcpUrl)
  })
})

describe('T-48: every page is whole without script', () => {
  test.each(['/', '/environments', '/connections', '/nowhere'])('%s', async (path) => {
    const page = await open(path)
    expect(page.html.querySelectorAll('script')).toHaveLength(0)
    expect(page.html.querySelectorAll('h1')).toHaveLength(1)
    for (const landmark of ['header', 'nav', 'main', 'footer'])
      expect(page.html.querySelector(landmark)).not.toBeNull()
    const css = page.html.querySelector('link[rel="stylesheet"]')?.getAttribute('href') ?? ''
    const style = await new Browser().open(`${world.portalUrl}${css}`)
    expect(style.headers['content-type']).toContain('text/css')
    expect(style.headers['cache-control']).toContain('immutable')
  })
})

describe('the audit log', () => {
  test('has sign-ins once per session, consents, tokens and changes, with who and what', async () => {
    const own = await connectClient(world)
    const events = await audit()
    const sessions = events.filter(
      (event) => event['eventType'] === 'sign_in' && event['outcome'] === 'success',
    )
    expect(new Set(sessions.map((event) => event['sessionId'])).size).toBe(sessions.length)
    const mine = events.filter((event) => event['clientId'] === own.client.id)
    expect(mine.map((event) => `${String(event['eventType'])} ${String(event['operation'])}`)).toEqual([
      'client.registered register',
      'consent.shown show',
      'consent.decided approve',
      'token.issued authorization_code',
    ])
    for (const event of mine) expect(event).toMatchObject({ outcome: 'success', sourceIP: '127.0.0.1' })
    expect(mine[3]).toMatchObject({
      tokenId: expect.any(String) as string,
      grantId: mine[2]?.['grantId'] as string,
    })
    expect(events.some((event) => event['eventType'] === 'environment.changed')).toBe(true)
  })
})

test('the plan is sent to the MCP server once per session and again when it changed, not with every page', async () => {
  const planCalls = async () => {
    const log = await readFile(`${world.dataDir}/mcp/audit/mcp-1.jsonl`, 'utf8')
    return log.split('"plan.recorded"').length - 1
  }
  const browser = new Browser()
  await open('/environments', PLANNER, browser)
  const once = await planCalls()
  await browser.open(`${world.portalUrl}/connections`)
  await browser.open(`${world.portalUrl}/environments`)
  expect(await planCalls()).toBe(once)
})

test('while the store is being brought back, nothing is begun, and what an owner allowed can still be seen', async () => {
  const browser = new Browser()
  await open('/connections', PLANNER, browser)
  const register = () =>
    askPortal(world, '/oauth/register', { json: { redirect_uris: [CALLBACK], client_name: 'A client' } })
  world.store.silence(['project'])
  world.store.flush()
  await expect.poll(async () => (await register()).status, { timeout: 5000 }).toBe(503)
  const status = async (path: string) => (await browser.open(`${world.portalUrl}${path}`)).status
  for (const path of ['/', '/environments', '/oauth/consent']) expect(await status(path)).toBe(503)
  expect(await status('/connections')).toBe(200)
  const metadata = await askPortal(world, '/.well-known/oauth-authorization-server')
  expect(metadata.status).toBe(200)
  world.store.restore()
  await expect.poll(async () => (await register()).status).toBe(201)
})
