import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  askToken,
  CALLBACK,
  connectClient,
  obtainCode,
  redeem,
  refresh,
  registerClient,
  type TestClient,
} from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld({ env: { FAILED_AUTH_MAX: '1000' } })
})
afterEach(() => world.clock.reset())
afterAll(async () => world.close())

const FORM = 'application/x-www-form-urlencoded'

async function send(
  method: string,
  body: string | Buffer | null,
  headers: Record<string, string> = {},
  query = '',
) {
  const answer = await request(`${world.portalUrl}/oauth/token${query}`, {
    method: method as 'POST',
    headers,
    body,
  })
  const text = await answer.body.text()
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: text === '' ? null : (JSON.parse(text) as object),
  }
}

describe('T-56: only a plain form counts, and nothing else is a fault of ours', () => {
  test.each([
    ['JSON', 'application/json', '{"grant_type":"refresh_token"}'],
    ['text', 'text/plain', 'grant_type=refresh_token'],
    ['XML', 'application/xml', '<a/>'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--'],
    ['a malformed content type', 'application', 'grant_type=refresh_token'],
    ['a content type of nonsense', ';;;', 'grant_type=refresh_token'],
    ['a parameter twice', FORM, 'grant_type=refresh_token&grant_type=refresh_token&client_id=x'],
    ['client_id twice', FORM, 'grant_type=refresh_token&client_id=x&client_id=y'],
    ['a NUL in a value', FORM, 'grant_type=refresh_token&client_id=x%00y'],
    ['a line break in a value', FORM, 'grant_type=refresh_token&client_id=x%0D%0Ay'],
    ['an array as PHP writes it', FORM, 'grant_type[]=refresh_token'],
    ['__proto__', FORM, '__proto__[grant_type]=refresh_token&__proto__=x'],
    ['an empty body', FORM, ''],
    ['only separators', FORM, '&&&==='],
  ])('%s is invalid_request', async (_what, type, body) => {
    const answer = await send('POST', body, { 'content-type': type })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(String(answer.headers['content-type'])).toContain('application/json')
  })

  test('bad percent-encoding is taken as it stands, and is nobody', async () => {
    const answer = await send('POST', 'grant_type=%ZZ&client_id=%', { 'content-type': FORM })
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('a megabyte is refused as too large', async () => {
    const answer = await send('POST', `client_id=${'x'.repeat(1_000_000)}`, { 'content-type': FORM })
    expect(answer).toMatchObject({ status: 413, body: { error: 'invalid_request' } })
  })

  test('parameters in the address do not count', async () => {
    const query = '?grant_type=refresh_token&client_id=x&refresh_token=y'
    expect(await send('POST', '', { 'content-type': FORM }, query)).toMatchObject({ status: 400 })
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is refused with what is allowed', async (method) => {
    const answer = await send(method, null)
    expect(answer).toMatchObject({ status: 405, body: { error: 'invalid_request' } })
    expect(answer.headers['allow']).toBe('POST, OPTIONS')
  })
})

describe('T-57: a client authenticates exactly as it was registered', () => {
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  })
  const secretOf = (client: TestClient): string => client.secret ?? ''
  const exchange = async (client: TestClient, bend: Record<string, string | undefined>, headers = {}) => {
    const { code, verifier } = await obtainCode(world, client)
    const form = { grant_type: 'authorization_code', client_id: client.id, code, code_verifier: verifier }
    return askToken(world, { ...form, ...bend }, headers)
  }
  const basicClient = () => registerClient(world, { token_endpoint_auth_method: 'client_secret_basic' })
  const postClient = () => registerClient(world, { token_endpoint_auth_method: 'client_secret_post' })

  test('by Basic', async () => {
    const client = await basicClient()
    expect(
      (await exchange(client, { client_id: undefined }, basic(client.id, secretOf(client)))).status,
    ).toBe(200)
    expect((await exchange(client, {}, basic(client.id, secretOf(client)))).status).toBe(200)
  })

  test('by a secret in the form', async () => {
    const client = await postClient()
    expect((await exchange(client, { client_secret: secretOf(client) })).status).toBe(200)
  })

  test('left out at registration, the method is client_secret_basic (RFC 7591 §2)', async () => {
    const client = await registerClient(world, { token_endpoint_auth_method: undefined })
    expect(client.secret).toMatch(/^mxs_[A-Za-z0-9_-]{43}$/)
    expect((await exchange(client, {}, basic(client.id, secretOf(client)))).status).toBe(200)
  })

  test.each([
    ['a Basic client without a secret', basicClient, () => [{}, {}]],
    ['a Basic client by form', basicClient, (own: TestClient) => [{ client_secret: secretOf(own) }, {}]],
    ['a form client by Basic', postClient, (own: TestClient) => [{}, basic(own.id, secretOf(own))]],
    ['a wrong secret by Basic', basicClient, (own: TestClient) => [{}, basic(own.id, 'mxs_wrong')]],
    ['an empty secret by Basic', basicClient, (own: TestClient) => [{}, basic(own.id, '')]],
    ['a wrong secret by form', postClient, () => [{ client_secret: 'mxs_wrong' }, {}]],
    ['another client’s secret', postClient, () => [{ client_secret: `mxs_${'A'.repeat(43)}` }, {}]],
    ['a public client with a secret', () => registerClient(world), () => [{ client_secret: 'x' }, {}]],
    ['a public client by Basic', () => registerClient(world), (own: TestClient) => [{}, basic(own.id, '')]],
    ['a stranger', basicClient, () => [{}, basic('mxc_stranger', 'x')]],
    ['bad percent-encoding', basicClient, () => [{}, { authorization: `Basic ${btoa('a%ZZ:b')}` }]],
    ['Basic that is no base64', basicClient, () => [{}, { authorization: 'Basic ***' }]],
    ['Basic without a colon', basicClient, () => [{}, { authorization: `Basic ${btoa('abc')}` }]],
    ['Basic without anything', basicClient, () => [{}, { authorization: 'Basic' }]],
  ])('%s is not', async (_what, register, bend) => {
    const client = await register()
    const [form, headers] = bend(client) as [Record<string, string>, Record<string, string>]
    const own = headers['authorization'] === undefined ? {} : { client_id: undefined }
    const answer = await exchange(client, { ...own, ...form }, headers)
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(answer.headers['www-authenticate']).toBe(
      headers['authorization'] === undefined ? undefined : 'Basic realm="maximo-mcp"',
    )
  })

  test.each([
    ['a secret in both places', (own: TestClient) => ({ client_secret: secretOf(own) })],
    ['another client in the form', () => ({ client_id: 'mxc_other' })],
  ])('%s is invalid_request', async (_what, bend) => {
    const client = await basicClient()
    const answer = await exchange(client, bend(client), basic(client.id, secretOf(client)))
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  test('a Bearer header of a public client is ignored: some clients send theirs everywhere', async () => {
    const client = await registerClient(world)
    expect((await exchange(client, {}, { authorization: 'Bearer something' })).status).toBe(200)
  })

  test('a confidential client’s refresh token needs its secret too', async () => {
    const client = await postClient()
    const { code, verifier } = await obtainCode(world, client)
    const form = { client_id: client.id, client_secret: secretOf(client) }
    const first = await askToken(world, {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      ...form,
    })
    const { refresh_token } = first.body as { refresh_token: string }
    expect(await refresh(world, client, refresh_token)).toMatchObject({ status: 401 })
    expect((await refresh(world, client, refresh_token, form)).status).toBe(200)
  })
})

describe('the failed-attempt limiter', () => {
  test('answers 429 after too many failures of one client, and never holds up what is valid', async () => {
    const own = await startPortalWorld({ env: { FAILED_AUTH_MAX: '5', FAILED_AUTH_WINDOW_S: '60' } })
    try {
      const { client, refresh_token } = await connectClient(own)
      const waiting = await obtainCode(own, client)
      const guess = () => refresh(own, client, `mxr_${'A'.repeat(43)}`)
      for (let attempt = 0; attempt < 5; attempt += 1) expect((await guess()).status).toBe(400)
      const limited = await guess()
      expect(limited).toMatchObject({ status: 429, body: { error: 'slow_down' } })
      const waitS = Number(limited.headers['retry-after'])
      expect(waitS).toBeGreaterThan(0)
      expect(limited.headers['ratelimit-policy']).toBe('"failed_attempts";q=5;w=60')
      expect(limited.headers['ratelimit']).toBe(`"failed_attempts";r=0;t=${waitS}`)
      expect((limited.body as Record<string, unknown>)['error_description']).toBe(
        `Too many failed attempts: 5 in 60 seconds are looked at. Try again in ${waitS} seconds; what is valid is never held up.`,
      )
      expect((await refresh(own, client, refresh_token)).status).toBe(200)
      expect((await redeem(own, client, waiting)).status).toBe(200)
      own.clock.advance(61_000)
      expect((await guess()).status).toBe(400)
    } finally {
      await own.close()
    }
  })

  test('does not count what an honest client may do: expiry and malformed requests', async () => {
    const own = await startPortalWorld({ env: { FAILED_AUTH_MAX: '3' } })
    try {
      const client = await registerClient(own)
      const obtained = await obtainCode(own, client)
      own.clock.advance(301_000)
      for (let attempt = 0; attempt < 8; attempt += 1) {
        expect((await redeem(own, client, obtained)).status).toBe(400)
        expect((await askToken(own, { grant_type: 'password', client_id: client.id })).status).toBe(400)
      }
    } finally {
      await own.close()
    }
  })
})

describe('T-53, T-56: registration', () => {
  const register = (json: unknown) => askPortal(world, '/oauth/register', { json })

  test('several redirect URIs in one call, as Cursor and VS Code send them, and members nobody knows', async () => {
    const uris = [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ]
    const answer = await register({
      redirect_uris: uris,
      client_name: 'Cursor',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      response_types: ['code'],
      application_type: 'native',
      scope: 'wo:read offline_access',
      logo_uri: 'https://evil.example/logo.png',
      software_statement: 'x',
    })
    expect(answer).toMatchObject({
      status: 201,
      body: {
        client_id: expect.stringMatching(/^mxc_[A-Za-z0-9_-]{22}$/) as string,
        client_name: 'Cursor',
        redirect_uris: uris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
    })
    expect(answer.body).not.toHaveProperty('client_secret')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.each([
    ['nothing', {}, 'invalid_client_metadata'],
    ['no redirect URI', { redirect_uris: [] }, 'invalid_client_metadata'],
    [
      'eleven redirect URIs',
      { redirect_uris: Array.from({ length: 11 }, (_, n) => `https://a.example/${n}`) },
      'invalid_client_metadata',
    ],
    ['a redirect URI that is no text', { redirect_uris: [42] }, 'invalid_client_metadata'],
    [
      'one bad redirect URI among good ones',
      { redirect_uris: [CALLBACK, 'http://evil.example/cb'] },
      'invalid_redirect_uri',
    ],
    ['a script as redirect URI', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    [
      'only grants we do not offer',
      { redirect_uris: [CALLBACK], grant_types: ['client_credentials'] },
      'invalid_client_metadata',
    ],
    [
      'only response types we do not offer',
      { redirect_uris: [CALLBACK], response_types: ['token'] },
      'invalid_client_metadata',
    ],
    ['a list', [], 'invalid_client_metadata'],
    ['a text', 'x', 'invalid_client_metadata'],
  ])('of %s is refused', async (_what, json, error) => {
    expect(await register(json)).toMatchObject({ status: 400, body: { error } })
  })

  test.each([
    ['of more than 4 KB', JSON.stringify({ redirect_uris: [CALLBACK], x: 'x'.repeat(5000) }), 413],
    ['that is no JSON', '{', 400],
    ['that is deeper than anybody needs', '['.repeat(2000), 400],
  ])('a body %s is refused', async (_what, body, status) => {
    const answer = await request(`${world.portalUrl}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(await answer.body.json()).toMatchObject({ error: 'invalid_request' })
    expect(answer.statusCode).toBe(status)
  })
})
