import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import type { JsonAnswer } from '../../src/dev/walk/json-http.ts'
import { chromiumMissing, launchChromium } from '../support/browser/chromium.ts'
import { startClient, type LoopbackClient } from '../support/oauth/loopback-client.ts'
import { watchPage, type PageWatch } from '../support/browser/page-watch.ts'
import { Person } from '../support/browser/person.ts'
import { aStack, PLANNER, TECHNICIAN } from '../support/stack.ts'

const LABEL = 'Plant 7'
const CLIENT = 'Claude Code'

/** What the tool said, as text; Maximo’s user stands in it when the key was good. */
const saidBy = (answer: JsonAnswer): string => JSON.stringify(answer.body)

describe.skipIf(chromiumMissing !== null)('a person with a browser', () => {
  let stack: Stack
  let browser: Browser
  let client: LoopbackClient

  beforeAll(async () => {
    stack = await aStack(null)
    browser = await launchChromium()
    client = await startClient(`${stack.mcpUrl}/mcp`, { name: CLIENT })
  }, 120_000)
  afterAll(async () => {
    await client.close()
    await browser.close()
    await stack.close()
  })

  test.each([
    ['with JavaScript', true, PLANNER],
    ['with JavaScript off', false, TECHNICIAN],
  ])(
    '%s: adds a Maximo, connects a client, replaces the key, ends it all',
    async (_name, javaScriptEnabled, email) => {
      const context = await browser.newContext({ javaScriptEnabled })
      const person = new Person(await context.newPage(), stack)
      const watch = await watchPage(context, person.page)

      await person.signIn(email)
      expect(await person.text()).toContain(`You are signed in as ${email}.`)
      await addEnvironment(person)
      const token = await connect(person)
      await replaceKey(person, token)
      await endConnection(person, token)
      await removeEnvironment(person)
      await signOut(person)

      expectNothingBlocked(watch)
      await context.close()
    },
    240_000,
  )

  async function addEnvironment(person: Person): Promise<void> {
    const { page } = person
    const { apiKey } = stack.simulator.accounts.of(person.email)
    await person.enterVault('Add an environment')
    expect(new URL(page.url()).origin).toBe(stack.mcpUrl)

    await person.fillVault({ label: LABEL, baseUrl: stack.simulator.baseUrl, key: 'not-the-key' })
    await person.click('Test and save')
    expect(await page.getByRole('alert').innerText()).toBe(
      'Maximo answered, but did not accept this key. Nothing was saved.',
    )
    expect(await page.title()).toMatch(/^Problem: /)
    expect(await page.locator('#label').inputValue()).toBe(LABEL)
    expect(await page.locator('#key').inputValue()).toBe('')
    const meanwhile = await page.context().newPage()
    await meanwhile.goto(`${stack.portalUrl}/environments`)
    expect(await meanwhile.getByRole('heading', { level: 2 }).allInnerTexts()).not.toContain(LABEL)
    await meanwhile.close()

    await person.fillVault({ key: apiKey })
    await person.click('Test and save')
    expect(await person.heading()).toBe('The connection works')
    await person.follow('Finish in the portal')
    expect(await person.text()).toContain(`“${LABEL}” is saved.`)
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toContain(LABEL)
  }

  /** Consent, the way back over the client's own listener, and the first call. */
  async function connect(person: Person): Promise<string> {
    const { page } = person
    await page.goto(client.authorizeUrl())
    expect(await person.heading()).toBe('Allow access to your Maximo?')
    expect(await person.text()).toContain(new URL(client.redirectUri).host)
    await page.getByLabel(LABEL).check()
    await person.click('Allow')
    await page.waitForURL(`${client.redirectUri}?**`)
    expect(await page.title()).toBe('Back at the client')
    const answer = client.answer()
    expect([answer.get('state'), answer.get('iss')]).toEqual(['state-1', stack.portalUrl])
    const token = await client.redeem(answer.get('code') ?? '')
    expect(saidBy(await client.call(token))).toContain(stack.simulator.accounts.of(person.email).userId)
    return token
  }

  /** Maximo's administrator regenerates the key: the connection breaks, and works again without connecting again. */
  async function replaceKey(person: Person, token: string): Promise<void> {
    const { userId } = stack.simulator.accounts.of(person.email)
    const key = await stack.simulator.accounts.regenerateKey(person.email)
    expect(saidBy(await client.call(token))).toContain('credentials_rejected')

    const replace = async (): Promise<void> => {
      await person.enterVault(`Replace the key of ${LABEL}`)
      await person.fillVault({ key })
      await person.click('Test and replace')
      expect(await person.heading()).toBe('The connection works')
      expect(saidBy(await client.call(token))).toContain(userId)
    }
    await replace()
    await person.click('Go back to the former key')
    expect(await person.heading()).toBe('Back to the former key')
    expect(saidBy(await client.call(token))).toContain('credentials_rejected')

    await replace()
    await person.click('Confirm the new key')
    expect(await person.heading()).toBe('The new key is confirmed')
    await person.follow('Back to the portal')
    expect(saidBy(await client.call(token))).toContain(userId)
  }

  async function endConnection(person: Person, token: string): Promise<void> {
    const { page } = person
    const listed = page.locator('[data-connection]').filter({ hasText: LABEL })
    await person.go('/connections')
    expect(await listed.getAttribute('data-state')).toBe('live')
    expect(await listed.innerText()).toContain(`“${CLIENT}”`)
    await person.click(`End this connection of ${CLIENT}`)
    expect(await listed.getAttribute('data-state')).toBe('enforced')
    expect((await client.call(token)).status).toBe(401)

    await person.enterVault('See the MCP server’s own list', '/connections')
    expect(await person.text()).toMatch(/“Claude Code”\s+at localhost:\d+\s+Ended/)
    await person.goToServer('/vault/grants')
    expect(await person.heading()).toBe('Connections in the MCP server’s own log')
  }

  async function removeEnvironment(person: Person): Promise<void> {
    await person.enterVault(`Remove of ${LABEL}`)
    expect(await person.text()).toContain(LABEL)
    await person.click('Remove this environment')
    await person.follow('Back to the portal')
    expect(await person.text()).toContain('The environment is removed, and its connections have ended.')
    expect(await person.page.getByRole('heading', { level: 2 }).allInnerTexts()).not.toContain(LABEL)
  }

  async function signOut(person: Person): Promise<void> {
    await person.click('Sign out')
    expect(await person.text()).not.toContain(person.email)
    await person.go('/environments')
    expect(new URL(person.page.url()).origin).toBe(new URL(stack.standin.url).origin)
  }

  /** Every page kept to its own policy and its own people. */
  function expectNothingBlocked(watch: PageWatch): void {
    expect(watch.violations).toEqual([])
    expect(watch.complaints.filter((complaint) => /content.security|refused to/i.test(complaint))).toEqual([])
    const known = [stack.portalUrl, stack.mcpUrl, stack.standin.url, client.redirectUri]
    expect([...watch.origins].sort()).toEqual([...new Set(known.map((url) => new URL(url).origin))].sort())
  }
})
