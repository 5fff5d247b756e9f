import { request } from 'undici'
import type { Browser, Page } from '../../../src/dev/walk/browser.ts'
import { formTo } from '../../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../../src/dev/walk/sign-in.ts'

interface Addresses {
  readonly portalUrl: string
  readonly mcpUrl: string
}

/** The form for a new token, as a signed-in person without JavaScript sees it. */
export const openTokenForm = (browser: Browser, { portalUrl }: Addresses, email: string): Promise<Page> =>
  openSignedIn(browser, `${portalUrl}/tokens/new`, email)

export const sendTokenForm = (
  browser: Browser,
  page: Page,
  fill: Readonly<Record<string, string>> = {},
): Promise<Page> => browser.submit(page, formTo(page, '/tokens/new'), { name: 'a pipeline', ...fill })

/** The token on the page that shows it; empty on any other. */
export const tokenOn = (page: Page): string => page.html.querySelector('#token')?.text.trim() ?? ''

export async function createToken(
  browser: Browser,
  at: Addresses,
  { email, ...fill }: Readonly<Record<string, string>> & { readonly email: string },
): Promise<string> {
  const made = await sendTokenForm(browser, await openTokenForm(browser, at, email), fill)
  const token = tokenOn(made)
  if (token === '') throw new Error(`no token: ${made.status} ${made.html.querySelector('main')?.text ?? ''}`)
  return token
}

/** The row of a token on the list, by its name. */
export async function tokenRow(browser: Browser, { portalUrl }: Addresses, name: string) {
  const list = await browser.open(`${portalUrl}/tokens`)
  const row = list.html
    .querySelectorAll('[data-token]')
    .find((one) => one.querySelector('h2')?.text.trim() === name)
  return { list, row, gid: row?.getAttribute('data-token') ?? '', state: row?.getAttribute('data-state') }
}

/** As a person does with a page that says “not now”: the store of a busy machine may take its time. */
export async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0 || !String(error).includes('503')) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}

export interface CallAnswer {
  readonly status: number
  readonly text: string
}

/** One tool call as a pipeline makes it. */
export async function callTool(
  token: string,
  { mcpUrl }: Addresses,
  { name = 'get_context', args = {}, path = '/ci/mcp' }: { name?: string; args?: object; path?: string } = {},
): Promise<CallAnswer> {
  const answer = await request(`${mcpUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}
