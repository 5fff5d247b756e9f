import { createHash, generateKeyPairSync, randomUUID, type KeyObject, sign as signWith } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RING_PLACES, RINGS } from '../../src/portal/clients/pending-registrations.ts'
import { sendJson, startClientHost, type ClientHost } from '../support/mcp/client-host.ts'
import {
  askToken,
  authorizeUrl,
  CALLBACK,
  callMcp,
  connectClient,
  obtainCode,
  redeem,
  refresh,
  registerClient,
  tokensOf,
  type TestClient,
} from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'
import { forgeJws } from '../support/crypto/token-forge.ts'

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' })
const OWN_JWKS = { keys: [jwk(own.publicKey, 'own')] }
const SECRET = `of-the-operator-${randomUUID()}`

let folder: string
let host: ClientHost
let world: PortalWorld
beforeAll(async () => {
  host = await startClientHost()
  folder = await mkdtemp(join(tmpdir(), 'oauth-clients-'))
  const file = join(folder, 'clients.json')
  await writeFile(file, JSON.stringify({ clients: preregistered() }))
  world = await startPortalWorld({
    remote: host.remote,
    env: { FAILED_AUTH_MAX: '1000', CLIENTS_FILE: file },
  })
})
afterEach(() => world.clock.reset())
afterAll(async () => {
  await world.close()
  host.close()
  await rm(folder, { recursive: true })
})

function preregistered(): object[] {
  const hash = createHash('sha256').update(SECRET).digest('hex')
  const base = { client_name: 'Of the operator', redirect_uris: [CALLBACK] }
  return [
    { ...base, client_id: 'ops-public', token_endpoint_auth_method: 'none' },
    {
      ...base,
      client_id: 'ops-secret',
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_sha256: hash,
    },
    { ...base, client_id: 'ops-keys', token_endpoint_auth_method: 'private_key_jwt', jwks: OWN_JWKS },
  ]
}

interface Assertion {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: KeyObject
}
const nowS = () => Math.floor(world.clock.nowMs() / 1000)
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

function assertionOf(clientId: string, { claims = {}, header = {}, key = own.privateKey }: Assertion = {}) {
  const said = { iss: clientId, sub: clientId, aud: world.portalUrl, jti: randomUUID(), exp: nowS() + 60 }
  const text = forgeJws(
    { alg: 'ES256', kid: 'own', typ: 'JWT', ...header },
    { ...said, ...claims },
    (input) => signWith('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  )
  return { client_assertion_type: TYPE, client_assertion: text }
}

const exchange = async (client: Pick<TestClient, 'id'>, proof: Record<string, string | undefined>) =>
  redeem(world, client, await obtainCode(world, client), proof)

/** Whether a client is taken for itself: `invalid_grant` is the answer to a refresh token that is none. */
const prove = (id: string, proof: Record<string, string | undefined>) =>
  askToken(world, { grant_type: 'refresh_token', refresh_token: 'none', client_id: id, ...proof })
const PROVEN = { status: 400, body: { error: 'invalid_grant' } }
const REFUSED = { status: 401, body: { error: 'invalid_client' } }

const keyClient = () =>
  registerClient(world, { token_endpoint_auth_method: 'private_key_jwt', jwks: OWN_JWKS })

describe('T-57: a client with keys proves that it holds one', () => {
  test('by an assertion, with or without its id beside it, and again for each refresh', async () => {
    const client = await keyClient()
    const first = tokensOf(await exchange(client, assertionOf(client.id)))
    expect(await callMcp(world, first.access_token)).toBe(200)
    const second = await refresh(world, client, first.refresh_token, assertionOf(client.id))
    expect(second.status).toBe(200)
    const { refresh_token } = tokensOf(second)
    const without = { client_id: undefined, ...assertionOf(client.id) }
    expect((await refresh(world, client, refresh_token, without)).status).toBe(200)
  })

  test.each<[string, (id: string) => Record<string, string | undefined>]>([
    ['no assertion', () => ({})],
    ['an assertion of another key', (id) => assertionOf(id, { key: other.privateKey })],
    [
      'one for the token endpoint',
      (id) => assertionOf(id, { claims: { aud: `${world.portalUrl}/oauth/token` } }),
    ],
    ['one for a list of audiences', (id) => assertionOf(id, { claims: { aud: [world.portalUrl] } })],
    ['one of another client', () => assertionOf('ops-keys')],
    ['one that has ended', (id) => assertionOf(id, { claims: { exp: nowS() - 31 } })],
    ['one for an hour', (id) => assertionOf(id, { claims: { exp: nowS() + 3600 } })],
    ['one without a jti', (id) => assertionOf(id, { claims: { jti: undefined } })],
    ['alg none', (id) => assertionOf(id, { header: { alg: 'none' } })],
    ['a key brought along', (id) => assertionOf(id, { header: { jwk: jwk(own.publicKey, 'own') } })],
    ['a secret instead', () => ({ client_secret: 'mxs_guess' })],
    ['another type of assertion', (id) => ({ ...assertionOf(id), client_assertion_type: 'urn:x' })],
    ['no type', (id) => ({ ...assertionOf(id), client_assertion_type: undefined })],
  ])('%s is invalid_client', async (_what, proof) => {
    const client = await keyClient()
    expect(await prove(client.id, proof(client.id))).toMatchObject(REFUSED)
    expect(await prove(client.id, assertionOf(client.id))).toMatchObject(PROVEN)
  })

  test('an assertion counts once, and only its own client uses it up', async () => {
    const [client, second] = [await keyClient(), await keyClient()]
    const jti = randomUUID()
    const proof = assertionOf(client.id, { claims: { jti } })
    expect(await prove(client.id, proof)).toMatchObject(PROVEN)
    expect(await prove(client.id, proof)).toMatchObject(REFUSED)
    expect(await prove(second.id, assertionOf(second.id, { claims: { jti } }))).toMatchObject(PROVEN)
    // Past its end by less than clocks may differ: it still reads as valid, and is still remembered.
    world.clock.advance(80_000)
    expect(await prove(client.id, proof)).toMatchObject(REFUSED)
    expect(await prove(client.id, assertionOf(client.id))).toMatchObject(PROVEN)
  })

  test('of many parallel uses of one assertion, one counts', async () => {
    const client = await keyClient()
    const proof = assertionOf(client.id)
    const answers = await Promise.all(Array.from({ length: 20 }, () => prove(client.id, proof)))
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
  })

  test('a secret beside an assertion is invalid_request', async () => {
    const client = await keyClient()
    const proof = { ...assertionOf(client.id), client_secret: 'x' }
    expect(await prove(client.id, proof)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })

  test('without keys, or with keys that are not sound, nobody registers for it', async () => {
    const method = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt' }
    const leaked = { keys: [own.privateKey.export({ format: 'jwk' })] }
    for (const keys of [
      {},
      { jwks: { keys: [] } },
      { jwks: leaked },
      { jwks_uri: 'https://127.0.0.1/jwks' },
      { jwks_uri: 'http://app.clients.test/jwks' },
      { jwks: OWN_JWKS, jwks_uri: host.url('/jwks') },
    ])
      expect(await askPortal(world, '/oauth/register', { json: { ...method, ...keys } })).toMatchObject({
        status: 400,
        body: { error: 'invalid_client_metadata' },
      })
  })
})

describe('keys by address', () => {
  const remoteClient = (path: string) =>
    registerClient(world, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: host.url(path) })

  test('are fetched once, and again when the client signs with a newer key', async () => {
    host.publish('/rolling', OWN_JWKS)
    const client = await remoteClient('/rolling')
    const asked = () => host.hits.filter((path) => path === '/rolling').length
    expect((await exchange(client, assertionOf(client.id))).status).toBe(200)
    expect(await prove(client.id, assertionOf(client.id))).toMatchObject(PROVEN)
    expect(asked()).toBe(1)
    host.publish('/rolling', { keys: [jwk(other.publicKey, 'next')] })
    world.clock.advance(61_000)
    const next = { key: other.privateKey, header: { kid: 'next' } }
    expect(await prove(client.id, assertionOf(client.id, next))).toMatchObject(PROVEN)
    expect(asked()).toBe(2)
    expect(await prove(client.id, assertionOf(client.id))).toMatchObject(REFUSED)
    expect(asked()).toBe(2)
  })

  test('that cannot be had refuse nobody: 503, and it works again when they can', async () => {
    const client = await remoteClient('/away')
    const proof = assertionOf(client.id)
    expect(await prove(client.id, proof)).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
    })
    host.publish('/away', sendJson(OWN_JWKS))
    expect(await prove(client.id, proof)).toMatchObject(PROVEN)
  })
})

describe('clients of the operator’s file', () => {
  test.each<[string, (id: string) => Record<string, string>]>([
    ['ops-public', () => ({})],
    ['ops-secret', () => ({ client_secret: SECRET })],
    ['ops-keys', (id) => assertionOf(id)],
  ])('%s connects', async (id, proof) => {
    const tokens = tokensOf(await exchange({ id }, proof(id)))
    expect(await callMcp(world, tokens.access_token)).toBe(200)
  })

  test('a wrong secret does not, and the hash of the right one neither', async () => {
    const hash = createHash('sha256').update(SECRET)
    for (const client_secret of ['', 'guess', hash.copy().digest('hex'), hash.digest('base64url')])
      expect(await prove('ops-secret', { client_secret })).toMatchObject(REFUSED)
    expect(await prove('ops-secret', { client_secret: SECRET })).toMatchObject(PROVEN)
  })
})

describe('a registration is narrowed rather than refused', () => {
  const register = async (metadata: object) => {
    const json = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', ...metadata }
    return askPortal(world, '/oauth/register', { json })
  }

  test.each<[string, object, object]>([
    [
      'a private scheme that is not on the list',
      { redirect_uris: ['unheard-of://cb', CALLBACK] },
      { redirect_uris: [CALLBACK] },
    ],
    ['an address twice', { redirect_uris: [CALLBACK, CALLBACK] }, { redirect_uris: [CALLBACK] }],
    [
      'a method that is not offered',
      { token_endpoint_auth_method: 'tls_client_auth' },
      { token_endpoint_auth_method: 'none' },
    ],
    [
      'grants that are not offered',
      { grant_types: ['authorization_code', 'implicit'] },
      { grant_types: ['authorization_code'] },
    ],
  ])('%s', async (_what, metadata, registered) => {
    expect(await register(metadata)).toMatchObject({ status: 201, body: registered })
  })

  test.each([
    ['nothing but a scheme that is not on the list', ['unheard-of://cb'], 0],
    ['a script among good ones', [CALLBACK, 'javascript:alert(1)'], 1],
    ['a file', ['file:///tmp/x'], 0],
  ])('but not for %s', async (_what, redirect_uris, index) => {
    const answer = await register({ redirect_uris })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_redirect_uri' } })
    expect(answer.body).toHaveProperty('error_description', expect.stringContaining(`[${index}]`))
  })
})

describe('T-53: a flood of registrations takes no more room than its ring, and shuts nobody out', () => {
  const JSON_BODY = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' }
  const knows = async (client: Pick<TestClient, 'id'>) =>
    (await askPortal(world, authorizeUrl(world, client).slice(world.portalUrl.length))).status === 302

  test('a thousand: bounded keys, an empty journal, and the next real client connects from the same address', async () => {
    const used = await connectClient(world)
    const unused = await registerClient(world)
    const journaled = world.store.size
    for (let batch = 0; batch < 20; batch += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => askPortal(world, '/oauth/register', { json: JSON_BODY })),
      )
      expect(answers.every(({ status }) => status === 201)).toBe(true)
    }
    expect(world.store.size - journaled).toBeLessThanOrEqual(RING_PLACES + 1)
    expect(RINGS * RING_PLACES).toBeLessThan(20_000)
    expect(await knows(unused)).toBe(false)
    expect((await refresh(world, used.client, used.refresh_token)).status).toBe(200)
    expect(await callMcp(world, (await connectClient(world)).access_token)).toBe(200)
  })

  test('one that nobody said yes to is forgotten after a day, and one in use is not', async () => {
    const [unused, { client }] = [await registerClient(world), await connectClient(world)]
    world.clock.advance(86_300_000)
    expect(await knows(unused)).toBe(true)
    world.clock.advance(200_000)
    expect(await knows(unused)).toBe(false)
    expect(await prove(unused.id, {})).toMatchObject(REFUSED)
    expect(await knows(client)).toBe(true)
  })

  test('one that was not used for ninety days is forgotten', async () => {
    const day = 86_400_000
    const [idle, busy] = [await connectClient(world), await connectClient(world)]
    // An authenticated request is a use, whatever comes of it.
    for (const days of [29, 29, 33]) {
      expect(await prove(busy.client.id, {})).toMatchObject(PROVEN)
      world.clock.advance(days * day)
    }
    expect(await knows(idle.client)).toBe(false)
    expect(await knows(busy.client)).toBe(true)
  })

  test('a client that an owner said yes to is known after a restart; the owner’s yes survives the flood in between', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    await Promise.all(
      Array.from({ length: RING_PLACES + 10 }, () =>
        askPortal(world, '/oauth/register', { json: JSON_BODY }),
      ),
    )
    expect((await redeem(world, client, obtained)).status).toBe(200)
    await world.restartPortal()
    expect(await knows(client)).toBe(true)
  })
})

describe('T-61: secrets cannot be guessed', () => {
  test('they are 256 random bits, kept as keyed hashes alone', async () => {
    const client = await registerClient(world, { token_endpoint_auth_method: 'client_secret_post' })
    expect(client.secret).toMatch(/^mxs_[A-Za-z0-9_-]{43}$/)
    const [ring, place] = Buffer.from(client.id.slice('mxc_'.length), 'base64url')
    const held = await world.store.get(`pending:${ring}:${place}`)
    expect(held).toContain(client.id)
    expect(held).not.toContain(client.secret?.slice(4))
    expect((await exchange(client, { client_secret: client.secret })).status).toBe(200)
  })

  test('a wrong secret, a wrong method and a stranger read the same', async () => {
    const client = await registerClient(world, { token_endpoint_auth_method: 'client_secret_post' })
    const [wrong, none, stranger] = [
      await prove(client.id, { client_secret: `mxs_${'A'.repeat(43)}` }),
      await prove(client.id, {}),
      await prove('mxc_stranger', { client_secret: 'x' }),
    ]
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(none.body).toEqual(wrong.body)
    expect(stranger.body).toEqual(wrong.body)
  })
})
