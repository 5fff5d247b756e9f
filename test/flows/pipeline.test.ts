import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomUUID, sign as signWith, type KeyObject } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'node-html-parser'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_ASSERTION_TYPE } from '../../src/crypto/client-assertion.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { JWT_BEARER } from '../../src/portal/token/grant-types.ts'
import {
  alertOf,
  askToken,
  callTool,
  clientIdOf,
  endMachine,
  registerMachine,
  tokensOf,
} from '../support/oauth/machine-owner.ts'
import { startOidcIssuer, type OidcIssuer } from '../support/oauth/oidc-issuer.ts'
import {
  askPortal,
  PLANNER,
  startPortalWorld,
  TECHNICIAN,
  type PortalWorld,
} from '../support/portal-world.ts'
import { forgeJws } from '../support/crypto/token-forge.ts'

const ADMIN = 'admin@example.com'
let issuer: OidcIssuer
let world: PortalWorld
const nowS = (): number => Math.floor(Date.now() / 1000)
beforeAll(async () => {
  issuer = await startOidcIssuer({ nowS, audience: () => `${world.portalUrl}/oauth/token` })
  world = await startPortalWorld({ env: { WORKLOAD_ISSUERS_FILE: issuer.file } })
})
afterEach(() => {
  world.clock.reset()
  world.store.restore()
})
afterAll(async () => {
  await world.close()
  await issuer.close()
})

const workload = { proof: 'workload', claim1: 'repository', value1: 'org/app' }
const askAsWorkload = (assertion: string, more: Record<string, string> = {}) =>
  askToken(world, { grant_type: JWT_BEARER, assertion, ...more })
const errorOf = ({ status, body }: { status: number; body: unknown }): string =>
  `${status} ${String((body as Record<string, unknown>)['error'])}`

/** One step of a job: what it printed, and the outputs it set. */
async function runAction(script: string, env: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'mx-action-'))
  const outputs = join(folder, 'outputs')
  const { PATH = '' } = process.env
  const run = await new Promise<{ code: number; text: string }>((resolve) => {
    execFile(process.execPath, [script], { env: { PATH, GITHUB_OUTPUT: outputs, ...env } }, (error, text) => {
      resolve({ code: error === null ? 0 : Number(error.code), text })
    })
  })
  const output = await readFile(outputs, 'utf8').catch(() => '')
  await rm(folder, { recursive: true })
  return { ...run, output }
}

describe('a pipeline with workload identity', () => {
  test('registers, exchanges its platform’s token, calls a tool, and is refused on the very next call after its end', async () => {
    const owner = new Browser()
    const page = await registerMachine(owner, world, { email: PLANNER, ...workload })
    const cid = clientIdOf(page)
    expect([page.status, cid]).toEqual([200, expect.stringMatching(/^mxm_[\w-]{22}$/)])
    // No client id, no secret: what the platform says is enough.
    const tokens = tokensOf(await askAsWorkload(issuer.token(), { resource: `${world.mcpUrl}/ci/mcp` }))
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'maximo:read' })
    expect([tokens.refresh_token, tokens.expires_in > 800 && tokens.expires_in <= 900]).toEqual([
      undefined,
      true,
    ])
    expect(await callTool(world, tokens.access_token)).toBe(200)
    const shown = await owner.open(`${world.portalUrl}/machines/${cid}`)
    expect(shown.html.text).toContain('repository is org/app')
    expect(shown.html.text).toMatch(/Last exchange\s*(just now|\d+ seconds? ago|less than a minute ago)/)

    await endMachine(owner, world, cid)
    expect(await callTool(world, tokens.access_token)).toBe(401)
    expect(errorOf(await askAsWorkload(issuer.token()))).toBe('400 invalid_grant')
    expect(errorOf(await askAsWorkload(issuer.token(), { client_id: cid }))).toBe('400 invalid_grant')
    expect((await owner.open(`${world.portalUrl}/machines/${cid}`)).html.text).toContain('was ended')
  })

  test('by the action: the job’s own identity becomes a token, and the token a tool’s answer', async () => {
    const rules = { ...workload, value1: 'org/action' }
    await registerMachine(new Browser(), world, { email: PLANNER, ...rules })
    issuer.answerWith((path, reply) => {
      const url = new URL(path, issuer.url)
      if (url.pathname !== '/job-token') return false
      const aud = url.searchParams.get('audience')
      reply.end(JSON.stringify({ value: issuer.token({ repository: 'org/action', aud }) }))
      return true
    })
    const job = {
      MAXIMO_MCP_PORTAL: world.portalUrl,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}/job-token?api=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
    }
    const got = await runAction('action/token/get-token.mjs', job)
    const token = /^token=(\S+)$/m.exec(got.output)?.[1] ?? ''
    expect([got.code, got.text]).toEqual([0, `::add-mask::${token}\n`])
    const called = await runAction('action/call-tool.mjs', {
      MAXIMO_MCP_SERVER: world.mcpUrl,
      MAXIMO_MCP_TOOL: 'get_context',
      MAXIMO_MCP_TOKEN: token,
    })
    expect([called.code, called.text]).toEqual([0, expect.stringContaining('automation')])
    issuer.answerWith(null)
    const refused = await runAction('action/token/get-token.mjs', {
      ...job,
      ACTIONS_ID_TOKEN_REQUEST_URL: '',
    })
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('id-token: write')])
  })

  test('is told what was wrong in the words of RFC 6749 and 7523', async () => {
    const owner = new Browser()
    const rules = { ...workload, value1: 'org/errors' }
    const cid = clientIdOf(await registerMachine(owner, world, { email: PLANNER, ...rules }))
    const token = (bend: object = {}) => issuer.token({ repository: 'org/errors', ...bend })
    const told: [Promise<{ status: number; body: unknown }>, string][] = [
      [askAsWorkload(token(), { scope: 'maximo:admin' }), '400 invalid_scope'],
      [askAsWorkload(token(), { resource: 'https://other.example/mcp' }), '400 invalid_target'],
      [
        askAsWorkload(token(), { resource: `${world.mcpUrl}/mcp/AAAAAAAAAAAAAAAAAAAAAA` }),
        '400 invalid_target',
      ],
      [askAsWorkload(token({ repository: 'org/errors-evil' })), '400 invalid_grant'],
      [askAsWorkload(token({ aud: world.portalUrl })), '400 invalid_grant'],
      [askAsWorkload(token({ exp: nowS() - 60 })), '400 invalid_grant'],
      [askAsWorkload(`${token().slice(0, -8)}AAAAAAAA`), '400 invalid_grant'],
      [askAsWorkload('nonsense'), '400 invalid_grant'],
      [askToken(world, { grant_type: JWT_BEARER }), '400 invalid_request'],
      [askAsWorkload(token(), { client_id: 'mxm_AAAAAAAAAAAAAAAAAAAAAA' }), '401 invalid_client'],
      [
        askToken(world, { grant_type: 'client_credentials', client_id: cid, client_secret: 'x' }),
        '400 unauthorized_client',
      ],
    ]
    for (const [answer, expected] of told) expect(errorOf(await answer)).toBe(expected)
    const once = token()
    expect((await askAsWorkload(once)).status).toBe(200)
    expect(errorOf(await askAsWorkload(once))).toBe('400 invalid_grant')
  })

  test('where two clients could be meant, has to say which', async () => {
    const owner = new Browser()
    const rules = { ...workload, value1: 'org/twins' }
    const cids = [
      clientIdOf(await registerMachine(owner, world, { email: PLANNER, ...rules })),
      clientIdOf(await registerMachine(owner, world, { email: TECHNICIAN, ...rules })),
    ]
    const token = () => issuer.token({ repository: 'org/twins' })
    expect(errorOf(await askAsWorkload(token()))).toBe('400 invalid_request')
    for (const client_id of cids) expect((await askAsWorkload(token(), { client_id })).status).toBe(200)
  })

  test('gets 503, and is not refused, while nobody knows', async () => {
    const owner = new Browser()
    const rules = { ...workload, value1: 'org/outage' }
    await registerMachine(owner, world, { email: PLANNER, ...rules })
    const token = () => issuer.token({ repository: 'org/outage' })
    const request = token()
    world.store.silence()
    expect(errorOf(await askAsWorkload(request))).toBe('503 temporarily_unavailable')
    world.store.restore()
    await world.stopMcp()
    expect(errorOf(await askAsWorkload(token()))).toBe('503 temporarily_unavailable')
    await world.startMcp()
    expect((await askAsWorkload(request)).status).toBe(200)
    await world.restartPortal()
    expect((await askAsWorkload(token())).status).toBe(200)
    // Nobody looked at Clerk for more than an hour whether the owner is still there.
    world.clock.advance(3_700_000)
    expect(errorOf(await askAsWorkload(token()))).toBe('503 temporarily_unavailable')
  })
})

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
const assertionOf = (cid: string, key: KeyObject, bend: object = {}): string =>
  forgeJws(
    { alg: 'ES256', typ: 'JWT' },
    { iss: cid, sub: cid, aud: world.portalUrl, jti: randomUUID(), iat: nowS(), exp: nowS() + 60, ...bend },
    (input) => signWith('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  )
const askWithKey = (cid: string, key: KeyObject, bend: object = {}) =>
  askToken(world, {
    grant_type: 'client_credentials',
    client_assertion_type: CLIENT_ASSERTION_TYPE,
    client_assertion: assertionOf(cid, key, bend),
  })

describe('a machine client with keys', () => {
  test('changes its key without a failed call, and its old key is worth nothing then', async () => {
    const [first, second, owner] = [pair(), pair(), new Browser()]
    const page = await registerMachine(owner, world, {
      email: PLANNER,
      proof: 'keys',
      keys: pem(first.publicKey),
    })
    const cid = clientIdOf(page)
    const early = tokensOf(await askWithKey(cid, first.privateKey))
    expect(await callTool(world, early.access_token, '/mcp')).toBe(200)

    const own = await owner.open(`${world.portalUrl}/machines/${cid}`)
    const both = await owner.submit(own, formTo(own, '/machines/keys/add'), { keys: pem(second.publicKey) })
    expect(both.html.querySelectorAll('#keys-of ~ ul code')).toHaveLength(2)
    expect(await callTool(world, early.access_token)).toBe(200)
    for (const { privateKey } of [first, second]) {
      const { access_token } = tokensOf(await askWithKey(cid, privateKey))
      expect(await callTool(world, access_token)).toBe(200)
    }
    const late = tokensOf(await askWithKey(cid, second.privateKey))
    const one = await owner.submit(both, formTo(both, '/machines/keys/remove'))
    expect(one.html.querySelectorAll('#keys-of ~ ul code')).toHaveLength(1)
    expect(await callTool(world, late.access_token)).toBe(401)
    expect(errorOf(await askWithKey(cid, first.privateKey))).toBe('401 invalid_client')
    expect(await callTool(world, tokensOf(await askWithKey(cid, second.privateKey)).access_token)).toBe(200)
  })

  test('is refused as invalid_client for any assertion but its own, once', async () => {
    const [held, foreign] = [pair(), pair()]
    const filled = { email: PLANNER, proof: 'keys', keys: pem(held.publicKey) }
    const cid = clientIdOf(await registerMachine(new Browser(), world, filled))
    for (const bend of [
      { aud: `${world.portalUrl}/oauth/token` },
      { aud: [world.portalUrl] },
      { exp: nowS() - 60 },
      { sub: 'mxm_AAAAAAAAAAAAAAAAAAAAAA' },
    ])
      expect(errorOf(await askWithKey(cid, held.privateKey, bend)), JSON.stringify(bend)).toBe(
        '401 invalid_client',
      )
    expect(errorOf(await askWithKey(cid, foreign.privateKey))).toBe('401 invalid_client')
    const jti = randomUUID()
    expect((await askWithKey(cid, held.privateKey, { jti })).status).toBe(200)
    expect(errorOf(await askWithKey(cid, held.privateKey, { jti }))).toBe('401 invalid_client')
  })

  test.each([
    [
      'a private key',
      () => pair().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'private key',
    ],
    ['a private JWK', () => JSON.stringify(pair().privateKey.export({ format: 'jwk' })), 'private key'],
    ['nothing', () => ' ', 'Paste a public key'],
    ['words', () => 'my key', 'no public key that can be read'],
    [
      'a short RSA key',
      () => pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey),
      'cannot be used',
    ],
    ['one key twice', () => pem(pair().publicKey).repeat(2), 'twice'],
  ])('%s in the form is told, and registers nothing', async (_name, keys, said) => {
    const page = await registerMachine(new Browser(), world, { email: PLANNER, proof: 'keys', keys: keys() })
    expect([page.status, alertOf(page)]).toEqual([422, expect.stringContaining(said)])
  })
})

describe('a machine client with a secret', () => {
  test('where the plan has it: shown once, in header or body, and guessing is slowed down', async () => {
    const owner = new Browser()
    const page = await registerMachine(owner, world, { email: ADMIN, proof: 'secret' })
    const [cid, secret] = [clientIdOf(page), page.html.querySelector('#client-secret')?.text.trim() ?? '']
    expect(secret).toMatch(/^mxs_[\w-]{43}$/)
    expect((await owner.open(`${world.portalUrl}/machines/${cid}`)).body).not.toContain(secret)
    const grant = { grant_type: 'client_credentials' }
    const { access_token } = tokensOf(
      await askToken(world, { ...grant, client_id: cid, client_secret: secret }),
    )
    expect(await callTool(world, access_token)).toBe(200)
    const basic = `Basic ${Buffer.from(`${cid}:${secret}`).toString('base64')}`
    const byHeader = await askPortal(world, '/oauth/token', {
      form: grant,
      headers: { authorization: basic },
    })
    expect(byHeader.status).toBe(200)
    const guess = () =>
      askToken(world, { ...grant, client_id: cid, client_secret: `${secret.slice(0, -1)}!` })
    const guesses: string[] = []
    for (let count = 0; count < 22; count += 1) guesses.push(errorOf(await guess()))
    expect([guesses[0], guesses.at(-1)]).toEqual(['401 invalid_client', '429 slow_down'])
    // Whoever has it is not held up by whoever guesses.
    expect((await askToken(world, { ...grant, client_id: cid, client_secret: secret })).status).toBe(200)
  })

  test('where it has not: told, and nothing is registered', async () => {
    const page = await registerMachine(new Browser(), world, { email: PLANNER, proof: 'secret' })
    expect([page.status, alertOf(page)]).toEqual([422, expect.stringContaining('Your plan does not include')])
  })
})

describe('the form', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no name', { name: ' ' }, 'name'],
    ['a branch for a name', { claim1: 'ref', value1: 'refs/heads/main' }, 'whose workload'],
    ['half a name', { match1: 'prefix', value1: 'org/app' }, 'end with'],
    ['no rule', { claim1: '', value1: '' }, 'rule'],
    ['a foreign audience', { audience: 'https://sts.example' }, 'audience'],
    ['a foreign platform', { issuer: 'https://issuer.example' }, 'platform'],
    ['an environment of somebody else', { env: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'environments'],
    ['every address there is', { networks: '0.0.0.0/0' }, 'networks'],
  ])('with %s is shown again with what was typed', async (_name, filled, said) => {
    const page = await registerMachine(new Browser(), world, { email: PLANNER, ...workload, ...filled })
    expect([page.status, alertOf(page)]).toEqual([422, expect.stringContaining(said)])
    expect(page.html.querySelector('#name')?.getAttribute('value')).toBe(filled['name'] ?? 'Nightly report')
  })

  test('asks for a fresh sign-in, and leads back to itself', async () => {
    const owner = new Browser()
    world.standin.hooks.setFactorAge(PLANNER, 11)
    const late = await openSignedIn(owner, `${world.portalUrl}/machines/new`, PLANNER)
    expect([late.status, late.html.querySelector('h1')?.text]).toEqual([403, 'Please sign in again'])
    world.standin.hooks.setFactorAge(PLANNER, 0)
    const signIn = await owner.submit(late, formTo(late, '/sign-in/again'))
    const button = signIn.html.querySelector(`button[name="user"][value="${PLANNER}"]`)
    const form = button?.closest('form')
    if (form === null || form === undefined) throw new Error('no sign-in page')
    const again = await owner.submit(signIn, form, { user: PLANNER })
    expect(new URL(again.url).pathname).toBe('/machines/new')
    expect(again.status).toBe(200)
  })

  test('of a foreign page, or of another browser, registers nothing', async () => {
    const [owner, other] = [new Browser(), new Browser()]
    const page = await registerMachine(owner, world, { email: PLANNER, ...workload, value1: ' ' })
    await registerMachine(other, world, { email: PLANNER, ...workload, value1: ' ' })
    const stolen = await other.submit(page, formTo(page, '/machines'), { name: 'x', ...workload })
    expect(stolen.status).toBe(403)
    const foreign = parse(`<form method="post" action="${world.portalUrl}/machines"></form>`).querySelector(
      'form',
    )
    if (foreign === null) throw new Error('no form')
    const posted = await owner.submit({ ...page, url: 'https://evil.example/' }, foreign, workload)
    expect(posted.status).toBe(403)
  })

  test('the page of a machine client is its owner’s alone', async () => {
    const cid = clientIdOf(
      await registerMachine(new Browser(), world, { email: PLANNER, ...workload, value1: 'org/own' }),
    )
    const other = new Browser()
    await registerMachine(other, world, { email: TECHNICIAN, ...workload, value1: 'org/own' })
    expect((await other.open(`${world.portalUrl}/machines/${cid}`)).status).toBe(404)
  })
})

test('the metadata says what works', async () => {
  const { body } = await askPortal(world, '/.well-known/oauth-authorization-server')
  expect(body).toMatchObject({
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER],
    token_endpoint_auth_methods_supported: expect.arrayContaining([
      'private_key_jwt',
      'client_secret_basic',
    ]) as unknown,
    token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['ES256', 'Ed25519']) as unknown,
  })
})
