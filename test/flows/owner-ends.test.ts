import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import {
  callMcp,
  connectClient,
  obtainCode,
  redeem,
  refresh,
  registerClient,
  tokensOf,
} from '../support/oauth/oauth-client.ts'
import { PLANNER, type PortalWorld, startPortalWorld, TECHNICIAN } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterEach(() => world.clock.reset())
afterAll(() => world.close())

const at = (path: string, browser = new Browser(), email = PLANNER): Promise<Page> =>
  openSignedIn(browser, `${world.portalUrl}${path}`, email)

/** Another connection of a client that is registered already. */
async function connectAgain(
  client: { readonly id: string; readonly secret: string | undefined },
  email = PLANNER,
) {
  return { ...tokensOf(await redeem(world, client, await obtainCode(world, client, { email }))), client }
}

describe('the owner ends', () => {
  test('all of a client, and nothing of another', async () => {
    const first = await connectClient(world)
    const second = await connectAgain(first.client)
    const other = await connectClient(world)
    const browser = new Browser()
    const page = await at('/connections', browser)
    expect(page.html.text).toContain('End all 2 of this client')
    const after = await browser.submit(page, formTo(page, '/connections/revoke-client'), {
      cid: first.client.id,
    })
    expect(after.url).toBe(`${world.portalUrl}/connections`)
    const calls = [first, second, other].map(({ access_token }) => callMcp(world, access_token))
    expect(await Promise.all(calls)).toEqual([401, 401, 200])
    expect(await refresh(world, first.client, second.refresh_token)).toMatchObject({
      body: { error: 'invalid_grant' },
    })
  })

  test('everything, after being asked once more; another person’s go on', async () => {
    const own = [await connectClient(world), await connectClient(world)]
    const client = await registerClient(world)
    const foreign = await connectAgain(client, TECHNICIAN)
    const browser = new Browser()
    const list = await at('/connections', browser)
    expect(list.html.querySelector('a[href="/connections/end-everything"]')).not.toBeNull()
    const asked = await browser.open(`${world.portalUrl}/connections/end-everything`)
    expect(asked.html.querySelector('h1')?.text).toBe('End everything?')
    expect(await callMcp(world, own[0]!.access_token)).toBe(200)
    const after = await browser.submit(asked, formTo(asked, '/connections/end-everything'))
    expect(after.html.querySelector('[data-state="live"], [data-state="pending"]')).toBeNull()
    const calls = [...own, foreign].map(({ access_token }) => callMcp(world, access_token))
    expect(await Promise.all(calls)).toEqual([401, 401, 200])
    expect(await callMcp(world, (await connectClient(world)).access_token)).toBe(200)
  })

  test('everything while the MCP server is silent: nothing is issued any more, and the page says what is not yet so', async () => {
    const { client, access_token, refresh_token } = await connectClient(world)
    const browser = new Browser()
    const asked = await at('/connections/end-everything', browser)
    await world.stopMcp()
    const after = await browser.submit(asked, formTo(asked, '/connections/end-everything'))
    const refused = await refresh(world, client, refresh_token)
    await world.startMcp()
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const notice = after.html.querySelector('[data-notice^="pending-"]')
    expect(notice?.text).toContain('not yet in force')
    expect(notice?.querySelector('form')).toBeNull()
    await expect.poll(() => callMcp(world, access_token), { timeout: 15_000 }).toBe(401)
    await expect
      .poll(async () => (await at('/connections')).html.querySelector('[data-notice^="pending-"]'), {
        timeout: 15_000,
      })
      .toBeNull()
  })

  test.each(['/connections/revoke-client', '/connections/end-everything'])(
    'nothing by a form of another page, or without its token (%s)',
    async (path) => {
      const { access_token, client } = await connectClient(world)
      const browser = new Browser()
      const page = await at('/connections/end-everything', browser)
      const form = formTo(page, '/connections/end-everything')
      form.setAttribute('action', path)
      const answer = await browser.submit(page, form, { form: 'x'.repeat(43), cid: client.id })
      expect(answer.status).toBe(403)
      expect(await callMcp(world, access_token)).toBe(200)
    },
  )
})

describe('what happened without the owner is told', () => {
  /** A connection whose old refresh token was used again, long after. */
  async function reused(): Promise<void> {
    const { client, refresh_token } = await connectClient(world)
    tokensOf(await refresh(world, client, refresh_token))
    world.clock.advance(61_000)
    expect((await refresh(world, client, refresh_token)).status).toBe(400)
    world.clock.reset()
  }
  const notices = (page: Page) => page.html.querySelectorAll('[data-notice^="refresh_reused-"]')

  test('the reuse of a refresh token, on the start page and beside the connections, with time and what to do', async () => {
    await reused()
    const browser = new Browser()
    await at('/connections', browser)
    for (const path of ['/', '/connections']) {
      const [notice] = notices(await browser.open(world.portalUrl + path))
      expect(notice?.text).toContain('an old token of it was used again')
      expect(notice?.text).toMatch(/\d{4}-\d{2}-\d{2}, \d{2}:\d{2} UTC/)
      expect(notice?.text).toContain('connect again')
    }
    expect(notices(await at('/connections', new Browser(), TECHNICIAN))).toEqual([])
  })

  test('once it was read it is gone, and stays gone after a restart; the next one is told again', async () => {
    await reused()
    const browser = new Browser()
    let page = await at('/connections', browser)
    while (notices(page).length > 0) {
      page = await browser.submit(page, notices(page)[0]!.querySelector('form')!)
      expect(page.url).toBe(`${world.portalUrl}/connections`)
    }
    const journal = await readFile(`${world.dataDir}/portal/journal/portal-1.jsonl`, 'utf8')
    expect(journal).toContain('"notice.dismissed"')
    await world.restartPortal()
    expect(notices(await at('/connections'))).toEqual([])
    await reused()
    expect(notices(await at('/connections'))).toHaveLength(1)
  })

  test('nobody dismisses what is not his, or not there: nothing is written', async () => {
    await reused()
    const [own] = notices(await at('/connections'))
    const other = new Browser()
    const page = await at('/connections/end-everything', other, TECHNICIAN)
    const form = formTo(page, '/connections/end-everything')
    form.setAttribute('action', '/notices/dismiss')
    const fill = { notice: own?.getAttribute('data-notice') ?? '', from: 'https://evil.example/' }
    const answer = await other.submit(page, form, fill)
    expect(answer.url).toBe(`${world.portalUrl}/`)
    expect(notices(await at('/connections')).length).toBeGreaterThan(0)
  })
})
