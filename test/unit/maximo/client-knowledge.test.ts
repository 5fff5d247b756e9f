import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import type { Egress } from '../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import type { Query } from '../../../src/maximo/query/query.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'
import { aQuery } from './support/compiled.ts'
import { aCall, clientFor, faultOf, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'

let simulator: Simulator
let egress: Egress
let maximo: MaximoClient
beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  maximo = clientOf(simulator, egress, 'planner@example.com')
})
afterAll(async () => {
  await egress.close()
  await simulator.close()
})

const refusal = (code: string) => ({ Error: { reasonCode: code, message: `${code} - x`, statusCode: '400' } })

describe('saved queries', () => {
  const found = async (bend: Partial<Query>) => {
    const page = await maximo.query(aQuery({ pageSize: 1000, count: true, ...bend }), aCall())
    if (!page.ok) throw new Error(JSON.stringify(page.error))
    return page.value
  }
  const open = (row: Readonly<Record<string, unknown>>) =>
    row['istask'] === false && row['historyflag'] === false

  test('are listed without the collection itself', async () => {
    const names = (await maximo.savedQueries('mxapiwodetail', aCall())).map(({ name }) => name)
    expect(names).toContain('OPENWO')
    expect(names).not.toContain('All')
  })

  test('find what they say, in any letter case, beside conditions', async () => {
    const page = await found({
      saved: { name: 'openwo' },
      all: [{ field: 'wopriority', op: 'le', value: 2 }],
    })
    const expected = createOracle(simulator.plant).count(
      'WORKORDER',
      (row) => open(row) && row['wopriority'] !== undefined && Number(row['wopriority']) <= 2,
    )
    expect(page.total).toBe(expected)
    expect(expected).toBeGreaterThan(0)
    expect(page.reading).toContain('wopriority is at most 2 and the saved query OPENWO finds them')
  })

  test('take parameters, and are not turned by alternatives', async () => {
    const page = await found({
      saved: { name: 'OPENBYSITE', parameters: { siteid: 'BEDFORD' } },
      any: [
        { field: 'wopriority', op: 'eq', value: 1 },
        { field: 'description', op: 'contains', value: 'PUMP' },
      ],
    })
    const expected = createOracle(simulator.plant).count(
      'WORKORDER',
      (row) =>
        open(row) &&
        row['siteid'] === 'BEDFORD' &&
        (row['wopriority'] === 1 || /pump/i.test(String(row['description'] ?? ''))),
    )
    expect(page.total).toBe(expected)
  })

  test('are grouped like everything else', async () => {
    const groups = await maximo.aggregate(
      {
        objectStructure: 'mxapiwodetail',
        saved: { name: 'OPENWO' },
        groupBy: [],
        metrics: [{ kind: 'count' }],
        limit: 1,
      },
      aCall(),
    )
    expect(groups.ok && groups.value.groups[0]?.metrics['count']).toBe(
      createOracle(simulator.plant).count('WORKORDER', open),
    )
  })

  test.each([
    [{ name: 'OPENW' }, 'unknown_value'],
    [{ name: 'x&savedQuery=y' }, 'bad_name'],
    [{ name: 'OPENBYSITE', parameters: { siteid: 'A" or "1"="1' } }, 'bad_value'],
    [{ name: 'OPENBYSITE', parameters: { siteid: "A' or '1'='1" } }, 'bad_value'],
    [{ name: 'OPENBYSITE', parameters: { 'siteid&x': 'A' } }, 'bad_name'],
  ])('%j is refused before Maximo runs it', async (saved, reason) => {
    const before = simulator.requests.seen().filter(({ path }) => path.includes('/os/')).length
    const page = await maximo.query(aQuery({ saved }), aCall())
    expect(page).toMatchObject({ ok: false, error: [{ reason }] })
    expect(simulator.requests.seen().filter(({ path }) => path.includes('/os/'))).toHaveLength(before)
  })
})

describe('the version', () => {
  test('is the simulator’s, asked once', async () => {
    expect(await maximo.version(aCall())).toEqual({ release: '9.1', build: '339' })
  })

  test.each([
    [{ maxupg: 'V7613-344' }, { release: '7.6.1.3', build: '344' }],
    [{ maxupg: 'V9012-15' }, { release: '9.0', build: '15' }],
    [{ maxupg: 'V8700' }, { release: '8.7', build: null }],
    [{ version: '8.6.3 Build 12' }, { release: '8.6.3', build: null }],
    [{ maxupg: '<b>9</b>' }, { release: null, build: null }],
    [{}, { release: null, build: null }],
    [[], { release: null, build: null }],
  ])('%j says %j', async (body, version) => {
    const server = await scriptedMaximo((_, response) => sendJson(response, body))
    expect(await clientFor(server.baseUrl).version(aCall())).toEqual(version)
  })

  test('is looked for at the root where the system page is refused', async () => {
    const server = await scriptedMaximo((request, response) => {
      if (request.url?.includes('systeminfo') === true) sendJson(response, refusal('BMXAA9051E'), 400)
      else sendJson(response, { maxupg: 'V9100-1' })
    })
    expect(await clientFor(server.baseUrl).version(aCall())).toEqual({ release: '9.1', build: '1' })
    expect(server.seen.map(({ line }) => line)).toEqual([
      'GET /maximo/api/systeminfo?lean=1',
      'GET /maximo/api/?lean=1',
    ])
  })

  test('of a Maximo that is down is no answer', async () => {
    const server = await scriptedMaximo((_, response) => sendJson(response, {}, 503))
    expect(await faultOf(clientFor(server.baseUrl).version(aCall()))).toMatchObject({ kind: 'unavailable' })
  })
})

describe('rights', () => {
  test('are probed for each object structure by itself', async () => {
    const limited = clientOf(simulator, egress, 'limited@example.com')
    const names = ['mxapiwodetail', 'mxapiperson', 'mxapinosuch']
    const rights = await limited.rights(names, aCall())
    expect(rights.map(({ objectStructure }) => objectStructure)).toEqual(
      names.map((name) => name.toUpperCase()),
    )
    const all = await maximo.rights(names, aCall())
    expect(all.map(({ read }) => read)).toEqual(['granted', 'granted', 'absent'])
    const denied = rights.filter(({ read }) => read === 'denied')
    expect(denied.length).toBeGreaterThan(0)
    for (const { code } of denied) expect(code).toBe('BMXAA9301E')
  })

  test('of what cannot be a name are asked of nobody', async () => {
    const server = await scriptedMaximo((_, response) => sendJson(response, { member: [] }))
    const client = clientFor(server.baseUrl)
    for (const name of ['../x', 'a b', '', 'x'.repeat(31), 'mxapi%2e']) {
      expect(await client.rights([name], aCall())).toMatchObject([{ read: 'absent', code: null }])
      expect(await faultOf(client.savedQueries(name, aCall()))).toMatchObject({ kind: 'not_found' })
    }
    expect(server.seen).toEqual([])
    const many = Array.from({ length: 51 }, (_, index) => `mxapi${index}`)
    await expect(client.rights(many, aCall())).rejects.toThrow('at most 50')
  })

  test('are remembered, a failure is not', async () => {
    let isDown = true
    const server = await scriptedMaximo((_, response) =>
      isDown ? sendJson(response, {}, 500) : sendJson(response, { member: [] }),
    )
    const client = clientFor(server.baseUrl)
    expect(await faultOf(client.rights(['mxapiasset'], aCall()))).toMatchObject({ kind: 'unavailable' })
    isDown = false
    expect(await client.rights(['mxapiasset'], aCall())).toMatchObject([{ read: 'granted' }])
    const asked = server.asked()
    expect(await client.rights(['MXAPIASSET'], aCall())).toMatchObject([{ read: 'granted' }])
    expect(server.asked()).toBe(asked)
  })
})

describe('attachments', () => {
  const described = {
    identifier: '75',
    fileName: 'pump.png',
    docType: 'Attachments',
    created: '2026-05-01T08:00:00+02:00',
    createby: 'WILSON',
    format: { href: 'http://purl.org/NET/mediatypes/image/png', label: 'image/png' },
    description: 'Seal',
    title: 'Seal',
    ownertable: 'WORKORDER',
    urlType: 'FILE',
    attachmentSize: 2048,
  }
  const ref = { objectStructure: 'mxapiwodetail', id: '_U0lNU0lURS8yMDAx' }

  test('are listed with what is known of each', async () => {
    const url = { ...described, identifier: '76', urlType: 'URL', format: undefined }
    const server = await scriptedMaximo((_, response) =>
      sendJson(response, {
        member: [
          { href: 'oslc/os/mxapiwodetail/_U0lNU0lURS8yMDAx/doclinks/75', describedBy: described },
          { describedBy: url },
          { href: 'oslc/os/mxapiwodetail/_U0lNU0lURS8yMDAx/doclinks/77', describedBy: {} },
        ],
      }),
    )
    const found = await clientFor(server.baseUrl).attachments(ref, aCall())
    expect(found).toMatchObject({
      ok: true,
      value: [
        {
          id: '75',
          kind: 'file',
          fileName: 'pump.png',
          mediaType: 'image/png',
          sizeBytes: 2048,
          createdBy: 'WILSON',
        },
        { id: '76', kind: 'url', mediaType: null },
        { id: '77', kind: 'file', fileName: null, sizeBytes: null },
      ],
    })
    expect(server.seen.at(-1)?.line).toBe(
      'GET /maximo/api/os/mxapiwodetail/_U0lNU0lURS8yMDAx/doclinks?lean=1',
    )
  })

  test('of a record named by its key need its id first', async () => {
    const server = await scriptedMaximo((request, response) => {
      if (request.url?.includes('/doclinks/meta/75') === true) sendJson(response, described)
      else sendJson(response, { member: [{ href: 'oslc/os/mxapiwodetail/_U0lNU0lURS8yMDAx' }] })
    })
    const client = clientFor(server.baseUrl)
    const found = await client.attachment({ ...ref, id: 'SIMSITE/2001' }, '75', aCall())
    expect(found).toMatchObject({ ok: true, value: { id: '75', ownerTable: 'WORKORDER' } })
    const asked = server.seen.length
    for (const id of ['7/5', '../meta/75', 'x', ''])
      expect(await client.attachment(ref, id, aCall())).toEqual({ ok: true, value: null })
    expect(server.seen).toHaveLength(asked)
  })

  test('of a record that is not there are nothing, and a bad key is refused', async () => {
    const server = await scriptedMaximo((_, response) => sendJson(response, refusal('BMXAA8727E'), 404))
    const client = clientFor(server.baseUrl)
    expect(await client.attachments(ref, aCall())).toEqual({ ok: true, value: null })
    expect(await client.attachment(ref, '75', aCall())).toEqual({ ok: true, value: null })
    expect(await client.attachments({ ...ref, id: 'A/B/C' }, aCall())).toMatchObject({ ok: false })
  })

  test('that are no list are a fault', async () => {
    const server = await scriptedMaximo((_, response) => sendJson(response, { member: [7] }))
    expect(await faultOf(clientFor(server.baseUrl).attachments(ref, aCall()))).toMatchObject({
      kind: 'bad_upstream',
    })
  })
})
