import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { refusalOf, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const old = runningPlant({ version: '7.6.1' })
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const passwordOf = (user: string): string => plant.simulator.accounts.of(user).password
const whoAmI = (authorization: string, context: 'api' | 'oslc' = 'oslc', on = plant): Promise<Answered> =>
  on.ask('whoami', {}, { as: null, context, headers: { authorization } })

const token = async (
  form: Record<string, string>,
  authorization?: string,
  on = plant,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const { statusCode, body } = await request(`${on.simulator.url}/idp/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: new URLSearchParams(form).toString(),
  })
  return { status: statusCode, body: (await body.json()) as Record<string, unknown> }
}

describe('HTTP Basic', () => {
  test('opens /oslc with a session, and never /api', async () => {
    const answered = await whoAmI(basic('SAM', passwordOf('SAM')))
    expect([answered.status, answered.json['userName']]).toEqual([200, 'SAM'])
    const cookie = String(answered.headers['set-cookie']).split(';')[0] ?? ''
    const again = await plant.ask('whoami', {}, { as: null, context: 'oslc', headers: { cookie } })
    expect(again.json['userName']).toBe('SAM')
    expect(refusalOf(await whoAmI(basic('SAM', passwordOf('SAM')), 'api'))).toEqual([
      401,
      'BMXAA0021E',
      '401',
    ])
  })
  test.each([
    ['a wrong password', basic('SAM', 'wrong-password'), 'BMXAA7901E'],
    ['no colon', `Basic ${Buffer.from('SAM').toString('base64')}`, 'BMXAA7901E'],
    ['another scheme', 'Digest abc', 'BMXAA0021E'],
    ['a bearer that was never issued', 'Bearer abc', 'BMXAA0021E'],
    ['no credentials', 'Basic', 'BMXAA0021E'],
  ])('with %s is refused', async (_name, authorization, code) => {
    expect(refusalOf(await whoAmI(authorization))).toEqual([401, code, '401'])
  })
})

describe('a bearer', () => {
  const client = (user: string): string => basic(user, encodeURIComponent(passwordOf(user)))

  test('for a client’s own credentials opens /oslc until it ends, and never /api', async () => {
    const { status, body } = await token({ grant_type: 'client_credentials' }, client('WILSON'))
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 },
    ])
    const bearer = `Bearer ${String(body['access_token'])}`
    const answered = await whoAmI(bearer)
    expect([answered.json['userName'], answered.headers['set-cookie']]).toEqual(['WILSON', undefined])
    expect((await whoAmI(bearer, 'api')).status).toBe(401)
    plant.clock.now += 3_599_999
    expect((await whoAmI(bearer)).status).toBe(200)
    plant.clock.now += 1
    expect(refusalOf(await whoAmI(bearer))).toEqual([401, 'BMXAA0021E', '401'])
  })

  test('for a refresh token comes with the next one; the old one is used up', async () => {
    const first = plant.simulator.accounts.refreshToken('technician@example.com')
    const form = { grant_type: 'refresh_token', refresh_token: first }
    const { body } = await token(form, client('SAM'))
    expect((await whoAmI(`Bearer ${String(body['access_token'])}`)).json['userName']).toBe('SAM')
    expect(await token(form, client('SAM'))).toEqual({ status: 400, body: { error: 'invalid_grant' } })
    const next = { ...form, refresh_token: String(body['refresh_token']) }
    expect((await token(next, client('SAM'))).status).toBe(200)
  })

  test('is not given to a wrong client, or for another grant', async () => {
    const grant = { grant_type: 'client_credentials' }
    expect(await token(grant, basic('SAM', 'wrong-password'))).toEqual({
      status: 401,
      body: { error: 'invalid_client' },
    })
    expect((await token(grant)).status).toBe(401)
    const posted = { ...grant, client_id: 'SAM', client_secret: passwordOf('SAM') }
    expect((await token(posted)).status).toBe(200)
    const other = { ...posted, grant_type: 'password' }
    expect(await token(other)).toEqual({ status: 400, body: { error: 'unsupported_grant_type' } })
  })

  test('means nothing to 7.6.1', async () => {
    const authorization = basic('SAM', old.simulator.accounts.of('SAM').password)
    const { body } = await token({ grant_type: 'client_credentials' }, authorization, old)
    expect((await whoAmI(`Bearer ${String(body['access_token'])}`, 'oslc', old)).status).toBe(401)
    expect((await whoAmI(authorization, 'oslc', old)).status).toBe(200)
  })
})
