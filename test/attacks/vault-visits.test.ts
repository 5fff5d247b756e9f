import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { vaultOpen, vaultTake } from '../../src/crypto/internal-api.ts'
import { randomId, randomSecret } from '../../src/kernel/random.ts'
import { ALICE, BOB, McpWorld, type Person } from '../support/mcp/mcp-world.ts'
import {
  begin,
  cookieOf,
  fieldsOf,
  openVisit,
  post,
  type VaultPage,
} from '../support/browser/vault-browser.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())
beforeEach(() => {
  // Ten tests of a credential are what a user has in ten minutes.
  world.clock.advance(600_000)
})

const save = (page: VaultPage, bend: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  post(world, '/vault/save', {
    cookie: cookieOf(page),
    headers,
    form: {
      ...fieldsOf(page, '/vault/save'),
      label: 'Plant',
      baseUrl: world.simulator.baseUrl,
      method: 'apikey',
      key: world.simulator.accounts.of('planner@example.com').apiKey,
      ...bend,
    },
  })
const take = async (handle: string, person: Person = ALICE): Promise<Record<string, unknown>> =>
  (await world.call(vaultTake.path, { take: handle, ...person })).json
const states = async (): Promise<unknown[]> =>
  (await world.audited())
    .slice(-3)
    .map((event) => `${String(event['eventType'])} ${String(event['outcome'])}`)

describe('opening the vault', () => {
  test('with a fresh handle from the portal it opens, with a cookie that scripts and other sites never see', async () => {
    const page = await begin(world, (await openVisit(world, ALICE, { purpose: 'add' })).handle)
    expect(page.status).toBe(200)
    expect(page.text).toContain('alice@example.com')
    const cookie = String(page.headers['set-cookie'])
    expect(cookie).toMatch(
      /^__Host-mx_vault=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })

  test.each<[string, Record<string, string>]>([
    ['a foreign page', { origin: 'https://evil.test' }],
    ['a page of our own', { origin: 'SELF' }],
    ['a page without an origin', { origin: 'null' }],
    ['a script', { 'sec-fetch-mode': 'cors' }],
    ['a frame', { 'sec-fetch-dest': 'iframe' }],
    ['the same origin, as its browser says', { 'sec-fetch-site': 'same-origin' }],
  ])('%s does not open it, and the handle is not used up by trying', async (_name, headers) => {
    const { handle } = await openVisit(world, ALICE, { purpose: 'add' })
    const sent = headers['origin'] === 'SELF' ? { origin: world.mcpUrl } : headers
    const refused = await begin(world, handle, sent)
    expect(refused.status).toBe(403)
    expect(refused.headers['set-cookie']).toBeUndefined()
    expect((await begin(world, handle)).status).toBe(200)
  })

  test('a used handle does not open it again, also of 20 at once', async () => {
    const { handle } = await openVisit(world, ALICE, { purpose: 'add' })
    const all = await Promise.all(Array.from({ length: 20 }, () => begin(world, handle)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 410)).toHaveLength(19)
  })

  test('an invented handle, or one of a minute ago, does not', async () => {
    expect((await begin(world, randomSecret())).status).toBe(410)
    const { handle } = await openVisit(world, ALICE, { purpose: 'add' })
    world.clock.advance(60_000)
    expect((await begin(world, handle)).status).toBe(410)
  })

  test('a handle is not a cookie, and a cookie no handle', async () => {
    const { handle } = await openVisit(world, ALICE, { purpose: 'add' })
    const page = await begin(world, handle)
    const secret = cookieOf(page).split('=')[1] ?? ''
    expect((await begin(world, secret)).status).toBe(410)
    const fields = fieldsOf(page, '/vault/save')
    const other = await openVisit(world, ALICE, { purpose: 'add' })
    const form = { ...fields, label: 'x', baseUrl: 'x', method: 'apikey', key: 'x' }
    const cookie = `__Host-mx_vault=${other.handle}`
    expect((await post(world, '/vault/save', { cookie, form })).status).toBe(403)
  })

  test('with another person’s handle it is their visit: it names them, and its outcome is theirs alone', async () => {
    const [own, stolen] = [
      await openVisit(world, ALICE, { purpose: 'add' }),
      await openVisit(world, BOB, { purpose: 'add' }),
    ]
    const page = await begin(world, stolen.handle)
    expect(page.text).toContain('bob@example.com')
    expect(page.text).not.toContain('alice@example.com')
    expect((await save(page)).status).toBe(200)
    expect(await take(own.take, ALICE)).toEqual({ state: 'pending' })
    expect(await take(stolen.take, ALICE)).toEqual({ state: 'gone' })
    expect(await take(stolen.take, BOB)).toMatchObject({ state: 'saved' })
  })

  test('for an environment of somebody else it is not opened', async () => {
    const saved = await addEnvironment(BOB)
    const ask = { purpose: 'replace', env: saved.env, blob: saved.blob }
    const asOther = { clerkToken: world.clerkToken(ALICE), transaction: randomId(), account: 'a', ...ask }
    expect(await world.call(vaultOpen.path, asOther)).toMatchObject({
      status: 422,
      json: { error: 'credential_refused' },
    })
    const asOwner = { ...asOther, clerkToken: world.clerkToken(BOB), transaction: randomId() }
    expect((await world.call(vaultOpen.path, asOwner)).status).toBe(200)
  })
})

const addEnvironment = async (person: Person): Promise<{ env: string; blob: string; ver: number }> => {
  const visit = await openVisit(world, person, { purpose: 'add' })
  const page = await begin(world, visit.handle)
  expect((await save(page)).status).toBe(200)
  return (await take(visit.take, person)) as { env: string; blob: string; ver: number }
}

describe('a form of the vault', () => {
  let page: VaultPage
  beforeEach(async () => {
    page = await begin(world, (await openVisit(world, ALICE, { purpose: 'add' })).handle)
  })

  test('from its own page, with cookie and token, it is taken', async () => {
    expect((await save(page)).text).toContain('Maximo accepted the key')
  })

  test.each<[string, Record<string, string>]>([
    ['from the portal', { origin: 'http://localhost:8080' }],
    ['from a foreign page', { origin: 'https://evil.test' }],
    ['without an origin', { origin: '' }],
    ['from another site, as its browser says', { 'sec-fetch-site': 'cross-site' }],
    ['by a script', { 'sec-fetch-mode': 'cors' }],
  ])('%s it is refused, and Maximo is not asked', async (_name, headers) => {
    world.simulator.requests.reset()
    expect((await save(page, {}, headers)).status).toBe(403)
    expect(world.simulator.requests()).toBe(0)
    expect((await save(page)).status).toBe(200)
  })

  test('without the cookie, with a stranger’s cookie, or after ten minutes it is refused', async () => {
    const form = { ...fieldsOf(page, '/vault/save'), label: 'x', baseUrl: 'x', method: 'apikey', key: 'x' }
    expect((await post(world, '/vault/save', { cookie: '', form })).status).toBe(403)
    const other = await begin(world, (await openVisit(world, BOB, { purpose: 'add' })).handle)
    expect((await post(world, '/vault/save', { cookie: cookieOf(other), form })).status).toBe(403)
    world.clock.advance(600_000)
    expect((await save(page)).status).toBe(403)
  })

  test('with the token of another form, or none, it is refused', async () => {
    expect((await save(page, { form: 'AAAA' })).status).toBe(403)
    const formless = { label: 'x', baseUrl: 'x', method: 'apikey', key: 'x' }
    expect((await post(world, '/vault/save', { cookie: cookieOf(page), form: formless })).status).toBe(403)
    expect(await states()).toContain('vault.opened refused')
  })

  test('twice it is done once', async () => {
    expect((await save(page)).status).toBe(200)
    expect((await save(page)).status).toBe(409)
  })

  test('of another purpose it is refused', async () => {
    const form = fieldsOf(page, '/vault/save')
    for (const path of ['/vault/remove', '/vault/confirm', '/vault/back']) {
      expect((await post(world, path, { cookie: cookieOf(page), form })).status).toBe(403)
    }
  })

  test('repeated fields, unknown fields and a huge body are refused', async () => {
    const form = { ...fieldsOf(page, '/vault/save'), extra: '1' }
    expect((await save(page, { extra: '1' })).status).toBe(422)
    expect((await post(world, '/vault/save', { cookie: cookieOf(page), form, raw: '&form=x' })).status).toBe(
      403,
    )
    expect((await save(page, { key: 'k'.repeat(20_000) })).status).toBe(413)
  })
})

describe('what the portal takes', () => {
  test('the outcome of a visit, once, for the user and session it was announced for', async () => {
    const visit = await openVisit(world, ALICE, { purpose: 'add' })
    expect(await take(visit.take)).toEqual({ state: 'pending' })
    await save(await begin(world, visit.handle))
    expect(await take(visit.take, BOB)).toEqual({ state: 'gone' })
    expect(await take(visit.take, { ...ALICE, sid: 'sess_other' })).toEqual({ state: 'gone' })
    expect(await take(visit.take)).toMatchObject({ state: 'saved', ver: 1, label: 'Plant' })
    expect(await take(visit.take)).toEqual({ state: 'gone' })
  })

  test('what it takes tells it nothing of the key', async () => {
    const visit = await openVisit(world, ALICE, { purpose: 'add' })
    await save(await begin(world, visit.handle))
    const taken = JSON.stringify(await take(visit.take))
    expect(taken).not.toContain(world.simulator.accounts.of('planner@example.com').apiKey)
  })
})

describe('the owner’s list of grants', () => {
  const list = (cookie: string, headers: Record<string, string> = {}) =>
    post(world, '/vault/grants', { method: 'GET', cookie, headers })

  test('it shows what this server attested, and nothing of others', async () => {
    await world.attest(ALICE, { clientName: 'Sneaky <b>client</b>', redirectHost: 'sneaky.example' })
    await world.attest(BOB, { clientName: 'Of Bob' })
    const page = await begin(world, (await openVisit(world, ALICE, { purpose: 'grants' })).handle)
    expect(page.text).toContain('Sneaky &lt;b>client&lt;/b>')
    expect(page.text).toContain('sneaky.example')
    expect(page.text).not.toContain('Of Bob')
    expect((await list(cookieOf(page))).text).toContain('sneaky.example')
  })

  test('without a visit, or from a script, it shows nothing', async () => {
    const page = await begin(world, (await openVisit(world, ALICE, { purpose: 'grants' })).handle)
    expect((await list('')).status).toBe(403)
    expect((await list(cookieOf(page), { 'sec-fetch-mode': 'cors' })).status).toBe(403)
  })
})

describe('a flood of refused visits', () => {
  test('is a few records, and opens nothing', async () => {
    world.clock.advance(600_000)
    const refusals = async (): Promise<number> =>
      (await world.audited()).filter(({ operation }) => operation === 'refuse').length
    const before = await refusals()
    for (let n = 0; n < 60; n += 1) expect((await begin(world, 'nonsense')).status).toBe(410)
    expect((await refusals()) - before).toBe(21)
  })
})

describe('every page of the vault', () => {
  test('runs no script, frames nowhere, and posts to itself and the portal alone', async () => {
    const pages = [
      await begin(world, (await openVisit(world, ALICE, { purpose: 'add' })).handle),
      await begin(world, 'nonsense'),
    ]
    for (const page of pages) {
      const csp = String(page.headers['content-security-policy'])
      expect(csp).toContain("default-src 'none'")
      expect(csp).toContain("form-action 'self' http://localhost:8080")
      expect(csp).toContain("frame-ancestors 'none'")
      expect(csp).not.toContain('script-src')
      expect(page.headers).toMatchObject({ 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' })
      expect(page.text).not.toMatch(/<script|javascript:|onclick/i)
    }
  })

  test('what a person typed comes back as text, and the key never', async () => {
    const page = await begin(world, (await openVisit(world, ALICE, { purpose: 'add' })).handle)
    const again = await save(page, {
      label: '"><script>alert(1)</script>',
      key: 'canary-key-7361',
      baseUrl: 'nope',
    })
    expect(again.status).toBe(422)
    expect(again.text).toContain('&quot;>&lt;script>')
    expect(again.text).not.toContain('<script>')
    expect(again.text).not.toContain('canary-key-7361')
    expect(world.log.text()).not.toContain('canary-key-7361')
  })
})
