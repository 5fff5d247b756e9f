import { afterAll, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { REVOKED_BY } from '../../src/mcp/admission/refusal.ts'
import { spendingKeys, type Spending } from '../../src/mcp/admission/store.ts'
import { recordKeys } from '../../src/mcp/records/keys.ts'
import {
  anAsk,
  aStanding,
  endAdmissionRedis,
  redisAdmission,
  redisForAdmission,
} from '../support/store/admission-stores.ts'
import { SLOWED } from '../support/store/held-redis.ts'
import { redisMissing } from '../support/store/redis.ts'

afterAll(endAdmissionRedis)

const PASSED = { state: 'passed', newer: null } as const

describe.skipIf(redisMissing !== null)('the admission store on Redis alone', () => {
  test('a key of another type is a failure, not "not revoked"', async () => {
    const { store, admission, prefix } = await redisAdmission()
    await store.project('mcp-1', 1, [])
    const connection = await redisForAdmission()
    await connection.run((client) => client.rpush(prefix + recordKeys.revokedToken('token-1'), 'x'))
    await expect(admission.ask(anAsk())).rejects.toThrow(StoreUnavailable)
    expect(await admission.ask(anAsk({}, { tokenId: 'token-2' }))).toMatchObject(PASSED)
  })

  test('nothing that was spent is kept longer than it can count', async () => {
    const held = await redisAdmission()
    const { store, admission, prefix } = held
    await store.project('mcp-1', 1, [])
    const connection = await redisForAdmission()
    const minute = { calls: 2, seconds: 60 }
    const spent: Spending = {
      profile: { name: 'p', limit: { perMinute: 60, burst: 60 } },
      tool: { name: 't', limit: { algorithm: 'sliding_window', ...minute } },
      lease: { id: 'a', atMost: 1 },
      quota: { units: 1, perDay: 9, perMonth: 9 },
    }
    const fixed = { name: 'f', limit: { algorithm: 'fixed_window' as const, ...minute } }
    await admission.ask(anAsk(spent))
    await admission.ask(anAsk({ tool: fixed }))
    const standing = aStanding()
    const keptMs: [string, number][] = [
      [spendingKeys.profileRate(standing, spent.profile ?? fixed), 120_000],
      [spendingKeys.toolRate(standing, spent.tool ?? fixed), 120_000],
      [spendingKeys.toolRate(standing, fixed), 120_000],
      [spendingKeys.leases(standing.grantId), 45_000],
      [spendingKeys.quota(standing.subject), 32 * 86_400_000],
    ]
    for (const [key, mostMs] of keptMs) {
      const leftMs = await connection.run((client) => client.pttl(prefix + key))
      expect(Math.ceil(leftMs / SLOWED), key).toBe(mostMs)
    }
    // Nor does a window keep the calls that have left it.
    await held.pass(60_000)
    await admission.ask(anAsk({ tool: spent.tool ?? fixed }))
    expect(await connection.run((client) => client.llen(prefix + (keptMs[1]?.[0] ?? '')))).toBe(1)
  })

  test('what one turn gives back leaves in one command, and the next turn again', async () => {
    const { store, admission } = await redisAdmission()
    await store.project('mcp-1', 1, [])
    const connection = await redisForAdmission()
    const sent = async () => {
      const [, calls] =
        /cmdstat_zrem:calls=(\d+)/.exec(await connection.run((client) => client.info('commandstats'))) ?? []
      return Number(calls ?? 0)
    }
    const take = (id: string) => admission.ask(anAsk({ lease: { id, atMost: 2 } }))
    const before = await sent()
    for (const [one, two] of [
      ['a', 'b'],
      ['c', 'd'],
    ] as const) {
      expect([await take(one), await take(two)]).toMatchObject([PASSED, PASSED])
      expect(await take('e')).toMatchObject({ limit: 'concurrent_calls' })
      await Promise.all([admission.releaseLease('grant-1', one), admission.releaseLease('grant-1', two)])
    }
    expect(await sent()).toBe(before + 2)
    expect(await take('e')).toMatchObject(PASSED)
  })
})

describe.skipIf(redisMissing !== null)('what the script answers', () => {
  const LEFT = `'5 6 -1 -1 0 7 -1 -1'`
  const answered = async (lua: string) => (await redisAdmission(`return ${lua}`)).admission.ask(anAsk())

  test.each(
    [
      ['1', '{}', `{'other'}`, `'passed'`],
      [
        `{'passed'}`,
        `{'passed', ''}`,
        `{'passed', 1, ${LEFT}}`,
        `{'passed', '', 5}`,
        `{'passed', '', {${LEFT}}}`,
      ],
      [`{'passed', '', '5 6 -1 -1 0 7 -1'}`, `{'passed', '', '5 6 -1 -1 0 7 -1 -1 1'}`],
      [`{'passed', '', 'x 6 -1 -1 0 7 -1 -1'}`, `{'passed', '', '5 6 -1 -1 0 7 -1 nan'}`],
      [`{'revoked'}`, `{'revoked', 'nobody'}`, `{'limited', 'tool_rate'}`],
      [`{'limited', 'tool_rate', '5'}`, `{'limited', 'other', 5}`],
    ].flat(),
  )('%s is none of its answers: no verdict at all', async (lua) => {
    await expect(answered(lua)).rejects.toThrow('the admission script gave an unknown answer')
    await expect(answered(lua)).rejects.toThrow(StoreUnavailable)
  })

  test('each of its answers is read for what it is', async () => {
    expect(await answered(`{'passed', '2.blob', ${LEFT}}`)).toEqual({
      ...{ state: 'passed', newer: { version: 2, blob: 'blob' } },
      left: {
        ...{ profile_rate: { remaining: 5, resetMs: 6 }, tool_rate: null },
        ...{ daily_quota: { remaining: 0, resetMs: 7 }, monthly_quota: null },
      },
    })
    for (const state of ['unprimed', 'unlisted']) expect(await answered(`{'${state}'}`)).toEqual({ state })
    for (const by of REVOKED_BY)
      expect(await answered(`{'revoked', '${by}'}`)).toEqual({ state: 'revoked', by })
    for (const limit of ['profile_rate', 'tool_rate', 'concurrent_calls', 'daily_quota', 'monthly_quota'])
      expect(await answered(`{'limited', '${limit}', 5}`)).toEqual({
        state: 'limited',
        limit,
        retryAfterMs: 5,
      })
  })
})
