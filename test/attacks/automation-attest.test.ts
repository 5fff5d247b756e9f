import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { grantAttest } from '../../src/crypto/internal-api.ts'
import { openReceipt } from '../../src/crypto/receipt.ts'
import { randomId } from '../../src/kernel/random.ts'
import { ALICE, BOB, McpWorld, type Person } from '../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())
beforeEach(() => world.clock.advance(1_000))

const kids = () => [world.portalKeys.tokenEncryption.active.kid, world.portalKeys.tokenSigning.active.kid]
const asked = (bend: Record<string, unknown> = {}) => ({
  ...{ knd: 'ci', scp: 'maximo:read', lifeS: null, jti: randomId(), kids: kids() },
  ...bend,
})
const ask = async (bend: Record<string, unknown> = {}, person: Person = ALICE) =>
  world.call(grantAttest.path, await world.grantAsk(person, asked(bend)))
const nowS = () => Math.floor(world.clock.nowMs() / 1000)
const calls = (token: string) => world.whoAmI(token, { path: '/ci/mcp' })

describe('the receipt of an automation token fixes what its owner chose', () => {
  test('objects, risk and networks; a preset gets the version that is the newest now', async () => {
    const answer = await ask({ obj: 'erp-readonly', rsk: 'medium', net: '10.0.0.0/8 2001:db8::/32' })
    expect(answer).toMatchObject({ status: 200, json: { obj: '@erp-readonly.1' } })
    const opened = await openReceipt(String(answer.json['receipt']), world.mcpKeys)
    expect(opened).toMatchObject({
      value: { receipt: { obj: '@erp-readonly.1', rsk: 'm', net: '10.0.0.0/8 2001:db8::/32' } },
    })
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown preset', { obj: 'everything' }, 'malformed'],
    ['a preset with a version of the asker’s choice', { obj: '@reporting.1' }, 'malformed'],
    ['nine objects', { obj: Array(9).fill('A:r').join(' ') }, 'malformed'],
    ['an unknown risk', { rsk: 'none' }, 'malformed'],
    ['five networks', { net: Array(5).fill('10.0.0.0/8').join(' ') }, 'malformed'],
    ['a network with bits behind its prefix', { net: '10.0.0.1/8' }, 'network_malformed'],
    ['a network of everything', { net: '0.0.0.0/0' }, 'network_malformed'],
    ['a network that is none', { net: '1:2/3' }, 'network_malformed'],
  ])('%s is refused', async (_name, bend, error) => {
    expect(await ask(bend)).toMatchObject({ status: 422, json: { error } })
  })

  test.each(['obj', 'rsk', 'net', 'replaces'])('a person’s grant has no %s', async (member) => {
    const values = {
      obj: 'reporting',
      rsk: 'high',
      net: '10.0.0.0/8',
      replaces: { gid: randomId(), untilS: nowS() },
    }
    const bend = { [member]: values[member as keyof typeof values] }
    const answer = await world.call(grantAttest.path, await world.grantAsk(ALICE, bend))
    expect(answer).toMatchObject({ status: 422, json: { error: 'kind_mismatch' } })
    expect((await world.call(grantAttest.path, await world.grantAsk(ALICE))).status).toBe(200)
  })

  test('what does not fit is refused by the name of its part', async () => {
    const obj = Array.from({ length: 8 }, (_one, index) => `${'X'.repeat(59)}${index}:rw`).join(' ')
    const answer = await ask({ obj, cid: `https://client.example/${'x'.repeat(200)}` })
    expect(answer).toMatchObject({ status: 422, json: { error: 'too_long_obj' } })
  })
})

describe('who may have one', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a plan without the feature', { fea: 'u:audit' }, 'feature_missing'],
    ['the feature of an organisation only', { fea: 'o:automation' }, 'feature_missing'],
    ['a feature of a longer name', { fea: 'u:automation_trial' }, 'feature_missing'],
    ['a sign-in of eleven minutes ago', { fva: [11, -1] }, 'sign_in_too_old'],
    ['a sign-in of unknown age', { fva: undefined }, 'sign_in_too_old'],
    ['no first factor at all', { fva: [-1, 0] }, 'sign_in_too_old'],
  ])('not: %s', async (_name, claims, error) => {
    const answer = await ask({ clerkToken: world.clerkToken(ALICE, claims) })
    expect(answer).toMatchObject({ status: 422, json: { error } })
  })

  test('a sign-in of ten minutes ago is fresh enough', async () => {
    expect((await ask({ clerkToken: world.clerkToken(ALICE, { fva: [10, -1] }) })).status).toBe(200)
  })
})

describe('a token that follows another', () => {
  const first = async (person: Person = ALICE) => {
    const grant = await world.attestCi(person)
    return { grant, token: await world.token(grant) }
  }
  const follow = (gid: string, untilS: number, bend: Record<string, unknown> = {}, person = ALICE) =>
    ask({ replaces: { gid, untilS }, ...bend }, person)

  test('lets the former live for the overlap and not a second longer', async () => {
    const { grant, token } = await first()
    expect((await follow(grant.gid, nowS() + 3_600)).status).toBe(200)
    expect((await calls(token)).status).toBe(200)
    world.clock.advance(3_599_000)
    expect((await calls(token)).status).toBe(200)
    world.clock.advance(1_000)
    expect(await calls(token)).toMatchObject({
      status: 401,
      json: { error: { data: { reason: 'invalid_token' } } },
    })
  })

  test('without an overlap the former is refused on its very next call, also after a restart', async () => {
    const { grant, token } = await first()
    expect((await calls(token)).status).toBe(200)
    expect((await follow(grant.gid, nowS())).status).toBe(200)
    expect((await calls(token)).status).toBe(401)
    await world.restart()
    expect((await calls(token)).status).toBe(401)
  })

  test('cannot give it a longer life than it has', async () => {
    const grant = await world.attestCi(ALICE, { lifeS: 60 })
    const token = await world.token(grant, { exp: nowS() + 60 })
    expect((await follow(grant.gid, nowS() + 86_400)).status).toBe(200)
    world.clock.advance(61_000)
    expect((await calls(token)).status).toBe(401)
  })

  test.each<[string, () => Promise<string>]>([
    ['somebody else’s', async () => (await first(BOB)).grant.gid],
    ['a person’s connection', async () => (await world.attest(ALICE)).gid],
    ['one that never was', async () => randomId()],
    [
      'one that was ended',
      async () => {
        const { grant } = await first()
        await world.revoke({ kind: 'grant', gid: grant.gid })
        return grant.gid
      },
    ],
  ])('is refused when that is %s', async (_name, gidOf) => {
    const answer = await follow(await gidOf(), nowS())
    expect(answer).toMatchObject({ status: 422, json: { error: 'replaced_unknown' } })
  })

  test('somebody else’s stays as it was', async () => {
    const { grant, token } = await first(BOB)
    await follow(grant.gid, nowS())
    expect((await calls(token)).status).toBe(200)
  })
})
