import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { callTool } from '../support/oauth/automation.ts'
import { chromiumMissing, launchChromium } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect-page.ts'
import { watchPage } from '../support/browser/page-watch.ts'
import { Person } from '../support/browser/person.ts'
import { aStack, PLANNER } from '../support/stack.ts'

const ADMIN = 'admin@example.com'

describe.skipIf(chromiumMissing !== null)('automation tokens in a browser', () => {
  let stack: Stack
  let browser: Browser
  beforeAll(async () => {
    stack = await aStack(null)
    browser = await launchChromium()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await stack.close()
  })

  test.each([
    ['with JavaScript', true, PLANNER],
    ['with JavaScript off', false, ADMIN],
  ])(
    '%s: a token is made, used, rotated and ended',
    async (_name, javaScriptEnabled, email) => {
      const context = await browser.newContext({ javaScriptEnabled })
      const person = new Person(await context.newPage(), stack)
      const watch = await watchPage(context, person.page)
      const { page } = person
      await person.signIn(email)
      await person.go('/tokens')
      await person.follow('New automation token')
      await page.getByLabel('Name').first().fill('nightly report')
      await page.getByRole('radio', { name: 'Only these' }).check()
      if (!(await page.getByLabel('Object structure 1', { exact: true }).isVisible()))
        await page.getByText('Name the object structures').click()
      await page.getByLabel('Object structure 1', { exact: true }).fill('mxapiasset')
      await page.getByLabel('Network 1').fill('not a network')
      await person.click('Create the token')
      expect(await person.text()).toContain('Network 1 is none')
      await page.getByLabel('Network 1').fill('127.0.0.0/8')
      await page.getByLabel('Network 2').fill('::1')
      await person.click('Create the token')
      expect(await person.heading()).toBe('Copy your token now')
      const token = await page.locator('#token').innerText()
      expect((await callTool(token, stack)).status).toBe(200)

      await page.reload().catch(() => undefined)
      expect(await page.locator('#token').count()).toBe(0)

      await person.go('/tokens')
      expect(await person.text()).toContain('MXAPIASSET (read)')
      await person.follow('Rotate nightly report')
      await page.getByRole('radio', { name: 'at once' }).check()
      await person.click('Make the new token')
      const fresh = await page.locator('#token').innerText()
      expect([(await callTool(token, stack)).status, (await callTool(fresh, stack)).status]).toEqual([
        401, 200,
      ])
      await person.follow('I have stored it')
      await person.click('End this token nightly report')
      expect((await callTool(fresh, stack)).status).toBe(401)
      expect(await person.text()).toContain('Ended')
      expect(watch.violations).toEqual([])
      await context.close()
    },
    120_000,
  )

  test('every page of it passes WCAG 2.2 AA, light and dark, 320 and 1280 px wide', async () => {
    const context = await browser.newContext()
    const person = new Person(await context.newPage(), stack)
    const problems: string[] = []
    const look = async (name: string) => void problems.push(...(await inspectPage(person.page, name)))
    stack.standin.hooks.setFactorAge(ADMIN, 11)
    await person.signIn(ADMIN)
    stack.standin.hooks.setFactorAge(ADMIN, 0)
    await person.go('/tokens')
    await look('tokens-none')
    await person.go('/tokens/new')
    await look('token-form')
    await person.page.getByLabel('Name').first().fill('nightly report of overdue work orders')
    await person.click('Create the token')
    expect(await person.heading()).toBe('Please sign in again')
    await look('token-sign-in-again')
    await person.click('Sign out and in again')
    await person.choose(ADMIN)
    await person.page.getByRole('radio', { name: 'Only these' }).check()
    await person.click('Create the token')
    await look('token-form-problems')
    await person.page.getByRole('radio', { name: 'reporting' }).check()
    await person.click('Create the token')
    await look('token-made')
    await person.follow('I have stored it')
    await look('tokens')
    await person.follow('Rotate nightly report of overdue work orders')
    await look('token-rotate')
    expect(problems).toEqual([])
    await context.close()
  }, 240_000)
})
