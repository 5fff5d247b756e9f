import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { answerConsent, CALLBACK } from '../../src/dev/walk/connect.ts'
import { aStack, PLANNER } from '../support/stack.ts'

/** It refuses whatever a specification does not allow: an answer of another type, issuer, cache rule or form. */
const PLAIN = { [oauth.allowInsecureRequests]: true }

let stack: Stack
let as: oauth.AuthorizationServer
let resource: oauth.ResourceServer
beforeAll(async () => {
  stack = await aStack(null)
  const address = new URL(`${stack.mcpUrl}/mcp`)
  resource = await oauth.processResourceDiscoveryResponse(
    address,
    await oauth.resourceDiscoveryRequest(address, PLAIN),
  )
  const issuer = new URL(resource.authorization_servers?.[0] ?? '')
  as = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...PLAIN }),
  )
})
afterAll(() => stack.close())

/** A client as this library registers it, and how it authenticates. */
interface Registered {
  readonly client: oauth.Client
  readonly auth: oauth.ClientAuth
}

const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
type Method = (typeof METHODS)[number]

async function register(method: Method): Promise<Registered> {
  const { publicKey, privateKey } = await oauth.generateKeyPair('ES256', { extractable: true })
  const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk = { kty, crv, x, y, kid: 'test', alg: 'ES256', use: 'sig' }
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(
      as,
      {
        client_name: 'oauth4webapi',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: method,
        ...(method === 'private_key_jwt' ? { jwks: { keys: [jwk] } } : {}),
      },
      PLAIN,
    ),
  )
  const key = { key: privateKey, kid: 'test' }
  return { client, auth: method === 'private_key_jwt' ? oauth.PrivateKeyJwt(key) : authOf(method, client) }
}

function authOf(method: Exclude<Method, 'private_key_jwt'>, client: oauth.Client): oauth.ClientAuth {
  if (method === 'none') return oauth.None()
  const { client_secret: secret } = client
  if (typeof secret !== 'string') throw new Error('no client_secret in the registration')
  return method === 'client_secret_basic' ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret)
}

interface Authorized {
  /** The callback as this library has checked it: state, `iss`, one code, no error. */
  readonly callback: URLSearchParams
  readonly verifier: string
}

async function authorize({ client }: Registered): Promise<Authorized> {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const address = new URL(as.authorization_endpoint ?? '')
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    scope: 'maximo:read offline_access',
    state,
    resource: resource.resource,
  }).toString()
  const browser = new Browser({ stopAt: CALLBACK })
  const answered = await answerConsent(browser, address.href, { email: PLANNER })
  return { callback: oauth.validateAuthResponse(as, client, new URL(answered.url), state), verifier }
}

const redeem = async (
  { client, auth }: Registered,
  { callback, verifier }: Authorized,
): Promise<oauth.TokenEndpointResponse> =>
  oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, auth, callback, CALLBACK, verifier, PLAIN),
  )

const refresh = async (
  { client, auth }: Registered,
  token: string | undefined,
): Promise<oauth.TokenEndpointResponse> =>
  oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, auth, token ?? '', PLAIN),
  )

const revoke = async ({ client, auth }: Registered, token: string): Promise<undefined> =>
  oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token, PLAIN))

const listTools = (token: string): Promise<Response> =>
  oauth.protectedResourceRequest(
    token,
    'POST',
    new URL(resource.resource),
    new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' }),
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    PLAIN,
  )

const INVALID_GRANT = { name: 'ResponseBodyError', status: 400, error: 'invalid_grant' }

describe('oauth4webapi 3.8.8', () => {
  test('reads both metadata documents', () => {
    expect(as).toMatchObject({ issuer: stack.portalUrl, code_challenge_methods_supported: ['S256'] })
    expect(resource.resource).toBe(`${stack.mcpUrl}/mcp`)
  })

  test.each(METHODS)('registers with %s, gets tokens, calls, refreshes', async (method) => {
    const registered = await register(method)
    const issued = await redeem(registered, await authorize(registered))
    expect(issued).toMatchObject({ token_type: 'bearer', scope: 'maximo:read offline_access' })
    expect((await listTools(issued.access_token)).status).toBe(200)
    const renewed = await refresh(registered, issued.refresh_token)
    expect(renewed.refresh_token).not.toBe(issued.refresh_token)
    expect((await listTools(renewed.access_token)).status).toBe(200)
  })

  test('is refused with the wrong secret, and told so as RFC 6749 §5.2 says', async () => {
    const { client } = await register('client_secret_basic')
    const auth = oauth.ClientSecretBasic('not-the-secret')
    await expect(refresh({ client, auth }, 'mxr_none')).rejects.toMatchObject({
      name: 'WWWAuthenticateChallengeError',
      status: 401,
    })
  })

  test('is refused a code with another verifier, and the code is not used up by that', async () => {
    const registered = await register('none')
    const authorized = await authorize(registered)
    const other = { ...authorized, verifier: oauth.generateRandomCodeVerifier() }
    await expect(redeem(registered, other)).rejects.toMatchObject(INVALID_GRANT)
    expect(await redeem(registered, authorized)).toHaveProperty('access_token')
  })

  test('is refused a code twice, and what the first use gave ends', async () => {
    const registered = await register('none')
    const authorized = await authorize(registered)
    const issued = await redeem(registered, authorized)
    await expect(redeem(registered, authorized)).rejects.toMatchObject(INVALID_GRANT)
    await expect(refresh(registered, issued.refresh_token)).rejects.toMatchObject(INVALID_GRANT)
    await expect(listTools(issued.access_token)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    })
  })

  test('revokes an access token: the next call is refused with a challenge, the connection goes on', async () => {
    const registered = await register('none')
    const issued = await redeem(registered, await authorize(registered))
    await revoke(registered, issued.access_token)
    await expect(listTools(issued.access_token)).rejects.toMatchObject({ status: 401 })
    const renewed = await refresh(registered, issued.refresh_token)
    expect((await listTools(renewed.access_token)).status).toBe(200)
  })

  test('revokes a refresh token: the whole connection ends', async () => {
    const registered = await register('none')
    const issued = await redeem(registered, await authorize(registered))
    await revoke(registered, issued.refresh_token ?? '')
    await expect(listTools(issued.access_token)).rejects.toMatchObject({ status: 401 })
    await expect(refresh(registered, issued.refresh_token)).rejects.toMatchObject(INVALID_GRANT)
  })
})
