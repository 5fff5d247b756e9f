import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { replaceKey } from '../../src/dev/walk/vault.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { scratchFolder } from '../support/folder.ts'
import { callMcp, connectClient } from '../support/oauth/oauth-client.ts'
import { PLANNER, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

const ADMIN = 'admin@example.com'

let world: PortalWorld
beforeAll(async () => {
  // A production key is due from its first day on, one of a test environment is not.
  world = await startPortalWorld({
    env: { CREDENTIAL_DAYS_PRODUCTION: '5', CREDENTIAL_DAYS_TEST: '60', CREDENTIAL_WARN_DAYS: '14' },
  })
})
afterAll(() => world.close())

const listed = (email = PLANNER, browser = new Browser()): Promise<Page> =>
  openSignedIn(browser, `${world.portalUrl}/environments`, email)
const keysOf = (page: Page): string[] => page.html.querySelectorAll('[data-key]').map(({ text }) => text)
const notices = (page: Page): string[] =>
  page.html
    .querySelectorAll('[data-notice^="key-"]')
    .map((notice) => notice.getAttribute('data-notice') ?? '')

/** The vault's form for a new environment, sent with `fill`. */
async function addToVault(browser: Browser, fill: Record<string, string>): Promise<Page> {
  const list = await listed(PLANNER, browser)
  const door = await browser.submit(list, formTo(list, '/environments/open', { purpose: 'add' }))
  const vault = await browser.submit(door, formTo(door, '/vault'))
  return browser.submit(vault, formTo(vault, '/vault/save'), {
    label: 'Another',
    baseUrl: world.maximoUrl,
    method: 'apikey',
    ...fill,
  })
}

describe('the owner sees', () => {
  test('how old each key is, by the MCP server’s own records, and is warned before; nothing stops', async () => {
    const { access_token } = await connectClient(world)
    const page = await listed()
    expect(keysOf(page)).toEqual(['production · key of today, to be replaced within 5 days'])
    expect(notices(page)).toEqual([expect.stringMatching(/^key-due-/)])
    expect(page.html.querySelector('[data-notice]')?.text).toContain('Replace the key')
    expect(await callMcp(world, access_token)).toBe(200)
  })

  test('the age in the vault too, and the class that was chosen for a new environment', async () => {
    const browser = new Browser()
    const saved = await addToVault(browser, { key: world.apiKeyOf(PLANNER), cls: 'test' })
    expect(saved.html.text).toContain('The key is 0 days old; replace it within 60 days (test).')
    const page = await browser.open(`${world.portalUrl}/environments`)
    expect(keysOf(page)).toContain('test · key of today, to be replaced within 60 days')
    expect(notices(page)).toHaveLength(1)
  })

  test('a notice until it was read; a new key is told anew', async () => {
    const browser = new Browser()
    const page = await listed(PLANNER, browser)
    const form = page.html.querySelector('[data-notice^="key-due-"] form')
    const after = await browser.submit(page, form!)
    expect([after.url, notices(after)]).toEqual([`${world.portalUrl}/environments`, []])
    const entry = {
      portalUrl: world.portalUrl,
      email: PLANNER,
      label: 'demo',
      apiKey: world.apiKeyOf(PLANNER),
    }
    expect(notices(await replaceKey(browser, entry))).toEqual([expect.stringMatching(/^key-due-.*-2$/)])
  })

  test('that a key is an administrator’s: beside the environment, on the start page and in the vault', async () => {
    const browser = new Browser()
    const page = await listed(ADMIN, browser)
    expect(notices(page).filter((id) => id.startsWith('key-admin-'))).toHaveLength(1)
    const home = await browser.open(`${world.portalUrl}/`)
    expect(home.html.text).toContain('is an administrator’s')
    const list = await browser.open(`${world.portalUrl}/environments`)
    const door = await browser.submit(list, formTo(list, '/environments/open', { purpose: 'replace' }))
    const vault = await browser.submit(door, formTo(door, '/vault'))
    expect(vault.html.text).toContain('Its Maximo user is an administrator')
    expect((await listed()).html.text).not.toContain('administrator')
  })

  test('that the user of a key may see who may do what, whatever its name, until another key is in its place', async () => {
    const replaced = async (account: string): Promise<string[]> => {
      const apiKey = world.apiKeyOf(account)
      const browser = new Browser()
      const after = await replaceKey(browser, {
        portalUrl: world.portalUrl,
        email: PLANNER,
        label: 'demo',
        apiKey,
      })
      return notices(after).filter((id) => id.startsWith('key-admin-'))
    }
    expect(await replaced('keeper@example.com')).toHaveLength(1)
    expect(await replaced(PLANNER)).toEqual([])
  })

  test('since when Maximo refuses a key, until one that it takes is in its place', async () => {
    const { access_token } = await connectClient(world)
    const read = (): Promise<number> =>
      callMcp(world, access_token, 'tools/call', { name: 'get_context', arguments: {} })
    const refusals = (page: Page): string[] => notices(page).filter((id) => id.startsWith('key-refused-'))
    await read()
    expect(refusals(await listed())).toEqual([])
    await world.regenerateKey(PLANNER)
    const minute = (): string => new Date(world.clock.nowMs()).toISOString().slice(0, 16).replace('T', ' ')
    const before = minute()
    await read()
    const minutes = [before, minute()]
    await read()
    const page = await listed()
    expect(keysOf(page)).toEqual(expect.arrayContaining([expect.stringMatching(/Maximo refuses it since /)]))
    expect(refusals(page)).toHaveLength(1)
    const notice = page.html.querySelector('[data-notice^="key-refused-"]')
    expect(notice?.text).toContain('Maximo refuses the key or password of “demo”')
    const [, since] = /Since (.{10}, .{5}) UTC no connection to it works\./.exec(notice?.text ?? '') ?? []
    expect(minutes).toContain(since?.replace(',', ''))
    expect(notice?.querySelector('form')).toBeNull()
    const entry = {
      ...{ portalUrl: world.portalUrl, email: PLANNER, label: 'demo' },
      apiKey: world.apiKeyOf(PLANNER),
    }
    expect(refusals(await replaceKey(new Browser(), entry))).toEqual([])
    await read()
    expect(refusals(await listed())).toEqual([])
  })

  test('nothing of keys while the MCP server is silent, and everything else', async () => {
    await world.stopMcp()
    const page = await listed()
    await world.startMcp()
    expect([page.status, keysOf(page)]).toEqual([200, []])
    expect(page.html.text).toContain('demo')
  })
})

test('a key that works and can be guessed is not saved', async () => {
  const dataDir = await scratchFolder()
  const secrets = { apiKey: 'maximo-sap-prod-2024', password: 'not-that-either' }
  await writeFile(join(dataDir, 'accounts.json'), JSON.stringify({ version: 1, users: { WILSON: secrets } }))
  const simulator = await startSimulator({ port: 0, dataDir, clock: systemClock })
  onTestFinished(() => simulator.close())
  const saved = await addToVault(new Browser(), { baseUrl: simulator.baseUrl, key: secrets.apiKey })
  expect(saved.status).toBe(422)
  expect(saved.html.querySelector('[role="alert"]')?.text).toContain('it can be guessed')
  const other = simulator.accounts.of('technician@example.com').apiKey
  expect((await addToVault(new Browser(), { baseUrl: simulator.baseUrl, key: other })).status).toBe(200)
})

test('an unknown class is refused by the vault, and nothing is saved', async () => {
  const saved = await addToVault(new Browser(), { key: world.apiKeyOf(PLANNER), cls: 'playground' })
  expect([saved.status, saved.html.querySelector('h1')?.text]).toEqual([422, 'Add a Maximo environment'])
})
