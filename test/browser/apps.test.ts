import type { Browser, Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { openAppClient, type AppClient } from '../support/browser/app-client.ts'
import { says, unrestOf, type AppHost } from '../support/browser/app-host.ts'
import { chromiumMissing, launchChromium } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect-page.ts'
import { Person } from '../support/browser/person.ts'
import { aStack, connect, PLANNER } from '../support/stack.ts'

interface Shown {
  readonly rows: readonly (readonly unknown[])[]
  readonly total: number
}

describe.skipIf(chromiumMissing !== null)('pictures in a host of MCP Apps', () => {
  let stack: Stack
  let browser: Browser
  let app: AppClient

  beforeAll(async () => {
    stack = await aStack(null)
    browser = await launchChromium()
    const { tokens, address } = await connect(stack, PLANNER, 'maximo:read maximo:write offline_access')
    app = await openAppClient(address, tokens.access_token, browser)
  }, 120_000)
  afterEach(() => app.hide())
  afterAll(async () => {
    await app.close()
    await browser.close()
    await stack.close()
  })

  const named = ({ frame }: AppHost, name: string): Locator =>
    frame.getByRole('button', { name, exact: true })
  const names = ({ frame }: AppHost): Promise<string[]> => frame.locator('button:visible').allInnerTexts()

  const stage = (wonum: string, values: object = { description: 'Seal leaks badly', wopriority: 1 }) => ({
    reason: 'As agreed at the morning meeting.',
    operations: [{ op: 'update', object: 'mxapiwodetail', id: `BEDFORD/${wonum}`, values }],
  })
  const priorityOf = async (wonum: string): Promise<unknown> => {
    const text = await app.call('query_records', {
      object: 'mxapiwodetail',
      filters: [{ field: 'wonum', op: 'eq', value: wonum }],
      select: ['wopriority'],
    })
    return (JSON.parse(text) as Shown).rows[0]?.[0]
  }

  describe('the work board', () => {
    const open = { state: 'open', limit: 30 }

    test('has every row in the column of its status, says how much is missing, and loads it', async () => {
      const answer = JSON.parse(await app.call('search_work_orders', open)) as Shown & { cols: string[] }
      const host = await app.show('search_work_orders', open)
      await says(host, `30 of ${answer.total} work orders; the others are not here.`)
      const sections = await host.frame.locator('section').evaluateAll((all) =>
        all.map((one) => {
          const count = one.querySelector('.count')?.textContent ?? ''
          const status = one.querySelector('h2 bdi')?.textContent ?? ''
          return [status, count, String(one.querySelectorAll('li').length)]
        }),
      )
      const at = answer.cols.indexOf('status')
      for (const [status, count, cards] of sections) {
        expect(count).toBe(cards)
        expect(count).toBe(String(answer.rows.filter((row) => row[at] === status).length))
      }
      expect(sections.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(30)
      while (await named(host, 'Load more').isVisible()) {
        const before = await host.frame.locator('.card').count()
        await named(host, 'Load more').click()
        await host.frame.locator('.card').nth(before).waitFor()
      }
      await says(host, `All ${answer.total} work orders.`)
      expect(await host.frame.locator('.card').count()).toBe(answer.total)
      await named(host, 'Refresh').click()
      await says(host, `30 of ${answer.total}`)
      const [first = '', ...rest] = host.called
      expect(JSON.parse(first.replace('search_work_orders ', ''))).toMatchObject({
        ...open,
        format: 'compact',
      })
      expect(rest.at(-1)).not.toContain('cursor')
      expect(unrestOf(host)).toEqual([])
    }, 60_000)

    test('stays as it is when it cannot be refreshed, and says why', async () => {
      const host = await app.show('search_work_orders', { ...open, limit: 5 })
      await says(host, '5 of')
      await host.bridge.sendToolInput({ arguments: { state: 'nonsense' } })
      await named(host, 'Refresh').click()
      await host.frame.getByRole('alert').filter({ hasText: 'invalid_input' }).waitFor()
      await says(host, '5 of')
      expect(await host.frame.locator('.card').count()).toBe(5)
      await host.bridge.sendToolInput({ arguments: { ...open, limit: 6 } })
      await named(host, 'Refresh').click()
      await says(host, '6 of')
      expect(await host.frame.locator('.problem').textContent()).toBe('')
    }, 60_000)

    test('is filtered with the keyboard alone', async () => {
      const host = await app.show('search_work_orders', open)
      await says(host, '30 of')
      const { frame, page } = host
      const [title = ''] = await frame.locator('.card .title').allInnerTexts()
      await named(host, 'Refresh').focus()
      await page.keyboard.press('Tab')
      await page.keyboard.type(title)
      const matching = await frame.locator('.card .title').allInnerTexts()
      expect(matching.length).toBeGreaterThan(0)
      expect(new Set(matching)).toEqual(new Set([title]))
      await says(host, `${matching.length} match the filter.`)
      await page.keyboard.press('Control+A')
      await page.keyboard.press('Delete')
      for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      const late = await frame.locator('.card .due').allInnerTexts()
      expect(late.length).toBeGreaterThan(0)
      expect(late.filter((text) => !text.startsWith('Overdue since'))).toEqual([])
      await page.keyboard.press('Tab')
      expect(await frame.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
        'Work orders by status',
      )
    }, 60_000)

    test('follows the host: its theme, its colours, its size', async () => {
      const host = await app.show('search_work_orders', open, { context: { theme: 'light' } })
      await says(host, '30 of')
      const ground = (): Promise<string> =>
        host.frame.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(await ground()).toBe('rgb(255, 255, 255)')
      await host.bridge.sendHostContextChange({ theme: 'dark' })
      await expect.poll(ground).toBe('rgb(25, 33, 43)')
      const variables = { '--color-background-primary': 'rgb(1, 2, 3)', '--evil': 'red' } as never
      await host.bridge.sendHostContextChange({ styles: { variables } })
      await expect.poll(ground).toBe('rgb(1, 2, 3)')
      const style = await host.frame.evaluate(() => document.documentElement.getAttribute('style'))
      expect(style).not.toContain('evil')
      const height = await host.frame.evaluate(() => document.body.getBoundingClientRect().height)
      expect(host.heights.at(-1)).toBe(Math.ceil(height))
      expect(unrestOf(host)).toEqual([])
    }, 60_000)
  })

  describe('the change review', () => {
    test('medium risk: opens the page where a person agrees, and writes only after they did', async () => {
      const host = await app.show('plan_change', stage('1001'))
      await says(host, 'Nothing is written yet.')
      expect(await names(host)).toEqual(['Discard', 'Look again', 'Open the approval page'])
      expect(await host.frame.locator('.diff tbody tr').allInnerTexts()).toContainEqual(
        expect.stringMatching(/^wopriority\s+\d\s+1$/),
      )
      const id = (await host.frame.getByText(/^Change [\w-]{22}$/).innerText()).replace('Change ', '')
      await named(host, 'Open the approval page').click()
      await says(host, `Agree to change ${id}`)
      expect(host.opened).toEqual([`${stack.portalUrl}/changes`])
      await named(host, 'Look again').click()
      await says(host, 'Nothing is written yet.')
      expect(await names(host)).toContain('Open the approval page')
      expect(host.called.map((call) => call.split(' ')[0])).toEqual(['call_read_tool'])

      const context = await browser.newContext({ javaScriptEnabled: false })
      const person = new Person(await context.newPage(), stack)
      await person.signIn(PLANNER)
      await person.enterVault(`Look at it of change ${id}`, '/changes')
      await person.click('Agree to this change')
      await context.close()

      await named(host, 'Look again').click()
      await says(host, 'A person has agreed to it.')
      expect(await priorityOf('1001')).not.toBe(1)
      await named(host, 'Write it to Maximo').click()
      await says(host, 'It is written to Maximo.')
      expect(await priorityOf('1001')).toBe(1)
      expect(await names(host)).toEqual([])
      expect(await host.frame.locator('.outcomes').innerText()).toBe('BEDFORD/1001: written')
      expect(host.complaints).toEqual([])
    }, 90_000)

    test('the person comes back from the page: it looks by itself', async () => {
      const host = await app.show('plan_change', stage('1002'))
      await named(host, 'Open the approval page').click()
      await says(host, 'then come back here.')
      await host.frame.evaluate(() => void window.dispatchEvent(new Event('focus')))
      await says(host, 'Nothing is written yet.')
      expect(host.called).toHaveLength(1)
    }, 60_000)

    test('high risk is never written from here, and low risk is, at once', async () => {
      const high = await app.show('plan_change', {
        reason: 'Done.',
        operations: [{ op: 'delete', object: 'mxapiwodetail', id: 'BEDFORD/1003' }],
      })
      await says(high, 'Nothing is written yet.')
      expect(await names(high)).toEqual(['Discard', 'Look again', 'Open the approval page'])

      const note = { record: '1003', kind: 'work_order', summary: 'Seen on the round', reason: 'Round.' }
      const low = await app.show('call_write_tool', { tool: 'add_work_log', arguments: note })
      await says(low, 'Nothing is written yet.')
      expect(await names(low)).toEqual(['Discard', 'Write it to Maximo'])
      await named(low, 'Write it to Maximo').click()
      await says(low, 'It is written to Maximo.')
      expect(stack.simulator.plant.find('WORKLOG', 'description', 'Seen on the round')).toHaveLength(1)
    }, 60_000)

    test('discards, and can be written never more', async () => {
      const host = await app.show('plan_change', stage('1004'))
      await named(host, 'Discard').click()
      await says(host, 'It is discarded and can never be written.')
      expect(await names(host)).toEqual([])
      const id = (await host.frame.getByText(/^Change [\w-]{22}$/).innerText()).replace('Change ', '')
      expect(await app.call('commit_change', { change_id: id })).toContain('discarded')
    }, 60_000)

    test('what Maximo changed meanwhile is told, and what became of it is looked for', async () => {
      const note = { record: '1005', kind: 'work_order', summary: 'Never said', reason: 'Round.' }
      const host = await app.show('call_write_tool', { tool: 'add_work_log', arguments: note })
      const id = (await host.frame.getByText(/^Change [\w-]{22}$/).innerText()).replace('Change ', '')
      await app.call('call_write_tool', { tool: 'discard_change', arguments: { change_id: id } })
      await named(host, 'Write it to Maximo').click()
      await host.frame.getByRole('alert').filter({ hasText: 'discarded' }).waitFor()
      expect(host.called.map((call) => call.split(' ')[0])).toEqual(['commit_change', 'call_read_tool'])
      expect(stack.simulator.plant.find('WORKLOG', 'description', 'Never said')).toHaveLength(0)
    }, 60_000)

    test('a host that calls no tools and opens no pages shows it without buttons', async () => {
      const host = await app.show('plan_change', stage('1006'), { isBare: true })
      await says(host, 'Nothing is written yet.')
      expect(await names(host)).toEqual([])
    }, 60_000)
  })

  describe('the trend chart', () => {
    const byMonth = { object: 'mxapiwodetail', group_by: ['reportdate', 'worktype'], limit: 500 }

    test('draws months from instants, and its table has the same numbers', async () => {
      const answer = JSON.parse(await app.call('aggregate_records', byMonth)) as Shown & { reading: string }
      const host = await app.show('aggregate_records', byMonth)
      await says(host, `All ${answer.rows.length} groups.`)
      await host.frame.getByText('Table of the same numbers').click()
      const cells = await host.frame.locator('td').allInnerTexts()
      const sum = cells.reduce((all, cell) => all + (cell === '–' ? 0 : Number(cell.replaceAll(',', ''))), 0)
      expect(sum).toBe(answer.rows.reduce((all, row) => all + Number(row[2]), 0))
      expect(sum).toBeGreaterThan(100)
      expect(await host.frame.locator('.reading').innerText()).toBe(answer.reading)
      const label = await host.frame.locator('svg').getAttribute('aria-label')
      expect(label).toContain('records by reportdate and worktype: the largest is')
      await host.frame.getByLabel('Each').selectOption('year')
      expect(await host.frame.locator('tbody th').allInnerTexts()).toEqual(['2025', '2026'])
      await host.frame.getByText('Table of the same numbers').focus()
      await named(host, 'Refresh').click()
      await says(host, `All ${answer.rows.length} groups.`)
      expect(unrestOf(host)).toEqual([])
    }, 60_000)
  })

  test('WCAG 2.2 AA, light and dark, 320 and 1280 px wide', async () => {
    const problems: string[] = []
    const look = async (name: string, host: AppHost): Promise<void> => {
      await host.frame.locator('.card, .panel, svg').first().waitFor()
      problems.push(...(await inspectPage(host.page, name, host.frame)))
    }
    await look('app-board', await app.show('search_work_orders', { state: 'open', limit: 20 }))
    await look('app-review', await app.show('plan_change', stage('1007')))
    const lines = { group_by: ['reportdate', 'worktype'], metrics: ['count', 'max:wopriority'], limit: 500 }
    const chart = await app.show('aggregate_records', { object: 'mxapiwodetail', ...lines })
    await chart.frame.getByText('Table of the same numbers').click()
    await look('app-lines', chart)
    await look(
      'app-bars',
      await app.show('aggregate_records', { object: 'mxapiwodetail', group_by: ['assetnum'] }),
    )
    expect(problems).toEqual([])
  }, 240_000)
})
