import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../../src/dev/walk/browser.ts'
import { sendJson, startClientHost, type ClientHost } from '../support/mcp/client-host.ts'
import {
  askToken,
  authorizeUrl,
  callMcp,
  decide,
  obtainCode,
  openConsent,
  redeem,
  refresh,
  tokensOf,
} from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let host: ClientHost
let world: PortalWorld
beforeAll(async () => {
  host = await startClientHost()
  world = await startPortalWorld({
    env: { TRUSTED_PROXIES: '127.0.0.1,::1' },
    remote: { ...host.remote, deadlineMs: 2_000 },
  })
})
afterEach(() => world.clock.reset())
afterAll(async () => {
  await world.close()
  host.close()
})

const CALLBACK = 'https://app.example/callback'
const documentOf = (client_id: string, bend: object = {}) => ({
  client_id,
  client_name: 'A client on the web',
  redirect_uris: [CALLBACK],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  ...bend,
})

const VS_CODE = 'https://vscode.dev/oauth/client-metadata.json'

let counter = 0
let askers = 0
/** A client with a document of its own, bent by `metadata`; its id is the address of the document. */
function publish(bend: object = {}, headers: Record<string, string> = {}): string {
  counter += 1
  const path = `/clients/${counter}.json`
  const id = host.url(path)
  host.publish(path, sendJson(documentOf(id, bend), headers))
  return id
}

const pathOf = (id: string) => new URL(id).pathname
const fetches = (id: string) => host.hits.filter((path) => path === pathOf(id)).length

/** What the authorization endpoint makes of a client id. Each asker has an address of his own. */
async function authorize(id: string, redirect_uri = CALLBACK) {
  askers += 1
  const from = { 'x-forwarded-for': `203.0.${askers >> 8}.${askers & 255}` }
  const url = authorizeUrl(world, { id }, { redirect_uri })
  const answer = await askPortal(world, url.slice(world.portalUrl.length), { headers: from })
  const { status, headers, body } = answer
  return { status, location: String(headers['location'] ?? ''), text: String(body) }
}
const isTaken = async (id: string, redirectUri?: string) => (await authorize(id, redirectUri)).status === 302
const bend = { redirect_uri: CALLBACK }
const aBrowser = () => new Browser({ stopAt: CALLBACK })

describe('a client whose id is the address of its document', () => {
  test('connects without registering: consent, token, call, refresh', async () => {
    const id = publish()
    const obtained = await obtainCode(world, { id }, { bend, browser: aBrowser() })
    const tokens = tokensOf(await redeem(world, { id }, obtained, bend))
    expect(await callMcp(world, tokens.access_token)).toBe(200)
    expect((await refresh(world, { id }, tokens.refresh_token)).status).toBe(200)
    expect(fetches(id)).toBe(1)
  })

  test.each<[string, object]>([
    [
      'several methods as OpenID writes them',
      {
        token_endpoint_auth_method: undefined,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'none'],
      },
    ],
    ['no method', { token_endpoint_auth_method: undefined }],
    [
      'grants that are not offered',
      { grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer'] },
    ],
    ['no grants', { grant_types: undefined, response_types: undefined }],
    [
      'a private scheme that is not on the list, beside another',
      { redirect_uris: ['unheard-of://callback', CALLBACK] },
    ],
    ['members nobody knows', { logo_uri: 'https://evil.example/logo.svg', tos_uri: 1, scope: 'everything' }],
  ])('%s: taken', async (_what, metadata) => {
    expect(await isTaken(publish(metadata))).toBe(true)
  })

  test('a redirect URI has to be in the document', async () => {
    expect(await isTaken(publish(), 'https://other.example/callback')).toBe(false)
  })

  test('the consent page names the host that vouches, and says that nobody knows it', async () => {
    const { page } = await openConsent(world, { id: publish() }, { bend })
    const text = page.html.querySelector('#voucher')?.text ?? ''
    expect(text).toContain('Unverified client')
    expect(text).toContain(new URL(host.url('/')).host)
  })

  test('strangers to the token endpoint make it fetch nothing', async () => {
    const id = publish()
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: id }
    expect(await askToken(world, form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(fetches(id)).toBe(0)
  })
})

describe('T-52: a document that is not what it must be', () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  }
  test.each<[string, object]>([
    ['of another client_id', { client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata' }],
    ['without client_id', { client_id: undefined }],
    ['without a name', { client_name: undefined }],
    ['without redirect URIs', { redirect_uris: undefined }],
    ['with no redirect URI', { redirect_uris: [] }],
    ['with a dangerous redirect URI', { redirect_uris: ['javascript:alert(1)', CALLBACK] }],
    ['with http off loopback', { redirect_uris: ['http://app.example/callback'] }],
    ['with a secret', { client_secret: 'x' }],
    ['with the end of a secret', { client_secret_expires_at: 0 }],
    ['that asks for client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['that asks for client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }],
    ['that asks for client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }],
    [
      'with secret methods alone',
      {
        token_endpoint_auth_method: undefined,
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
      },
    ],
    ['that asks for keys and has none', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['with a private key', { jwks: { keys: [{ ...jwk, d: 'AAAA' }] } }],
    ['with a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
    ['with keys twice', { jwks: { keys: [jwk] }, jwks_uri: 'https://app.example/jwks' }],
    ['with keys at a private address', { jwks_uri: 'https://10.0.0.1/jwks' }],
    ['for other grants alone', { grant_types: ['client_credentials'] }],
    ['for other responses alone', { response_types: ['token'] }],
  ])('%s is refused, and again when asked again', async (_what, metadata) => {
    const id = publish(metadata)
    for (const asked of [1, 2]) {
      const answer = await authorize(id)
      expect(answer).toMatchObject({ status: 400, location: '' })
      expect(answer.text).toContain('does not describe a client')
      // A refusal is never kept.
      expect(fetches(id)).toBe(asked)
    }
  })

  test.each<[string, string]>([
    ['no object', '[]'],
    ['no JSON', '<html>Just a moment…</html>'],
    ['a member twice', '{"client_id":"a","client_id":"b"}'],
    ['deeper than anybody needs', `${'['.repeat(200)}${']'.repeat(200)}`],
    ['nothing', ''],
  ])('%s is refused', async (_what, text) => {
    const id = publish()
    host.publish(pathOf(id), (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    })
    expect((await authorize(id)).status).toBe(400)
  })
})

describe('T-52: how long a document counts', () => {
  const CHANGED = { redirect_uris: ['https://new.example/callback'] }
  const change = (id: string, metadata: object) => {
    host.publish(pathOf(id), documentOf(id, metadata))
  }

  test.each<[string, Record<string, string>, number]>([
    ['no cache header: five minutes', {}, 300],
    ['no-store: five minutes all the same', { 'cache-control': 'no-store' }, 300],
    ['max-age below the least', { 'cache-control': 'max-age=1' }, 300],
    ['max-age', { 'cache-control': 'public, max-age=3600' }, 3600],
    ['max-age less its age', { 'cache-control': 'max-age=3600', age: '3000' }, 600],
    ['s-maxage before max-age', { 'cache-control': 'max-age=60, s-maxage=7200' }, 7200],
    ['max-age beyond the most', { 'cache-control': 'max-age=31536000' }, 86_400],
  ])('%s', async (_what, headers, seconds) => {
    const id = publish({}, headers)
    expect(await isTaken(id)).toBe(true)
    change(id, CHANGED)
    world.clock.advance((seconds - 5) * 1000)
    expect(await isTaken(id)).toBe(true)
    world.clock.advance(10_000)
    expect(await isTaken(id)).toBe(false)
    expect(await isTaken(id, CHANGED.redirect_uris[0])).toBe(true)
  })

  test('an error is never kept: the next asker gets the document', async () => {
    const id = publish()
    const published = documentOf(id)
    host.publish(pathOf(id), null)
    expect(await isTaken(id)).toBe(false)
    host.publish(pathOf(id), published)
    expect(await isTaken(id)).toBe(true)
  })

  test('while its host is away, what was read within a day stands; then nothing does', async () => {
    const id = publish()
    expect(await isTaken(id)).toBe(true)
    host.publish(pathOf(id), null)
    world.clock.advance(23 * 3_600_000)
    expect(await isTaken(id)).toBe(true)
    world.clock.advance(2 * 3_600_000)
    expect(await isTaken(id)).toBe(false)
  })

  test('parallel askers share one fetch', async () => {
    const id = publish()
    const answers = await Promise.all(Array.from({ length: 20 }, () => authorize(id)))
    expect(answers.every(({ status }) => status === 302)).toBe(true)
    expect(fetches(id)).toBe(1)
  })

  test.each<[string, object]>([
    ['its name', { client_name: 'Something else' }],
    ['where answers go', { redirect_uris: [CALLBACK, 'https://evil.example/callback'] }],
    [
      'its keys',
      {
        jwks_uri: 'https://app.example/jwks.json',
        token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
        token_endpoint_auth_method: undefined,
      },
    ],
  ])(
    'a document that changes %s under the owner’s eyes grants nothing; the same one does',
    async (_what, metadata) => {
      const id = publish()
      const { browser, page } = await openConsent(world, { id }, { bend, browser: aBrowser() })
      change(id, metadata)
      // Five minutes later somebody else's request reads it anew.
      world.clock.advance(301_000)
      await authorize(id)
      world.clock.reset()
      const refused = await decide(browser, page)
      expect(refused.status).toBe(409)
      expect(refused.html.text).toContain('The client has changed')
      world.clock.reset()
      change(id, {})
      const same = publish()
      const again = await openConsent(world, { id: same }, { bend, browser: aBrowser() })
      expect((await decide(again.browser, again.page)).url).toContain('code=')
    },
  )

  test('a client that takes itself back cannot refresh; one whose host is away can', async () => {
    const [gone, away] = [publish(), publish()]
    const held = await Promise.all(
      [gone, away].map(async (id) => {
        const obtained = await obtainCode(world, { id }, { bend, browser: aBrowser() })
        return tokensOf(await redeem(world, { id }, obtained, bend)).refresh_token
      }),
    )
    host.publish(pathOf(away), null)
    change(gone, { token_endpoint_auth_method: 'client_secret_post' })
    world.clock.advance(301_000)
    expect(await refresh(world, { id: gone }, held[0] ?? '')).toMatchObject({ status: 401 })
    expect((await refresh(world, { id: away }, held[1] ?? '')).status).toBe(200)
  })
})

describe('T-51: a host that means harm', () => {
  test.each<[string, (id: string) => Parameters<ClientHost['publish']>[1]]>([
    [
      'sends us elsewhere',
      () => (_request, response) =>
        response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    ],
    [
      'answers 404 with a document',
      (id) => (_request, response) =>
        response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(documentOf(id))),
    ],
    ['answers as HTML', (id) => sendJson(documentOf(id), { 'content-type': 'text/html' })],
    [
      'answers without a type',
      (id) => (_request, response) => response.writeHead(200).end(JSON.stringify(documentOf(id))),
    ],
    ['answers with 10 MB', (id) => sendJson(documentOf(id, { pad: 'x'.repeat(10_000_000) }))],
    ['answers with a little more than 5 KB', (id) => sendJson(documentOf(id, { pad: 'x'.repeat(5_000) }))],
    [
      'answers with a bomb in gzip',
      (id) => (_request, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync(JSON.stringify(documentOf(id, { pad: 'x'.repeat(1_000_000) })))),
    ],
    [
      'says gzip over plain JSON',
      (id) => (_request, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(JSON.stringify(documentOf(id))),
    ],
    [
      'never ends',
      () => (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{')
      },
    ],
    ['never begins', () => () => undefined],
    ['hangs up', () => (request) => request.socket.destroy()],
  ])('%s: refused in time', async (_what, answer) => {
    const id = publish()
    host.publish(pathOf(id), answer(id))
    expect(await authorize(id)).toMatchObject({ status: 400, location: '' })
    host.publish(pathOf(id), documentOf(id))
    expect(await isTaken(id)).toBe(true)
  })

  test('a document of just under 5 KB is taken', async () => {
    expect(await isTaken(publish({ pad: 'x'.repeat(4_600) }))).toBe(true)
  })

  test('we send no cookie, no credential and no address of anybody’s', async () => {
    const id = publish()
    const seen: object[] = []
    host.publish(pathOf(id), (request, response) => {
      seen.push(request.headers)
      sendJson(documentOf(id))(request, response)
    })
    expect(await isTaken(id)).toBe(true)
    expect(Object.keys(seen[0] ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })

  test('one address causes thirty fetches a minute; what is read already, or has a copy, costs nothing', async () => {
    const own = await startPortalWorld({ seeded: false, remote: host.remote })
    try {
      const ask = async (id: string, redirect_uri = CALLBACK) => {
        const url = authorizeUrl(own, { id }, { redirect_uri })
        return (await askPortal(own, url.slice(own.portalUrl.length))).status
      }
      const known = publish()
      expect(await ask(known)).toBe(302)
      for (let fetched = 1; fetched < 30; fetched += 1) expect(await ask(publish())).toBe(302)
      const late = publish()
      // Beyond that a person signs in first and pays for himself; a program cannot.
      expect(await ask(late)).toBe(403)
      expect(fetches(late)).toBe(0)
      expect(await ask(known)).toBe(302)
      expect(await ask(VS_CODE, 'https://vscode.dev/redirect')).toBe(302)
      own.clock.advance(61_000)
      expect(await ask(late)).toBe(302)
    } finally {
      await own.close()
    }
  })
})
