import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/kernel/secret.ts'
import {
  clerkConfig,
  clerkFormTargets,
  clerkProblems,
  type ClerkSettings,
} from '../../../src/portal/clerk/clerk-config.ts'
import { readInstance } from '../../../src/portal/clerk/instance.ts'

const key = (frontendApi: string, prefix = 'pk_live_'): string =>
  prefix + Buffer.from(`${frontendApi}$`).toString('base64')
const pem = (modulusLength: number): string =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ type: 'spki', format: 'pem' }).toString()

const REAL: ClerkSettings = {
  publishableKey: key('clerk.example.com'),
  secretKey: new Secret('sk_live_x'),
  jwtKey: pem(2048),
}

describe('real Clerk', () => {
  test('needs two variables; the rest is derived', () => {
    const config = clerkConfig({ publishableKey: REAL.publishableKey, secretKey: REAL.secretKey })
    expect(config).toMatchObject({
      apiUrl: 'https://api.clerk.com',
      proxyUrl: null,
      jwtKey: null,
      signInUrl: 'https://accounts.example.com/sign-in',
      instance: {
        kind: 'production',
        issuer: 'https://clerk.example.com',
        frontendOrigin: 'https://clerk.example.com',
      },
    })
    expect(clerkProblems(REAL, { production: true })).toEqual([])
  })

  test('a development instance has its account portal beside it', () => {
    const config = clerkConfig({ ...REAL, publishableKey: key('foo-bar-13.clerk.accounts.dev', 'pk_test_') })
    expect(config.instance.kind).toBe('development')
    expect(config.signInUrl).toBe('https://foo-bar-13.accounts.dev/sign-in')
  })

  test('a form may lead to the frontend API and to the sign-in page, each named once', () => {
    expect(clerkFormTargets(clerkConfig(REAL))).toEqual([
      'https://clerk.example.com',
      'https://accounts.example.com',
    ])
    const local = { ...REAL, proxyUrl: 'http://localhost:8082', signInUrl: 'http://localhost:8082/sign-in' }
    expect(clerkFormTargets(clerkConfig(local))).toEqual(['http://localhost:8082'])
  })

  test('behind a proxy the browser goes to the proxy, and tokens keep their issuer', () => {
    const { instance } = clerkConfig({ ...REAL, proxyUrl: 'https://portal.example.com/__clerk/' })
    expect(instance).toMatchObject({
      frontendUrl: 'https://portal.example.com/__clerk',
      frontendOrigin: 'https://portal.example.com',
      issuer: 'https://clerk.example.com',
    })
  })
})

describe('production refuses', () => {
  const problems = (change: Partial<ClerkSettings>, production = true) =>
    clerkProblems({ ...REAL, ...change }, { production }).map(([variable]) => variable)

  test.each([
    [
      'a development instance',
      { publishableKey: key('clerk.example.com', 'pk_test_') },
      'CLERK_PUBLISHABLE_KEY',
    ],
    ['a backend on loopback', { apiUrl: 'http://127.0.0.1:8082' }, 'CLERK_API_URL'],
    ['a backend on loopback by https', { apiUrl: 'https://127.9.9.9' }, 'CLERK_API_URL'],
    ['a backend on IPv6 loopback', { apiUrl: 'https://[::1]:8082' }, 'CLERK_API_URL'],
    ['a backend on the mapped loopback', { apiUrl: 'https://[::ffff:127.0.0.1]' }, 'CLERK_API_URL'],
    ['a backend on 0.0.0.0', { apiUrl: 'https://0.0.0.0' }, 'CLERK_API_URL'],
    ['a backend without https', { apiUrl: 'http://api.clerk.com' }, 'CLERK_API_URL'],
    ['a frontend on localhost', { proxyUrl: 'https://localhost:8082' }, 'CLERK_PROXY_URL'],
    ['a frontend under localhost', { proxyUrl: 'https://clerk.localhost.' }, 'CLERK_PROXY_URL'],
    ['a sign-in page on localhost', { signInUrl: 'http://localhost:8082/sign-in' }, 'CLERK_SIGN_IN_URL'],
  ])('%s; elsewhere it is fine', (_name, change, variable) => {
    expect(problems(change)).toEqual([variable])
    expect(problems(change, false)).toEqual([])
  })

  test('addresses of Clerk are fine', () => {
    expect(
      problems({ apiUrl: 'https://api.clerk.com', signInUrl: 'https://accounts.example.com/sign-in' }),
    ).toEqual([])
  })
})

describe('everywhere', () => {
  test.each([
    ['no dot', key('localhost:4010')],
    ['a scheme', key('http://clerk.example.com')],
    ['a path', key('clerk.example.com/x')],
    ['no end mark', `pk_live_${Buffer.from('clerk.example.com').toString('base64')}`],
    ['two end marks', `pk_live_${Buffer.from('clerk.example.com$$').toString('base64')}`],
    ['another kind', key('clerk.example.com', 'pk_prod_')],
    ['a fourth part', `${key('clerk.example.com')}_x`],
    ['nothing', ''],
  ])('a publishable key with %s is refused, and not quoted', (_name, publishableKey) => {
    expect(clerkProblems({ ...REAL, publishableKey }, { production: false })).toEqual([
      ['CLERK_PUBLISHABLE_KEY', 'is not a publishable key'],
    ])
    expect(() => readInstance(publishableKey)).toThrow(/^CLERK_PUBLISHABLE_KEY is not a publishable key$/)
  })

  test('a pinned key must be RSA-2048: the library would refuse every token of another', () => {
    for (const jwtKey of [pem(3072), 'nonsense', pem(2048).replace('PUBLIC', 'PRIVATE')])
      expect(clerkProblems({ ...REAL, jwtKey }, { production: false })).toHaveLength(1)
    for (const jwtKey of [pem(2048), pem(2048).trim(), pem(2048).replaceAll('\n', '\r\n')])
      expect(clerkProblems({ ...REAL, jwtKey }, { production: false })).toEqual([])
  })
})
