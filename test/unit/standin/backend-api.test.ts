import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClerkRefused } from '../../../src/portal/clerk/clerk-client.ts'
import { PageClient } from '../../support/browser/page-client.ts'
import { claimsOf, signIn, startWorld, type World } from '../../support/session-portal.ts'

const PLANNER = 'planner@example.com'

let world: World
let userId: string
beforeAll(async () => {
  world = await startWorld()
  userId = world.standin.accounts.find(({ email }) => email === PLANNER)?.userId ?? ''
})
afterAll(() => world.close())

describe('what Clerk’s own library reads from the stand-in', () => {
  test('users: one, many, by address, counted', async () => {
    const user = await world.clerk.call((sdk) => sdk.users.getUser(userId))
    expect(user).toMatchObject({ id: userId, firstName: 'Planner', banned: false, privateMetadata: {} })
    expect(user.primaryEmailAddress?.emailAddress).toBe(PLANNER)
    const list = await world.clerk.call((sdk) => sdk.users.getUserList({ limit: 2 }))
    expect(list).toMatchObject({ totalCount: 3, data: [{ id: userId }, {}] })
    const found = await world.clerk.call((sdk) => sdk.users.getUserList({ emailAddress: [PLANNER] }))
    expect(found.data.map(({ id }) => id)).toEqual([userId])
    expect(found.totalCount).toBe(1)
  })

  test('sessions: listed, read, revoked', async () => {
    const client = new PageClient()
    await signIn(client, world, PLANNER)
    const { sid } = claimsOf((await client.cookie(world.portal, '__session')) ?? '')
    const live = await world.clerk.call((sdk) => sdk.sessions.getSessionList({ userId, status: 'active' }))
    expect(live).toMatchObject({ totalCount: 1, data: [{ id: sid, userId, status: 'active' }] })
    expect(await world.clerk.call((sdk) => sdk.sessions.revokeSession(sid))).toMatchObject({
      status: 'revoked',
    })
    expect(await world.clerk.call((sdk) => sdk.sessions.getSession(sid))).toMatchObject({ status: 'revoked' })
    const none = await world.clerk.call((sdk) => sdk.sessions.getSessionList({ userId, status: 'active' }))
    expect(none.totalCount).toBe(0)
  })

  test('a refresh needs the old token and the refresh token of that session, and an origin of the portal', async () => {
    const [client, other] = [new PageClient(), new PageClient()]
    await signIn(client, world, PLANNER)
    await signIn(other, world, PLANNER)
    const cookie = async (of: PageClient, name: string): Promise<string> =>
      (await of.cookie(world.portal, name)) ?? ''
    const refreshName = `__refresh_${world.clerk.config.instance.cookieSuffix}`
    const expired_token = await cookie(client, '__session')
    const proof = {
      expired_token,
      refresh_token: await cookie(client, refreshName),
      request_origin: world.portal,
    }
    const refresh = (change: Partial<typeof proof>) =>
      world.clerk.call((sdk) =>
        sdk.sessions.refreshSession(claimsOf(expired_token).sid, {
          ...proof,
          ...change,
          format: 'cookie',
          request_headers: {},
        }),
      )
    expect((await refresh({})).cookies.length).toBeGreaterThan(0)
    for (const change of [
      { expired_token: await cookie(other, '__session') },
      { expired_token: `${expired_token.slice(0, -4)}AAAA` },
      { refresh_token: await cookie(other, refreshName) },
      { request_origin: 'https://evil.example' },
    ])
      await expect(refresh(change)).rejects.toMatchObject({ status: 401, code: 'authentication_invalid' })
  })

  test('metadata: merged, then replaced', async () => {
    const change = (privateMetadata: Record<string, unknown>) =>
      world.clerk.call((sdk) => sdk.users.updateUserMetadata(userId, { privateMetadata }))
    await change({ a: { one: 1, snakeCase: 2 }, list: [1, 2] })
    expect((await change({ a: { one: null }, list: [3] })).privateMetadata).toEqual({
      a: { snakeCase: 2 },
      list: [3],
    })
    const replaced = await world.clerk.call((sdk) =>
      sdk.users.replaceUserMetadata(userId, { privateMetadata: { b: 1 }, publicMetadata: { c: 2 } }),
    )
    expect(replaced).toMatchObject({
      privateMetadata: { b: 1 },
      publicMetadata: { c: 2 },
      unsafeMetadata: {},
    })
  })

  test('ban, lock and their ends', async () => {
    const call: World['clerk']['call'] = (work) => world.clerk.call(work)
    expect(await call((sdk) => sdk.users.banUser(userId))).toMatchObject({ banned: true })
    expect(await call((sdk) => sdk.users.unbanUser(userId))).toMatchObject({ banned: false })
    expect(await call((sdk) => sdk.users.lockUser(userId))).toMatchObject({ locked: true })
    expect(await call((sdk) => sdk.users.unlockUser(userId))).toMatchObject({ locked: false })
  })

  test('a subscription and the plans', async () => {
    const subscription = await world.clerk.call((sdk) => sdk.billing.getUserBillingSubscription(userId))
    expect(subscription).toMatchObject({ status: 'active', subscriptionItems: [{ plan: { slug: 'pro' } }] })
    expect(subscription.subscriptionItems[0]?.plan?.features.map(({ slug }) => slug)).toContain('automation')
    const plans = await world.clerk.call((sdk) => sdk.billing.getPlanList({ payerType: 'user' }))
    expect(plans.data.map(({ slug }) => slug)).toEqual(['free', 'pro', 'enterprise'])
  })

  test('deletion, after which the user is not found', async () => {
    const admin = world.standin.accounts.find(({ email }) => email === 'admin@example.com')?.userId ?? ''
    expect(await world.clerk.call((sdk) => sdk.users.deleteUser(admin))).toMatchObject({
      deleted: true,
      id: admin,
    })
    const refusal = await world.clerk.call((sdk) => sdk.users.getUser(admin)).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ClerkRefused)
    expect(refusal).toMatchObject({ status: 404, code: 'resource_not_found' })
  })
})
