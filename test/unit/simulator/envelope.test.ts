import { describe, expect, test } from 'vitest'
import { keysOf, rowsIn, runningPlant } from './running-plant.ts'

const plant = runningPlant()
const small = runningPlant({ rules: { maxPageSize: 50, autoPageSize: 25 } })
const elsewhere = runningPlant({ rules: { webAppUrl: 'https://maximo.internal/maximo/oslc' } })
const WO = 'os/mxapiwodetail'

describe('a lean collection', () => {
  test('without a select holds addresses only, and no page links', async () => {
    const { json, headers } = await plant.ask('os/MXAPIASSET')
    expect(headers['content-type']).toBe('application/json')
    expect(Object.keys(json)).toEqual(['member', 'href', 'responseInfo'])
    expect(Object.keys(json.responseInfo)).toEqual(['href'])
    expect(json.member).toHaveLength(plant.oracle.count('ASSET'))
    expect(Object.keys(json.member[0] ?? {})).toEqual(['href'])
    // The name of the object structure is repeated as it was sent.
    expect(json.member[0]?.href).toMatch(/\/maximo\/oslc\/os\/MXAPIASSET\/_[A-Za-z0-9_~-]+$/)
  })

  test('repeats the request as it was sent', async () => {
    const target = `${WO}?lean=1&oslc.pageSize=3&oslc.orderBy=%2Bwonum%2C-siteid&oslc.select=wonum&unknown=a%20b`
    const { json } = await plant.askRaw(target)
    expect(json.responseInfo.href).toBe(`${plant.simulator.url}/maximo/oslc/${target}`)
  })

  test('counts only when asked', async () => {
    const without = await plant.ask(WO, { 'oslc.pageSize': '40' })
    expect(without.json.responseInfo).not.toHaveProperty('totalCount')
    const counted = await plant.ask(WO, { 'oslc.pageSize': '40', collectioncount: '1' })
    const total = plant.oracle.count('WORKORDER')
    expect(counted.json.responseInfo).toMatchObject({
      pagenum: 1,
      totalCount: total,
      totalPages: Math.ceil(total / 40),
    })
  })

  test('answers only the count for count=1', async () => {
    const { json } = await plant.ask(WO, { count: '1', 'oslc.where': 'istask=0' })
    expect(json).toEqual({ totalCount: 300 })
  })

  test('links to the next page with pageno first, the rest in another order, without the schema and the key', async () => {
    const key = plant.simulator.accounts.of('WILSON').apiKey
    const target = `${WO}?collectioncount=1&oslc.select=wonum&addschema=1&lean=1&oslc.pageSize=5&apikey=${key}`
    const { json } = await plant.askRaw(target, { as: null })
    const query = new URL(json.responseInfo.nextPage?.href ?? '').search.slice(1)
    const names = query.split('&').map((part) => part.split('=')[0])
    expect(names[0]).toBe('pageno')
    expect(names.toSorted()).toEqual(['collectioncount', 'lean', 'oslc.pageSize', 'oslc.select', 'pageno'])
    expect(names.slice(1)).not.toEqual(['collectioncount', 'oslc.select', 'lean', 'oslc.pageSize'])
    expect(json.responseInfo).toMatchObject({ schema: { resource: 'MXAPIWODETAIL', title: 'WORKORDER' } })
    expect(JSON.stringify(json)).not.toContain(key)
  })

  test('is read to the end by following nextPage: every row once, then no further link', async () => {
    const parameters = {
      'oslc.where': 'istask=0',
      'oslc.orderBy': '+siteid,+wonum',
      'oslc.pageSize': '37',
      'oslc.select': 'wonum,siteid',
    }
    let answered = await plant.ask(WO, parameters)
    const seen = [...answered.json.member]
    while (answered.json.responseInfo.nextPage !== undefined) {
      const next = new URL(answered.json.responseInfo.nextPage.href)
      answered = await plant.askRaw(`${next.pathname.split('/').slice(3).join('/')}${next.search}`)
      seen.push(...answered.json.member)
      expect(answered.json.responseInfo.previousPage?.href).toContain('pageno=')
    }
    expect(answered.json.responseInfo.pagenum).toBe(9)
    expect(keysOf(seen)).toEqual(keysOf(plant.oracle.workOrders()))
  })

  test('is empty beyond the last page', async () => {
    const { json } = await plant.ask(WO, { 'oslc.pageSize': '100', pageno: '99' })
    expect(json.member).toEqual([])
    expect(json.responseInfo).not.toHaveProperty('nextPage')
  })
})

describe('page sizes', () => {
  test.each(['0', '-1', 'ten', '1.5', ''])('%j is refused', async (size) => {
    expect((await plant.ask(WO, { 'oslc.pageSize': size })).status).toBe(400)
  })

  test('over the limit are refused, at the limit not', async () => {
    expect((await small.ask(WO, { 'oslc.pageSize': '50' })).json.member).toHaveLength(50)
    const { status, json } = await small.ask(WO, { 'oslc.pageSize': '51' })
    expect([status, json.Error.reasonCode]).toEqual([400, 'BMXAA7387E'])
  })

  test('are chosen by an object structure with auto-paging when the caller names none', async () => {
    const { json } = await small.ask(WO)
    expect(json.member).toHaveLength(25)
    expect(json.responseInfo.nextPage?.href).toContain('pageno=2')
  })
})

describe('the order', () => {
  test('is by signed attributes, nulls last when ascending and first when descending', async () => {
    const up = await plant.ask(WO, {
      'oslc.orderBy': '+wopriority,-wonum',
      'oslc.select': 'wopriority,wonum',
    })
    const values = up.json.member.map((row) => row['wopriority'])
    const known = values.filter((value: unknown) => value !== undefined)
    expect(values.slice(0, known.length)).toEqual(known.toSorted())
    const down = await plant.ask(WO, { 'oslc.orderBy': '-wopriority', 'oslc.select': 'wopriority' })
    expect(down.json.member[0]).not.toHaveProperty('wopriority')
  })

  test.each([
    ['without a sign', 'oslc.orderBy=wonum', 'SORT_ORDER_SIGN'],
    ['with a raw plus, which arrives as a blank', 'oslc.orderBy=+wonum', 'SORT_ORDER_SIGN'],
    ['with one of two signs missing', 'oslc.orderBy=-wonum,siteid', 'column 8'],
    ['of a related attribute', 'oslc.orderBy=-asset.description', 'does not exist'],
    ['of an attribute that is not persistent', 'oslc.orderBy=-description_longdescription', 'not persistent'],
  ])('%s is refused', async (_name, query, said) => {
    const { status, json } = await plant.askRaw(`${WO}?lean=1&${query}`)
    expect(status).toBe(400)
    expect(json.Error.message).toContain(said)
  })
})

describe('addresses', () => {
  const hrefOf = async (
    on: typeof plant,
    more: Record<string, string>,
    headers = {},
  ): Promise<string | undefined> =>
    (await on.ask('os/mxapiasset', { 'oslc.pageSize': '1', ...more }, { headers })).json.member[0]?.href

  test('point at /oslc even when /api was called', async () => {
    expect(await hrefOf(plant, {})).toMatch(new RegExp(`^${plant.simulator.url}/maximo/oslc/os/mxapiasset/_`))
  })
  test('point at another host when the instance is configured so', async () => {
    expect(await hrefOf(elsewhere, {})).toMatch(/^https:\/\/maximo\.internal\/maximo\/oslc\/os\//)
  })
  test('use x-public-uri when it is sent', async () => {
    const headers = { 'x-public-uri': 'https://public.example/maximo/api' }
    expect(await hrefOf(elsewhere, {}, headers)).toMatch(
      /^https:\/\/public\.example\/maximo\/api\/os\/mxapiasset\/_/,
    )
  })
  test('are relative with relativeuri, without a leading slash', async () => {
    expect(await hrefOf(plant, { relativeuri: '1' })).toMatch(/^oslc\/os\/mxapiasset\/_/)
  })
})

describe('without lean', () => {
  test('names are namespaced and links are resources', async () => {
    const { json } = await plant.askRaw(
      `${WO}?oslc.select=wonum,status,asset.description&oslc.pageSize=2&collectioncount=1`,
    )
    expect(Object.keys(json)).toEqual(['rdfs:member', 'rdf:about', 'oslc:responseInfo'])
    expect(rowsIn(json['rdfs:member'])[0]).toMatchObject({
      'rdf:about': expect.stringContaining('/os/'),
      'spi:wonum': expect.any(String),
      'spi:status_description': expect.any(String),
      _rowstamp: expect.stringMatching(/^\d+$/),
    })
    expect(rowsIn(json['rdfs:member'])[0]).not.toHaveProperty('wonum')
    expect(json['oslc:responseInfo']).toMatchObject({
      'rdf:about': expect.any(String),
      'oslc:totalCount': expect.any(Number),
      'oslc:nextPage': { 'rdf:resource': expect.stringContaining('pageno=2') },
    })
  })

  test('errors are namespaced too', async () => {
    const { status, json } = await plant.askRaw(`${WO}?oslc.where=(`)
    expect(status).toBe(400)
    expect(json['oslc:Error']).toMatchObject({
      'oslc:statusCode': '400',
      'spi:reasonCode': 'BMXAA8744E',
      'oslc:extendedError': { 'oslc:moreInfo': { 'rdf:resource': expect.stringContaining('BMXAA8744E') } },
    })
  })
})

describe('a request', () => {
  test('may be a form-encoded POST, which is a query', async () => {
    const body = new URLSearchParams({
      lean: '1',
      'oslc.where': 'istask=0 and status="INPRG"',
      'oslc.select': 'wonum,siteid',
    }).toString()
    const { json } = await plant.askRaw(WO, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(keysOf(json.member)).toEqual(keysOf(plant.oracle.workOrders((row) => row['status'] === 'INPRG')))
  })
  test('with a longer address than a router takes gets 414 in HTML', async () => {
    const { status, headers } = await plant.ask(WO, { 'oslc.where': `wonum="${'1'.repeat(9000)}"` })
    expect([status, headers['content-type']]).toEqual([414, 'text/html'])
  })
  test('with a misspelt parameter is answered as if it were not there', async () => {
    expect((await plant.ask(WO, { savedquery: 'NOSUCH', count: '1' })).json.totalCount).toBe(
      plant.oracle.count('WORKORDER'),
    )
  })
  test('with a documented parameter that is not simulated is refused, not answered wrongly', async () => {
    expect((await plant.ask(WO, { tlrange: '-3M', tlattribute: 'reportdate' })).status).toBe(501)
  })
  test('with a broken percent escape is refused', async () => {
    expect((await plant.askRaw(`${WO}?lean=1&oslc.where=description="%zz"`)).status).toBe(400)
  })
  test.each([
    ['POST', 'text/xml', 415],
    ['DELETE', 'application/json', 405],
  ] as const)('%s on a collection is not answered as a query', async (method, type, status) => {
    const body = method === 'POST' ? { body: '{}' } : {}
    const answered = await plant.ask(WO, {}, { method, headers: { 'content-type': type }, ...body })
    expect(answered.status).toBe(status)
  })
})

describe('other shapes', () => {
  test('distinct answers a bare array', async () => {
    expect((await plant.ask('os/mxapiasset', { distinct: 'siteid' })).json).toEqual(['BEDFORD', 'NASHUA'])
  })
  test('saved queries run by name and by application, with parameters', async () => {
    const open = plant.oracle.workOrders((row) => row['historyflag'] === false)
    const named = await plant.ask(WO, { savedQuery: 'OPENWO', 'oslc.select': 'wonum,siteid' })
    expect(keysOf(named.json.member)).toEqual(keysOf(open))
    const bySite = await plant.ask(WO, {
      savedQuery: 'WOTRACK:OPENBYSITE',
      'sqp:siteid': 'NASHUA',
      'oslc.select': 'wonum,siteid',
    })
    expect(keysOf(bySite.json.member)).toEqual(keysOf(open.filter((row) => row['siteid'] === 'NASHUA')))
  })
  test('an unknown saved query is refused', async () => {
    const { status, json } = await plant.ask(WO, { savedQuery: 'openwo' })
    expect([status, json.Error.reasonCode]).toEqual([400, 'BMXAA8741E'])
  })
})
