import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grantStatus, revocationAsk, type RevocationTarget } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { ALICE, BOB, type Grant, McpWorld } from '../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())

const status = async (token: string, path = '/mcp'): Promise<number> =>
  (await world.rpc(token, { path })).status
const lastReason = async (): Promise<unknown> => (await world.audited()).at(-1)?.['reason']
const later = (): void => world.clock.advance(60_000)

describe('the very next call after a revocation is refused', () => {
  const CID = 'https://ended.example/client'
  test.each<[string, string, (grant: Grant, jti: string) => RevocationTarget]>([
    ['its token', 'token', (_grant, jti) => ({ kind: 'token', rid: jti, until: 2_000_000_000 })],
    ['its grant', 'grant', ({ gid }) => ({ kind: 'grant', gid })],
    ['its user', 'user', () => ({ kind: 'user', sub: 'user_ended' })],
    ['its client', 'client', () => ({ kind: 'client', cid: CID })],
    ['its environment', 'environment', ({ env }) => ({ kind: 'env', env })],
  ])('of %s; another’s token passes', async (_name, by, target) => {
    later()
    const grant = await world.attest({ sub: 'user_ended', sid: 'sess_1' }, { cid: CID })
    const other = await world.token(await world.attest(BOB))
    const jti = randomId()
    const token = await world.token(grant, { jti })
    expect(await status(token)).toBe(200)

    const revoked = await world.revoke(target(grant, jti))
    expect(revoked.json).toEqual({ state: 'enforced' })
    expect(await status(token)).toBe(401)
    expect(await lastReason()).toBe(`revoked_by_${by}`)
    expect(await status(other)).toBe(200)
  })

  test.each(['tokenEncryption', 'tokenSigning'] as const)('of its %s key', async (which) => {
    later()
    const grant = await world.attest(ALICE)
    const token = await world.token(grant)
    expect(await status(token)).toBe(200)
    await world.revoke({ kind: 'key', kid: world.portalKeys[which].active.kid })
    expect(await status(token)).toBe(401)
    expect(await lastReason()).toBe('revoked_by_key')
  })

  test('of an automation token, which also leaves the list', async () => {
    const grant = await world.attestCi(ALICE)
    const token = await world.token(grant)
    expect(await status(token, '/ci/mcp')).toBe(200)
    await world.revoke({ kind: 'token', rid: grant.jti ?? '', until: null })
    expect(await status(token, '/ci/mcp')).toBe(401)
    expect(world.store.peek(`ci:${grant.jti ?? ''}`)).toBeNull()
  })
})

describe('the portal’s key ends what is one person’s, and nothing of everybody', () => {
  const asPortal = (target: RevocationTarget) =>
    world.call(revocationAsk.path, { target, reason: 'test', by: 'portal' })

  test.each<[string, (grant: Grant) => RevocationTarget]>([
    ['a client', () => ({ kind: 'client', cid: 'https://client.example/metadata' })],
    ['an environment', ({ env }) => ({ kind: 'env', env })],
    ['a key', () => ({ kind: 'key', kid: world.portalKeys.tokenSigning.active.kid })],
    ['a time', () => ({ kind: 'before', beforeMs: world.clock.nowMs() })],
    ['a window', () => ({ kind: 'window', fromMs: 1, toMs: world.clock.nowMs() })],
  ])('%s: refused, and nothing ends', async (_what, target) => {
    later()
    const grant = await world.attest(BOB)
    expect(await asPortal(target(grant))).toMatchObject({ status: 422, json: { error: 'operator_only' } })
    expect(await status(await world.token(grant))).toBe(200)
  })

  test('a user: everything of that user', async () => {
    later()
    const [own, other] = [await world.attest({ sub: 'user_own', sid: 'sess_own' }), await world.attest(BOB)]
    expect((await asPortal({ kind: 'user', sub: 'user_own' })).json).toEqual({ state: 'enforced' })
    expect([await status(await world.token(own)), await status(await world.token(other))]).toEqual([401, 200])
  })
})

describe('by the time of attestation', () => {
  /** Three grants of three people, a minute apart, with their tokens. */
  const three = async (): Promise<{ grant: Grant; token: string }[]> => {
    const made: { grant: Grant; token: string }[] = []
    for (const sub of ['user_first', 'user_second', 'user_third']) {
      later()
      const grant = await world.attest({ sub, sid: 'sess_time' })
      made.push({ grant, token: await world.token(grant) })
    }
    return made
  }
  const statuses = (made: { token: string }[]): Promise<number[]> =>
    Promise.all(made.map(({ token }) => status(token)))

  test('everything before a time ends, the very next call; what was attested then or later passes', async () => {
    const made = await three()
    expect(await statuses(made)).toEqual([200, 200, 200])
    const revoked = await world.revoke({ kind: 'before', beforeMs: made[1]!.grant.at })
    expect(revoked.json).toEqual({ state: 'enforced' })
    expect(await statuses(made)).toEqual([401, 200, 200])
    expect((await world.audited()).find(({ reason }) => reason === 'revoked_by_time')).toBeDefined()
  })

  test('a window ends what was attested in it and nothing beside it, and the portal learns of it', async () => {
    const made = await three()
    const { at } = made[1]!.grant
    await world.revoke({ kind: 'window', fromMs: at, toMs: at })
    expect(await statuses(made)).toEqual([200, 401, 200])
    expect((await world.audited()).find(({ reason }) => reason === 'revoked_by_window')).toBeDefined()
    const states = await Promise.all(
      made.map(async ({ grant: { gid } }) => (await world.call(grantStatus.path, { gid })).json['state']),
    )
    expect(states).toEqual(['live', 'ended', 'live'])
  })

  test.each([
    ['before', (nowMs: number): RevocationTarget => ({ kind: 'before', beforeMs: nowMs })],
    ['window', (nowMs: number): RevocationTarget => ({ kind: 'window', fromMs: 1, toMs: nowMs })],
  ])('“%s” up to now means everything up to now; what is made next works', async (_kind, target) => {
    const made = await three()
    await world.revoke({ kind: 'env', env: randomId() })
    made.push(...(await three()).slice(0, 1))
    await world.revoke(target(world.clock.nowMs()))
    expect(await statuses(made)).toEqual([401, 401, 401, 401])
    const next = await world.attest({ sub: 'user_first', sid: 'sess_time' })
    expect(await status(await world.token(next))).toBe(200)
  })

  test.each<[string, (nowMs: number) => RevocationTarget, string]>([
    ['a time that is yet to come', (nowMs) => ({ kind: 'before', beforeMs: nowMs + 60_001 }), 'time_ahead'],
    [
      'a window that ends in the future',
      (nowMs) => ({ kind: 'window', fromMs: nowMs, toMs: nowMs + 60_001 }),
      'time_ahead',
    ],
    ['a window that ends before it begins', () => ({ kind: 'window', fromMs: 2, toMs: 1 }), 'window_empty'],
  ])('%s is refused, and nothing ends', async (_name, target, error) => {
    later()
    const token = await world.token(await world.attest(BOB))
    expect(await world.revoke(target(world.clock.nowMs()))).toMatchObject({ status: 422, json: { error } })
    expect(await status(token)).toBe(200)
  })

  test('both outlive the process and the store', async () => {
    const made = await three()
    await world.revoke({ kind: 'before', beforeMs: made[1]!.grant.at })
    await world.revoke({ kind: 'window', fromMs: made[2]!.grant.at, toMs: made[2]!.grant.at })
    await world.restart()
    expect(await statuses(made)).toEqual([401, 200, 401])
  })
})

describe('after everything of a user was ended', () => {
  test('a connection made in the next second works: it is attested past the watermark', async () => {
    const person = { sub: 'user_again', sid: 'sess_2' }
    const before = await world.attest(person)
    await world.revoke({ kind: 'user', sub: person.sub })
    world.clock.advance(10)
    const after = await world.attest(person)
    expect(after.at).toBeGreaterThan(world.clock.nowMs())
    expect(await status(await world.token(before))).toBe(401)
    expect(await status(await world.token(after))).toBe(200)
  })

  test('a grant whose time an earlier watermark pushed ahead does not slip past the next one', async () => {
    const person = { sub: 'user_twice', sid: 'sess_4' }
    await world.revoke({ kind: 'user', sub: person.sub })
    const ahead = await world.attest(person)
    expect(ahead.at).toBeGreaterThan(world.clock.nowMs() + 5_000)
    await world.revoke({ kind: 'env', env: ahead.env })
    expect(await status(await world.token(ahead))).toBe(401)
  })

  test('a connection of the same moment is ended, too', async () => {
    const person = { sub: 'user_moment', sid: 'sess_3' }
    await world.revoke({ kind: 'user', sub: 'user_other' })
    const grant = await world.attest(person)
    await world.revoke({ kind: 'user', sub: person.sub })
    expect(await status(await world.token(grant))).toBe(401)
  })
})

describe('a revocation outlives the process and the store', () => {
  test('what was revoked stays refused after a restart with an empty store; what was not, passes', async () => {
    const [ended, kept] = [await world.attest(ALICE), await world.attest(BOB)]
    const listed = await world.attestCi(BOB)
    const tokens = {
      ended: await world.token(ended),
      kept: await world.token(kept),
      ci: await world.token(listed),
    }
    await world.revoke({ kind: 'grant', gid: ended.gid })
    await world.restart()
    expect(await status(tokens.ended)).toBe(401)
    expect(await status(tokens.kept)).toBe(200)
    expect(await status(tokens.ci, '/ci/mcp')).toBe(200)
  })
})

describe('the state of a grant, for the portal before it refreshes', () => {
  const state = async (gid: string): Promise<unknown> =>
    (await world.call(grantStatus.path, { gid })).json['state']

  test('live, ended, run out and unknown', async () => {
    const grant = await world.attest(ALICE)
    expect(await state(grant.gid)).toBe('live')
    await world.revoke({ kind: 'grant', gid: grant.gid })
    expect(await state(grant.gid)).toBe('ended')
    const short = await world.attest(ALICE, { lifeS: 60 })
    expect(await state(short.gid)).toBe('live')
    world.clock.advance(60_000)
    expect(await state(short.gid)).toBe('ended')
    expect(await state(randomId())).toBe('unknown')
  })

  test('a grant of a user, client or environment that was ended is ended', async () => {
    const [first, second] = [await world.attest(ALICE), await world.attest(ALICE)]
    await world.revoke({ kind: 'env', env: first.env })
    expect([await state(first.gid), await state(second.gid)]).toEqual(['ended', 'live'])
    await world.revoke({ kind: 'user', sub: ALICE.sub })
    expect(await state(second.gid)).toBe('ended')
  })
})
