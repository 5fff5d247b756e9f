import { describe, expect, test } from 'vitest'
import { breachesOf } from '../../../src/dev/simulator/wire/wire-rules.ts'

const OURS: Readonly<Record<string, string>> = {
  host: 'maximo.example.com',
  'user-agent': 'maximo-mcp',
  'x-public-uri': 'https://maximo.example.com/maximo/api',
  apikey: 'secret-key',
}
interface Sent {
  readonly method?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly more?: readonly string[]
}

/** The rules that a request of the product would break with something about it changed. */
const broken = ({ method = 'GET', target = '/maximo/api/os/mxapiasset?lean=1', ...sent }: Sent) => {
  const headers = Object.entries({ ...OURS, ...sent.headers }).flat()
  const rawHeaders = [...headers, ...(sent.more ?? [])]
  return breachesOf({ method, target, rawHeaders }).map(({ rule }) => rule)
}
const asking = (query: string) => broken({ target: `/maximo/api/os/mxapiwodetail?lean=1&${query}` })
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/['()!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
const where = (clause: string) => asking(`oslc.where=${encoded(clause)}`)

describe('what a careful client sends breaks nothing', () => {
  test.each([
    ['a read', {}],
    ['a merge', { method: 'POST', headers: { 'x-method-override': 'PATCH', patchtype: 'MERGE' } }],
    ['a lookup', { target: '/maximo/api/os/mxapiasset/_QkVERk9SRC8xMTQzMA--/getlist~status?lean=1' }],
    ['a record', { target: '/maximo/api/os/mxapiasset/_QkVERk9SRC8xMTQzMA--?lean=1' }],
    ['a session without a key', { headers: { apikey: '' }, target: '/maximo/oslc/whoami?lean=1' }],
  ])('%s', (_name, sent) => {
    expect(broken(sent)).toEqual([])
  })

  test.each([
    'oslc.select=wonum%2Casset.description&oslc.orderBy=%2Bwonum&oslc.pageSize=20',
    'oslc.select=*&savedQuery=X&sqp:site=%22A%22',
    'mxapiwodetail.woactivity.where=taskid%3D10',
  ])('%s', (query) => {
    expect(asking(query)).toEqual([])
  })

  test.each([
    'status="APPR"',
    'status in ["A","B"] and wopriority>=1',
    'asset.description="%PUMP%"',
    'woactivity{taskid=10 and status="APPR"}',
    'description="x\' OR 1=1 --; & < é 中 🔧"',
  ])('%s', (clause) => {
    expect(where(clause)).toEqual([])
  })
})

describe('each rule finds what it is about', () => {
  test.each<[string, Sent, readonly string[]]>([
    ['a key and a password', { headers: { maxauth: 'x' } }, ['proof']],
    ['a key and a bearer', { headers: { authorization: 'Bearer x' } }, ['proof']],
    ['two keys', { more: ['apikey', 'other'] }, ['proof']],
    ['a key in the address', { target: '/maximo/api/whoami?lean=1&apikey=x' }, ['proof']],
    ['a key and a cookie', { headers: { cookie: 'JSESSIONID=1' } }, ['cookie']],
    ['another host', { headers: { host: 'evil.example' } }, ['host']],
    ['another port', { headers: { host: 'maximo.example.com:8443' } }, ['host']],
    ['two hosts', { more: ['Host', 'evil.example'] }, ['host']],
    ['no word of where it belongs', { headers: { 'x-public-uri': '' } }, ['host']],
    ['a path upwards', { target: '/maximo/api/os/../admin?lean=1' }, ['escape']],
    ['a path parameter', { target: '/maximo/api/os;jsessionid=1?lean=1' }, ['escape']],
    ['an encoded slash', { target: '/maximo/api/os%2Fx?lean=1' }, ['escape']],
    ['a whole address', { target: 'http://evil.example/maximo/api/os?lean=1' }, ['escape']],
    ['the mark of a hand-made request', { headers: { 'x-simulator-probe': '1' } }, ['probe']],
  ])('%s', (_name, sent, rules) => {
    expect(broken(sent)).toEqual(rules)
  })

  test.each([
    ['oslc.where=status="APPR"', ['escape']],
    ['oslc.where=a%3D1+and+b%3D2', ['escape']],
    ['oslc.select=a%2cb', ['escape']],
    ["oslc.where=status%3D'A'", ['escape', 'clause']],
    ['oslc.select=wonum&oslc.select=*', ['escape']],
    ['oslc.searchTerms=é', ['escape']],
    ['x#y', ['escape']],
  ])('%s', (query, rules) => {
    expect(asking(query)).toEqual(rules)
  })

  test.each([
    'status="APPR" or 1=1',
    '(status="APPR")',
    'status="A"B"',
    'status="A" --',
    "status='A'",
    'status="A\nB"',
    'status="A\\"',
    'changeby="&USERNAME&"',
    'status="',
    '',
  ])('the clause %j', (clause) => {
    expect(where(clause)).toEqual(['clause'])
    expect(asking(`po.poline.where=${encoded(clause)}`)).toEqual(['clause'])
  })

  test.each([
    [{ 'x-method-override': 'PATCH' }],
    [{ 'x-method-override': 'patch', patchtype: 'AddChange' }],
    [{ 'x-method-override': 'PATCH', patchtype: '' }],
    [{ 'x-method-override': 'SYNC' }],
    [{ 'x-method-override': 'BULK' }],
  ])('a PATCH by %j', (headers) => {
    expect(broken({ method: 'POST', headers })).toEqual(['merge'])
  })

  test('a cookie, unless it is all there is in a walk through a kept answer, or at its end', () => {
    const { apikey = '', ...unproven } = OURS
    const withCookie = (target: string, more: Record<string, string> = {}) =>
      breachesOf({
        ...{ method: 'GET', target: `/maximo/oslc/${target}` },
        rawHeaders: Object.entries({ ...unproven, cookie: 'JSESSIONID=1', ...more }).flat(),
      }).map(({ rule }) => rule)
    const walk = 'os/mxapiasset?pageno=2&lean=1&stableId=1'
    expect(withCookie(walk)).toEqual([])
    expect(withCookie('logout?lean=1')).toEqual([])
    expect(withCookie(walk, { apikey })).toEqual(['cookie'])
    expect(withCookie('os/mxapiasset?lean=1')).toEqual(['cookie'])
  })

  test('a PATCH by its method, and by two overrides', () => {
    expect(broken({ method: 'PATCH' })).toEqual(['merge'])
    expect(broken({ method: 'PATCH', headers: { patchtype: 'MERGE' } })).toEqual([])
    const twice = ['x-method-override', 'SYNC', 'x-method-override', 'PATCH', 'patchtype', 'MERGE']
    expect(broken({ method: 'POST', more: twice })).toEqual(['merge'])
  })

  test('of a hand-made request is asked nothing, and no key is repeated', () => {
    const probe = { 'x-simulator-probe': '1', 'user-agent': 'curl', cookie: 'a=b', host: 'x' }
    expect(broken({ headers: probe })).toEqual([])
    const target = '/maximo/api/whoami?apikey=secret-key&lean=1'
    const [breach] = breachesOf({ method: 'GET', target, rawHeaders: [] })
    expect(breach?.request).toBe('GET /maximo/api/whoami?apikey=…&lean=1')
  })
})
