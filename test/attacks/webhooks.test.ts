import { request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clerkId } from '../../src/dev/standin/state.ts'
import { signedHeaders } from '../../src/dev/standin/webhooks.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import {
  callMcp,
  connectClient,
  decide,
  obtainCode,
  openConsent,
  redeem,
  refresh,
  registerClient,
} from '../support/oauth/oauth-client.ts'
import { PLANNER, type PortalWorld, startPortalWorld, TECHNICIAN } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
beforeEach(async () => {
  await world.standin.hooks.webhooksSettled()
})
afterEach(async () => {
  world.store.restore()
  world.standin.hooks.setTrouble(null)
  for (const email of [PLANNER, TECHNICIAN]) {
    await world.standin.hooks.unban(email)
    await world.standin.hooks.unlock(email)
  }
})
afterAll(() => world.close())

const idOf = (email: string): string =>
  world.standin.accounts.find((account) => account.email === email)?.userId ?? ''

interface Sent {
  readonly id?: string
  readonly ageS?: number
  readonly secret?: string
  readonly headers?: Record<string, string | undefined>
  /** Sent in the place of what was signed. */
  readonly bodyAfter?: string
}

/** An event as Clerk delivers it, bent. */
async function deliver(type: string, data: object, sent: Sent = {}): Promise<number> {
  const body = JSON.stringify({ data, object: 'event', type, timestamp: Date.now(), instance_id: 'ins_1' })
  const timestampS = Math.floor(Date.now() / 1000) - (sent.ageS ?? 0)
  const secret = sent.secret ?? world.standin.config.webhookSecret
  const signed = signedHeaders({ id: sent.id ?? clerkId('msg'), body, timestampS }, secret)
  const headers = Object.fromEntries(
    Object.entries({ ...signed, ...sent.headers }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  )
  const url = `${world.portalUrl}/webhooks/clerk`
  const answer = await request(url, { method: 'POST', headers, body: sent.bodyAfter ?? body })
  await answer.body.dump()
  return answer.statusCode
}
const deleted = (sub = 'user_nobody'): object => ({ object: 'user', id: sub, deleted: true })

describe('end to end: what happens at Clerk takes effect on the next call', () => {
  test.each([
    ['a ban', () => world.standin.hooks.ban(PLANNER)],
    ['a lock', () => world.standin.hooks.lock(PLANNER)],
  ])('%s ends everything of the user, and nothing of anybody else', async (_what, happen) => {
    const own = await connectClient(world)
    const other = await connectAs(TECHNICIAN)
    expect([await callMcp(world, own.access_token), await callMcp(world, other.access_token)]).toEqual([
      200, 200,
    ])
    await happen()
    await world.standin.hooks.webhooksSettled()
    expect([await callMcp(world, own.access_token), await callMcp(world, other.access_token)]).toEqual([
      401, 200,
    ])
    expect(await refresh(world, own.client, own.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await refresh(world, other.client, other.refresh_token)).status).toBe(200)
  })

  test('a code that was given before the ban is worth nothing, and no new one is given (T-60)', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const { browser, page } = await openConsent(world, client)
    await world.standin.hooks.ban(PLANNER)
    await world.standin.hooks.webhooksSettled()
    expect(await redeem(world, client, obtained)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    const answered = await decide(browser, page)
    expect([403, 422, 503]).toContain(answered.status)
    expect(answered.url).not.toContain('code=')
  })

  test('an account that is locked while its consent page is open allows nothing (T-60)', async () => {
    const client = await registerClient(world)
    const { browser, page } = await openConsent(world, client)
    await world.standin.hooks.lock(PLANNER)
    const answered = await decide(browser, page)
    expect([answered.status, answered.html.querySelector('h1')?.text]).toEqual([403, 'This account is gone'])
  })

  test('an ordinary sign-out ends nothing; nor does a change of the profile', async () => {
    const { access_token } = await connectClient(world)
    await world.standin.hooks.revokeSessions(PLANNER)
    await world.standin.hooks.unban(PLANNER)
    await world.standin.hooks.webhooksSettled()
    expect(await callMcp(world, access_token)).toBe(200)
  })
})

/** A connection of somebody else than the planner. */
async function connectAs(email: string) {
  const client = await registerClient(world)
  const answer = await redeem(world, client, await obtainCode(world, client, { email }))
  return { ...(answer.body as { access_token: string; refresh_token: string }), client }
}

describe('who may tell', () => {
  let untouched = ''
  beforeAll(async () => {
    untouched = (await connectClient(world)).access_token
  })

  test.each<[string, Sent]>([
    ['signed with another secret', { secret: `whsec_${Buffer.alloc(24).toString('base64')}` }],
    ['without a signature', { headers: { 'svix-signature': undefined } }],
    ['without an id', { headers: { 'svix-id': undefined } }],
    ['without a time', { headers: { 'svix-timestamp': undefined } }],
    ['with an empty signature', { headers: { 'svix-signature': '' } }],
    ['with the signature of another version', { headers: { 'svix-signature': 'v2,AAAA' } }],
    ['under another id than was signed', { headers: { 'svix-id': 'msg_other' } }],
    [
      'with another time than was signed',
      { headers: { 'svix-timestamp': String(Math.floor(Date.now() / 1000) - 1) } },
    ],
    ['with a time that is none', { headers: { 'svix-timestamp': 'now' } }],
    ['more than five minutes old', { ageS: 320 }],
    ['from more than five minutes ahead', { ageS: -320 }],
    ['with the same JSON in other bytes', { bodyAfter: ` ${JSON.stringify({ data: {} })}` }],
    ['with nothing in it', { bodyAfter: '' }],
  ])('%s: 400, and nothing happens', async (_how, sent) => {
    expect(await deliver('user.deleted', deleted(idOf(PLANNER)), sent)).toBe(400)
    expect(await callMcp(world, untouched)).toBe(200)
  })

  test.each([280, -280])('the clock of Clerk may be off: %i s pass', async (ageS) => {
    expect(await deliver('user.deleted', deleted(), { ageS })).toBe(200)
  })

  test('the right one among several signatures is enough, as at a rotation of the secret', async () => {
    const body = JSON.stringify({ data: deleted(), object: 'event', type: 'user.deleted' })
    const id = clerkId('msg')
    const timestampS = Math.floor(Date.now() / 1000)
    const { 'svix-signature': right } = signedHeaders(
      { id, body, timestampS },
      world.standin.config.webhookSecret,
    )
    const headers = {
      'svix-signature': `v1,AAAA ${right ?? ''}`,
      'svix-id': id,
      'svix-timestamp': String(timestampS),
    }
    expect(await deliver('user.deleted', deleted(), { bodyAfter: body, headers })).toBe(200)
  })

  test('a body of half a megabyte is refused unread, and GET is not found', async () => {
    const bodyAfter = JSON.stringify({ data: 'x'.repeat(500_000) })
    expect(await deliver('user.deleted', deleted(), { bodyAfter })).toBe(413)
    const answer = await request(`${world.portalUrl}/webhooks/clerk`)
    await answer.body.dump()
    expect(answer.statusCode).toBe(404)
  })
})

describe('what an event may do', () => {
  let untouched = ''
  beforeAll(async () => {
    untouched = (await connectClient(world)).access_token
  })

  test.each<[string, object]>([
    ['user.created', { id: 'user_1' }],
    ['session.ended', { id: 'sess_1', user_id: 'user_1' }],
    ['organization.deleted', { id: 'org_1' }],
    ['user.updated', { id: 'user_1', banned: false, locked: false }],
    ['user.deleted', { id: '../../etc' }],
    ['user.deleted', {}],
    ['user.updated', { id: 7, banned: true }],
    ['subscription.updated', { payer: { user_id: null, organization_id: 'org_1' } }],
  ])('%s %j concerns nobody: 204', async (type, data) => {
    expect(await deliver(type, data)).toBe(204)
    expect(await callMcp(world, untouched)).toBe(200)
  })

  test('one that comes late changes nothing: what Clerk says now counts', async () => {
    const { access_token } = await connectClient(world)
    expect(await deliver('user.updated', { id: idOf(PLANNER), banned: true })).toBe(200)
    expect(await callMcp(world, access_token)).toBe(200)
  })

  test('a session that an administrator ended makes it look, so a ban is seen whichever event comes first', async () => {
    const { access_token } = await connectClient(world)
    await world.standin.hooks.lock(PLANNER)
    await world.standin.hooks.webhooksSettled()
    const again = await connectClientOf(TECHNICIAN)
    await world.standin.hooks.lock(TECHNICIAN)
    expect(await deliver('session.revoked', { id: 'sess_1', user_id: idOf(TECHNICIAN) })).toBe(200)
    expect([await callMcp(world, access_token), await callMcp(world, again)]).toEqual([401, 401])
  })

  test('that says “banned” is believed while Clerk cannot be asked', async () => {
    const { access_token } = await connectClient(world)
    world.standin.hooks.setTrouble('fail')
    expect(await deliver('user.updated', { id: idOf(PLANNER), banned: true })).toBe(200)
    expect(await callMcp(world, access_token)).toBe(401)
  })

  test('that says nothing of the kind has to wait until Clerk can be asked: 503', async () => {
    const { access_token } = await connectClient(world)
    world.standin.hooks.setTrouble('fail')
    const id = clerkId('msg')
    const data = { id: 'sess_1', user_id: idOf(PLANNER) }
    expect(await deliver('session.revoked', data, { id })).toBe(503)
    world.standin.hooks.setTrouble(null)
    expect(await deliver('session.revoked', data, { id })).toBe(200)
    expect(await callMcp(world, access_token)).toBe(200)
  })
})

const connectClientOf = async (email: string): Promise<string> => (await connectAs(email)).access_token

describe('the same event again', () => {
  test('is answered 200 and done once, also of ten at the same time', async () => {
    const id = clerkId('msg')
    const before = await pendings()
    const data = deleted('user_of_nobody')
    const statuses = await Promise.all(
      Array.from({ length: 10 }, () => deliver('user.deleted', data, { id })),
    )
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
    expect(await deliver('user.deleted', data, { id })).toBe(200)
    expect((await pendings()) - before).toBe(1)
  })

  test('a replay after the owner came back ends nothing', async () => {
    const id = clerkId('msg')
    const data = { id: idOf(PLANNER), banned: true }
    await world.standin.hooks.ban(PLANNER)
    await world.standin.hooks.webhooksSettled()
    expect(await deliver('user.updated', data, { id })).toBe(200)
    await world.standin.hooks.unban(PLANNER)
    const { access_token } = await connectClient(world)
    expect(await deliver('user.updated', data, { id })).toBe(200)
    expect(await callMcp(world, access_token)).toBe(200)
  })

  test('the store is silent: 503, and the next attempt does it', async () => {
    const { access_token } = await connectClient(world)
    const id = clerkId('msg')
    world.store.silence()
    expect(await deliver('user.deleted', deleted(idOf(PLANNER)), { id })).toBe(503)
    world.store.restore()
    await expect.poll(() => deliver('user.deleted', deleted(idOf(PLANNER)), { id })).toBe(200)
    await expect.poll(() => callMcp(world, access_token)).toBe(401)
  })

  test('the MCP server is silent: it is on record, and in force once that answers', async () => {
    const { access_token } = await connectClient(world)
    await world.stopMcp()
    expect(await deliver('user.deleted', deleted(idOf(PLANNER)))).toBe(200)
    await world.startMcp()
    await expect.poll(() => callMcp(world, access_token), { timeout: 15_000 }).toBe(401)
  })
})

/** Revocations of whole users that the portal has begun so far. */
async function pendings(): Promise<number> {
  const { readFile } = await import('node:fs/promises')
  const journal = await readFile(`${world.dataDir}/portal/journal/portal-1.jsonl`, 'utf8')
  return journal
    .split('\n')
    .filter((line) => line.includes('"revocation.pending"') && line.includes('"user"')).length
}

describe('a plan', () => {
  const plan = async (accessToken: string): Promise<unknown> => {
    const answer = await request(`${world.mcpUrl}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${accessToken}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_context', arguments: {} },
      }),
    })
    const { result } = (await answer.body.json()) as { result: { content: [{ text: string }] } }
    return (JSON.parse(result.content[0].text) as { plan: unknown }).plan
  }
  const change = async (to: string): Promise<void> => {
    await world.standin.hooks.setPlan(PLANNER, to)
    await world.standin.hooks.webhooksSettled()
  }

  test('that was lowered counts from the next call on, and no connection ends', async () => {
    const { access_token } = await connectClient(world)
    expect(await plan(access_token)).toBe('pro')
    await change('free')
    expect(await plan(access_token)).toBe('free')
    await change('pro')
  })

  test('an event never raises it: only what Clerk signed for the user does', async () => {
    const { access_token } = await connectClient(world)
    await change('enterprise')
    expect(await plan(access_token)).toBe('pro')
    await change('pro')
  })

  test('a page that the owner opens later tells what Clerk signed since, and lifts the cap', async () => {
    const browser = new Browser()
    await openSignedIn(browser, `${world.portalUrl}/connections`, PLANNER)
    const { access_token } = await connectClient(world)
    await change('free')
    expect(await plan(access_token)).toBe('free')
    await change('pro')
    expect(await plan(access_token)).toBe('pro')
    await change('free')
    await world.standin.hooks.setPlan(PLANNER, 'enterprise')
    await world.standin.hooks.webhooksSettled()
    await expect
      .poll(
        async () => {
          await openSignedIn(new Browser(), `${world.portalUrl}/connections`, PLANNER)
          return plan(access_token)
        },
        { timeout: 15_000, interval: 500 },
      )
      .toBe('enterprise')
    await change('pro')
  })
})
