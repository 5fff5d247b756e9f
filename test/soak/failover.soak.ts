import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { Fleet } from '../support/store/fleet.ts'
import { FleetLife, lives, Promised } from '../support/store/fleet-life.ts'
import { startCluster } from '../support/store/redis-cluster.ts'
import { startSentinels } from '../support/store/sentinels.ts'
import { figure, soakShare, timed } from '../support/soak.ts'
import { callMcp, connectClient, refresh } from '../support/oauth/oauth-client.ts'
import { REDIS_USERS } from '../support/stack.ts'

const LIVES = 12
const SEED = 20_261_126
const SOON = { interval: 20, timeout: 30_000 }
/** Until a good token is taken again, once there is a Redis. */
const BACK_MS = 5_000

const toEnd: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

async function fleetOn(redis: { urlOf: (user: string) => string; end: () => Promise<void> }): Promise<Fleet> {
  toEnd.push(() => redis.end())
  const fleet = await Fleet.start({ portal: redis.urlOf('portal'), mcp: redis.urlOf('mcp') })
  toEnd.push(() => fleet.close())
  return fleet
}

describe('two portals and two MCP servers keep what they promised', () => {
  test('through any loss of a Redis behind Sentinel', async () => {
    const set = await startSentinels({ users: REDIS_USERS, sentinels: 3 })
    const fleet = await fleetOn(set)
    const count = Math.max(1, Math.round(LIVES * soakShare()))
    const promised = new Promised()
    let life: FleetLife | undefined
    for (const steps of fc.sample(lives, { numRuns: count, seed: SEED })) {
      life = await FleetLife.begin(fleet, set, promised)
      for (const step of steps) {
        await life.take(step)
        await life.holds()
      }
      await life.recovers()
    }
    await life?.usedStaysUsed()
    expect(promised.enforced.length).toBeGreaterThan(0)
    figure('lives of two portals and two MCP servers behind Sentinel', count, 'lives')
    for (const [how, times] of Object.entries(promised.losses))
      figure(`losses of Redis, ${how}`, times, 'times')
    figure('revocations called enforced, and never broken', promised.enforced.length, 'revocations')
    figure('refresh tokens used or ended, and never taken again', promised.used.length, 'tokens')
    const worst = Math.max(...promised.backMs)
    figure('a good token taken again once there is a Redis, worst', worst / 1000, 's')
    expect(worst).toBeLessThan(BACK_MS)
  })

  test('through a failover in a cluster, whose servers they use with the least rights', async () => {
    const users = REDIS_USERS.map((user) => ({ ...user, rules: `${user.rules} +cluster|slots +asking` }))
    const cluster = await startCluster({ users })
    const fleet = await fleetOn(cluster)
    const [world] = fleet.portals
    const [good, ended] = [await connectClient(world), await connectClient(world)]
    await expect.poll(() => fleet.revoke(1, { kind: 'client', cid: ended.client.id }), SOON).toBe('enforced')
    for (const prefix of ['{mx}:', '{portal}:']) {
      const { owner } = await cluster.placeOf(prefix)
      const next = await cluster.failOver(owner)
      await owner.stop()
      const { ms } = await timed(async () => {
        for (const server of fleet.servers) {
          await expect.poll(() => callMcp(server, good.access_token), SOON).toBe(200)
          expect([401, 503]).toContain(await callMcp(server, ended.access_token))
        }
      })
      figure(`a good token taken again after a failover of ${prefix}`, ms / 1000, 's')
      expect(ms).toBeLessThan(BACK_MS)
      expect(await next.cli('GET', `${prefix}epoch`)).not.toBe('')
    }
    for (const server of fleet.servers)
      await expect.poll(() => callMcp(server, ended.access_token), SOON).toBe(401)
    const refreshed = async (): Promise<number> =>
      (await refresh(fleet.portals[1], good.client, good.refresh_token)).status
    await expect.poll(refreshed, SOON).toBe(200)
    // ioredis names its own connections in vain; nothing else was refused on the way.
    for (const node of cluster.nodes.filter((one) => one.isUp())) {
      const refused = [...(await node.cli('ACL', 'LOG')).matchAll(/^object\n(.*)$/gm)].map(
        (found) => found[1],
      )
      expect(refused.filter((command) => command !== 'client|setname')).toEqual([])
    }
  })
})
