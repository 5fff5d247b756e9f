import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { grantAttest, vaultTake } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { type Answer, type Grant, McpWorld, type Person } from '../support/mcp/mcp-world.ts'
import { expectRequestsAt } from '../support/wire/hosts.ts'
import {
  begin,
  cookieOf,
  fieldsOf,
  openVisit,
  post,
  type VaultPage,
} from '../support/browser/vault-browser.ts'

let world: McpWorld
let person: Person
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())
beforeEach(() => {
  person = { sub: `user_${randomId()}`, sid: `sess_${randomId()}` }
  world.clock.advance(600_000)
})

const account = (name: string) => world.simulator.accounts.of(`${name}@example.com`)
interface Taken {
  readonly env: string
  readonly blob: string
  readonly ver: number
}

const fill = (page: VaultPage, form: Record<string, string>): Promise<VaultPage> =>
  post(world, '/vault/save', { cookie: cookieOf(page), form: { ...fieldsOf(page, '/vault/save'), ...form } })
const adding = async (form: Record<string, string> = {}): Promise<{ page: VaultPage; take: string }> => {
  const visit = await openVisit(world, person, { purpose: 'add' })
  const page = await fill(await begin(world, visit.handle), {
    label: 'Plant',
    baseUrl: world.simulator.baseUrl,
    method: 'apikey',
    key: account('planner').apiKey,
    ...form,
  })
  return { page, take: visit.take }
}
const taken = async (take: string): Promise<Taken> =>
  (await world.call(vaultTake.path, { take, ...person })).json as unknown as Taken
const add = async (): Promise<Taken> => taken((await adding()).take)

/** A visit to replace the key; the page that followed the save, and the visit's first page for its cookie. */
const replacing = async (saved: Taken, key: string, form: Record<string, string> = {}) => {
  const { env, blob } = saved
  const visit = await openVisit(world, person, { purpose: 'replace', env, blob, label: 'Plant' })
  const first = await begin(world, visit.handle)
  const after = await fill(first, { method: 'apikey', key, ...form })
  return { first, after, take: visit.take }
}
const settle = (path: string, first: VaultPage, after: VaultPage): Promise<VaultPage> =>
  post(world, path, { cookie: cookieOf(first), form: fieldsOf(after, path) })

/** Who Maximo thinks calls. */
const userOf = async (token: string): Promise<string | null> => {
  world.simulator.requests.reset()
  expect((await world.whoAmI(token)).status).toBe(200)
  return world.simulator.requests.seen().find(({ userId }) => userId !== null)?.userId ?? null
}
const grantFor = (saved: Taken): Promise<Grant> => world.attest(person, { env: saved.env, blob: saved.blob })

test('a key that works is taken also where Maximo is silent about what its user may administer', async () => {
  world.simulator.faults.add({ fault: { kind: 'silence' }, when: 'mxapigroup' })
  const { page, take } = await adding()
  world.simulator.faults.clear()
  expect(page.text).not.toContain('could not be reached')
  expect(await taken(take)).toMatchObject({ ver: 1 })
})

describe('a replaced key', () => {
  test('serves connections that were made before, from the moment its test passed', async () => {
    const saved = await add()
    const token = await world.token(await grantFor(saved))
    expect(await userOf(token)).toBe(account('planner').userId)
    const { after } = await replacing(saved, account('technician').apiKey)
    expect(after.text).toContain('The new key is in use')
    expect(await userOf(token)).toBe(account('technician').userId)
  })

  test('is taken back by the owner, and the former serves again', async () => {
    const saved = await add()
    const token = await world.token(await grantFor(saved))
    const { first, after, take } = await replacing(saved, account('technician').apiKey)
    expect((await settle('/vault/back', first, after)).text).toContain('The former key is in use again')
    expect(await userOf(token)).toBe(account('planner').userId)
    expect(await taken(take)).toMatchObject({ state: 'saved', env: saved.env, ver: 3 })
    expect((await settle('/vault/back', first, after)).status).toBe(409)
  })

  test('once confirmed it stays, and there is nothing to go back to', async () => {
    const saved = await add()
    const token = await world.token(await grantFor(saved))
    const { first, after } = await replacing(saved, account('technician').apiKey)
    expect((await settle('/vault/confirm', first, after)).status).toBe(200)
    expect((await settle('/vault/back', first, after)).status).toBe(409)
    expect(await userOf(token)).toBe(account('technician').userId)
  })

  test('can be taken back in a later visit, within seven days and not after', async () => {
    const saved = await add()
    await replacing(saved, account('technician').apiKey)
    const reopened = async (): Promise<VaultPage> => {
      const { env, blob } = saved
      return begin(world, (await openVisit(world, person, { purpose: 'replace', env, blob })).handle)
    }
    world.clock.advance(6 * 86_400_000)
    expect((await reopened()).text).toContain('Go back to the former key')
    world.clock.advance(2 * 86_400_000)
    expect((await reopened()).text).not.toContain('Go back to the former key')
  })

  test('serves a consent that still has the older blob', async () => {
    const saved = await add()
    await replacing(saved, account('technician').apiKey)
    expect(await userOf(await world.token(await grantFor(saved)))).toBe(account('technician').userId)
  })

  test('serves after a restart with an empty store', async () => {
    const saved = await add()
    const grant = await grantFor(saved)
    await replacing(saved, account('technician').apiKey)
    await world.restart()
    expect(await userOf(await world.token(grant))).toBe(account('technician').userId)
  })

  test('that fails its test replaces nothing', async () => {
    const saved = await add()
    const token = await world.token(await grantFor(saved))
    const { after } = await replacing(saved, 'not-a-key')
    expect(after.status).toBe(422)
    expect(after.text).toContain('did not accept this key')
    expect(await userOf(token)).toBe(account('planner').userId)
  })

  test('cannot bring another address with it', async () => {
    let asked = 0
    const elsewhere = createServer((_request, response) => {
      asked += 1
      response.end()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const saved = await add()
    const { after } = await replacing(saved, account('technician').apiKey, {
      baseUrl: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/maximo`,
    })
    elsewhere.close()
    expect(after.status).toBe(422)
    expect(asked).toBe(0)
  })

  test('put into the store by its writer, under a newer version or another environment, is never used', async () => {
    const [saved, other] = [await add(), await add()]
    const token = await world.token(await grantFor(saved))
    const key = `cred:${person.sub}:${saved.env}`
    for (const forged of [`9.${saved.blob}`, `9.${other.blob}`, '9.garbage']) {
      world.store.poke(key, forged)
      world.simulator.requests.reset()
      expect((await world.whoAmI(token)).status).toBe(500)
      expect(world.simulator.requests()).toBe(0)
    }
    world.store.poke(key, `1.${saved.blob}`)
    expect(await userOf(token)).toBe(account('planner').userId)
  })
})

describe('the test of a connection', () => {
  let closed = 0
  let odd: Server
  beforeAll(async () => {
    odd = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<html>router</html>'),
    )
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
    expectRequestsAt(`http://127.0.0.1:${(odd.address() as AddressInfo).port}`)
    closed = await import('../support/ports.ts').then(({ freePort }) => freePort())
  })
  afterAll(() => odd.close())

  test('hosts that cannot be reached, that refuse, and that are no Maximo get one wording', async () => {
    const addresses = [
      `http://127.0.0.1:${closed}/maximo`,
      `http://127.0.0.1:${(odd.address() as AddressInfo).port}/maximo`,
      'https://nowhere.invalid/maximo',
    ]
    const texts = await Promise.all(
      addresses.map(async (baseUrl) => {
        const { page } = await adding({ baseUrl })
        expect(page.status).toBe(422)
        return /role="alert"[^>]*>(.*?)<\/div>/s.exec(page.text)?.[1]
      }),
    )
    expect(new Set(texts)).toEqual(new Set([texts[0]]))
    expect(texts[0]).toContain('could not be reached')
  })

  test.each([
    'http://maximo.example.com/maximo',
    'https://user:pw@maximo.example.com/maximo',
    'https://169.254.169.254/maximo',
    'https://10.0.0.5/maximo',
    'https://2130706433/maximo',
    'https://maximo.example.com/maximo?x=1',
    'javascript:alert(1)',
  ])('%s is refused before anybody is asked', async (baseUrl) => {
    const { page } = await adding({ baseUrl })
    expect(page.status).toBe(422)
    expect((await world.audited()).slice(-2).map((event) => event['eventType'])).not.toContain('vault.tested')
  })

  test('ten in ten minutes, then the owner waits; another owner does not', async () => {
    for (let n = 0; n < 10; n += 1) expect((await adding({ key: 'wrong' })).page.status).toBe(422)
    expect((await adding()).page.status).toBe(429)
    person = { sub: `user_${randomId()}`, sid: 'sess_1' }
    expect((await adding()).page.status).toBe(200)
  })

  test('a user name and a password work as well as a key', async () => {
    const { userId, password } = account('planner')
    const { page, take } = await adding({ method: 'maxauth', user: userId, key: password })
    expect(page.status).toBe(200)
    expect(await userOf(await world.token(await grantFor(await taken(take))))).toBe(userId)
    expect((await adding({ method: 'maxauth', user: '', key: 'no-colon' })).page.status).toBe(422)
  })

  test('each is in the audit log with host and outcome, and without the key', async () => {
    await adding({ key: 'canary-key-9185' })
    const events = (await world.audited()).slice(-2)
    expect(events.map((event) => [event['eventType'], event['outcome'], event['reason']])).toEqual([
      ['vault.tested', 'refused', 'credential_rejected'],
      ['credential.saved', 'refused', 'credential_rejected'],
    ])
    expect(JSON.stringify(events)).not.toContain('canary-key-9185')
    expect(events[0]?.['masInstance']).toBe(new URL(world.simulator.baseUrl).host)
  })

  test('one that is kept is announced in the audit log before it is, and every announcement has its outcome', async () => {
    const { page } = await adding()
    expect(page.status).toBe(200)
    const events = (await world.audited()).slice(-3)
    expect(events.map((event) => [event['eventType'], event['outcome']])).toEqual([
      ['vault.tested', 'success'],
      ['credential.saved', 'intent'],
      ['credential.saved', 'success'],
    ])
    expect(events[1]?.['correlationId']).toBe(events[2]?.['correlationId'])
  })
})

describe('a removed environment', () => {
  const remove = async ({ env, blob }: Taken): Promise<{ page: Answer; take: string }> => {
    const visit = await openVisit(world, person, { purpose: 'remove', env, blob, label: 'Plant' })
    const first = await begin(world, visit.handle)
    expect(first.text).toContain(new URL(world.simulator.baseUrl).host)
    return { page: await settle('/vault/remove', first, first), take: visit.take }
  }

  test('ends every connection to it at once, and no other', async () => {
    const [saved, other] = [await add(), await add()]
    const [token, kept] = [await world.token(await grantFor(saved)), await world.token(await grantFor(other))]
    expect((await world.rpc(token)).status).toBe(200)
    const { page, take } = await remove(saved)
    expect(page.status).toBe(200)
    expect((await world.rpc(token)).status).toBe(401)
    expect((await world.rpc(kept)).status).toBe(200)
    expect(await taken(take)).toEqual({ state: 'removed', env: saved.env })
  })

  test('does not come back with a blob that somebody kept', async () => {
    const saved = await add()
    await remove(saved)
    world.clock.advance(60_000)
    const ask = await world.grantAsk(person, { env: saved.env, blob: saved.blob })
    expect(await world.call(grantAttest.path, ask)).toMatchObject({
      status: 422,
      json: { error: 'environment_removed' },
    })
    await world.restart()
    const again = await world.grantAsk(person, { env: saved.env, blob: saved.blob })
    expect((await world.call(grantAttest.path, again)).json).toEqual({ error: 'environment_removed' })
  })
})
