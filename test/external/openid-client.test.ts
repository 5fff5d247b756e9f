import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { answerConsent, CALLBACK } from '../../src/dev/walk/connect.ts'
import { aStack, PLANNER } from '../support/stack.ts'

let stack: Stack
let config: client.Configuration
beforeAll(async () => {
  stack = await aStack(null)
  config = await client.dynamicClientRegistration(
    new URL(stack.portalUrl),
    { client_name: 'openid-client', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
    client.None(),
    { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
  )
})
afterAll(() => stack.close())

interface Authorized {
  readonly callback: URL
  readonly checks: { readonly pkceCodeVerifier: string; readonly expectedState: string }
}

async function authorize(decision: 'approve' | 'deny' = 'approve'): Promise<Authorized> {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'maximo:read offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    resource: `${stack.mcpUrl}/mcp`,
  })
  const browser = new Browser({ stopAt: CALLBACK })
  const answered = await answerConsent(browser, address.href, { email: PLANNER, decision })
  return {
    callback: new URL(answered.url),
    checks: { pkceCodeVerifier: verifier, expectedState: state },
  }
}

const redeem = ({ callback, checks }: Authorized): ReturnType<typeof client.authorizationCodeGrant> =>
  client.authorizationCodeGrant(config, callback, checks)

const listTools = (token: string): Promise<Response> =>
  client.fetchProtectedResource(
    config,
    token,
    new URL(`${stack.mcpUrl}/mcp`),
    'POST',
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' }),
  )

const INVALID_GRANT = { status: 400, error: 'invalid_grant' }

const about = (name: string): object => ({
  code: 'OAUTH_INVALID_RESPONSE',
  cause: { message: expect.stringContaining(`"${name}"`) },
})

/** The same callback with one parameter changed, as an attacker in the middle would send it on. */
function bent({ callback, checks }: Authorized, name: string, value: string | null): Authorized {
  const url = new URL(callback)
  if (value === null) url.searchParams.delete(name)
  else url.searchParams.set(name, value)
  return { callback: url, checks }
}

describe('openid-client 6.9.0', () => {
  test('discovers by the issuer, supports PKCE, gets tokens, calls, refreshes', async () => {
    expect(config.serverMetadata().supportsPKCE()).toBe(true)
    const issued = await redeem(await authorize())
    expect(issued).toMatchObject({ token_type: 'bearer', scope: 'maximo:read offline_access' })
    expect(issued.expiresIn()).toBeGreaterThan(3500)
    expect((await listTools(issued.access_token)).status).toBe(200)
    const renewed = await client.refreshTokenGrant(config, issued.refresh_token ?? '')
    expect(renewed.refresh_token).not.toBe(issued.refresh_token)
    expect((await listTools(renewed.access_token)).status).toBe(200)
  })

  test('would notice another server in the middle: our metadata promises `iss`, and every answer has it', async () => {
    const authorized = await authorize()
    await expect(redeem(bent(authorized, 'iss', 'https://evil.example'))).rejects.toMatchObject(about('iss'))
    await expect(redeem(bent(authorized, 'iss', null))).rejects.toMatchObject(about('iss'))
    await expect(redeem(bent(authorized, 'state', 'another'))).rejects.toMatchObject(about('state'))
    expect(await redeem(authorized)).toHaveProperty('access_token')
  })

  test('hears a no as access_denied, with issuer and state checked', async () => {
    await expect(redeem(await authorize('deny'))).rejects.toMatchObject({
      name: 'AuthorizationResponseError',
      error: 'access_denied',
    })
  })

  test('is refused a code twice, and what the first use gave ends', async () => {
    const authorized = await authorize()
    const issued = await redeem(authorized)
    await expect(redeem(authorized)).rejects.toMatchObject(INVALID_GRANT)
    await expect(listTools(issued.access_token)).rejects.toMatchObject({ status: 401 })
    await expect(client.refreshTokenGrant(config, issued.refresh_token ?? '')).rejects.toMatchObject(
      INVALID_GRANT,
    )
  })

  test('ends its connection by revocation', async () => {
    const issued = await redeem(await authorize())
    await client.tokenRevocation(config, issued.refresh_token ?? '', { token_type_hint: 'refresh_token' })
    await expect(listTools(issued.access_token)).rejects.toMatchObject({ status: 401 })
    await expect(client.refreshTokenGrant(config, issued.refresh_token ?? '')).rejects.toMatchObject(
      INVALID_GRANT,
    )
  })
})
