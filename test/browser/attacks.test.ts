import type { Browser, BrowserContext, Cookie } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { chromiumMissing, launchChromium } from '../support/browser/chromium.ts'
import {
  clickForeign,
  readForm,
  startForeignSite,
  type ForeignSite,
} from '../support/browser/foreign-site.ts'
import { startClient, type LoopbackClient } from '../support/oauth/loopback-client.ts'
import { watchPage } from '../support/browser/page-watch.ts'
import { Person } from '../support/browser/person.ts'
import { aStack, PLANNER } from '../support/stack.ts'

/** Where the foreign page stands: the guards must not lean on cookies alone, which another port of a host receives. */
const PLACES = ['another site', 'another port of the same host', 'a page without an origin'] as const
type Place = (typeof PLACES)[number]

describe.skipIf(chromiumMissing !== null)('in a real browser', () => {
  let stack: Stack
  let browser: Browser
  let site: ForeignSite
  let context: BrowserContext
  let person: Person
  const clients: LoopbackClient[] = []

  beforeAll(async () => {
    stack = await aStack(null)
    browser = await launchChromium()
    site = await startForeignSite()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    for (const client of clients) await client.close()
    await site.close()
    await stack.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    person = new Person(await context.newPage(), stack)
    await person.signIn(PLANNER)
  })
  afterEach(async () => {
    await context.close()
  })

  const aClient = async (redirectUri?: string): Promise<LoopbackClient> => {
    const options = { name: 'Claude Code', ...(redirectUri === undefined ? {} : { redirectUri }) }
    const client = await startClient(`${stack.mcpUrl}/mcp`, options)
    clients.push(client)
    return client
  }

  const urlOf = (place: Place): string => {
    switch (place) {
      case 'another site':
        return site.otherSite
      case 'another port of the same host':
        return site.otherPort
      case 'a page without an origin':
        return 'about:blank'
    }
  }

  /** Sends our own form, tokens and all, from a foreign page; returns what the person then sees. */
  const attack = async (place: Place, action: string, bend: Record<string, string> = {}, having = '') => {
    const form = await readForm(person.page, action, having)
    const sent = { ...form, fields: { ...form.fields, ...bend } }
    const page = await clickForeign(context, { site, url: urlOf(place) }, sent)
    const shown = { status: page.status, heading: await page.getByRole('heading', { level: 1 }).innerText() }
    await page.close()
    return shown
  }
  const REFUSED = { status: 403, heading: 'This form did not come from here' }
  const REFUSED_BY_VAULT = { status: 403, heading: 'This did not work' }

  describe.each(PLACES)('a form of ours on %s', (place) => {
    test('does not consent; the same form on our own page does', async () => {
      const client = await aClient()
      await person.page.goto(client.authorizeUrl())
      expect(await attack(place, '/oauth/decision', { decision: 'approve' })).toEqual(REFUSED)
      expect([...client.answer()]).toEqual([])
      await person.click('Allow')
      await person.page.waitForURL(`${client.redirectUri}?**`)
      expect(client.answer().get('code')).not.toBeNull()
    })

    test('does not ask for the vault; our own page does', async () => {
      await person.go('/environments')
      expect(await attack(place, '/environments/open')).toEqual(REFUSED)
      await person.click('Add an environment')
      expect(await person.heading()).toBe('Continue at the MCP server')
    })

    test('does not enter the vault with a live handle, and does not use it up', async () => {
      await person.go('/environments')
      await person.click('Add an environment')
      expect(await attack(place, '/vault')).toEqual(REFUSED_BY_VAULT)
      expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-mx_vault')
      await person.throughTheDoor()
      expect(await person.heading()).toBe('Add a Maximo environment')
    })

    test('does not save a credential, and Maximo is not asked; our own page does', async () => {
      const { apiKey } = stack.simulator.accounts.of(PLANNER)
      const typed = { label: `From ${place}`, baseUrl: stack.simulator.baseUrl }
      await person.enterVault('Add an environment')
      stack.simulator.requests.reset()
      const bend = { ...typed, method: 'apikey', key: apiKey }
      expect(await attack(place, '/vault/save', bend)).toEqual(REFUSED_BY_VAULT)
      expect(stack.simulator.requests()).toBe(0)
      await person.fillVault({ ...typed, key: apiKey })
      await person.click('Test and save')
      expect(await person.heading()).toBe('The connection works')
    })

    test('does not end a connection; our own page does', async () => {
      const client = await aClient()
      await person.page.goto(client.authorizeUrl())
      await person.click('Allow')
      await person.page.waitForURL(`${client.redirectUri}?**`)
      const token = await client.redeem(client.answer().get('code') ?? '')
      await person.go('/connections')
      const live = '[data-state="live"]'
      const gid = await person.page.locator(live).first().getAttribute('data-connection')
      const having = `:has(input[name="gid"][value="${gid ?? ''}"])`
      expect(await attack(place, '/connections/revoke', {}, having)).toEqual(REFUSED)
      expect((await client.call(token)).status).toBe(200)
      await person.page.locator(`[data-connection="${gid ?? ''}"] button`).click()
      await person.page.waitForSelector(`[data-connection="${gid ?? ''}"][data-state="enforced"]`)
      expect((await client.call(token)).status).toBe(401)
    })

    test('does not sign out; our own page does', async () => {
      await person.go('/')
      expect(await attack(place, '/sign-out')).toEqual(REFUSED)
      await person.go('/')
      expect(await person.text()).toContain(PLANNER)
      await person.click('Sign out')
      expect(await person.text()).not.toContain(PLANNER)
    })
  })

  test('no page of ours is shown in a frame, where a page that allows it is', async () => {
    const client = await aClient()
    await person.page.goto(client.authorizeUrl())
    const consent = person.page.url()
    await person.enterVault('Add an environment')
    const portal = ['/', '/environments', '/connections', '/sign-in', '/nowhere']
    const pages = [consent, ...portal.map((path) => stack.portalUrl + path), `${stack.mcpUrl}/vault/grants`]
    const { page } = person
    site.serve(pages.map((url) => `<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`).join(''))
    await page.goto(site.otherPort)
    const framed = (): string[] =>
      page
        .frames()
        .slice(1)
        .map((frame) => frame.url())
    await expect.poll(framed).toEqual(pages.map(() => 'chrome-error://chromewebdata/'))

    site.serve('')
    await page.setContent(`<iframe src="${site.otherSite}"></iframe>`)
    await expect.poll(framed).toEqual([`${site.otherSite}/`])
  })

  test('a script of a foreign page reads its own page and nothing of ours', async () => {
    const { page } = person
    const read = (url: string): Promise<string> =>
      page.evaluate(
        (address) =>
          fetch(address, { credentials: 'include' }).then(
            (answer) => answer.text(),
            () => 'refused',
          ),
        url,
      )
    for (const url of [site.otherSite, site.otherPort]) {
      site.serve('')
      await page.goto(url)
      expect(await read(`${stack.portalUrl}/environments`)).toBe('refused')
      expect(await read(`${stack.mcpUrl}/vault/grants`)).toBe('refused')
      expect(await read(url)).toContain('Foreign')
    }
  })

  test('a policy that blocks something is noticed', async () => {
    const watch = await watchPage(context, person.page)
    await person.go('/')
    expect(watch.violations).toEqual([])
    await person.page.evaluate(() => {
      document.body.setAttribute('style', 'color: red')
      document.body.insertAdjacentHTML('beforeend', '<img src="https://tracker.example/pixel">')
    })
    await expect.poll(() => watch.violations.map((line) => line.split(' ')[1])).toContain('img-src')
    expect(watch.violations.map((line) => line.split(' ')[1])).toContain('style-src-attr')
  })

  test('consent leads to the client although its address is no target of our forms', async () => {
    const client = await aClient()
    const watch = await watchPage(context, person.page)
    await person.page.goto(client.authorizeUrl())
    const policy = (await person.page.request.get(stack.portalUrl)).headers()['content-security-policy']
    expect(policy).toContain("form-action 'self'")
    expect(policy).not.toContain(new URL(client.redirectUri).origin)
    await person.click('Allow')
    await person.page.waitForURL(`${client.redirectUri}?**`)
    expect(await person.page.title()).toBe('Back at the client')
    expect(watch.violations).toEqual([])
  })

  test('a client of a private scheme gets a link with the answer, for nobody can open it here', async () => {
    const client = await aClient('cursor://anysphere.cursor-mcp/oauth/callback')
    await person.page.goto(client.authorizeUrl())
    await person.click('Allow')
    expect(await person.heading()).toBe('Access allowed')
    const link = new URL((await person.page.locator('#continue').getAttribute('href')) ?? '')
    expect(link.href).toMatch(/^cursor:\/\/anysphere\.cursor-mcp\/oauth\/callback\?/)
    expect(await client.call(await client.redeem(link.searchParams.get('code') ?? ''))).toMatchObject({
      status: 200,
    })
  })

  test('cookies of ours are for this host alone, over http on localhost too, and no script reads one', async () => {
    await person.enterVault('Add an environment')
    expect(await person.page.evaluate(() => document.cookie)).toBe('')
    await person.go('/environments')
    expect(await person.page.evaluate(() => document.cookie)).toBe('')
    const ours = (await context.cookies()).filter(({ name }) => name.startsWith('__Host-'))
    const known = ({ name, domain, path, secure, httpOnly, sameSite }: Cookie) => ({
      name,
      domain,
      path,
      secure,
      httpOnly,
      sameSite,
    })
    const base = { domain: 'localhost', path: '/', secure: true, httpOnly: true }
    expect(ours.map(known).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: '__Host-mx_txn', ...base, sameSite: 'Lax' },
      { name: '__Host-mx_vault', ...base, sameSite: 'Strict' },
    ])
  })

  test('an address of the vault that was typed, or reloaded, says where to go', async () => {
    await person.goToServer('/vault')
    expect(await person.heading()).toBe('This did not work')
    await person.goToServer('/vault/save')
    expect(await person.text()).toContain('Go back to the portal and start again.')
    await person.follow('Back to the portal')
    expect(await person.heading()).toBe('Maximo environments')
  })
})
