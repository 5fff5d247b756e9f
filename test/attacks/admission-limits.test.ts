import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountUsage } from '../../src/crypto/account-usage.ts'
import { planCap } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { type Answer, McpWorld } from '../support/mcp/mcp-world.ts'

/** Small limits, each smaller than the others in the test that meets it. */
const LIMITS = {
  profile: { interactive: { perMinute: 60, burst: 6 }, batch: { perMinute: 60, burst: 1 } },
  tool: { read: { perMinute: 60, burst: 3 } },
  concurrent: { interactive: 2 },
}
const PLANS = {
  default: 'free',
  toolsets: { inventory: 'stores' },
  plans: { free: { perDay: 2 }, pro: { perDay: 1_000 }, monthly: { perDay: null, perMonth: 3 } },
}

let world: McpWorld
let person = { sub: '', sid: '' }
beforeAll(async () => {
  const files = {
    LIMITS_FILE: join(tmpdir(), `limits-${randomId()}`),
    PLANS_FILE: join(tmpdir(), `plans-${randomId()}`),
  }
  writeFileSync(files.LIMITS_FILE, JSON.stringify(LIMITS))
  writeFileSync(files.PLANS_FILE, JSON.stringify(PLANS))
  world = await McpWorld.start({ ...files, FAILED_AUTH_MAX: '3', FAILED_AUTH_WINDOW_S: '60' })
})
afterAll(() => world.close())
beforeEach(() => {
  person = { sub: `user_${randomId()}`, sid: 'sess_1' }
})

const isLimitedBy = (answer: Answer, limit: string): void => {
  expect(answer.status).toBe(429)
  expect(answer.json['error']).toMatchObject({ code: 429, data: { reason: 'limited', limit } })
  const retryAfterS = Number(answer.headers['retry-after'])
  expect(retryAfterS).toBeGreaterThan(0)
  expect(answer.headers['ratelimit']).toBe(`"${limit}";r=0;t=${retryAfterS}`)
  expect(answer.headers['ratelimit-policy']).toMatch(new RegExp(`^"${limit}";q=[1-9]`))
}
const times = async (count: number, call: () => Promise<Answer>): Promise<number[]> => {
  const statuses: number[] = []
  for (let i = 0; i < count; i += 1) statuses.push((await call()).status)
  return statuses
}

describe('each limit is named, and passes what it may', () => {
  test('the rate of a user’s profile, over all messages', async () => {
    const token = await world.token(await world.attest(person))
    expect(await times(6, () => world.rpc(token))).toEqual(Array.from({ length: 6 }, () => 200))
    isLimitedBy(await world.rpc(token), 'profile_rate')
    world.clock.advance(1_000)
    expect((await world.rpc(token)).status).toBe(200)
  })

  test('the profile is the grant’s', async () => {
    const token = await world.token(await world.attest(person, { prf: 'batch' }))
    expect((await world.rpc(token)).status).toBe(200)
    isLimitedBy(await world.rpc(token), 'profile_rate')
  })

  test('the rate of a tool, per token', async () => {
    const grant = await world.attest(person)
    const token = await world.token(grant)
    expect(await times(3, () => world.whoAmI(token))).toEqual([200, 200, 200])
    isLimitedBy(await world.whoAmI(token), 'tool_rate')
    expect((await world.whoAmI(await world.token(grant))).status).toBe(200)
  })

  test('who is let through is told what is left, in both legs and with any client', async () => {
    const clerkToken = world.clerkToken(person, { pla: 'u:pro' })
    const token = await world.token(await world.attest(person, { clerkToken }))
    const list = await world.rpc(token)
    expect(list.headers['ratelimit-policy']).toBe('"profile_rate";q=60;w=60;maximo-mcp-burst=6')
    expect(list.headers['ratelimit']).toBe('"profile_rate";r=5;t=1')
    const called = await world.whoAmI(token)
    expect(called.headers['ratelimit']).toMatch(
      /^"profile_rate";r=4;t=1, "tool_rate";r=2;t=1, "daily_quota";r=999;t=\d+$/,
    )
    const ping = await world.rpc(token, { body: { jsonrpc: '2.0', id: 1, method: 'ping' } })
    expect([ping.status, ping.headers['ratelimit']]).toEqual([200, '"profile_rate";r=3;t=1'])
    const params = { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'x', value: '' } }
    const completion = { jsonrpc: '2.0', id: 1, method: 'completion/complete', params }
    const completed = await world.rpc(token, { body: completion })
    expect(completed.headers['ratelimit']).toBe('"profile_rate";r=2;t=1')
    expect((await world.rpc(null)).headers).not.toHaveProperty('ratelimit')
  })

  test('the monthly quota, over the days', async () => {
    const clerkToken = (): string => world.clerkToken(person, { pla: 'u:monthly' })
    const aToken = async () => world.token(await world.attest(person, { clerkToken: clerkToken() }))
    // The first two of a month that has at least 28 days.
    const begun = new Date(world.clock.nowMs())
    const next = Date.UTC(begun.getUTCFullYear(), begun.getUTCMonth() + 1, 1)
    world.clock.advance(next - world.clock.nowMs())
    expect(await times(2, async () => world.whoAmI(await aToken()))).toEqual([200, 200])
    world.clock.advance(86_400_000)
    expect(await times(1, async () => world.whoAmI(await aToken()))).toEqual([200])
    const refused = await world.whoAmI(await aToken())
    isLimitedBy(refused, 'monthly_quota')
    expect(refused.text).toContain('The monthly quota of this account, 3 units, is spent')
    world.clock.advance(86_400_000)
    isLimitedBy(await world.whoAmI(await aToken()), 'monthly_quota')
  })

  test('the daily quota, by the plan that Clerk signed', async () => {
    const clerkToken = world.clerkToken(person, { pla: 'u:free' })
    const token = await world.token(await world.attest(person, { clerkToken }))
    expect(await times(2, () => world.whoAmI(token))).toEqual([200, 200])
    isLimitedBy(await world.whoAmI(token), 'daily_quota')
    world.clock.advance(2_000)
    expect((await world.rpc(token)).status).toBe(200)
    world.clock.advance(86_400_000)
    expect(
      (
        await world.whoAmI(
          await world.token(
            await world.attest(person, { clerkToken: world.clerkToken(person, { pla: 'u:free' }) }),
          ),
        )
      ).status,
    ).toBe(200)
  })

  test('a set of tools that the plans keep for a feature is for those who have it', async () => {
    const listed = async (fea: string): Promise<readonly [string, number]> => {
      const clerkToken = world.clerkToken(person, { pla: 'u:pro', fea })
      const token = await world.token(await world.attest(person, { clerkToken }))
      const path = '/mcp?toolsets=inventory'
      const params = { name: 'search_inventory', arguments: {} }
      const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
      const list = await world.rpc(token, { path })
      return [list.text, (await world.rpc(token, { path, body: call })).status]
    }
    const [without, refused] = await listed('u:ci')
    expect([without.includes('search_inventory'), refused]).toEqual([false, 403])
    world.clock.advance(1_000)
    const [withIt, allowed] = await listed('u:stores')
    expect([withIt.includes('search_inventory'), allowed]).toEqual([true, 200])
  })

  test('a plan that Clerk raised counts from the next call', async () => {
    const token = await world.token(
      await world.attest(person, { clerkToken: world.clerkToken(person, { pla: 'u:free' }) }),
    )
    expect(await times(2, () => world.whoAmI(token))).toEqual([200, 200])
    isLimitedBy(await world.whoAmI(token), 'daily_quota')
    world.clock.advance(1_000)
    const told = await world.call('/internal/plan', {
      clerkToken: world.clerkToken(person, { pla: 'u:pro' }),
      transaction: randomId(),
    })
    expect(told.json).toEqual({ state: 'recorded' })
    expect((await world.whoAmI(token)).status).toBe(200)
  })

  test('what was spent is told to the portal by the same plan, and to nobody else', async () => {
    const { path } = accountUsage
    const usage = () => world.call(path, { sub: person.sub })
    expect((await usage()).json).toEqual({ state: 'no_plan' })
    const clerkToken = world.clerkToken(person, { pla: 'u:pro' })
    const token = await world.token(await world.attest(person, { clerkToken }))
    expect(await times(2, () => world.whoAmI(token))).toEqual([200, 200])
    const now = new Date(world.clock.nowMs())
    const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
    const ends = { day: Date.UTC(year, month, day + 1), month: Date.UTC(year, month + 1, 1) }
    expect((await usage()).json).toEqual({
      ...{ state: 'known', plan: 'pro', cap: null },
      day: { used: 2, atMost: 1_000, endsMs: ends.day },
      month: { used: 2, atMost: null, endsMs: ends.month },
    })
    // As an event at Clerk lowers it: the cap has the smaller month, the plan the smaller day.
    await world.call(planCap.path, { sub: person.sub, pla: 'monthly', fea: '' })
    expect((await usage()).json).toMatchObject({
      ...{ plan: 'pro', cap: 'monthly' },
      ...{ day: { used: 2, atMost: 1_000 }, month: { used: 2, atMost: 3 } },
    })
    const { operatorKey, mcpKeys } = world
    for (const signer of [operatorKey, mcpKeys.peer.active!])
      expect((await world.call(path, { sub: person.sub }, { signer })).status).toBe(401)
    const other = await world.call(path, { sub: `user_${randomId()}` })
    expect(other.json).toEqual({ state: 'no_plan' })
  })

  test('calls at the same time, per grant', async () => {
    const token = await world.token(await world.attest(person))
    world.simulator.faults.add({ fault: { kind: 'latency', ms: 300 } })
    const answers = await Promise.all([1, 2, 3].map(() => world.whoAmI(token)))
    world.simulator.faults.clear()
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused).toHaveLength(1)
    isLimitedBy(refused[0] as Answer, 'concurrent_calls')
    expect((await world.whoAmI(token)).status).toBe(200)
  })
})

describe('the failed-authentication limiter', () => {
  test('it slows garbage from one address, and never a proven token from there (T-31)', async () => {
    const fresh = await world.token(await world.attest(person))
    world.clock.advance(60_000)
    expect(await times(3, () => world.rpc('garbage'))).toEqual([401, 401, 401])
    isLimitedBy(await world.rpc('garbage'), 'failed_authentication')
    expect((await world.rpc(fresh)).status).toBe(200)
    world.clock.advance(60_000)
    expect((await world.rpc('garbage')).status).toBe(401)
  })

  test('requests without a credential, and expired or revoked tokens, never count', async () => {
    world.clock.advance(60_000)
    const grant = await world.attest(person)
    const token = await world.token(grant, { exp: Math.floor(world.clock.nowMs() / 1000) + 1 })
    world.clock.advance(2_000)
    expect(await times(5, () => world.rpc(null))).toEqual([401, 401, 401, 401, 401])
    expect(await times(5, () => world.rpc(token))).toEqual([401, 401, 401, 401, 401])
    expect((await world.rpc('garbage')).status).toBe(401)
  })

  test('of a flood one record is written, not one each', async () => {
    world.clock.advance(60_000)
    const attempts = async (): Promise<number> =>
      (await world.audited()).filter(({ eventType }) => eventType === 'auth.attempt').length
    const before = await attempts()
    await times(20, () => world.rpc('garbage'))
    expect((await attempts()) - before).toBe(4)
  })
})
