import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumMissing, launchChromium } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect-page.ts'
import { machineKey } from '../support/oauth/machine-client.ts'
import { startOidcIssuer, type OidcIssuer } from '../support/oauth/oidc-issuer.ts'
import { Person } from '../support/browser/person.ts'
import { PLANNER, startPortalWorld, type PortalWorld } from '../support/portal-world.ts'

describe.skipIf(chromiumMissing !== null)('machine clients in a browser', () => {
  let issuer: OidcIssuer
  let world: PortalWorld
  let browser: Browser
  beforeAll(async () => {
    const nowS = (): number => Math.floor(Date.now() / 1000)
    issuer = await startOidcIssuer({ nowS, audience: () => `${world.portalUrl}/oauth/token` })
    world = await startPortalWorld({ env: { WORKLOAD_ISSUERS_FILE: issuer.file } })
    browser = await launchChromium()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await world.close()
    await issuer.close()
  })

  test('the form, what it says of a mistake, and the page of the client: WCAG 2.2 AA in every view', async () => {
    const context = await browser.newContext()
    const person = new Person(await context.newPage(), world)
    const problems: string[] = []
    const look = async (name: string) => void problems.push(...(await inspectPage(person.page, name)))
    world.standin.hooks.setFactorAge(PLANNER, 11)
    await person.signIn(PLANNER)
    await person.go('/connections')
    await person.follow('Register a machine client')
    await look('machine-sign-in-again')
    world.standin.hooks.setFactorAge(PLANNER, 0)
    await person.click('Sign in again')
    await person.choose(PLANNER)
    await look('machine-form')
    await person.page.getByLabel('Name', { exact: true }).fill('Nightly report')
    await person.page.getByRole('group', { name: 'Rule 1' }).getByLabel('Claim').fill('ref')
    await person.page.getByRole('group', { name: 'Rule 1' }).getByLabel('Value').fill('refs/heads/main')
    await person.click('Register')
    await look('machine-form-problem')
    expect(await person.page.getByRole('alert').innerText()).toContain('whose workload')
    expect(await person.page.getByRole('group', { name: 'Rule 1' }).getByLabel('Value').inputValue()).toBe(
      'refs/heads/main',
    )
    await person.page.getByRole('radio', { name: /key pair of its own/ }).check()
    await person.page.getByLabel('Public key, as PEM').fill(JSON.stringify(machineKey().jwk))
    await person.click('Register')
    expect(await person.heading()).toBe('“Nightly report”')
    await look('machine')
    expect(problems).toEqual([])
  }, 300_000)
})
