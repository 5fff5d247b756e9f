import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  authorizeUrl,
  type Bend,
  CALLBACK,
  challengeOf,
  registerClient,
  type TestClient,
} from '../support/oauth/oauth-client.ts'
import { type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let world: PortalWorld
let client: TestClient
beforeAll(async () => {
  world = await startPortalWorld({ seeded: false })
  client = await registerClient(world, {
    redirect_uris: [CALLBACK, 'https://good.example/cb', 'cursor://anysphere.cursor-mcp/oauth/callback'],
  })
})
afterAll(async () => world.close())

/** A browser's GET that follows nothing. */
async function get(url: string) {
  const answer = await request(url, { headers: { accept: 'text/html' } })
  return {
    status: answer.statusCode,
    location: answer.headers['location'],
    type: String(answer.headers['content-type']),
    cookies: [answer.headers['set-cookie'] ?? []].flat(),
    headers: answer.headers,
    text: await answer.body.text(),
  }
}
const authorize = (bend: Bend = {}) => get(authorizeUrl(world, client, bend))

test('a good request leads to the consent page, with a cookie that only this browser has', async () => {
  const answer = await authorize()
  expect(answer.status).toBe(302)
  expect(answer.location).toMatch(/^\/oauth\/consent\?txn=[A-Za-z0-9_-]{22}$/)
  expect(answer.cookies.join()).toMatch(
    /^__Host-mx_txn=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
  )
  expect(answer.headers['cache-control']).toBe('no-store')
})

/** A problem with who asks or where the answer goes is said on our own page, and nobody is sent anywhere. */
const expectPage = (answer: Awaited<ReturnType<typeof get>>) => {
  expect(answer.status).toBe(400)
  expect(answer.location).toBeUndefined()
  expect(answer.type).toContain('text/html')
  expect(answer.text).not.toMatch(/http-equiv="refresh"/)
  expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'")
}

describe('T-40, T-41: a redirect URI that is not the registered one', () => {
  test.each([
    'https://good.example/cb/',
    'https://good.example/cb?x=1',
    'https://good.example/cb#f',
    'https://good.example/CB',
    'https://good.example/',
    'https://good.example',
    'https://good.example//cb',
    'https://good.example/./cb',
    'https://good.example/x/../cb',
    'https://good.example/..;/cb',
    'https://good.example/%63b',
    'https://good.example/cb%2f',
    'https://good.example/cb%00',
    'https://good.example\\cb',
    'https://good.example/cb\\',
    'https:\\\\good.example\\cb',
    'https://GOOD.example/cb',
    'HTTPS://good.example/cb',
    'http://good.example/cb',
    'https://good.example:443/cb',
    'https://good.example:8443/cb',
    'https://good.example./cb',
    'https://user@good.example/cb',
    'https://good.example@evil.example/cb',
    'https://good.example:x@evil.example/cb',
    'https://evil.example/good.example/cb',
    'https://good.example.evil.example/cb',
    'https://evilgood.example/cb',
    'https://sub.good.example/cb',
    'https://evil.example?https://good.example/cb',
    'https://evil.example#https://good.example/cb',
    'https://evil.example/cb',
    '//good.example/cb',
    '/cb',
    'cb',
    'good.example/cb',
    'https://good。example/cb',
    'https://goo\u0064.example/cb\u200B',
    'https://good.example /cb',
    ' https://good.example/cb',
    'https://good.example/cb ',
    'http://localhost:33418/callback/',
    'http://localhost:33418/callback?a=b',
    'http://localhost:33418/other',
    'https://localhost:33418/callback',
    'http://127.0.0.1:33418/callback',
    'http://[::1]:33418/callback',
    'http://[::1%25eth0]:33418/callback',
    'http://0.0.0.0:33418/callback',
    'http://127.1:33418/callback',
    'http://2130706433:33418/callback',
    'http://localhost.evil.example:33418/callback',
    'http://localhost:33418@evil.example/callback',
    'http://localhost:99999/callback',
    'http://LOCALHOST:33418/callback',
    'http://localhost:33418/callback\\..\\x',
    'cursor://anysphere.cursor-mcp/oauth/callback/',
    'cursor://evil/oauth/callback',
    'cursor:anysphere.cursor-mcp/oauth/callback',
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'about:blank',
    'file:///etc/passwd',
  ])('%j is a page of ours', async (redirectUri) => {
    expectPage(await authorize({ redirect_uri: redirectUri }))
  })

  test.each([
    CALLBACK,
    'http://localhost:1/callback',
    'http://localhost/callback',
    'https://good.example/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
  ])('%j is the registered one', async (redirectUri) => {
    expect((await authorize({ redirect_uri: redirectUri })).status).toBe(302)
  })
})

describe('T-42: nobody is sent anywhere', () => {
  test.each([
    ['for an unknown client', { client_id: 'mxc_unknown' }],
    ['for a client id that is an address', { client_id: 'https://evil.example/client.json' }],
    ['without a client', { client_id: undefined }],
    ['without a redirect URI', { redirect_uri: undefined }],
    [
      'for a foreign redirect URI, whatever else is wrong',
      { redirect_uri: 'https://evil.example', response_type: 'x' },
    ],
    ['for a control character', { state: 'a\u0000b' }],
    ['for a line break', { scope: 'a\r\nSet-Cookie: x=1' }],
    ['for a state without end', { state: 'x'.repeat(4097) }],
  ])('%s', async (_what, bend) => {
    expectPage(await authorize(bend))
  })

  test.each(['client_id', 'redirect_uri', 'state', 'scope', 'resource', 'code_challenge', 'response_type'])(
    'for %s given twice (T-56)',
    async (name) => {
      expectPage(await get(`${authorizeUrl(world, client)}&${name}=https%3A%2F%2Fgood.example%2Fcb`))
    },
  )

  test('prompt=none shows consent like any other request: there is no silent way (T-50)', async () => {
    expect((await authorize({ prompt: 'none' })).location).toContain('/oauth/consent')
  })
})

describe('T-45, T-46: what is wrong otherwise is told to the client, with state and issuer', () => {
  test.each([
    ['no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['an empty challenge', { code_challenge: '' }, 'invalid_request'],
    ['a short challenge', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
    ['a challenge with padding', { code_challenge: `${challengeOf('x')}=` }, 'invalid_request'],
    ['the method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['the method s256', { code_challenge_method: 's256' }, 'invalid_request'],
    ['the response type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['the response type code token', { response_type: 'code token' }, 'unsupported_response_type'],
    ['no response type', { response_type: undefined }, 'unsupported_response_type'],
    ['the response mode fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    ['a request URI', { request_uri: 'https://evil.example/request' }, 'request_uri_not_supported'],
    ['another resource', { resource: 'https://evil.example/mcp' }, 'invalid_target'],
  ])('%s', async (_what, bend: Bend, error) => {
    const answer = await authorize({ state: 'a b&c', ...bend })
    expect(answer.status).toBe(302)
    const location = new URL(String(answer.location))
    expect(`${location.origin}${location.pathname}`).toBe(CALLBACK)
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      error,
      state: 'a b&c',
      iss: world.portalUrl,
    })
    expect(location.searchParams.has('code')).toBe(false)
  })

  test('a registered query stays, and no state is invented', async () => {
    const redirectUri = 'http://localhost:33418/cb?tenant=1'
    const other = await registerClient(world, { redirect_uris: [redirectUri] })
    const bend = { redirect_uri: redirectUri, state: undefined, response_type: 'x' }
    const location = String((await get(authorizeUrl(world, other, bend))).location)
    expect(location.startsWith(`${redirectUri}&error=unsupported_response_type&`)).toBe(true)
    expect(new URL(location).searchParams.has('state')).toBe(false)
  })

  // Anybody can register an address, so a link to the portal must not be a link to anywhere.
  test('T-42: at an address on the web the person is told first, and nobody is sent there by himself', async () => {
    const redirectUri = 'https://evil.example/phish?a="b'
    const other = await registerClient(world, { redirect_uris: [redirectUri] })
    const answer = await get(
      authorizeUrl(world, other, { redirect_uri: redirectUri, response_type: 'x', state: '"><script>' }),
    )
    expectPage(answer)
    expect(answer.text).toContain('evil.example')
    expect(answer.text).toMatch(
      /href="https:\/\/evil\.example\/phish\?a=&quot;b&amp;error=unsupported_response_type&amp;[^"]*iss=[^"]*"/,
    )
    expect(answer.text).not.toContain('<script>')
  })
})

describe('what real clients do must not fail', () => {
  test.each([
    ['no scope', { scope: undefined }],
    ['unknown scopes', { scope: 'openid profile wo:read' }],
    ['an alias', { scope: 'maximo_read' }],
    ['no resource', { resource: undefined }],
    ['the bare origin as resource', { resource: 'ORIGIN' }],
    ['a trailing slash', { resource: 'ORIGIN/' }],
    ['a query on the resource', { resource: 'ORIGIN/mcp?x=1' }],
    ['prompt=consent', { prompt: 'consent' }],
    ['parameters we do not know', { nonce: 'n', audience: 'x', access_type: 'offline' }],
    ['no state', { state: undefined }],
  ])('%s', async (_what, bend: Bend) => {
    const resource = bend['resource']?.replace('ORIGIN', world.mcpUrl)
    const given = 'resource' in bend ? { ...bend, resource } : bend
    expect((await authorize(given)).location).toContain('/oauth/consent')
  })
})

test('a store that is silent is a page with 503', async () => {
  world.store.silence()
  const answer = await authorize()
  world.store.restore()
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBeDefined()
  expect(answer.text).toContain('Not available')
})
