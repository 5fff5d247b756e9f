import { expect } from 'vitest'
import { vaultOpen } from '../../../src/crypto/internal-api.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { type Answer, type McpWorld, type Person, send } from '../mcp/mcp-world.ts'

export type VaultPage = Answer

/** Announces a visit as the portal does. */
export async function openVisit(
  world: McpWorld,
  person: Person,
  ask: Record<string, unknown>,
): Promise<{ handle: string; take: string }> {
  const answer = await world.call(vaultOpen.path, {
    clerkToken: world.clerkToken(person),
    transaction: randomId(),
    account: `${person.sub.slice(5)}@example.com`,
    ...ask,
  })
  expect(answer.status).toBe(200)
  return answer.json as { handle: string; take: string }
}

/** Posts a handle as a browser does from the portal's button. */
export const begin = (
  world: McpWorld,
  handle: string,
  headers: Record<string, string> = {},
): Promise<VaultPage> =>
  send(`${world.mcpUrl}/vault`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://localhost:8080',
      'sec-fetch-site': 'same-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...headers,
    },
    body: new URLSearchParams({ handle }).toString(),
  })

interface Posting {
  readonly cookie: string
  readonly form?: Record<string, string>
  /** Appended to the body as it is. */
  readonly raw?: string
  readonly headers?: Record<string, string>
  readonly method?: 'GET'
}

/** What a browser sends from a page of the vault. An empty header value leaves the header out. */
export function post(
  world: McpWorld,
  path: string,
  { cookie, form, raw, headers, method }: Posting,
): Promise<VaultPage> {
  const all = {
    ...(method === 'GET'
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', origin: world.mcpUrl }),
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    cookie,
    ...headers,
  }
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  const body = new URLSearchParams(form ?? {}).toString() + (raw ?? '')
  return send(`${world.mcpUrl}${path}`, {
    method: method ?? 'POST',
    headers: sent,
    ...(method === 'GET' ? {} : { body }),
  })
}

export const cookieOf = (page: VaultPage): string =>
  String(page.headers['set-cookie'] ?? '').split(';')[0] ?? ''

/** The hidden fields of the page's form to a path. */
export function fieldsOf(page: VaultPage, path: string): Record<string, string> {
  const form = page.text.split('<form').find((part) => part.includes(`action="${path}"`)) ?? ''
  const hidden = [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return Object.fromEntries(hidden.map(([, name, value]) => [name ?? '', value ?? '']))
}
