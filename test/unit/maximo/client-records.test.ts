import { describe, expect, test } from 'vitest'
import { allowedStates } from '../../../src/maximo/records/record.ts'
import { aQuery } from './support/compiled.ts'
import { aCall, clientFor, faultOf, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'

const ROW = {
  _rowstamp: '4410021',
  wonum: '2001',
  siteid: 'SIMSITE',
  status: 'APPR',
  status_description: 'Approved',
}

describe('one record', () => {
  const RECORD = { href: 'oslc/os/mxapiwodetail/_U0lNU0lURS8yMDAx', ...ROW }

  test('by its key as people write it', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [RECORD] }))
    const ref = { objectStructure: 'mxapiwodetail', id: 'simsite/2001' }
    const found = await clientFor(maximo.baseUrl).findRecord(ref, { fields: ['status'] }, aCall())
    expect(found).toMatchObject({ ok: true, value: { record: { id: '_U0lNU0lURS8yMDAx' } } })
    const where = new URL(maximo.seen.at(-1)?.line.split(' ')[1] ?? '', maximo.baseUrl).searchParams.get(
      'oslc.where',
    )
    expect(where).toBe('siteid="SIMSITE" and wonum="2001"')
  })

  test('by resource id, or by its address here', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, RECORD))
    const client = clientFor(maximo.baseUrl)
    for (const id of [
      '_U0lNU0lURS8yMDAx',
      `${maximo.baseUrl}/api/os/MXAPIWODETAIL/_U0lNU0lURS8yMDAx?lean=1`,
    ]) {
      const found = await client.findRecord(
        { objectStructure: 'mxapiwodetail', id },
        { fields: ['status'] },
        aCall(),
      )
      expect(found.ok && found.value?.record.values['wonum']).toBe('2001')
      expect(maximo.seen.at(-1)?.line).toMatch(/^GET \/maximo\/api\/os\/mxapiwodetail\/_U0lNU0lURS8yMDAx\?/)
    }
  })

  test('with what it may become', async () => {
    const states = {
      INPRG: [
        {
          valueid: 'WOSTATUS|INPRG',
          value: 'INPRG',
          maxvalue: 'INPRG',
          description: 'In progress',
          defaults: true,
        },
      ],
    }
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { ...RECORD, allowedstates: states }),
    )
    const ref = { objectStructure: 'mxapiwodetail', id: '_U0lNU0lURS8yMDAx' }
    const found = await clientFor(maximo.baseUrl).findRecord(
      ref,
      { fields: ['status'], allowedStates: true },
      aCall(),
    )
    if (!found.ok || found.value === null) throw new Error('not found')
    expect(allowedStates(found.value.record)).toEqual([
      { value: 'INPRG', internal: 'INPRG', description: 'In progress', isDefault: true },
    ])
  })

  test.each([
    ['no row', 'SIMSITE/9', (): [unknown, number] => [{ member: [] }, 200]],
    [
      '404 for the id',
      '_QQQQ',
      (): [unknown, number] => [
        { Error: { reasonCode: 'BMXAA8727E', message: 'BMXAA8727E - x', statusCode: '404' } },
        404,
      ],
    ],
  ])('is null when there is %s', async (_name, id, answer) => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, ...answer()))
    const found = await clientFor(maximo.baseUrl).findRecord(
      { objectStructure: 'mxapiwodetail', id },
      { fields: [] },
      aCall(),
    )
    expect(found).toEqual({ ok: true, value: null })
  })

  test('an object structure that is off is not an absent record', async () => {
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(
        response,
        { Error: { reasonCode: 'BMXAA1283E', message: 'BMXAA1283E - x', statusCode: '404' } },
        404,
      ),
    )
    const ref = { objectStructure: 'mxapiwodetail', id: '_QQQQ' }
    expect(await faultOf(clientFor(maximo.baseUrl).findRecord(ref, { fields: [] }, aCall()))).toMatchObject({
      kind: 'not_found',
      code: 'BMXAA1283E',
      objectStructure: 'MXAPIWODETAIL',
    })
  })

  test('a number that two sites use asks which', async () => {
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, { member: [ROW, { ...ROW, siteid: 'FLEET' }] }),
    )
    const found = await clientFor(maximo.baseUrl).findRecord(
      { objectStructure: 'mxapiwodetail', id: '2001' },
      { fields: [] },
      aCall(),
    )
    expect(found).toMatchObject({
      ok: false,
      error: [{ reason: 'ambiguous_key', suggestions: ['SIMSITE/2001', 'FLEET/2001'] }],
    })
  })

  test.each([
    ['an empty part', 'SIMSITE/'],
    ['too many parts', 'A/B/C'],
    ['a quote', 'SIMSITE/20"01'],
    ['a variable', 'SIMSITE/&USERNAME&'],
    ['an address elsewhere', 'https://evil.test/maximo/api/os/mxapiwodetail/_QQQQ'],
    ['an address of another object', 'oslc/os/mxapiasset/_QQQQ'],
    ['a path', '../os/mxapiasset/_QQQQ'],
  ])('%s is refused before Maximo is asked', async (_name, id) => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [] }))
    const found = await clientFor(maximo.baseUrl).findRecord(
      { objectStructure: 'mxapiwodetail', id },
      { fields: [] },
      aCall(),
    )
    expect(found).toMatchObject({ ok: false, error: [{ reason: 'bad_value', path: 'id' }] })
    expect(maximo.asked()).toBe(0)
  })
})

describe('groups', () => {
  test('are Maximo’s own, sorted by the first metric and cut honestly', async () => {
    const maximo = await scriptedMaximo((_, response) =>
      sendJson(response, [
        { count: 3, status: 'APPR', max_estdur: 8, collectionref: 'x' },
        { count: 12, status: 'WAPPR' },
        { count: 5 },
      ]),
    )
    const query = {
      objectStructure: 'mxapiwodetail',
      groupBy: ['STATUS'],
      metrics: [{ kind: 'count' }, { kind: 'max', field: 'estdur' }] as const,
      limit: 2,
    }
    expect(await clientFor(maximo.baseUrl).aggregate(query, aCall())).toMatchObject({
      ok: true,
      value: {
        isComplete: false,
        groups: [
          { by: { STATUS: 'WAPPR' }, metrics: { count: 12, max_estdur: null } },
          { by: { STATUS: null }, metrics: { count: 5 } },
        ],
      },
    })
  })

  test('a plain count is a number', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { totalCount: 139 }))
    const query = {
      objectStructure: 'mxapiwodetail',
      groupBy: [],
      metrics: [{ kind: 'count' }] as const,
      limit: 5,
    }
    expect(await clientFor(maximo.baseUrl).aggregate(query, aCall())).toMatchObject({
      value: { groups: [{ by: {}, metrics: { count: 139 } }], isComplete: true },
    })
  })
})

describe('what is known is asked for once', () => {
  test('fifty concurrent queries share one schema request; a failed one is not remembered', async () => {
    let isUp = false
    const maximo = await scriptedMaximo((request, response) => {
      if (request.url?.includes('jsonschemas/mxapidown') === true && !isUp)
        sendJson(response, { Error: {} }, 400)
      else
        sendJson(
          response,
          request.url?.includes('jsonschemas') === true ? { title: 'X', properties: {} } : { member: [] },
        )
    })
    const client = clientFor(maximo.baseUrl)
    await Promise.all(Array.from({ length: 40 }, () => client.query(aQuery(), aCall())))
    expect(maximo.seen.filter(({ line }) => line.includes('jsonschemas'))).toHaveLength(1)
    await faultOf(client.schema('mxapidown', aCall()))
    isUp = true
    expect((await client.schema('mxapidown', aCall())).objectName).toBe('X')
  })

  test('after ten minutes it is asked for again', async () => {
    let now = 0
    const clock = { nowMs: () => now, monotonicMs: () => now }
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [] }))
    const client = clientFor(maximo.baseUrl, { egress: { clock } })
    await client.schema('mxapiwodetail', aCall())
    now = 599_999
    await client.schema('MXAPIWODETAIL', aCall())
    expect(maximo.seen).toHaveLength(1)
    now = 600_000
    await client.schema('mxapiwodetail', aCall())
    expect(maximo.seen).toHaveLength(2)
  })

  test.each(['mxapi/../x', 'mxapi%2e', '', 'a'.repeat(31), '1x', 'mxapiwodetail?x=1', 'mxapi;jsessionid=1'])(
    'the name %j is not even asked for',
    async (name) => {
      const maximo = await scriptedMaximo((_, response) => sendJson(response, {}))
      expect(await faultOf(clientFor(maximo.baseUrl).schema(name, aCall()))).toMatchObject({
        kind: 'not_found',
      })
      expect(maximo.seen).toHaveLength(0)
    },
  )
})
