import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { request } from 'undici'
import { authorizeUrl, registerClient, type TestClient } from '../support/oauth/oauth-client.ts'
import { askPortal, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

const MAX = 5

let world: PortalWorld
let client: TestClient
beforeAll(async () => {
  world = await startPortalWorld({
    seeded: false,
    env: { FAILED_AUTH_MAX: String(MAX) },
  })
  client = await registerClient(world)
})
afterAll(async () => world.close())

const recordsOf = async (): Promise<number> =>
  (await readFile(`${world.dataDir}/portal/audit/portal-1.jsonl`, 'utf8')).split('\n').length

/** Asks 40 times, in another minute than any other test; what it made the audit log grow by. */
async function growthBy(once: () => Promise<unknown>): Promise<number> {
  world.clock.advance(61_000)
  const before = await recordsOf()
  for (let asked = 0; asked < 40; asked += 1) await once()
  return (await recordsOf()) - before
}
const page = async (path: string, options: object = {}): Promise<number> => {
  const answer = await request(`${world.portalUrl}${path}`, options)
  await answer.body.text()
  return answer.statusCode
}
const asForm = { 'content-type': 'application/x-www-form-urlencoded' }

describe('T-53: a stranger cannot fill the disk with refusals', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['authorization requests of nobody', () => page('/oauth/authorize?client_id=nobody')],
    [
      'authorization requests that are wrong',
      () =>
        page(new URL(authorizeUrl(world, client, { response_type: 'x' })).href.slice(world.portalUrl.length)),
    ],
    [
      'token requests',
      () => askPortal(world, '/oauth/token', { form: { grant_type: 'x', client_id: 'nobody' } }),
    ],
    [
      'token requests without a client',
      () => askPortal(world, '/oauth/token', { form: { grant_type: 'x' } }),
    ],
    [
      'token requests that are policy failures',
      () => askPortal(world, '/oauth/token', { form: { grant_type: 'x', client_id: client.id } }),
    ],
    ['revocations', () => askPortal(world, '/oauth/revoke', { form: { token: 'x', client_id: 'nobody' } })],
    [
      'revocations of nothing',
      () => askPortal(world, '/oauth/revoke', { form: { token: 'x', client_id: client.id } }),
    ],
    ['registrations that cannot be read', () => askPortal(world, '/oauth/register', { json: {} })],
    [
      'decisions of foreign pages',
      () => page('/oauth/decision', { method: 'POST', headers: asForm, body: 'x=1' }),
    ],
    [
      'sessions that are none',
      () => page('/', { headers: { cookie: `__session=${FORGED}; __client_uat=1` } }),
    ],
    [
      'sign-outs of nobody',
      () => page('/sign-out', { method: 'POST', headers: { ...asForm, origin: world.portalUrl }, body: '' }),
    ],
  ])('%s', async (_what, once) => {
    expect(await growthBy(once)).toBeLessThanOrEqual(MAX + 2)
  })
})

test('T-53: nor the store with authorization requests; another minute is another', async () => {
  world.clock.advance(61_000)
  const url = authorizeUrl(world, client, { state: 's'.repeat(4_000) }).slice(world.portalUrl.length)
  const before = world.store.size
  const statuses: number[] = []
  for (let asked = 0; asked < 340; asked += 1) statuses.push(await page(url))
  // Beyond that they are asked to sign in, which takes no room; these are no browsers.
  expect(new Set(statuses)).toEqual(new Set([302, 403]))
  expect(world.store.size - before).toBeLessThanOrEqual(302)
  world.clock.advance(61_000)
  expect(await page(url)).toBe(302)
})

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const FORGED = `${part({ alg: 'RS256', typ: 'JWT', kid: 'ins_x' })}.${part({ sub: 'user_x', iat: 1, exp: 9e9 })}.${'A'.repeat(342)}`
