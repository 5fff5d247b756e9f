import { describe, expect, test } from 'vitest'
import { readInstance } from '../../../src/portal/clerk/instance.ts'
import { clerkRequest } from '../../../src/portal/session/clerk-request.ts'
import type { PageRequest } from '../../../src/portal/session/sessions.ts'

const ORIGIN = 'https://portal.example.com'
const encoded = Buffer.from('clerk.example.com$').toString('base64')
const [live, development] = [readInstance(`pk_live_${encoded}`), readInstance(`pk_test_${encoded}`)]

const built = (change: Partial<PageRequest> = {}, instance = live, withoutSession = false): Request =>
  clerkRequest(
    { method: 'GET', url: '/page', headers: {}, ...change },
    { publicOrigin: ORIGIN, instance, withoutSession },
  )

describe('the address', () => {
  test.each([
    ['/a?b=c%20d', `${ORIGIN}/a?b=c%20d`],
    ['//evil.example/a', `${ORIGIN}//evil.example/a`],
    ['/\\evil.example', `${ORIGIN}//evil.example`],
    ['http://evil.example/a', `${ORIGIN}/`],
    ['@evil.example/', `${ORIGIN}/`],
    ['.evil.example/', `${ORIGIN}/`],
    [':1234/', `${ORIGIN}/`],
    ['*', `${ORIGIN}/`],
    ['', `${ORIGIN}/`],
  ])('%s stays on the portal', (url, expected) => {
    expect(built({ url }).url).toBe(expected)
    expect(new URL(built({ url }).url).origin).toBe(ORIGIN)
  })
})

describe('the headers', () => {
  test('only what the decision needs is passed', () => {
    const headers = {
      accept: 'text/html',
      cookie: 'a=b',
      'user-agent': 'x',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'none',
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'cloudfront-forwarded-proto': 'http',
      authorization: 'Bearer x',
      referer: 'https://claude.ai/',
      origin: 'https://evil.example',
    }
    expect(Object.fromEntries(built({ headers }).headers)).toEqual({
      accept: 'text/html',
      cookie: 'a=b',
      'user-agent': 'x',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'none',
    })
  })

  test('without the session, the browser’s identity stays', () => {
    const cookie =
      '__session=a; __session_abc=b; __client_uat=1; __clerk_db_jwt=dvb; __refresh_abc=r; other=1'
    expect(built({ headers: { cookie } }, live, true).headers.get('cookie')).toBe(
      ' __client_uat=1; __clerk_db_jwt=dvb; __refresh_abc=r; other=1'.trim(),
    )
  })
})

describe('the protocol in the query', () => {
  const query = '?__clerk_handshake=a&__clerk_handshake_nonce=b&__clerk_db_jwt=c&x=1'

  test('results of a handshake are believed in a GET to a development instance alone', () => {
    expect(built({ url: `/p${query}` }, development).url).toBe(`${ORIGIN}/p${query}`)
    expect(built({ url: `/p${query}` }, live).url).toBe(`${ORIGIN}/p?x=1`)
    expect(built({ url: `/p${query}`, method: 'POST' }, development).url).toBe(`${ORIGIN}/p?x=1`)
  })

  test('the satellite protocol is never spoken', () => {
    const url = '/p?__clerk_redirect_url=https%3A%2F%2Fevil.example&__clerk_synced=false&x=1'
    for (const instance of [live, development]) expect(built({ url }, instance).url).toBe(`${ORIGIN}/p?x=1`)
  })
})
