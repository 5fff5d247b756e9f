import { createSign, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  grantAttest,
  grantStatus,
  headExchange,
  planRecord,
  revocationAsk,
  vaultOpen,
  vaultTake,
} from '../../src/crypto/internal-api.ts'
import { signCall } from '../../src/crypto/internal-call.ts'
import { randomId } from '../../src/kernel/random.ts'
import { ALICE, type Answer, BOB, McpWorld, send } from '../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())

const signed = (path: string, body: unknown, bend: object = {}): Promise<string> =>
  signCall({
    path,
    audience: 'mcp-1',
    issuer: 'portal-1',
    body,
    signer: world.portalKeys.internalSigning.active,
    clock: world.clock,
    ...bend,
  })
const STATUS = grantStatus.path
const aBody = { gid: 'AAAAAAAAAAAAAAAAAAAAAA' }
const lastEvent = async (): Promise<Record<string, unknown> | undefined> => (await world.audited()).at(-1)

describe('a call to the internal listener', () => {
  test('signed by the portal, for this path and server, it is answered', async () => {
    const answer = await world.callWith(STATUS, await signed(STATUS, aBody))
    expect(answer).toMatchObject({ status: 200, json: { state: 'unknown' } })
  })

  test.each<[string, () => Promise<string>]>([
    ['unsigned', async () => JSON.stringify(aBody)],
    ['empty', async () => ''],
    ['signed for another path', () => signed(grantAttest.path, aBody)],
    ['signed for another server', () => signed(STATUS, aBody, { audience: 'mcp-2' })],
    [
      'with another body under the same signature',
      async () => {
        const [header, payload, signature] = (await signed(STATUS, aBody)).split('.')
        const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<
          string,
          unknown
        >
        const forged = { ...claims, body: { gid: randomId() } }
        return [header, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.')
      },
    ],
    ['a Clerk token', async () => world.clerkToken(ALICE)],
    ['an access token', async () => world.token(await world.attest(ALICE))],
  ])('%s: 401, and nothing happens', async (_name, make) => {
    expect((await world.callWith(STATUS, await make())).status).toBe(401)
    expect(await lastEvent()).toMatchObject({
      eventType: 'internal.call',
      outcome: 'refused',
      responseCode: 401,
    })
  })

  test('signed with the key of another portal: 401', async () => {
    const other = await McpWorld.start()
    const jws = await signCall({
      path: STATUS,
      audience: 'mcp-1',
      issuer: 'portal-1',
      body: aBody,
      signer: other.portalKeys.internalSigning.active,
      clock: world.clock,
    })
    await other.close()
    expect((await world.callWith(STATUS, jws)).status).toBe(401)
  })

  test('a minute old: 401; a moment younger it passes', async () => {
    const [early, late] = [await signed(STATUS, aBody), await signed(STATUS, aBody)]
    world.clock.advance(50_000)
    expect((await world.callWith(STATUS, early)).status).toBe(200)
    world.clock.advance(20_000)
    expect((await world.callWith(STATUS, late)).status).toBe(401)
  })

  test('sent twice: 409, also 20 at once', async () => {
    const jws = await signed(STATUS, aBody)
    const all = await Promise.all(Array.from({ length: 20 }, () => world.callWith(STATUS, jws)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 409)).toHaveLength(19)
  })

  test('a bearer, a cookie and JSON count for nothing', async () => {
    const token = await world.token(await world.attest(ALICE))
    const url = `${world.running?.internalUrl ?? ''}${STATUS}`
    const sent = { method: 'POST' as const, body: JSON.stringify(aBody) }
    const json = { 'content-type': 'application/json', authorization: `Bearer ${token}`, cookie: 'a=b' }
    expect((await send(url, { ...sent, headers: json })).status).toBe(415)
    const jose = { ...json, 'content-type': 'application/jose' }
    expect((await send(url, { ...sent, headers: jose })).status).toBe(401)
  })

  test('the public listener has none of its paths', async () => {
    for (const path of [
      grantAttest.path,
      STATUS,
      revocationAsk.path,
      vaultOpen.path,
      vaultTake.path,
      planRecord.path,
    ]) {
      const headers = { 'content-type': 'application/jose' }
      const body = await signed(path, aBody)
      expect((await send(`${world.mcpUrl}${path}`, { method: 'POST', headers, body })).status).toBe(404)
    }
  })

  test('what the schema does not know is refused', async () => {
    expect(await world.call(STATUS, { ...aBody, extra: 1 })).toMatchObject({
      status: 422,
      json: { error: 'malformed' },
    })
  })
})

describe('a grant', () => {
  const ask = async (bend: Record<string, unknown> = {}): Promise<Answer> =>
    world.call(grantAttest.path, await world.grantAsk(ALICE, bend))
  const isRefused = (answer: Answer, error: string): void => {
    expect(answer).toMatchObject({ status: 422, json: { error } })
  }

  test('with a live session of its owner it is made, and stands in the log', async () => {
    expect((await ask()).status).toBe(200)
    expect(await lastEvent()).toMatchObject({
      eventType: 'grant.attested',
      outcome: 'success',
      principal: ALICE.sub,
    })
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['of another portal', { azp: 'https://evil.test' }, 'session_party_wrong'],
    ['without a party', { azp: undefined }, 'session_payload_malformed'],
    ['of another instance', { iss: 'https://other.example.test' }, 'session_issuer_wrong'],
    ['that is pending', { sts: 'pending' }, 'session_session_not_active'],
    ['of an impersonator', { act: { sub: 'user_admin' } }, 'session_impersonated'],
    ['without a session', { sid: undefined }, 'session_payload_malformed'],
  ])('with a token %s it is refused', async (_name, bend, error) => {
    isRefused(await ask({ clerkToken: world.clerkToken(ALICE, bend) }), error)
  })

  test('with a token of two minutes ago it is refused (T-22)', async () => {
    const clerkToken = world.clerkToken(ALICE)
    world.clock.advance(120_000)
    expect((await ask({ clerkToken })).status).toBe(422)
  })

  test('with a token that somebody else signed it is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const [header, payload] = world.clerkToken(ALICE).split('.')
    const input = `${header ?? ''}.${payload ?? ''}`
    const forged = `${input}.${createSign('sha256').update(input).sign(privateKey, 'base64url')}`
    isRefused(await ask({ clerkToken: forged }), 'session_signature_wrong')
  })

  test('two transactions with one session token succeed; the same transaction twice does not', async () => {
    const clerkToken = world.clerkToken(ALICE)
    const transaction = randomId()
    expect((await ask({ clerkToken, transaction })).status).toBe(200)
    expect((await ask({ clerkToken })).status).toBe(200)
    const opened = await world.call(vaultOpen.path, {
      clerkToken,
      transaction,
      purpose: 'add',
      account: 'a@b.c',
    })
    expect(opened.status).toBe(200)
    expect((await ask({ clerkToken, transaction })).status).toBe(409)
  })

  test('with a credential of another person it is refused (T-23)', async () => {
    const env = randomId()
    isRefused(await ask({ env, blob: await world.wrapped(BOB, env) }), 'credential_refused')
  })

  test('with a credential of another environment it is refused', async () => {
    isRefused(
      await ask({ env: randomId(), blob: await world.wrapped(ALICE, randomId()) }),
      'credential_refused',
    )
  })

  test('with a changed credential it is refused', async () => {
    const env = randomId()
    const blob = await world.wrapped(ALICE, env)
    const bent = `${blob.slice(0, -2)}${blob.endsWith('AA') ? 'BA' : 'AA'}`
    isRefused(await ask({ env, blob: bent }), 'credential_refused')
  })

  test('under the id of another grant it is refused, so that no grant hides another', async () => {
    const first = await world.attest(BOB)
    isRefused(await ask({ gid: first.gid }), 'grant_exists')
    const gid = randomId()
    const both = await Promise.all([ask({ gid }), ask({ gid })])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown scope', { scp: 'maximo:read root' }, 'scope_unknown'],
    ['no scope of ours', { scp: 'offline_access' }, 'scope_unknown'],
    ['a life of more than 180 days', { lifeS: 180 * 86_400 + 1 }, 'life_too_long'],
    ['no end', { lifeS: null }, 'life_too_long'],
    ['a token id that only automation has', { jti: randomId() }, 'kind_mismatch'],
    ['automation without a token id', { knd: 'ci' }, 'kind_mismatch'],
    [
      'keys that nobody has',
      { knd: 'ci', jti: randomId(), kids: ['mt-AAAAAAAA', 'ps-AAAAAAAA'] },
      'key_unknown',
    ],
  ])('with %s it is refused', async (_name, bend, error) => {
    isRefused(await ask(bend), error)
  })

  test('for automation needs a sign-in of the last ten minutes', async () => {
    const minutes = (age: number): Record<string, unknown> => ({
      clerkToken: world.clerkToken(ALICE, { fva: [age, -1] }),
    })
    await expect(world.attestCi(ALICE, minutes(11))).rejects.toThrow('sign_in_too_old')
    await expect(world.attestCi(ALICE, minutes(-1))).rejects.toThrow('sign_in_too_old')
    await expect(
      world.attestCi(ALICE, { clerkToken: world.clerkToken(ALICE, { fva: undefined }) }),
    ).rejects.toThrow('sign_in_too_old')
    expect((await world.attestCi(ALICE, minutes(10))).receipt).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  test('a store that lost its mark admits nothing, and is made whole again by itself', async () => {
    const token = await world.token(await world.attest(ALICE))
    world.store.drop('mark:mcp-1')
    expect((await world.rpc(token)).status).toBe(503)
    await expect
      .poll(async () => (await world.rpc(token)).status, { interval: 50, timeout: 10_000 })
      .toBe(200)
  })
})

describe('a plan', () => {
  const tell = (bend: Record<string, unknown>): Promise<Answer> =>
    world.call(planRecord.path, { clerkToken: world.clerkToken(ALICE, bend), transaction: randomId() })

  test('it comes in words that Clerk signed, and an older token never overwrites a newer', async () => {
    const nowS = Math.floor(world.clock.nowMs() / 1000)
    const known = async (): Promise<unknown> => JSON.parse(world.store.peek(`plan:${ALICE.sub}`) ?? 'null')
    expect((await tell({ pla: 'u:enterprise' })).status).toBe(200)
    expect(await known()).toMatchObject({ pla: 'enterprise' })
    expect((await tell({ pla: 'u:free', iat: nowS - 30, exp: nowS + 30 })).status).toBe(200)
    expect(await known()).toMatchObject({ pla: 'enterprise' })
    world.clock.advance(1_000)
    expect((await tell({ pla: 'u:free' })).status).toBe(200)
    expect(await known()).toMatchObject({ pla: 'free' })
  })
})

describe('audit heads', () => {
  test('a head that no service of ours signed is refused', async () => {
    expect((await world.call(headExchange.path, { head: 'a.b.c' })).status).toBe(422)
  })
})

test('a flood of unsigned calls is a bounded number of records', async () => {
  const before = (await world.audited()).length
  const answers = await Promise.all(Array.from({ length: 140 }, () => world.callWith(STATUS, 'unsigned')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
  const written = (await world.audited()).slice(before)
  expect(written.filter((event) => event['eventType'] === 'internal.call').length).toBeLessThanOrEqual(101)
  // It still answers whom it knows, and writes it down.
  await world.callWith(STATUS, await signed(STATUS, aBody))
  expect(await lastEvent()).toMatchObject({ eventType: 'grant.status', outcome: 'success' })
})
