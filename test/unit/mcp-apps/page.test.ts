import { createHash } from 'node:crypto'
import { LATEST_PROTOCOL_VERSION, McpUiResourceMetaSchema } from '@modelcontextprotocol/ext-apps/app-bridge'
import { EXTENSION_ID, RESOURCE_MIME_TYPE } from '@modelcontextprotocol/ext-apps/server'
import { parse } from 'node-html-parser'
import { describe, expect, test } from 'vitest'
import { APP_META, APP_MIME_TYPE, APP_NAMES, APPS, appUri, UI_EXTENSION } from '../../../src/mcp/apps/app.ts'
import { appPage } from '../../../src/mcp/apps/page.ts'

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe.each(APP_NAMES)('the page %s', (name) => {
  const html = appPage(name)
  const page = parse(html, { comment: true, blockTextElements: { script: true, style: true } })

  test('runs its own script and nothing else, and may reach no address', () => {
    const policy = page.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content')
    const [script, ...scripts] = page.querySelectorAll('script')
    const [style, ...styles] = page.querySelectorAll('style')
    expect([...scripts, ...styles]).toEqual([])
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf(script?.rawText ?? '')}; style-src ${hashOf(style?.rawText ?? '')}; base-uri 'none'; form-action 'none'`,
    )
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
  })

  test('holds everything that it needs', () => {
    expect(page.querySelectorAll('[src], [href], link, iframe, form, object, embed')).toEqual([])
    const addresses = [...html.matchAll(/\b[a-z]+:\/\/[^\s'"`]*/g)].map(([address]) => address)
    expect([...new Set(addresses)]).toEqual(['http://www.w3.org/2000/svg'])
    expect(Buffer.byteLength(html)).toBeLessThan(60_000)
    expect(page.querySelector('title')?.text).toBe(APPS[name].title)
  })

  test('is the same every time, so that a host may keep it by its hash', () => {
    expect(appPage(name)).toBe(html)
  })
})

describe('what the extension calls things', () => {
  test('is what its own package says', () => {
    expect([UI_EXTENSION, APP_MIME_TYPE]).toEqual([EXTENSION_ID, RESOURCE_MIME_TYPE])
    expect(appPage('work-board')).toContain(`protocolVersion: '${LATEST_PROTOCOL_VERSION}'`)
    expect(McpUiResourceMetaSchema.parse(APP_META.ui)).toEqual(APP_META.ui)
    expect(APP_NAMES.map(appUri)).toEqual(Object.keys(APPS).map((name) => `ui://maximo/${name}`))
  })
})
