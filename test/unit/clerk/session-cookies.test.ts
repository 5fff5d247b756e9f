import { describe, expect, test } from 'vitest'
import { readInstance } from '../../../src/portal/clerk/instance.ts'
import { clearedCookies, hardened, readSessionCookies } from '../../../src/portal/session/session-cookies.ts'

const instance = readInstance(`pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`)
const suffix = instance.cookieSuffix

describe('cookies from Clerk', () => {
  test('become unreadable for scripts, and Secure where the portal is https', () => {
    const directive = '__session=abc; Path=/; SameSite=Lax'
    expect(hardened([directive], 'http://localhost:8080')).toEqual([`${directive}; HttpOnly`])
    expect(hardened([directive], 'https://portal.example.com')).toEqual([`${directive}; HttpOnly; Secure`])
  })

  test('get SameSite=Lax when Clerk names none, and keep what they have', () => {
    expect(hardened(['__client_uat=1; path=/; HTTPONLY; secure'], 'https://x.example')).toEqual([
      '__client_uat=1; path=/; HTTPONLY; secure; SameSite=Lax',
    ])
  })

  test('a value that contains the name of an attribute does not count as one', () => {
    expect(hardened(['__session=httponly; Path=/; SameSite=Lax'], 'http://localhost')).toEqual([
      '__session=httponly; Path=/; SameSite=Lax; HttpOnly',
    ])
  })

  test('names that are not Clerk’s are dropped', () => {
    const foreign = ['__Host-mx_consent=x; Path=/', 'other=1', '__sessionx', ' __session=1']
    expect(hardened(foreign, 'https://x.example')).toEqual([])
  })
})

test('a cookie header is read by exact names, the suffixed token first, values with = whole', () => {
  const header = `__session=plain; __session_${suffix}=own; __session_other=foreign; __refresh_${suffix}=r=s; __refresh=no; __clerk_db_jwt=dvb`
  expect(readSessionCookies(header, instance)).toEqual({
    tokens: ['own', 'plain'],
    refresh: 'r=s',
    devBrowser: 'dvb',
  })
  expect(readSessionCookies(undefined, instance)).toEqual({ tokens: [], refresh: null, devBrowser: null })
})

test('clearing forgets token and refresh token and says signed out, and leaves the browser its identity', () => {
  const names = clearedCookies(instance, 'https://x.example').map((directive) => directive.split(';')[0])
  expect(names).toEqual([
    '__session=',
    `__session_${suffix}=`,
    `__refresh_${suffix}=`,
    '__client_uat=0',
    `__client_uat_${suffix}=0`,
  ])
})
