import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Standin, type StandinOptions, startStandin } from '../../../src/dev/standin/standin.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { PageClient } from '../../support/browser/page-client.ts'

const PORTAL = 'http://localhost:18080'

let standin: Standin
let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'standin-'))
  standin = await startStandin(options())
})
afterAll(() => standin.close())

function options(change: Partial<StandinOptions> = {}): StandinOptions {
  return { port: 0, dataDir, clock: systemClock, portalOrigins: [PORTAL], ...change }
}
const backend = (path: string, init: RequestInit = {}, key = standin.config.secretKey): Promise<Response> =>
  fetch(standin.config.apiUrl + path, {
    ...init,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  })
const codeOf = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { errors: { code: string }[] }).errors[0]?.code

describe('where it may run', () => {
  test('production is refused', async () => {
    await expect(startStandin(options({ nodeEnv: 'production' }))).rejects.toThrow(
      'does not run in production',
    )
  })

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('%s is refused: loopback only', async (host) => {
    await expect(startStandin(options({ host }))).rejects.toThrow('loopback only')
  })

  test('a taken port is reported by its code', async () => {
    const port = Number(new URL(standin.url).port)
    await expect(startStandin(options({ port }))).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('health answers without a key', async () => {
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(standin.config.apiUrl + path)).status).toBe(200)
  })
})

describe('what is kept', () => {
  test('one file that only its owner can read, and no half-written one', async () => {
    expect(await readdir(dataDir)).toEqual(['state.json'])
    expect((await stat(join(dataDir, 'state.json'))).mode & 0o777).toBe(0o600)
  })

  test('keys, secrets and accounts are the same after a restart', async () => {
    const again = await startStandin(options())
    expect(again.accounts).toEqual(standin.accounts)
    expect(again.config.secretKey).toBe(standin.config.secretKey)
    expect(again.config.jwtKey).toBe(standin.config.jwtKey)
    await again.close()
  })

  test('many changes at once leave the last state on disk', async () => {
    const id = standin.accounts[0]?.userId ?? ''
    const changes = Array.from({ length: 20 }, (_, index) =>
      backend(`/v1/users/${id}/metadata`, {
        method: 'PATCH',
        body: JSON.stringify({ private_metadata: { [`k${index}`]: index } }),
      }),
    )
    for (const answer of await Promise.all(changes)) expect(answer.status).toBe(200)
    const disk = await readFile(join(dataDir, 'state.json'), 'utf8')
    for (let index = 0; index < 20; index += 1) expect(disk).toContain(`"k${index}":${index}`)
  })

  test('the three accounts have the plans that others rely on', () => {
    expect(standin.accounts.map(({ email, plan }) => [email, plan])).toEqual([
      ['planner@example.com', 'pro'],
      ['technician@example.com', 'free'],
      ['admin@example.com', 'enterprise'],
    ])
  })
})

describe('where a browser may be sent', () => {
  const handshake = (redirectUrl: string) =>
    new PageClient().send(
      'GET',
      `${standin.url}/v1/client/handshake?format=nonce&redirect_url=${encodeURIComponent(redirectUrl)}`,
    )
  const signInPage = (redirectUrl: string) =>
    new PageClient().send('GET', `${standin.url}/sign-in?redirect_url=${encodeURIComponent(redirectUrl)}`)
  const signIn = (redirectUrl: string, headers = {}) =>
    new PageClient().send('POST', `${standin.url}/sign-in`, {
      form: { user: 'planner@example.com', redirect_url: redirectUrl },
      headers,
    })

  test('the portal: yes', async () => {
    expect((await handshake(`${PORTAL}/a?b=c`)).headers['location']).toMatch(
      /^http:\/\/localhost:18080\/a\?b=c&/,
    )
    expect((await signInPage(PORTAL)).status).toBe(200)
    expect((await signIn(`${PORTAL}/a`)).headers['location']).toMatch(/^http:\/\/localhost:18080\/a\?/)
  })

  test.each([
    'https://evil.example/',
    'http://localhost:18081/',
    'http://localhost:18080.evil.example/',
    'http://localhost:18080@evil.example/',
    '//localhost:18080/',
    'javascript:alert(1)',
    'nonsense',
    '',
  ])('%s: no, neither by handshake nor by sign-in', async (address) => {
    for (const answer of [await handshake(address), await signInPage(address), await signIn(address)]) {
      expect(answer.headers['location']).toBeUndefined()
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect([400, 403]).toContain(answer.status)
    }
  })

  test('a foreign page cannot send the sign-in form', async () => {
    expect((await signIn(PORTAL, { origin: 'https://evil.example' })).status).toBe(400)
    expect((await signIn(PORTAL, { origin: standin.url })).status).toBe(303)
  })

  test('the sign-in page has one button per account, no password and no script, and escapes the address', async () => {
    const page = await signInPage(`${PORTAL}/?q="><script>`)
    const buttons = [...page.text.matchAll(/<button type="submit" name="user" value="([^"]+)">/g)]
    expect(buttons.map(([, email]) => email)).toEqual(standin.accounts.map(({ email }) => email))
    expect(page.text).not.toMatch(/<script|type="password"/)
    expect(page.headers['content-security-policy']).toContain(`form-action 'self' ${PORTAL}`)
  })

  test('an unknown, banned or locked account does not get in', async () => {
    const unknown = await new PageClient().send('POST', `${standin.url}/sign-in`, {
      form: { user: 'nobody@example.com', redirect_url: PORTAL },
    })
    expect(unknown.status).toBe(403)
    await standin.hooks.ban('planner@example.com')
    expect((await signIn(PORTAL)).status).toBe(403)
    await standin.hooks.unban('planner@example.com')
    expect((await signIn(PORTAL)).status).toBe(303)
    await standin.hooks.lock('planner@example.com')
    expect((await signIn(PORTAL)).status).toBe(403)
    await backend(`/v1/users/${standin.accounts[0]?.userId ?? ''}/unlock`, { method: 'POST' })
    expect((await signIn(PORTAL)).status).toBe(303)
  })
})

describe('the backend API', () => {
  test('answers exactly application/json: with a charset, Clerk’s library would not parse it', async () => {
    const paths = [
      '/v1/jwks',
      '/v1/users',
      '/v1/users/count',
      '/v1/sessions',
      '/v1/users/nobody',
      '/v1/nothing',
    ]
    for (const path of paths)
      expect((await backend(path)).headers.get('content-type')).toBe('application/json')
  })

  test('refuses a missing or wrong key, with the code that the library looks for', async () => {
    for (const key of ['', 'sk_test_wrong']) {
      const [users, keys] = [await backend('/v1/users', {}, key), await backend('/v1/jwks', {}, key)]
      expect([users.status, await codeOf(users)]).toEqual([401, 'authentication_invalid'])
      expect([keys.status, await codeOf(keys)]).toEqual([401, 'clerk_key_invalid'])
    }
  })

  test('a handshake result can be fetched once', async () => {
    const answer = await new PageClient().send(
      'GET',
      `${standin.url}/v1/client/handshake?redirect_url=${encodeURIComponent(PORTAL)}`,
    )
    const nonce =
      new URL(String(answer.headers['location'])).searchParams.get('__clerk_handshake_nonce') ?? ''
    const path = `/v1/clients/handshake_payload?nonce=${nonce}`
    expect((await backend(path)).status).toBe(200)
    expect((await backend(path)).status).toBe(404)
  })

  test('metadata of more than 8 KB is refused, and 8 KB is not', async () => {
    const id = standin.accounts[1]?.userId ?? ''
    const put = (length: number): Promise<Response> =>
      backend(`/v1/users/${id}/metadata`, {
        method: 'PUT',
        body: JSON.stringify({ private_metadata: { a: 'x'.repeat(length) } }),
      })
    expect((await put(8192 - 8)).status).toBe(200)
    expect((await put(8192 - 7)).status).toBe(422)
  })

  test('a body that is not JSON is a 400', async () => {
    const id = standin.accounts[1]?.userId ?? ''
    expect((await backend(`/v1/users/${id}/metadata`, { method: 'PATCH', body: '{' })).status).toBe(400)
  })
})
