import { createHmac } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { machineAttest } from '../../src/crypto/internal-api.ts'
import { meetsRules, namesSomebody, type ClaimRule } from '../../src/crypto/claim-rules.ts'
import { loadWorkloadIssuers } from '../../src/crypto/workload-issuers.ts'
import { ALICE, McpWorld, type Answer } from '../support/mcp/mcp-world.ts'
import { attestRoot, childGrant, derive, machineAsk, type Root } from '../support/oauth/machine-client.ts'
import { startOidcIssuer, type OidcIssuer } from '../support/oauth/oidc-issuer.ts'
import { forgeJws } from '../support/crypto/token-forge.ts'

const AUDIENCE = 'http://localhost:8080/oauth/token'
let issuer: OidcIssuer
let world: McpWorld
const nowS = (): number => Math.floor((world as McpWorld | undefined)?.clock.nowMs() ?? 0) / 1000
beforeAll(async () => {
  issuer = await startOidcIssuer({ nowS: () => Math.floor(nowS()), audience: () => AUDIENCE })
  world = await McpWorld.start({ WORKLOAD_ISSUERS_FILE: issuer.file, FAILED_AUTH_MAX: '500' })
})
afterEach(() => issuer.answerWith(null))
afterAll(async () => {
  await world.close()
  await issuer.close()
})

const REPOSITORY: ClaimRule = { claim: 'repository', match: 'exact', value: 'org/app' }
const workload = (rules: readonly ClaimRule[] = [REPOSITORY], audience = AUDIENCE) => ({
  kind: 'workload',
  issuer: issuer.url,
  audience,
  rules,
})
const show = (made: Root, assertion: string): Promise<Answer> =>
  derive(world, made.root, { kind: 'workload', assertion })
const refusal = ({ status, json }: Answer): string => `${status} ${String(json['error'])}`
/** Past the time in which the keys are not asked for again. */
const pass = (minutes: number): void => world.clock.advance(minutes * 60_000)

describe('a workload', () => {
  test('gets a receipt for a quarter of an hour, and works at /ci/mcp', async () => {
    const made = await attestRoot(world, ALICE, workload())
    const answer = await show(made, issuer.token())
    expect(answer.status).toBe(200)
    expect(answer.json['max']).toBe(Math.floor(nowS()) + 900)
    const token = await world.token(childGrant(made, answer), { exp: Math.floor(nowS()) + 900 })
    expect((await world.rpc(token, { path: '/ci/mcp' })).status).toBe(200)
    await world.revoke({ kind: 'grant', gid: made.gid })
    expect((await world.rpc(token, { path: '/ci/mcp' })).status).toBe(401)
    expect(refusal(await show(made, issuer.token()))).toBe('422 root_ended')
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { iss: 'https://token.actions.githubusercontent.com' }, 'issuer_wrong'],
    ['of the issuer with a slash', { iss: '/' }, 'issuer_wrong'],
    ['for another audience', { aud: 'sts.amazonaws.com' }, 'audience_wrong'],
    ['for our issuer, where the endpoint was agreed', { aud: 'http://localhost:8080' }, 'audience_wrong'],
    ['for a list with us inside', { aud: [AUDIENCE] }, 'payload_malformed'],
    ['without an audience', { aud: undefined }, 'payload_malformed'],
    ['of another repository', { repository: 'org/app-evil' }, 'rules_not_met'],
    ['of the repository in other letters', { repository: 'Org/App' }, 'rules_not_met'],
    ['of several repositories', { repository: ['org/app'] }, 'rules_not_met'],
    ['of no repository', { repository: undefined }, 'rules_not_met'],
    ['without an id', { jti: undefined }, 'payload_malformed'],
    ['without a time of issue', { iat: undefined }, 'payload_malformed'],
    ['without an end', { exp: undefined }, 'payload_malformed'],
  ])('with a token %s is refused', async (_name, bend, expected) => {
    const made = await attestRoot(world, ALICE, workload())
    const token = issuer.token(bend['iss'] === '/' ? { iss: `${issuer.url}/` } : bend)
    expect(refusal(await show(made, token))).toBe(`422 proof_${expected}`)
    expect((await show(made, issuer.token())).status).toBe(200)
  })

  test.each<[string, Record<string, number>, string]>([
    ['ended 29 s ago', { exp: -29 }, '200'],
    ['ended 31 s ago', { exp: -31 }, '422 proof_expired'],
    ['issued 29 s from now', { iat: 29 }, '200'],
    ['issued 31 s from now', { iat: 31 }, '422 proof_issued_in_future'],
    ['not valid before 31 s from now', { nbf: 31 }, '422 proof_issued_in_future'],
    ['an hour old', { iat: -3_600, exp: 300 }, '200'],
    ['an hour and a half old', { iat: -5_400, exp: 300 }, '422 proof_stale'],
    ['valid for two days', { exp: 172_800 }, '422 proof_lifetime_too_long'],
  ])('with a token %s', async (_name, times, expected) => {
    const made = await attestRoot(world, ALICE, workload())
    const bend = Object.fromEntries(Object.entries(times).map(([name, s]) => [name, Math.floor(nowS()) + s]))
    const answer = await show(made, issuer.token(bend))
    expect(expected === '200' ? String(answer.status) : refusal(answer)).toBe(expected)
  })

  test.each<[string, (token: string) => string, string]>([
    ['alg none', (token) => bendHeader(token, { alg: 'none' }), 'header_not_exact'],
    [
      'alg none, unsigned',
      (token) => `${bendHeader(token, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      'header_not_exact',
    ],
    ['HS256', (token) => bendHeader(token, { alg: 'HS256' }, true), 'header_not_exact'],
    [
      'an algorithm that the operator did not allow',
      (token) => bendHeader(token, { alg: 'PS256' }),
      'header_not_exact',
    ],
    [
      'a key set of its own',
      (token) => bendHeader(token, { jku: 'http://localhost/jwks' }),
      'header_not_exact',
    ],
    ['a certificate of its own', (token) => bendHeader(token, { x5c: ['x'] }), 'header_not_exact'],
    ['another’s kid', (token) => bendHeader(token, { kid: 'other' }), 'kid_unknown'],
    ['a bent signature', (token) => `${token.slice(0, -8)}AAAAAAAA`, 'signature_wrong'],
    ['nothing', () => '', 'segments_malformed'],
  ])('with %s is refused', async (_name, bend, expected) => {
    const made = await attestRoot(world, ALICE, workload())
    expect(refusal(await show(made, bend(issuer.token())))).toBe(`422 proof_${expected}`)
  })

  test('a token counts once, also of 50 at once, and for one client alone', async () => {
    const [made, second] = [
      await attestRoot(world, ALICE, workload()),
      await attestRoot(world, ALICE, workload()),
    ]
    const token = issuer.token()
    const answers = await Promise.all(Array.from({ length: 50 }, () => show(made, token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(refusal(await show(second, token))).toBe('422 proof_used')
    expect((await show(second, issuer.token())).status).toBe(200)
  })

  test('a token of the same platform for somebody else’s rules serves nobody here', async () => {
    const rules: ClaimRule[] = [REPOSITORY, { claim: 'environment', match: 'exact', value: 'production' }]
    const made = await attestRoot(world, ALICE, workload(rules))
    expect((await show(made, issuer.token())).status).toBe(200)
    expect(refusal(await show(made, issuer.token({ environment: 'preview' })))).toBe(
      '422 proof_rules_not_met',
    )
  })
})

describe('the keys of an issuer', () => {
  test('are fetched once for many tokens, and again for a new kid', async () => {
    const made = await attestRoot(world, ALICE, workload())
    pass(6)
    const before = issuer.asked()
    await Promise.all(Array.from({ length: 20 }, () => show(made, issuer.token())))
    expect(issuer.asked()).toBe(before + 1)
    issuer.rotate()
    pass(1)
    expect((await show(made, issuer.token())).status).toBe(200)
    expect(issuer.asked()).toBe(before + 2)
    // A flood of kids that nobody has does not become a flood at the issuer.
    for (let count = 0; count < 10; count += 1)
      expect((await show(made, bendHeader(issuer.token(), { kid: `x${count}` }))).status).toBe(422)
    expect(issuer.asked()).toBe(before + 2)
  })

  const hostile: [string, (path: string, reply: ServerResponse) => boolean][] = [
    ['is away', (_path, reply) => (reply.destroy(), true)],
    ['is broken', (_path, reply) => (reply.writeHead(500).end(), true)],
    ['redirects', (_path, reply) => (reply.writeHead(302, { location: `${issuer.url}/jwks` }).end(), true)],
    ['never answers', () => true],
    ['answers without end', (_path, reply) => (reply.write('x'.repeat(400_000)), true)],
    ['answers something else', (_path, reply) => (reply.end('<html>'), true)],
    [
      'lists a symmetric key',
      (path, reply) =>
        path.endsWith('/jwks') ? (reply.end('{"keys":[{"kty":"oct","k":"AAAA"}]}'), true) : false,
    ],
    [
      'discovers another issuer',
      (path, reply) =>
        path.endsWith('configuration') &&
        (reply.end(JSON.stringify({ issuer: 'https://other.example', jwks_uri: `${issuer.url}/jwks` })),
        true),
    ],
    [
      'points into the private network',
      (path, reply) =>
        path.endsWith('configuration') &&
        (reply.end(JSON.stringify({ issuer: issuer.url, jwks_uri: 'https://169.254.169.254/latest' })), true),
    ],
    [
      'points to plain http elsewhere',
      (path, reply) =>
        path.endsWith('configuration') &&
        (reply.end(JSON.stringify({ issuer: issuer.url, jwks_uri: 'http://10.0.0.1/jwks' })), true),
    ],
  ]
  test.each(hostile)(
    'whose server %s: 503 and nobody is refused, until it is back',
    async (_name, answering) => {
      const made = await attestRoot(world, ALICE, workload())
      pass(70)
      issuer.answerWith(answering)
      expect(refusal(await show(made, issuer.token()))).toBe('503 issuer_keys')
      issuer.answerWith(null)
      pass(1)
      expect((await show(made, issuer.token())).status).toBe(200)
    },
  )

  test('that were fetched within the hour serve while it is away; a new kid is not believed', async () => {
    const made = await attestRoot(world, ALICE, workload())
    pass(6)
    expect((await show(made, issuer.token())).status).toBe(200)
    issuer.answerWith((_path, reply) => (reply.destroy(), true))
    pass(30)
    expect((await show(made, issuer.token())).status).toBe(200)
    issuer.rotate()
    pass(1)
    expect(refusal(await show(made, issuer.token()))).toBe('422 proof_kid_unknown')
    issuer.answerWith(null)
  })
})

describe('rules', () => {
  const attempt = async (proof: unknown): Promise<string> =>
    refusal(await world.call(machineAttest.path, await machineAsk(world, ALICE, { proof })))

  test.each<[string, ClaimRule[]]>([
    ['a branch alone', [{ claim: 'ref', match: 'exact', value: 'refs/heads/main' }]],
    ['an environment alone', [{ claim: 'environment', match: 'exact', value: 'production' }]],
    ['every subject', [{ claim: 'sub', match: 'prefix', value: 'repo:' }]],
    ['borders alone', [{ claim: 'repository', match: 'prefix', value: '/' }]],
  ])('that name %s are too wide', async (_name, rules) => {
    expect(await attempt(workload(rules))).toBe('422 rules_too_wide')
  })

  test.each<[string, unknown[]]>([
    ['none', []],
    ['a prefix without a border', [{ claim: 'sub', match: 'prefix', value: 'repo:org/app' }]],
    ['an empty value', [{ claim: 'repository', match: 'exact', value: '' }]],
    ['a pattern', [{ claim: 'repository', match: 'glob', value: 'org/*' }]],
    ['a claim inside a claim', [{ claim: 'a.b', match: 'exact', value: 'x' }]],
    ['seven', Array.from({ length: 7 }, () => REPOSITORY)],
  ])('that are %s are refused', async (_name, rules) => {
    expect(await attempt({ ...workload(), rules })).toBe('422 malformed')
  })

  test('an audience that is somebody else’s is refused: its tokens were made for him', async () => {
    expect(await attempt(workload([REPOSITORY], 'https://sts.example'))).toBe('422 audience_not_ours')
    expect(await attempt(workload([REPOSITORY], 'http://localhost:8080/'))).toBe('422 audience_not_ours')
  })

  const prefix = (value: string): ClaimRule => ({ claim: 'sub', match: 'prefix', value })
  test.each([
    ['repo:org/app:', 'repo:org/app:ref:refs/heads/main', true],
    ['repo:org/app:', 'repo:org/app-evil:ref:refs/heads/main', false],
    ['repo:org/', 'repo:org/app:ref:x', true],
    ['repo:org/', 'repo:org-evil/app:ref:x', false],
    ['repo:org/app:', 'repo:org/app', false],
    ['repo:org/app:', ' repo:org/app:', false],
  ])('the prefix %s and the subject %s: %s', (value, sub, expected) => {
    expect(meetsRules({ sub }, [prefix(value)])).toBe(expected)
  })

  test('no rule is met by nothing, nor by what every object has', () => {
    expect(meetsRules({ sub: 'x' }, [])).toBe(false)
    expect(meetsRules({}, [{ claim: 'constructor', match: 'exact', value: 'x' }])).toBe(false)
    expect(namesSomebody([prefix('repo:org/')], ['sub'])).toBe(true)
    expect(namesSomebody([prefix('repo:org/')], ['repository'])).toBe(false)
  })
})

describe('the operator’s file', () => {
  test.each([
    ['no JSON', 'issuers:'],
    [
      'an issuer twice',
      JSON.stringify({ issuers: [{ issuer: 'https://a.example' }, { issuer: 'https://a.example' }] }),
    ],
    [
      'an algorithm with a shared secret',
      JSON.stringify({ issuers: [{ issuer: 'https://a.example', algorithms: ['HS256'] }] }),
    ],
    [
      'a member that means nothing',
      JSON.stringify({ issuers: [{ issuer: 'https://a.example', audience: 'x' }] }),
    ],
  ])('with %s stops the start', async (_name, text) => {
    const file = `${issuer.file}.bad`
    await writeFile(file, text)
    expect(() => loadWorkloadIssuers(file)).toThrow('WORKLOAD_ISSUERS_FILE')
  })

  test('that is not there stops the start, and none trusts nobody', () => {
    expect(() => loadWorkloadIssuers('/nowhere/issuers.json')).toThrow('WORKLOAD_ISSUERS_FILE')
    expect(loadWorkloadIssuers(undefined)).toEqual([])
  })
})

/** The same claims under another header; with `hmac`, signed with a public value. */
function bendHeader(token: string, bend: Record<string, unknown>, hmac = false): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object
  return forgeJws({ ...read(header), ...bend }, read(payload), (input) =>
    hmac ? createHmac('sha256', issuer.url).update(input).digest() : Buffer.from(signature, 'base64url'),
  )
}
