import type { Browser, Page } from '../../../src/dev/walk/browser.ts'
import { formTo } from '../../../src/dev/walk/forms.ts'
import { ask, type JsonAnswer } from '../../../src/dev/walk/json-http.ts'
import { rpc } from '../../../src/dev/walk/rpc.ts'
import { openSignedIn } from '../../../src/dev/walk/sign-in.ts'

interface Place {
  readonly portalUrl: string
  readonly mcpUrl: string
}

/** What an owner fills in; the rest stays as the form has it. */
export type Filled = Readonly<Record<string, string>>

/** Registers a machine client on the portal's form, as its owner does. */
export async function registerMachine(
  browser: Browser,
  { portalUrl }: Place,
  { email, ...filled }: Filled & { readonly email: string },
): Promise<Page> {
  const page = await openSignedIn(browser, `${portalUrl}/machines/new`, email)
  return browser.submit(page, formTo(page, '/machines'), { name: 'Nightly report', ...filled })
}

export const clientIdOf = (page: Page): string => page.html.querySelector('#client-id')?.text.trim() ?? ''

export const alertOf = (page: Page): string => page.html.querySelector('[role="alert"]')?.text.trim() ?? ''

/** Ends the newest live connection that names the client, on the page of connections. */
export async function endMachine(browser: Browser, { portalUrl }: Place, cid: string): Promise<Page> {
  const page = await browser.open(`${portalUrl}/connections`)
  const row = page.html
    .querySelectorAll('li[data-state="live"]')
    .find((one) => one.querySelector(`a[href="/machines/${cid}"]`) !== null)
  const form = row?.querySelector('form')
  if (form === null || form === undefined) throw new Error('no live connection of this machine client')
  return browser.submit(page, form)
}

export const askToken = ({ portalUrl }: Place, form: Record<string, string>): Promise<JsonAnswer> =>
  ask(`${portalUrl}/oauth/token`, { form })

export interface MachineTokens {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
  readonly refresh_token?: string
}

export const tokensOf = ({ status, body }: JsonAnswer): MachineTokens => {
  if (status !== 200) throw new Error(`token: ${status} ${JSON.stringify(body)}`)
  return body as MachineTokens
}

/** Status of one tool call at the address for machines. */
export async function callTool({ mcpUrl }: Place, token: string, path = '/ci/mcp'): Promise<number> {
  const call = { method: 'tools/call', params: { name: 'get_context', arguments: {} } }
  return (await rpc(`${mcpUrl}${path}`, token, '2026-07-28', call)).status
}
