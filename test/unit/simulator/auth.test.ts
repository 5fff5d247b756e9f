import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { HandClock, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const trusting = runningPlant({
  rules: { apiTakesMaxauth: true, oslcTakesApiKey: false, invalidKeyStatus: 401 },
})

const basic = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`).toString('base64')
const maxauth = (on = plant, user = 'WILSON'): Record<string, string> => ({
  maxauth: basic(user, on.simulator.accounts.of(user).password),
})
const refused = ({ status, json }: Answered): unknown => [
  status,
  json.Error.reasonCode,
  json.Error.statusCode,
]
const cookieOf = ({ headers }: Answered): string => String(headers['set-cookie']).split(';')[0] ?? ''

describe('/api', () => {
  test('takes an API key, in the header or the query', async () => {
    expect((await plant.ask('whoami')).json['userName']).toBe('WILSON')
    const { apiKey } = plant.simulator.accounts.of('SAM')
    expect((await plant.ask('whoami', { apikey: apiKey }, { as: null })).json['userName']).toBe('SAM')
  })
  test('refuses no credential, and maxauth', async () => {
    expect(refused(await plant.ask('whoami', {}, { as: null }))).toEqual([401, 'BMXAA0021E', '401'])
    expect(refused(await plant.ask('whoami', {}, { as: null, headers: maxauth() }))).toEqual([
      401,
      'BMXAA0021E',
      '401',
    ])
  })
  test('takes maxauth on an instance that is set so', async () => {
    const asking = { as: null, headers: maxauth(trusting) }
    expect((await trusting.ask('whoami', {}, asking)).status).toBe(200)
  })
  test('refuses a wrong key with BMXAA9549E: 400, or 401 where the instance says so', async () => {
    const asking = { as: null, headers: { apikey: 'f'.repeat(40) } }
    expect(refused(await plant.ask('whoami', {}, asking))).toEqual([400, 'BMXAA9549E', '400'])
    expect(refused(await trusting.ask('whoami', {}, asking))).toEqual([401, 'BMXAA9549E', '401'])
  })
})

describe('/oslc', () => {
  test('takes maxauth on every request', async () => {
    const asking = { as: null, context: 'oslc', headers: maxauth() } as const
    expect((await plant.ask('whoami', {}, asking)).json['userName']).toBe('WILSON')
  })
  test.each([
    ['a wrong password', basic('WILSON', 'wrong-password')],
    ['an unknown user', basic('NOBODY', 'wrong-password')],
    ['no colon', Buffer.from('WILSON').toString('base64')],
    ['what is no base64', '***'],
  ])('refuses maxauth with %s as BMXAA7901E', async (_name, value) => {
    const answered = await plant.ask('whoami', {}, { as: null, context: 'oslc', headers: { maxauth: value } })
    expect(refused(answered)).toEqual([401, 'BMXAA7901E', '401'])
  })
  test('refuses no credential', async () => {
    expect(refused(await plant.ask('whoami', {}, { as: null, context: 'oslc' }))).toEqual([
      401,
      'BMXAA0021E',
      '401',
    ])
  })
  test('takes an API key, but not under app-server security', async () => {
    expect((await plant.ask('whoami', {}, { context: 'oslc' })).status).toBe(200)
    expect((await trusting.ask('whoami', {}, { context: 'oslc' })).status).toBe(401)
  })
  test('keeps a session after login until logout', async () => {
    const asking = { as: null, context: 'oslc', method: 'POST' } as const
    const login = await plant.ask('login', {}, { ...asking, headers: maxauth() })
    expect(login.json).toMatchObject({ appserversecurity: false, maxupg: expect.any(String) })
    expect(login.headers).not.toHaveProperty('csrftoken')
    const session = { as: null, context: 'oslc', headers: { cookie: cookieOf(login) } } as const
    expect((await plant.ask('whoami', {}, session)).json['userName']).toBe('WILSON')
    await plant.ask('logout', {}, { ...session, method: 'POST' })
    expect((await plant.ask('whoami', {}, session)).status).toBe(401)
  })
  test('ends an idle session', async () => {
    const login = await plant.ask('login', {}, { as: null, context: 'oslc', headers: maxauth() })
    const session = { as: null, context: 'oslc', headers: { cookie: cookieOf(login) } } as const
    plant.clock.now += 30 * 60_000
    expect((await plant.ask('whoami', {}, session)).status).toBe(200)
    plant.clock.now += 30 * 60_000 + 1
    expect(refused(await plant.ask('whoami', {}, session))).toEqual([401, 'BMXAA0021E', '401'])
  })
})

describe('a session that asked for a CSRF token', () => {
  const login = async (parameters: Record<string, string>, headers: Record<string, string>) => {
    const answered = await trusting.ask('login', parameters, {
      ...({ as: null, context: 'oslc', method: 'POST', headers } as const),
    })
    return { cookie: cookieOf(answered), token: String(answered.headers['csrftoken']) }
  }
  const create = (headers: Record<string, string>) =>
    trusting.post(
      'os/mxapisr',
      { description: 'Leak', siteid: 'BEDFORD' },
      { as: null, context: 'oslc', headers },
    )

  test('shows it in every write, and in no read', async () => {
    const { cookie, token } = await login({ csrf: '1' }, maxauth(trusting))
    const another = await login({ csrf: '1' }, maxauth(trusting))
    expect(token).not.toBe(another.token)
    for (const shown of [{}, { csrftoken: another.token }, { csrftoken: '' }, { 'x-csrf-token': token }])
      expect(refused(await create({ cookie, ...shown }))).toEqual([403, null, '403'])
    expect((await create({ cookie, csrftoken: token })).status).toBe(201)
    expect(
      (await trusting.ask('whoami', {}, { as: null, context: 'oslc', headers: { cookie } })).status,
    ).toBe(200)
  })

  test('keeps the one it has, and does not log out without it', async () => {
    const { cookie, token } = await login({ csrf: '1' }, maxauth(trusting))
    expect((await login({ csrf: '1' }, { cookie, csrftoken: token })).token).toBe(token)
    const logout = (headers: Record<string, string>) =>
      trusting.ask(
        'logout',
        {},
        { as: null, context: 'oslc', method: 'POST', headers: { cookie, ...headers } },
      )
    expect((await logout({})).status).toBe(403)
    expect((await logout({ csrftoken: token })).status).toBe(200)
  })

  test('is the only one that needs it: others write without, and so does a credential in each request', async () => {
    const { cookie } = await login({}, maxauth(trusting))
    expect((await create({ cookie })).status).toBe(201)
    await login({ csrf: '1' }, maxauth(trusting))
    expect((await create(maxauth(trusting))).status).toBe(201)
  })
})

describe('the cookie trap', () => {
  test.each(['api', 'oslc'] as const)(
    'on /%s: a replayed cookie of an API-key call counts more than the key',
    async (context) => {
      const first = await plant.ask('whoami', {}, { context })
      expect(cookieOf(first)).toMatch(/^JSESSIONID=/)
      const replayed = await plant.ask('whoami', {}, { context, headers: { cookie: cookieOf(first) } })
      expect(refused(replayed)).toEqual([401, 'BMXAA0021E', '401'])
      expect((await plant.ask('whoami', {}, { context })).status).toBe(200)
    },
  )
  test('an unknown cookie beside a good key does no harm', async () => {
    expect((await plant.ask('whoami', {}, { headers: { cookie: 'JSESSIONID=gone' } })).status).toBe(200)
  })
})

describe('rights', () => {
  const count = async (os: string, as: string): Promise<Answered> =>
    plant.ask(`os/${os}`, { count: '1' }, { as })

  test.each([
    ['planner@example.com', 'mxapisr', 36],
    ['planner@example.com', 'mxapiperson', 23],
    ['admin@example.com', 'mxapilabor', 11],
    ['limited@example.com', 'mxapiasset', 16],
  ])('%s counts every %s it may see', async (as, os, total) => {
    expect((await count(os, as)).json).toEqual({ totalCount: total })
  })
  test.each([
    ['technician@example.com', 'mxapiperson'],
    ['technician@example.com', 'mxapilabor'],
    ['limited@example.com', 'mxapiwodetail'],
  ])('%s is refused %s with 400 BMXAA9301E, for rows, counts and schemas', async (as, os) => {
    expect(refused(await count(os, as))).toEqual([400, 'BMXAA9301E', '400'])
    expect(refused(await plant.ask(`jsonschemas/${os}`, {}, { as }))).toEqual([400, 'BMXAA9301E', '400'])
    expect((await count(os, as)).json.Error.message).toContain(os.toUpperCase())
  })
  test('records of another site are not there, by query or by id', async () => {
    const orders = await plant.ask('os/mxapiwodetail', { distinct: 'siteid' }, { as: 'SAM' })
    expect(orders.json).toEqual(['BEDFORD'])
    const nashua = plant.oracle.rows('ASSET', (row) => row['siteid'] === 'NASHUA')[0]
    const path = `os/mxapiasset/${String(nashua?.['assetuid'])}`
    expect((await plant.ask(path, {}, { as: 'SAM' })).status).toBe(404)
    expect((await plant.ask(path, {}, { as: 'WILSON' })).status).toBe(200)
  })
  test('rows without a site are everyone’s', async () => {
    expect((await count('mxapisynonymdomain', 'LIMITED')).json.totalCount).toBe(
      plant.oracleOf('NASHUA').count('SYNONYMDOMAIN'),
    )
  })
  test('an object structure that does not exist is 404 BMXAA4216E', async () => {
    expect(refused(await count('mxapinosuch', 'WILSON'))).toEqual([404, 'BMXAA4216E', '404'])
  })
})

describe('keys', () => {
  let dataDir = ''
  beforeEach(async () => (dataDir = await mkdtemp(join(tmpdir(), 'simulator-'))))
  afterEach(() => rm(dataDir, { recursive: true }))
  const start = (): ReturnType<typeof startSimulator> =>
    startSimulator({ port: 0, clock: new HandClock(), dataDir })

  test('a regenerated key works and the old one is refused, other users are untouched', async () => {
    const old = plant.simulator.accounts.of('technician@example.com').apiKey
    const other = plant.simulator.accounts.of('admin@example.com').apiKey
    const fresh = await plant.simulator.accounts.regenerateKey('technician@example.com')
    expect(fresh).not.toBe(old)
    const as = (apikey: string): Promise<Answered> =>
      plant.ask('whoami', {}, { as: null, headers: { apikey } })
    expect(refused(await as(old))).toEqual([400, 'BMXAA9549E', '400'])
    expect((await as(fresh)).json['userName']).toBe('SAM')
    expect((await as(other)).status).toBe(200)
  })

  test('survive a restart, also a regenerated one, in a file for the owner alone', async () => {
    const first = await start()
    await first.accounts.regenerateKey('WILSON')
    const before = first.accounts.all()
    await first.close()
    const second = await start()
    expect(second.accounts.all()).toEqual(before)
    await second.close()
    expect((await stat(join(dataDir, 'accounts.json'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(dataDir, 'accounts.json'), 'utf8')).toContain(before[0]?.apiKey)
  })

  test('a file that is not ours stops the start', async () => {
    await writeFile(join(dataDir, 'accounts.json'), '{"version":2}')
    await expect(start()).rejects.toThrow()
  })

  test('production is refused', async () => {
    await expect(startSimulator({ port: 0, clock: new HandClock(), nodeEnv: 'production' })).rejects.toThrow(
      /production/,
    )
  })
})
