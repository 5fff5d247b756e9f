import { describe, expect, test } from 'vitest'
import { aQuery } from './support/compiled.ts'
import { aCall, clientFor, faultOf, KEY, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'

const ROW = {
  _rowstamp: '4410021',
  wonum: '2001',
  siteid: 'SIMSITE',
  status: 'APPR',
  status_description: 'Approved',
}
const SITE = { field: 'siteid', op: 'eq', value: 'SIMSITE' }

describe('a page of records', () => {
  test('comes with ids, an exact total and a cursor', async () => {
    const maximo = await scriptedMaximo((request, response) => {
      const root = `http://${request.headers.host ?? ''}/maximo/api/os/mxapiwodetail`
      sendJson(response, {
        member: [{ href: `${root}/_U0lNU0lURS8yMDAx`, ...ROW }],
        href: root,
        responseInfo: {
          href: root,
          pagenum: 1,
          totalCount: 5,
          nextPage: { href: `${root}?pageno=2&lean=1&oslc.pageSize=1` },
        },
      })
    })
    const page = await clientFor(maximo.baseUrl).query(aQuery({ pageSize: 1, count: true }), aCall())
    expect(page).toMatchObject({
      ok: true,
      value: {
        total: 5,
        next: { page: 2 },
        records: [{ id: '_U0lNU0lURS8yMDAx', rowstamp: '4410021', values: { wonum: '2001' } }],
      },
    })
  })

  test('asks with the key, without a cookie, lean, and says how addresses shall begin', async () => {
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { member: [] }, 200, { 'set-cookie': 'JSESSIONID=1' }),
    )
    const client = clientFor(maximo.baseUrl)
    await client.query(aQuery(), aCall())
    await client.query(aQuery({ all: [SITE] }), aCall())
    expect(maximo.seen).toHaveLength(3)
    for (const { line, headers } of maximo.seen) {
      expect(line).toMatch(/^GET \/maximo\/api\/[^?]+\?lean=1/)
      expect(headers).toMatchObject({
        apikey: KEY,
        accept: 'application/json',
        'accept-encoding': 'identity',
        'x-public-uri': `${maximo.baseUrl}/api`,
        'x-correlation-id': 'test-1',
      })
      expect(headers).not.toHaveProperty('cookie')
      expect(headers).not.toHaveProperty('maxauth')
      expect(headers).not.toHaveProperty('authorization')
    }
  })

  test('with a password uses the session route and maxauth alone', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [] }))
    await clientFor(maximo.baseUrl, { method: 'maxauth', credential: 'wilson:pässword' }).query(
      aQuery(),
      aCall(),
    )
    const [first] = maximo.seen
    expect(first?.line).toMatch(/^GET \/maximo\/oslc\//)
    expect(Buffer.from(String(first?.headers['maxauth']), 'base64').toString()).toBe('wilson:pässword')
    expect(first?.headers).not.toHaveProperty('apikey')
  })

  test('carries relation fields under their names, aliased or nested', async () => {
    const rows = [
      { ...ROW, location: 'PH-100', rel0: 'Pump house' },
      { ...ROW, $alias_this_attr$location: 'PH-100', location: { description: 'Pump house' } },
      { ...ROW, location: {} },
    ]
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: rows }))
    const query = aQuery({ select: { fields: ['wonum', 'location.description'] } })
    const page = await clientFor(maximo.baseUrl).query(query, aCall())
    const described = page.ok && page.value.records.map(({ values }) => values['location.description'])
    expect(described).toEqual(['Pump house', 'Pump house', null])
    expect(maximo.seen.at(-1)?.line).toContain('location.description--rel0')
  })

  test('with a bad question asks Maximo nothing but the schema', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [] }))
    const page = await clientFor(maximo.baseUrl).query(aQuery({ select: { fields: ['wonmu'] } }), aCall())
    expect(page).toMatchObject({ ok: false, error: [{ reason: 'unknown_field', suggestions: ['wonum'] }] })
    expect(maximo.asked()).toBe(0)
  })

  test('row addresses outside the environment give no id', async () => {
    const hrefs = [
      'http://evil.test/maximo/api/os/mxapiwodetail/_U0lNU0lURS8yMDAx',
      'oslc/os/mxapiwodetail/../mxapiperson/_QQ',
      'oslc/os/mxapiasset/_U0lNU0lURS8yMDAx',
      'oslc/os/mxapiwodetail/_U0lNU0lURS8yMDAx',
      'http://childkey#V09SS09SREVS',
    ]
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { member: hrefs.map((href) => ({ ...ROW, href })) }),
    )
    const page = await clientFor(maximo.baseUrl).query(aQuery(), aCall())
    expect(page.ok && page.value.records.map(({ id }) => id)).toEqual([
      null,
      null,
      null,
      '_U0lNU0lURS8yMDAx',
      null,
    ])
  })
})

describe('paging', () => {
  const answering = (nextPage: (host: string) => unknown, more: object = {}) =>
    scriptedMaximo((request, response) =>
      sendJson(response, {
        member: [ROW],
        responseInfo: { nextPage: nextPage(request.headers.host ?? ''), ...more },
      }),
    )

  test.each([
    ['relative', () => ({ href: 'oslc/os/mxapiwodetail?pageno=2&lean=1' })],
    ['from the root', () => ({ href: '/maximo/api/os/mxapiwodetail?pageno=2&lean=1' })],
    ['absolute', (host: string) => ({ href: `http://${host}/maximo/oslc/os/mxapiwodetail?pageno=2` })],
  ])('a next page that is %s is followed by its number', async (_name, next) => {
    const maximo = await answering(next)
    const page = await clientFor(maximo.baseUrl).query(aQuery(), aCall())
    expect(page.ok && page.value.next).toEqual({ page: 2 })
  })

  test.each([
    ['on another host', () => ({ href: 'http://evil.test/maximo/api/os/mxapiwodetail?pageno=2' })],
    ['on another port', () => ({ href: 'http://127.0.0.1:1/maximo/api/os/mxapiwodetail?pageno=2' })],
    [
      'on a host that begins alike',
      (host: string) => ({ href: `http://${host}.evil.test/maximo/api/os/x?pageno=2` }),
    ],
    ['behind a user name', (host: string) => ({ href: `http://${host}@evil.test/maximo/api/os/x?pageno=2` })],
    ['without a scheme', () => ({ href: '//evil.test/maximo/api/os/mxapiwodetail?pageno=2' })],
    ['outside the path', (host: string) => ({ href: `http://${host}/maximo/ui/os/mxapiwodetail?pageno=2` })],
    ['above the path', () => ({ href: 'oslc/../../admin?pageno=2' })],
    ['not text', () => ({ href: 7 })],
  ])('a next page %s is a fault, and nothing goes there', async (_name, next) => {
    const maximo = await answering(next)
    const fault = await faultOf(clientFor(maximo.baseUrl).query(aQuery(), aCall()))
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail: 'foreign_next_page' })
    expect(maximo.asked()).toBe(1)
  })

  test.each(['pageno=1', 'pageno=3', 'pageno=4', 'stableid=7', 'pageno=x'])(
    'page 2 whose next is %s is a loop or a gap',
    async (next) => {
      const maximo = await answering(() => ({ href: `oslc/os/mxapiwodetail?${next}` }))
      const promise = clientFor(maximo.baseUrl).query(aQuery({ page: { page: 2 } }), aCall())
      if (next === 'pageno=3') expect(await promise).toMatchObject({ ok: true, value: { next: { page: 3 } } })
      else expect(await faultOf(promise)).toMatchObject({ kind: 'bad_upstream', detail: 'page_loop' })
    },
  )

  test.each([
    ['none although asked', {}, null],
    ['less than the rows seen', { totalCount: 20 }, null],
    ['negative', { totalCount: -1 }, null],
    ['text', { totalCount: '50' }, null],
    ['right', { totalCount: 21 }, 21],
  ])('a total that is %s', async (_name, more, total) => {
    const maximo = await answering(() => undefined, more)
    const page = await clientFor(maximo.baseUrl).query(aQuery({ count: true, page: { page: 2 } }), aCall())
    expect(page.ok && page.value.total).toBe(total)
  })
})

describe('alternatives beside what must hold', () => {
  const row = (wonum: string, wopriority: number) => ({
    href: `oslc/os/mxapiwodetail/_${wonum}xx`,
    wonum,
    wopriority,
    siteid: 'SIMSITE',
  })
  const query = aQuery({
    all: [SITE],
    any: [
      { field: 'wopriority', op: 'le', value: 2 },
      { field: 'description', op: 'contains', value: 'PUMP' },
    ],
    orderBy: [{ field: 'wopriority', direction: 'desc' }],
    pageSize: 2,
  })

  test('are merged: each record once, sorted, with an exact total', async () => {
    const maximo = await scriptedMaximo((request, response) => {
      const isPump = request.url?.includes('PUMP') === true
      const member = isPump ? [row('C', 9), row('A', 1)] : [row('B', 2), row('A', 1)]
      sendJson(response, { member, responseInfo: { totalCount: member.length } })
    })
    const client = clientFor(maximo.baseUrl)
    const first = await client.query(query, aCall())
    const second = await client.query({ ...query, page: { page: 2 } }, aCall())
    const numbers = [first, second].map(
      (page) => page.ok && page.value.records.map(({ values }) => values['wonum']),
    )
    expect(numbers).toEqual([['C', 'B'], ['A']])
    expect([first, second].map((page) => page.ok && [page.value.total, page.value.next])).toEqual([
      [3, { page: 2 }],
      [3, null],
    ])
  })

  test('that have more rows than fit are refused, not cut', async () => {
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { member: [row('A', 1)], responseInfo: { totalCount: 501 } }),
    )
    expect(await clientFor(maximo.baseUrl).query(query, aCall())).toMatchObject({
      ok: false,
      error: [{ reason: 'too_broad' }],
    })
  })
})
