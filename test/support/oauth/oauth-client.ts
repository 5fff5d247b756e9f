import { createHash, randomBytes } from 'node:crypto'
import { Browser, type Page } from '../../../src/dev/walk/browser.ts'
import { formTo } from '../../../src/dev/walk/forms.ts'
import type { JsonAnswer } from '../../../src/dev/walk/json-http.ts'
import { openSignedIn } from '../../../src/dev/walk/sign-in.ts'
import { askPortal, PLANNER, type PortalWorld } from '../portal-world.ts'

export const CALLBACK = 'http://localhost:33418/callback'

export interface TestClient {
  readonly id: string
  readonly secret: string | undefined
}

/** Registers a client as it stands, bent by `metadata`. */
export async function registerClient(world: PortalWorld, metadata: object = {}): Promise<TestClient> {
  const answer = await askPortal(world, '/oauth/register', {
    json: {
      client_name: 'A test client',
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
      ...metadata,
    },
  })
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${JSON.stringify(answer.body)}`)
  const { client_id, client_secret } = answer.body as { client_id: string; client_secret?: string }
  return { id: client_id, secret: client_secret }
}

export const newVerifier = (): string => randomBytes(32).toString('base64url')
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url')

/** Parameters of a good authorization request; `undefined` leaves one out. */
export type Bend = Readonly<Record<string, string | undefined>>

export function authorizeUrl(world: PortalWorld, client: Pick<TestClient, 'id'>, bend: Bend = {}): string {
  const params: Bend = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: CALLBACK,
    code_challenge: challengeOf('v'.repeat(43)),
    code_challenge_method: 'S256',
    scope: 'maximo:read offline_access',
    state: 'state-1',
    resource: `${world.mcpUrl}/mcp`,
    ...bend,
  }
  const given = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `${world.portalUrl}/oauth/authorize?${new URLSearchParams(given).toString()}`
}

/** The consent page of a signed-in person; the browser stops at the callback. */
export async function openConsent(
  world: PortalWorld,
  client: Pick<TestClient, 'id'>,
  {
    bend = {},
    email = PLANNER,
    browser = new Browser({ stopAt: CALLBACK }),
  }: {
    readonly bend?: Bend
    readonly email?: string
    readonly browser?: Browser
  } = {},
): Promise<{ readonly browser: Browser; readonly page: Page }> {
  return { browser, page: await openSignedIn(browser, authorizeUrl(world, client, bend), email) }
}

/** Clicks a button of the consent form. Ends at the callback, or at the page that said no. */
export const decide = (
  browser: Browser,
  page: Page,
  decision: 'approve' | 'deny' = 'approve',
  fill: Readonly<Record<string, string>> = {},
): Promise<Page> => browser.submit(page, formTo(page, '/oauth/decision'), { decision, ...fill })

export interface Obtained {
  readonly code: string
  readonly verifier: string
}

/** A code for a client, all the way through consent. */
export async function obtainCode(
  world: PortalWorld,
  client: Pick<TestClient, 'id'>,
  options: { readonly bend?: Bend; readonly email?: string; readonly browser?: Browser } = {},
): Promise<Obtained> {
  const verifier = newVerifier()
  const bend = { code_challenge: challengeOf(verifier), ...options.bend }
  const { browser, page } = await openConsent(world, client, { ...options, bend })
  const answered = await decide(browser, page)
  const code = new URL(answered.url).searchParams.get('code')
  if (code === null) throw new Error(`no code: ${answered.status} at ${answered.url}\n${answered.html.text}`)
  return { code, verifier }
}

/** A request to the token endpoint; `undefined` leaves a parameter out. */
export const askToken = (
  world: PortalWorld,
  form: Bend,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> => {
  const given = Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return askPortal(world, '/oauth/token', { form: Object.fromEntries(given), headers })
}

export const redeem = (
  world: PortalWorld,
  client: Pick<TestClient, 'id'>,
  obtained: Obtained,
  bend: Bend = {},
): Promise<JsonAnswer> =>
  askToken(world, {
    grant_type: 'authorization_code',
    client_id: client.id,
    code: obtained.code,
    code_verifier: obtained.verifier,
    redirect_uri: CALLBACK,
    resource: `${world.mcpUrl}/mcp`,
    ...bend,
  })

export interface TokenAnswer {
  readonly access_token: string
  readonly refresh_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
}

export const tokensOf = (answer: JsonAnswer): TokenAnswer => {
  if (answer.status !== 200) throw new Error(`tokens: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as TokenAnswer
}

/** A whole connection of a new client. */
export async function connectClient(
  world: PortalWorld,
  metadata: object = {},
  owner: { readonly email?: string } = {},
): Promise<TokenAnswer & { readonly client: TestClient }> {
  const client = await registerClient(world, metadata)
  return { ...tokensOf(await redeem(world, client, await obtainCode(world, client, owner))), client }
}

export const refresh = (
  world: PortalWorld,
  client: Pick<TestClient, 'id'>,
  refreshToken: string,
  bend: Bend = {},
): Promise<JsonAnswer> =>
  askToken(world, { grant_type: 'refresh_token', client_id: client.id, refresh_token: refreshToken, ...bend })

/** Whether the MCP server takes the token for a call: its HTTP status. */
export async function callMcp(
  world: PortalWorld,
  accessToken: string,
  method = 'tools/list',
  params: object = {},
): Promise<number> {
  const { request } = await import('undici')
  const answer = await request(`${world.mcpUrl}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-06-18',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  await answer.body.text()
  return answer.statusCode
}

/** An authorization code: a compact JWE under a shared key, hence an empty second part. */
export const CODE = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/
