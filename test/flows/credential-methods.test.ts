import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { vaultTake } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { expectRequestsAt } from '../support/wire/hosts.ts'
import { McpWorld, type Person } from '../support/mcp/mcp-world.ts'
import { begin, cookieOf, fieldsOf, openVisit, post } from '../support/browser/vault-browser.ts'
import { PROBE } from '../support/wire/probe.ts'

/** Refresh tokens that are good, the newest alone; each use replaces it. */
interface Provider {
  refreshToken: string
  readonly asked: URLSearchParams[]
  readonly bearers: (string | undefined)[]
  readonly url: string
  readonly server: Server
}

const read = async (from: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = []
  for await (const chunk of from) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

/** What stands before the simulator takes bearers and LDAP users, and knows the planner by them. */
async function forward(from: IncomingMessage, to: ServerResponse): Promise<void> {
  const { origin } = new URL(world.simulator.baseUrl)
  const path = (from.url ?? '').replace('/maximo/oslc/', '/maximo/api/')
  const { apiKey } = world.simulator.accounts.of('planner@example.com')
  const answer = await request(`${origin}${path}`, { headers: { ...PROBE, apikey: apiKey } })
  to.writeHead(answer.statusCode, { 'content-type': 'application/json' }).end(await answer.body.text())
}

/** An identity provider that replaces refresh tokens, and a Maximo that takes its bearers and LDAP users. */
async function startProvider(): Promise<Provider> {
  let issued = 0
  const server = createServer((asked, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (asked.url !== '/token') {
      const { authorization } = asked.headers
      provider.bearers.push(authorization)
      const isKnown = authorization === `Bearer access-${issued}` || authorization === LDAP
      if (isKnown) void forward(asked, response)
      else answer(401, { Error: { reasonCode: 'BMXAA7901E' } })
      return
    }
    void read(asked).then((form) => {
      provider.asked.push(form)
      const isGood =
        form.get('grant_type') === 'client_credentials' || form.get('refresh_token') === provider.refreshToken
      if (!isGood) return answer(400, { error: 'invalid_grant' })
      issued += 1
      if (form.has('refresh_token')) provider.refreshToken = `refresh-${issued}`
      return answer(200, {
        access_token: `access-${issued}`,
        token_type: 'Bearer',
        expires_in: 300,
        ...(form.has('refresh_token') ? { refresh_token: provider.refreshToken } : {}),
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const provider: Provider = {
    ...{ refreshToken: 'refresh-0', asked: [], bearers: [], server },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  expectRequestsAt(provider.url)
  return provider
}
/** As Maximo answers who calls. */
const planner = () => world.simulator.accounts.of('planner@example.com').userId
const LDAP = `Basic ${Buffer.from('wilson:secret').toString('base64')}`

let world: McpWorld
let provider: Provider
let person: Person
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())
beforeEach(async () => {
  person = { sub: `user_${randomId()}`, sid: `sess_${randomId()}` }
  world.clock.advance(600_000)
  provider = await startProvider()
  return () => provider.server.close()
})

/** Adds an environment through the vault. */
async function add(form: Record<string, string>) {
  const visit = await openVisit(world, person, { purpose: 'add' })
  const first = await begin(world, visit.handle)
  const page = await post(world, '/vault/save', {
    cookie: cookieOf(first),
    form: { ...fieldsOf(first, '/vault/save'), label: 'Plant', baseUrl: `${provider.url}/maximo`, ...form },
  })
  const taken = (await world.call(vaultTake.path, { take: visit.take, ...person })).json
  return { page, taken: taken as { env: string; blob: string; state: string } }
}
const tokenFor = async ({ env, blob }: { env: string; blob: string }) =>
  world.token(await world.attest(person, { env, blob }))

describe('a credential typed at the vault', () => {
  test('of an LDAP user serves its connections', async () => {
    const { taken } = await add({ method: 'basic', user: 'wilson', key: 'secret' })
    expect((await world.whoAmI(await tokenFor(taken))).text).toContain(planner())
    expect(new Set(provider.bearers)).toEqual(new Set([LDAP]))
  })

  test('of an OAuth client serves its connections; Maximo never sees the secret', async () => {
    const grant = {
      method: 'oauth',
      tokenUrl: `${provider.url}/token`,
      clientId: 'mcp',
      key: 'client-secret',
    }
    const { taken } = await add(grant)
    expect((await world.whoAmI(await tokenFor(taken))).text).toContain(planner())
    expect(provider.bearers.join()).not.toContain('client-secret')
  })

  test('of a refresh token that its provider replaces lives on, also after a restart', async () => {
    const grant = { method: 'oidc', tokenUrl: `${provider.url}/token`, clientId: 'mcp', key: 'refresh-0' }
    const { taken } = await add(grant)
    const token = await tokenFor(taken)
    expect((await world.whoAmI(token)).text).toContain(planner())
    await world.restart()
    expect((await world.whoAmI(token)).text).toContain(planner())
    const shown = provider.asked.map((form) => form.get('refresh_token'))
    expect(shown).toEqual(shown.map((_, at) => `refresh-${at}`))
    expect(shown.length).toBeGreaterThanOrEqual(3)
  })

  test.each([
    ['a refused client', { method: 'oidc', key: 'refresh-wrong' }, 'did not accept this key'],
    ['no client id', { method: 'oauth', key: 's', clientId: '' }, 'needs is missing'],
    ['no secret', { method: 'oauth', key: '' }, 'needs is missing'],
    [
      'a forbidden provider',
      { method: 'oauth', key: 's', tokenUrl: 'https://10.0.0.1/token' },
      'token endpoint',
    ],
    ['an address of no form', { method: 'oauth', key: 's', tokenUrl: 'login' }, 'token endpoint'],
    [
      'a certificate that nobody offers',
      { method: 'apikey', key: 'k', certificate: 'x'.repeat(43) },
      'certificate',
    ],
    ['a certificate alone, and none chosen', { method: 'certificate' }, 'certificate'],
    ['an unknown method', { method: 'kerberos', key: 'k' }, 'fill in every field'],
  ])('%s is refused, and the form keeps all but the secrets', async (_name, form, problem) => {
    const typed = {
      tokenUrl: `${provider.url}/token`,
      clientId: 'my-client',
      clientSecret: 'hidden-secret',
      ...form,
    }
    const { page, taken } = await add(typed)
    expect(page.status).toBe(422)
    expect(page.text).toContain(problem)
    expect(page.text).not.toContain('hidden-secret')
    expect(taken.state).toBe('pending')
  })
})
