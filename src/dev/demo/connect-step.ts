import type { Stack } from '../processes/stack.ts'
import { Browser } from '../walk/browser.ts'
import { authorize, CALLBACK, redeem, refresh, register, type Tokens } from '../walk/connect.ts'
import { discover, type Discovered } from '../walk/discover.ts'
import type { Narrator } from './narrator.ts'

const PLANNER = 'planner@example.com'

export interface Connected {
  readonly address: string
  readonly browser: Browser
  readonly discovered: Discovered
  readonly clientId: string
  readonly tokens: Tokens
}

/** Discovery, registration, sign-in, consent and the first tokens. */
export async function connectStep(stack: Stack, narrator: Narrator): Promise<Connected> {
  const address = `${stack.mcpUrl}/mcp`
  narrator.step('Discovery: the bare address, 401, resource metadata (RFC 9728), server metadata (RFC 8414)')
  const discovered = await discover(address)
  narrator.saw(`401 ${discovered.challenge}`)
  narrator.saw(`issuer ${discovered.server.issuer}`)

  narrator.step('Registration (RFC 7591)')
  const clientId = await register(discovered, 'Demo client')
  narrator.saw(`client_id ${clientId}`)

  narrator.step(`Sign-in as ${PLANNER} and consent, PKCE S256`)
  const browser = new Browser({ stopAt: CALLBACK })
  const scope = 'maximo:read offline_access'
  const authorized = await authorize(browser, discovered, { clientId, scope, email: PLANNER })
  narrator.saw(`code of ${authorized.code.length} characters, an encrypted blob for five minutes and one use`)

  narrator.step('Token')
  const first = await redeem(discovered, clientId, authorized)
  const header = JSON.parse(
    Buffer.from(first.access_token.split('.')[0] ?? '', 'base64url').toString(),
  ) as unknown
  narrator.saw(`header ${JSON.stringify(header)}`)
  narrator.check(first.access_token.length <= 2600, `${first.access_token.length} characters, at most 2,600`)
  const tokens = await refresh(discovered, clientId, first.refresh_token ?? '')
  narrator.check(tokens.refresh_token !== first.refresh_token, 'refreshed, and the refresh token rotated')
  return { address, browser, discovered, clientId, tokens }
}
