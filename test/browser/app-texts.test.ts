import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { visible } from '../../src/mcp/tools/result/visible.ts'
import { openAppClient, type AppClient } from '../support/browser/app-client.ts'
import { says, unrestOf } from '../support/browser/app-host.ts'
import { chromiumMissing, launchChromium } from '../support/browser/chromium.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { POISONED } from '../support/mcp/poisoned-texts.ts'

describe.skipIf(chromiumMissing !== null)('pictures of texts that want to be more than texts', () => {
  let door: McpDoor
  let browser: Browser
  let app: AppClient

  beforeAll(async () => {
    door = await openDoor()
    browser = await launchChromium()
    const token = await door.token({ scope: 'maximo:write' })
    app = await openAppClient(`${await door.listen()}/mcp`, token, browser)
  }, 60_000)
  afterEach(() => app.hide())
  afterAll(async () => {
    await app.close()
    await browser.close()
    await door.close()
  })

  const head = { env: 'max.example', env_id: 'E', as_of: '2026-11-26T09:12:00Z', cursor: null }
  const whole = { returned: POISONED.length, total: POISONED.length, complete: true }
  const texts = POISONED.map(([, text]) => text)
  const answers: readonly (readonly [tool: string, answer: object])[] = [
    [
      'search_work_orders',
      {
        ...{
          ...head,
          ...whole,
          notes: texts,
          cols: ['wonum', 'description', 'status', 'lead', 'assetnum'],
        },
        rows: texts.map((text, index) => [index, text, text, text, text]),
      },
    ],
    [
      'plan_change',
      {
        ...{ ...head, change_id: 'c', state: 'planned', risk: 'medium', because: texts, warnings: texts },
        ...{ approval: texts.join('\n'), undo: texts.join('\n'), expires: texts[0], approve_at: texts[18] },
        records: texts.map((text) => ({
          record: text,
          title: text,
          does: text,
          diff: [[text, text, text]],
        })),
      },
    ],
    [
      'aggregate_records',
      {
        ...head,
        ...whole,
        notes: texts,
        cols: ['assetnum', 'count'],
        rows: texts.map((text) => [text, 1]),
      },
    ],
    [
      'aggregate_records',
      {
        ...head,
        ...whole,
        cols: ['reportdate', 'lead', 'count'],
        rows: texts.map((text) => ['2026-01', text, 1]),
      },
    ],
  ]
  const TAGS = new Set(
    'HTML HEAD META TITLE STYLE BODY SCRIPT MAIN HEADER DIV SECTION H1 H2 P UL LI DL DT DD PRE BDI SPAN BUTTON LABEL INPUT SELECT OPTION TABLE CAPTION THEAD TBODY TR TH TD DETAILS SUMMARY svg g line path text title circle rect'.split(
      ' ',
    ),
  )

  test.each(answers)(
    '%s: shown as they are, and nothing becomes of them',
    async (tool, answer) => {
      const host = await app.showResult(tool, JSON.stringify(answer))
      await host.frame.locator('.card, .panel, svg').first().waitFor()
      const found = await host.frame.evaluate(() => {
        const all = [...document.querySelectorAll('*')]
        return {
          tags: all.map(({ tagName }) => tagName),
          attributes: all.flatMap((one) => one.getAttributeNames()),
          scripts: document.scripts.length,
          text: document.body.textContent,
        }
      })
      expect(found.tags.filter((tag) => !TAGS.has(tag))).toEqual([])
      expect(
        found.attributes.filter((name) =>
          /^on|^(?:href|src|srcdoc|action|formaction|style|xlink:href)$/.test(name),
        ),
      ).toEqual([])
      expect(found.scripts).toBe(1)
      for (const text of texts) expect(found.text).toContain(visible(text).trim())
      expect(
        await host.frame.locator('button, select').evaluateAll((all) => all.map((one) => one.textContent)),
      ).not.toContain('Agree')
      expect(found.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u{e0000}-\u{e007f}]/u)
      expect(unrestOf(host)).toEqual([])
    },
    60_000,
  )

  test('what is no answer of ours is shown as text', async () => {
    const host = await app.showResult('plan_change', `needs_scope: ${texts.join('\n')}`)
    await says(host, 'The answer as text.')
    expect(await host.frame.locator('pre').textContent()).toContain('<script>fetch(')
    expect(await host.frame.locator('a, img, iframe, form, button').count()).toBe(0)
    expect(unrestOf(host)).toEqual([])
  }, 60_000)

  test('a message of another window than the host is not heard', async () => {
    const host = await app.showResult('plan_change', 'nothing')
    await says(host, 'The answer as text.')
    const forged = JSON.stringify(answers[1]?.[1])
    await host.page.evaluate((text) => {
      const result = { content: [{ type: 'text', text }] }
      const message = { jsonrpc: '2.0', method: 'ui/notifications/tool-result', params: result }
      const other = document.createElement('iframe')
      other.srcdoc = `<script>parent.frames[0].postMessage(${JSON.stringify(message).replaceAll('<', '\\u003c')}, '*'); parent.isSent = true</script>`
      document.body.append(other)
    }, forged)
    await host.page.waitForFunction(() => 'isSent' in window)
    await host.frame.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)))
    expect(await host.frame.locator('.panel').count()).toBe(0)
    await host.page.evaluate(
      (text) =>
        frames[0]?.postMessage(
          {
            jsonrpc: '2.0',
            method: 'ui/notifications/tool-result',
            params: { content: [{ type: 'text', text }] },
          },
          '*',
        ),
      forged,
    )
    await host.frame.locator('.panel').first().waitFor()
  }, 60_000)
})
