import { createHash, createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grantAttest, machineAttest } from '../../src/crypto/internal-api.ts'
import { openReceipt } from '../../src/crypto/receipt.ts'
import { randomId, randomSecret } from '../../src/kernel/random.ts'
import { ALICE, BOB, McpWorld, type Answer } from '../support/mcp/mcp-world.ts'
import {
  assertionClaims,
  attestRoot,
  childGrant,
  derive,
  machineAsk,
  machineKey,
  type Root,
} from '../support/oauth/machine-client.ts'
import { forgeJws } from '../support/crypto/token-forge.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start({ FAILED_AUTH_MAX: '500' })
})
afterAll(() => world.close())

const key = machineKey()
const other = machineKey()
const keysOf = (...held: { readonly thumbprint: string }[]) => ({
  kind: 'keys',
  thumbprints: held.map(({ thumbprint }) => thumbprint),
})
type Bend = Readonly<Record<string, unknown>>
const shownBy = (cid: string, bend: Bend = {}, header: Bend = {}) => ({
  kind: 'keys',
  assertion: key.assertion(assertionClaims(world, cid, bend), header),
  jwk: key.jwk,
})
const deriveWith = (made: Root, bend: Bend = {}, header: Bend = {}): Promise<Answer> =>
  derive(world, made.root, shownBy(made.cid, bend, header))
const secretProof = (secret: string) => ({
  kind: 'secret',
  sha256: createHash('sha256').update(secret).digest('base64url'),
})
const refusal = ({ status, json }: Answer): string => `${status} ${String(json['error'])}`

describe('a machine client with a key', () => {
  test('gets a receipt for an hour; its token works at /ci/mcp and at /mcp', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    const answer = await deriveWith(made)
    expect(answer.status).toBe(200)
    const nowS = Math.floor(world.clock.nowMs() / 1000)
    expect(answer.json['max']).toBe(nowS + 3_600)
    const token = await world.token(childGrant(made, answer))
    for (const path of ['/ci/mcp', '/mcp']) expect((await world.rpc(token, { path })).status).toBe(200)
    expect((await world.whoAmI(token)).text).toContain('automation')
    expect((await world.audited()).at(-1)).toMatchObject({
      eventType: 'mcp.call',
      authMethod: 'machine_token',
    })
  })

  test('a person’s token still does not work at /ci/mcp', async () => {
    const token = await world.token(await world.attest(ALICE))
    expect((await world.rpc(token, { path: '/ci/mcp' })).status).toBe(401)
  })

  test.each<[string, Bend, string]>([
    ['29 s past its end', { exp: -29 }, '200'],
    ['31 s past its end', { exp: -31 }, '422 proof_expired'],
    ['of a clock 29 s ahead', { iat: 29, exp: 89 }, '200'],
    ['of a clock 31 s ahead', { iat: 31, exp: 91 }, '422 proof_issued_in_future'],
    ['not valid before 31 s from now', { nbf: 31 }, '422 proof_issued_in_future'],
    ['valid for 11 minutes', { exp: 660 }, '422 proof_lifetime_too_long'],
  ])('an assertion %s', async (_name, times, expected) => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    const nowS = Math.floor(world.clock.nowMs() / 1000)
    const bend = Object.fromEntries(Object.entries(times).map(([name, s]) => [name, nowS + Number(s)]))
    const answer = await deriveWith(made, bend)
    expect(expected === '200' ? String(answer.status) : refusal(answer)).toBe(expected)
  })

  test.each<[string, (cid: string) => Bend, string]>([
    ['of another client', () => ({ iss: `mxm_${randomId()}` }), 'proof_issuer_wrong'],
    ['about another client', () => ({ sub: `mxm_${randomId()}` }), 'proof_issuer_wrong'],
    ['for another server', () => ({ aud: 'https://other.example' }), 'proof_audience_wrong'],
    ['for our token endpoint', () => ({ aud: 'http://localhost:8080/oauth/token' }), 'proof_audience_wrong'],
    ['for our issuer with a slash', () => ({ aud: 'http://localhost:8080/' }), 'proof_audience_wrong'],
    ['for a list with us inside', () => ({ aud: ['http://localhost:8080'] }), 'proof_payload_malformed'],
    ['without an audience', () => ({ aud: undefined }), 'proof_payload_malformed'],
    ['without an end', () => ({ exp: undefined }), 'proof_payload_malformed'],
    ['with an end in words', () => ({ exp: 'never' }), 'proof_payload_malformed'],
    ['without an id', () => ({ jti: undefined }), 'proof_payload_malformed'],
    ['with an empty id', () => ({ jti: '' }), 'proof_payload_malformed'],
  ])('an assertion %s is refused', async (_name, bend, expected) => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    expect(refusal(await deriveWith(made, bend(made.cid)))).toBe(`422 ${expected}`)
    expect((await deriveWith(made)).status).toBe(200)
  })

  test.each<[string, (cid: string) => string, string]>([
    [
      'alg none',
      (cid) => forgeJws({ alg: 'none', typ: 'JWT' }, assertionClaims(world, cid), () => Buffer.alloc(0)),
      'proof_header_not_exact',
    ],
    [
      'HS256 with the public key as secret',
      (cid) =>
        forgeJws({ alg: 'HS256', typ: 'JWT' }, assertionClaims(world, cid), (input) =>
          createHmac('sha256', Buffer.from(key.jwk['x'] ?? '', 'base64url'))
            .update(input)
            .digest(),
        ),
      'proof_header_not_exact',
    ],
    [
      'a key in its header',
      (cid) => key.assertion(assertionClaims(world, cid), { jwk: other.jwk }),
      'proof_header_not_exact',
    ],
    [
      'an extension',
      (cid) => key.assertion(assertionClaims(world, cid), { crit: ['b64'] }),
      'proof_header_not_exact',
    ],
    ['another’s signature', (cid) => other.assertion(assertionClaims(world, cid)), 'proof_signature_wrong'],
  ])('an assertion with %s is refused', async (_name, assertionOf, expected) => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    const shown = { kind: 'keys', assertion: assertionOf(made.cid), jwk: key.jwk }
    expect(refusal(await derive(world, made.root, shown))).toBe(`422 ${expected}`)
  })

  test('a key that the owner never registered is refused, whatever the portal says', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    const assertion = other.assertion(assertionClaims(world, made.cid))
    const shown = { kind: 'keys', assertion, jwk: other.jwk }
    expect(refusal(await derive(world, made.root, shown))).toBe('422 proof_key_unknown')
    const weak = { kind: 'keys', assertion, jwk: { kty: 'oct', k: 'AAAA' } }
    expect(refusal(await derive(world, made.root, weak))).toBe('422 proof_key_malformed')
  })

  test('either of two keys proves it', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key, other))
    expect((await deriveWith(made)).status).toBe(200)
    const assertion = other.assertion(assertionClaims(world, made.cid))
    expect((await derive(world, made.root, { kind: 'keys', assertion, jwk: other.jwk })).status).toBe(200)
  })

  test('an assertion counts once, also of 50 at once', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    const shown = shownBy(made.cid)
    const answers = await Promise.all(Array.from({ length: 50 }, () => derive(world, made.root, shown)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.filter(({ status }) => status !== 200).map(refusal))).toEqual(
      new Set(['422 proof_used']),
    )
    // The same id in other words is the same assertion.
    const jti = 'the-same'
    expect((await deriveWith(made, { jti })).status).toBe(200)
    expect(refusal(await deriveWith(made, { jti, iat: undefined }))).toBe('422 proof_used')
  })
})

describe('a machine client with a secret', () => {
  const withFeature = (bend: Bend = {}) => ({
    clerkToken: world.clerkToken(ALICE, { fea: 'u:client_secrets' }),
    ...bend,
  })

  test('proves itself by it and by no other', async () => {
    const secret = `mxs_${randomSecret()}`
    const made = await attestRoot(world, ALICE, secretProof(secret), withFeature())
    expect((await derive(world, made.root, { kind: 'secret', secret })).status).toBe(200)
    for (const wrong of [`mxs_${randomSecret()}`, '', secret.slice(0, -1), secretProof(secret).sha256])
      expect(refusal(await derive(world, made.root, { kind: 'secret', secret: wrong }))).toBe(
        '422 proof_secret_wrong',
      )
    expect(refusal(await deriveWith(made))).toBe('422 proof_kind_wrong')
  })

  test('needs a plan that has it', async () => {
    const ask = await machineAsk(world, ALICE, { proof: secretProof('x') })
    expect(refusal(await world.call(machineAttest.path, ask))).toBe('422 feature_missing')
  })
})

describe('a root receipt', () => {
  test('is no receipt: no token can carry it, and no receipt is a root', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    const grant = { ...made, jti: undefined, receipt: made.root, at: 1 }
    for (const path of ['/ci/mcp', '/mcp'])
      expect((await world.rpc(await world.token(grant), { path })).status).toBe(401)
    const { receipt } = await world.attest(ALICE)
    expect(refusal(await derive(world, receipt, shownBy(made.cid)))).toBe('422 root_refused')
    expect(refusal(await derive(world, `${made.root.slice(0, -4)}AAAA`, shownBy(made.cid)))).toBe(
      '422 root_refused',
    )
  })

  test('of another owner serves neither him nor whoever stole it', async () => {
    const [alices, bobs] = [
      await attestRoot(world, ALICE, keysOf(key)),
      await attestRoot(world, BOB, keysOf(other)),
    ]
    expect(refusal(await derive(world, bobs.root, shownBy(alices.cid)))).toBe('422 proof_key_unknown')
    expect(refusal(await derive(world, alices.root, shownBy(bobs.cid)))).toBe('422 proof_issuer_wrong')
  })

  test('gives no wider scope than its own', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    for (const scp of ['maximo:write', 'maximo:read maximo:admin', 'maximo:read ', 'maximo_read'])
      expect(refusal(await derive(world, made.root, shownBy(made.cid), scp)), scp).toBe('422 scope_too_wide')
  })

  test('whatever ends it ends all its children on the very next call, and it makes no more', async () => {
    const ends: ((made: Root) => Promise<Answer>)[] = [
      ({ gid }) => world.revoke({ kind: 'grant', gid }),
      ({ cid }) => world.revoke({ kind: 'client', cid }),
      ({ env }) => world.revoke({ kind: 'env', env }),
      () => world.revoke({ kind: 'user', sub: ALICE.sub }),
    ]
    for (const end of ends) {
      const made = await attestRoot(world, ALICE, keysOf(key))
      world.clock.advance(60_000)
      const token = await world.token(childGrant(made, await deriveWith(made)))
      expect((await world.rpc(token, { path: '/ci/mcp' })).status).toBe(200)
      expect((await end(made)).json).toEqual({ state: 'enforced' })
      expect((await world.rpc(token, { path: '/ci/mcp' })).status).toBe(401)
      expect(refusal(await deriveWith(made))).toBe('422 root_ended')
    }
  })

  test('off the allow-list it makes no more; its key’s end is its own', async () => {
    const made = await attestRoot(world, ALICE, keysOf(key))
    expect((await deriveWith(made)).status).toBe(200)
    const derived = (await world.audited()).findLast(({ eventType }) => eventType === 'grant.derived')
    const tokenId = String(derived?.['resource']).replace('root:', '')
    world.store.drop(`ci:${tokenId}`)
    expect(refusal(await deriveWith(made))).toBe('422 root_ended')
    const sealed = await attestRoot(world, ALICE, keysOf(key))
    await world.revoke({ kind: 'key', kid: world.mcpKeys.receipt.active.kid })
    expect(refusal(await deriveWith(sealed))).toBe('422 root_ended')
  })

  test('is listed again after a restart, and ended ones stay ended', async () => {
    const [live, ended] = [
      await attestRoot(world, BOB, keysOf(key)),
      await attestRoot(world, BOB, keysOf(key)),
    ]
    await world.revoke({ kind: 'grant', gid: ended.gid })
    await world.restart()
    expect((await deriveWith(live)).status).toBe(200)
    expect(refusal(await deriveWith(ended))).toBe('422 root_ended')
  })
})

describe('what the owner narrowed a machine client to', () => {
  test('stands in the root and in every child', async () => {
    const made = await attestRoot(world, BOB, keysOf(key), {
      obj: 'reporting',
      rsk: 'medium',
      net: '192.0.2.0/24',
    })
    const { json } = await deriveWith(made)
    const child = await openReceipt(String(json['receipt']), world.mcpKeys)
    expect(child).toMatchObject({
      ok: true,
      value: { receipt: { obj: '@reporting.1', rsk: 'm', net: '192.0.2.0/24', prf: 'batch', knd: 'at' } },
    })
  })

  test('is written in one way', async () => {
    const ask = await machineAsk(world, BOB, { proof: keysOf(key), net: '192.0.2.7/24' })
    expect(refusal(await world.call(machineAttest.path, ask))).toBe('422 network_malformed')
  })
})

describe('other keys for a machine client', () => {
  test('its tokens go on; its former root makes tokens for an hour and no longer', async () => {
    const former = await attestRoot(world, BOB, keysOf(key))
    const token = await world.token(childGrant(former, await deriveWith(former)))
    const latter = await attestRoot(world, BOB, keysOf(key, other), { cid: former.cid, env: former.env })
    expect((await world.rpc(token, { path: '/ci/mcp' })).status).toBe(200)
    expect([(await deriveWith(former)).status, (await deriveWith(latter)).status]).toEqual([200, 200])
    world.clock.advance(3_601_000)
    expect(refusal(await deriveWith(former))).toBe('422 root_ended')
    expect((await deriveWith(latter)).status).toBe(200)
  })
})

describe('registering a machine client', () => {
  const attempt = async (bend: Bend): Promise<string> =>
    refusal(
      await world.call(machineAttest.path, await machineAsk(world, ALICE, { proof: keysOf(key), ...bend })),
    )

  test.each<[string, () => Bend | Promise<Bend>, string]>([
    [
      'a sign-in of eleven minutes ago',
      () => ({ clerkToken: world.clerkToken(ALICE, { fva: [11, -1] }) }),
      '422 sign_in_too_old',
    ],
    [
      'a sign-in of unknown age',
      () => ({ clerkToken: world.clerkToken(ALICE, { fva: undefined }) }),
      '422 sign_in_too_old',
    ],
    [
      'a session token that has run out',
      () => ({ clerkToken: world.clerkToken(ALICE, { exp: 1 }) }),
      '422 session_expired',
    ],
    [
      'another owner’s credential',
      async () => {
        const env = randomId()
        return { env, blob: await world.wrapped(BOB, env) }
      },
      '422 credential_refused',
    ],
    ['a scope nobody knows', () => ({ scp: 'everything' }), '422 scope_unknown'],
    ['an id that is no machine’s', () => ({ cid: 'https://client.example' }), '422 malformed'],
    ['no key', () => ({ proof: { kind: 'keys', thumbprints: [] } }), '422 malformed'],
    ['one key twice', () => ({ proof: keysOf(key, key) }), '422 proof_malformed'],
    ['an issuer that the operator did not name', () => ({ proof: workload() }), '422 issuer_unknown'],
  ])('with %s is refused', async (_name, bend, expected) => {
    expect(await attempt(await bend())).toBe(expected)
  })

  const workload = () => ({
    kind: 'workload',
    issuer: 'https://issuer.example',
    audience: 'http://localhost:8080',
    rules: [{ claim: 'sub', match: 'exact', value: 'repo:org/app' }],
  })

  test('under the id of somebody else’s client, or twice under one grant, is refused', async () => {
    const bobs = await attestRoot(world, BOB, keysOf(key))
    expect(await attempt({ cid: bobs.cid })).toBe('422 client_of_another')
    expect(await attempt({ gid: bobs.gid })).toBe('422 grant_exists')
  })

  test('a connection cannot take the id of a machine client', async () => {
    const ask = await world.grantAsk(ALICE, { cid: `mxm_${randomId()}` })
    expect(refusal(await world.call(grantAttest.path, ask))).toBe('422 client_is_machine')
  })
})
