import { generateKeyPairSync, randomUUID, sign as signWith } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../../src/dev/walk/browser.ts'
import { startClientHost, type ClientHost } from '../support/mcp/client-host.ts'
import {
  askToken,
  type Bend,
  callMcp,
  obtainCode,
  openConsent,
  redeem,
  refresh,
  tokensOf,
} from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'
import { forgeJws } from '../support/crypto/token-forge.ts'

/*
 * Registration bodies, redirects and habits of clients that people use, as their documents, sources and issue threads
 * record them (November 2026). The clients themselves were not run.
 */

let host: ClientHost
let world: PortalWorld
beforeAll(async () => {
  host = await startClientHost()
  // Their own hosts cannot be reached from here: Claude's and VS Code's documents are the copies that we carry.
  world = await startPortalWorld({ remote: host.remote })
})
afterAll(async () => {
  await world.close()
  host.close()
})

interface Recorded {
  /** The client id, by document or by registration. */
  readonly id: () => Promise<string> | string
  readonly redirect: string
  /** How it asks, where that differs from the plain way. */
  readonly asks?: (world: PortalWorld) => Bend
  /** What it adds to each token request. */
  readonly proof?: (id: string) => Bend
}

const register = async (body: object): Promise<string> => {
  const answer = await askPortal(world, '/oauth/register', { json: body })
  if (answer.status !== 201) throw new Error(`registration: ${JSON.stringify(answer.body)}`)
  return (answer.body as { client_id: string }).client_id
}

const CODE_AND_REFRESH = ['authorization_code', 'refresh_token']
const WEB = { grant_types: CODE_AND_REFRESH, response_types: ['code'], token_endpoint_auth_method: 'none' }

const CLAUDE_CALLBACK = 'https://claude.ai/api/mcp/auth_callback'
const CLAUDE = 'https://claude.ai/oauth/mcp-oauth-client-metadata'
const CLAUDE_CODE = 'https://claude.ai/oauth/claude-code-client-metadata'
const VS_CODE = 'https://vscode.dev/oauth/client-metadata.json'
const CHATGPT_CALLBACK = 'https://chatgpt.com/connector_platform_oauth_redirect'

const chatgptKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
/** ChatGPT's document lists its methods as OpenID does, and its keys by address. */
function publishChatGpt(): string {
  const id = host.url('/oauth/client.json', 'chatgpt')
  const jwks_uri = host.url('/oauth/jwks.json', 'chatgpt')
  host.publish('/oauth/jwks.json', {
    keys: [{ ...chatgptKey.publicKey.export({ format: 'jwk' }), kid: 'c1' }],
  })
  host.publish('/oauth/client.json', {
    client_id: id,
    client_name: 'ChatGPT',
    redirect_uris: [CHATGPT_CALLBACK],
    grant_types: CODE_AND_REFRESH,
    response_types: ['code'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    jwks_uri,
  })
  return id
}

function chatGptAssertion(id: string): Bend {
  const exp = Math.floor(world.clock.nowMs() / 1000) + 300
  const claims = { iss: id, sub: id, aud: world.portalUrl, jti: randomUUID(), exp }
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: forgeJws({ alg: 'RS256', kid: 'c1', typ: 'JWT' }, claims, (input) =>
      signWith('sha256', input, chatgptKey.privateKey),
    ),
  }
}

const VS_CODE_REDIRECTS = [
  'https://insiders.vscode.dev/redirect',
  'https://vscode.dev/redirect',
  'http://localhost/',
  'http://127.0.0.1/',
  'http://localhost:33418/',
  'http://127.0.0.1:33418/',
]
const CURSOR_REDIRECTS = [
  'cursor://anysphere.cursor-mcp/oauth/callback',
  'https://www.cursor.com/agents/mcp/oauth/callback',
  'http://localhost:8787/callback',
]
const claudeByRegistration = () =>
  register({ ...WEB, client_name: 'Claude', redirect_uris: [CLAUDE_CALLBACK] })
const cursor = () =>
  register({ ...WEB, client_name: 'Cursor', redirect_uris: CURSOR_REDIRECTS, application_type: 'native' })
const vsCode = () =>
  register({
    ...WEB,
    client_name: 'Visual Studio Code',
    client_uri: 'https://code.visualstudio.com',
    redirect_uris: VS_CODE_REDIRECTS,
    grant_types: [...CODE_AND_REFRESH, 'urn:ietf:params:oauth:grant-type:device_code'],
    application_type: 'native',
  })
const remote = 'http://localhost:29104/oauth/callback'
const mcpRemote = () =>
  register({
    ...WEB,
    client_name: 'MCP CLI Proxy',
    redirect_uris: [remote],
    application_type: 'native',
    scope: 'wo:read offline_access',
  })

const CLIENTS: Readonly<Record<string, Recorded>> = {
  'Claude.ai by its document': { id: () => CLAUDE, redirect: CLAUDE_CALLBACK },
  'Claude.ai under its other host': {
    id: () => CLAUDE,
    redirect: 'https://claude.com/api/mcp/auth_callback',
  },
  'Claude.ai by registration, anew for each connection': {
    id: claudeByRegistration,
    redirect: CLAUDE_CALLBACK,
  },
  'Claude Code on any port of localhost': {
    id: () => CLAUDE_CODE,
    redirect: 'http://localhost:54212/callback',
  },
  'Claude Code on any port of 127.0.0.1': {
    id: () => CLAUDE_CODE,
    redirect: 'http://127.0.0.1:54213/callback',
  },
  'Claude Code with the bare origin as resource': {
    id: () => CLAUDE_CODE,
    redirect: 'http://localhost:3118/callback',
    asks: ({ mcpUrl }) => ({ resource: `${mcpUrl}/` }),
  },
  'Claude Code without a resource': {
    id: () => CLAUDE_CODE,
    redirect: 'http://localhost:3118/callback',
    asks: () => ({ resource: undefined }),
  },
  'Claude Code with the configured address, query included': {
    id: () => CLAUDE_CODE,
    redirect: 'http://localhost:3118/callback',
    asks: ({ mcpUrl }) => ({ resource: `${mcpUrl}/mcp?team=a` }),
  },
  'ChatGPT by its document, with its key': {
    id: publishChatGpt,
    redirect: CHATGPT_CALLBACK,
    proof: chatGptAssertion,
  },
  'ChatGPT by registration, with a redirect per app': {
    id: () =>
      register({
        ...WEB,
        client_name: 'ChatGPT',
        redirect_uris: ['https://chatgpt.com/connector/oauth/aB3x'],
      }),
    redirect: 'https://chatgpt.com/connector/oauth/aB3x',
  },
  'VS Code by its document': { id: () => VS_CODE, redirect: 'http://127.0.0.1:33418/' },
  'VS Code by its document, on another port': { id: () => VS_CODE, redirect: 'http://127.0.0.1:51004/' },
  'VS Code by registration': { id: vsCode, redirect: 'https://vscode.dev/redirect' },
  'Cursor by one registration for three addresses': { id: cursor, redirect: CURSOR_REDIRECTS[0] ?? '' },
  'Cursor on its loopback address': { id: cursor, redirect: CURSOR_REDIRECTS[2] ?? '' },
  'mcp-remote, which asks for consent and for scopes of its own': {
    id: mcpRemote,
    redirect: remote,
    asks: () => ({ scope: 'wo:read offline_access', prompt: 'consent' }),
  },
}

describe('recorded shapes of clients reach a working token', () => {
  test.each(Object.entries(CLIENTS))('%s', async (_name, recorded) => {
    const id = await recorded.id()
    const proof = recorded.proof ?? (() => ({}))
    const { resource, ...asked } = {
      resource: `${world.mcpUrl}/mcp`,
      scope: 'maximo:read offline_access',
      ...recorded.asks?.(world),
    } as Bend
    const bend = { ...asked, resource, redirect_uri: recorded.redirect }
    const browser = new Browser({ stopAt: recorded.redirect })
    const obtained = await obtainCode(world, { id }, { bend, browser })
    const sent = { redirect_uri: recorded.redirect, resource }
    const first = tokensOf(await redeem(world, { id }, obtained, { ...sent, ...proof(id) }))
    expect(first.scope).toBe('maximo:read offline_access')
    expect(await callMcp(world, first.access_token)).toBe(200)
    const second = tokensOf(await refresh(world, { id }, first.refresh_token, { resource, ...proof(id) }))
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(await callMcp(world, second.access_token)).toBe(200)
  })

  test('what Claude looks for before it uses its document is in the metadata', async () => {
    const { body } = await askPortal(world, '/.well-known/oauth-authorization-server')
    expect(body).toMatchObject({
      client_id_metadata_document_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none']) as string[],
    })
  })

  test('a Bearer header beside a public client’s token request, as mcp-remote sends it, is ignored', async () => {
    const id = await mcpRemote()
    const browser = new Browser({ stopAt: remote })
    const { code, verifier } = await obtainCode(world, { id }, { bend: { redirect_uri: remote }, browser })
    const form = { grant_type: 'authorization_code', client_id: id, code, code_verifier: verifier }
    expect((await askToken(world, form, { authorization: 'Bearer of-the-resource' })).status).toBe(200)
  })

  test('a client whose registration is gone is told so as Claude understands it: invalid_client', async () => {
    expect(await refresh(world, { id: 'mxc_0123456789012345678901' }, 'mxr_x')).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })

  test('ChatGPT’s document without its key, or Cursor’s with an unknown scheme alone, is refused', async () => {
    const id = publishChatGpt()
    const browser = new Browser({ stopAt: CHATGPT_CALLBACK })
    const bend = { redirect_uri: CHATGPT_CALLBACK }
    const obtained = await obtainCode(world, { id }, { bend, browser })
    expect((await redeem(world, { id }, obtained, bend)).status).toBe(401)
    const json = { ...WEB, redirect_uris: ['unheard-of://callback'] }
    expect(await askPortal(world, '/oauth/register', { json })).toMatchObject({ status: 400 })
  })
})

describe('step-up', () => {
  const ask = async (id: string, scope: string) => {
    const browser = new Browser({ stopAt: remote })
    const bend = { redirect_uri: remote, scope, prompt: 'consent' }
    const obtained = await obtainCode(world, { id }, { bend, browser })
    return tokensOf(await redeem(world, { id }, obtained, { redirect_uri: remote }))
  }

  test('a client that asks for more gets it by another consent, and what it had goes on', async () => {
    const id = await register({ ...WEB, redirect_uris: [remote], grant_types: ['authorization_code'] })
    const first = await ask(id, 'maximo:read')
    expect(first).not.toHaveProperty('refresh_token')
    expect(first.scope).toBe('maximo:read')
    // As after a challenge: its own scope, and what was missing; what nobody offers is left out, and said so.
    const second = await ask(id, 'maximo:read offline_access maximo:unheard-of')
    expect(second.scope).toBe('maximo:read offline_access')
    expect(tokensOf(await refresh(world, { id }, second.refresh_token)).scope).toBe(second.scope)
    expect(await callMcp(world, second.access_token)).toBe(200)
    expect(await callMcp(world, first.access_token)).toBe(200)
  })

  test('no scope at all means the default', async () => {
    const id = await mcpRemote()
    expect((await ask(id, '')).scope).toBe('maximo:read')
  })
})

describe('what the consent page says of them', () => {
  const voucher = async (id: string, redirect_uri: string) => {
    const browser = new Browser({ stopAt: redirect_uri })
    const { page } = await openConsent(world, { id }, { bend: { redirect_uri }, browser })
    return page.html.querySelector('#voucher')?.text ?? ''
  }

  test('a document on a host we know makes a client verified', async () => {
    const said = await voucher(CLAUDE, CLAUDE_CALLBACK)
    expect(said).toContain('Verified client. claude.ai')
    expect(said).not.toContain('pretend')
  })

  test('but on this computer any program can pretend to be it', async () => {
    expect(await voucher(CLAUDE_CODE, 'http://localhost:1234/callback')).toContain('can pretend to be it')
  })

  test('who registered himself is unverified, whatever he calls himself', async () => {
    expect(await voucher(await claudeByRegistration(), CLAUDE_CALLBACK)).toContain('Unverified client')
  })
})
