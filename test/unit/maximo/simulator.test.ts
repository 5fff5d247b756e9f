import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { createMaximoClient } from '../../../src/maximo/client.ts'
import type { MaximoClient, RecordPage } from '../../../src/maximo/contract.ts'
import type { Egress } from '../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import type { Query } from '../../../src/maximo/query/query.ts'
import { allowedStates } from '../../../src/maximo/records/record.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'
import { aCall, faultOf } from './support/scripted-maximo.ts'

let simulator: Simulator
let egress: Egress
let maximo: MaximoClient
type Row = ReturnType<ReturnType<typeof createOracle>['rows']>[number]

const oracle = () => createOracle(simulator.plant)

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  maximo = clientOf(simulator, egress, 'admin@example.com')
})
afterAll(async () => {
  await egress.close()
  await simulator.close()
})

const seconds = (value: unknown) => Math.floor(Number(value) / 1000)

const query = (bend: Partial<Query>): Query => ({
  objectStructure: 'mxapiwodetail',
  select: { fields: ['wonum', 'siteid'] },
  pageSize: 1000,
  count: true,
  ...bend,
})
const keysOf = (rows: readonly Row[]) =>
  rows.map((row) => `${String(row['siteid'])}/${String(row['wonum'])}`).sort()
const answeredKeys = (page: RecordPage) =>
  page.records.map(({ values }) => `${String(values['siteid'])}/${String(values['wonum'])}`).sort()

describe('one question at a time', () => {
  test('who am I, with a key and with a password', async () => {
    for (const method of ['apikey', 'maxauth'] as const)
      expect(await clientOf(simulator, egress, 'planner@example.com', method).whoAmI(aCall())).toMatchObject({
        userName: 'WILSON',
        defaultSite: 'BEDFORD',
        timeZone: 'America/New_York',
      })
  })

  test('the object structures, by name', async () => {
    const names = (await maximo.objectStructures(aCall())).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['MXAPIASSET', 'MXAPIWODETAIL']))
    expect(names).toEqual([...names].sort())
  })

  test('the schema, its key and its children', async () => {
    const schema = await maximo.schema('mxapiwodetail', aCall())
    expect(schema).toMatchObject({
      resource: 'MXAPIWODETAIL',
      objectName: 'WORKORDER',
      key: ['siteid', 'wonum'],
    })
    expect(schema.fields.get('status')).toMatchObject({ kind: 'text', domainId: 'WOSTATUS' })
    expect(schema.children.get('woactivity')?.fields?.has('taskid')).toBe(true)
  })

  test('a domain, with what its values mean', async () => {
    const values = await maximo.domainValues('wostatus', aCall())
    expect(values).toContainEqual(expect.objectContaining({ value: 'WPCOND', internal: 'APPR' }))
    expect(await maximo.domainValues('NOSUCHDOM', aCall())).toEqual([])
  })

  test('a status that does not exist, with the one meant', async () => {
    const page = await maximo.query(
      query({ all: [{ field: 'status', op: 'eq', value: 'in progress' }] }),
      aCall(),
    )
    expect(page).toMatchObject({ ok: false, error: [{ reason: 'unknown_value', suggestions: ['INPRG'] }] })
  })

  test('a wrong key, and an object structure without right', async () => {
    const credential = new Secret('0123456789')
    const stranger = createMaximoClient({
      environment: { baseUrl: simulator.baseUrl, method: 'apikey', credential },
      egress,
      clock: systemClock,
    })
    expect(await faultOf(stranger.whoAmI(aCall()))).toMatchObject({ kind: 'credentials_rejected' })
    const limited = clientOf(simulator, egress, 'limited@example.com')
    const denied = (await maximo.objectStructures(aCall())).find(({ name }) => name === 'MXAPIPO') ?? {
      name: 'MXAPIPERSON',
    }
    const fault = await faultOf(limited.schema(denied.name, aCall()))
    expect(fault).toMatchObject({ kind: 'not_permitted', objectStructure: denied.name, code: 'BMXAA9301E' })
  })

  test('an object structure that does not exist', async () => {
    expect(await faultOf(maximo.schema('mxapinosuch', aCall()))).toMatchObject({ kind: 'not_found' })
  })

  test('one record by key and by id, with children and the states it may move to', async () => {
    const [row] = oracle().workOrders((each) => each['status'] === 'WAPPR')
    const id = `${String(row?.['siteid'])}/${String(row?.['wonum'])}`
    const select = {
      fields: ['status', 'location.description'],
      children: { woactivity: ['taskid'] },
      allowedStates: true,
    }
    const byKey = await maximo.findRecord({ objectStructure: 'mxapiwodetail', id }, select, aCall())
    if (!byKey.ok || byKey.value === null) throw new Error(JSON.stringify(byKey))
    const { record } = byKey.value
    expect(record.values).toMatchObject({ status: 'WAPPR', status_description: expect.any(String) })
    expect(allowedStates(record).map(({ internal }) => internal)).toContain('APPR')
    const byId = await maximo.findRecord(
      { objectStructure: 'mxapiwodetail', id: record.id ?? '' },
      select,
      aCall(),
    )
    expect(byId.ok && byId.value?.record.values['wonum']).toBeUndefined()
    expect(byId.ok && byId.value?.record.id).toBe(record.id)
    expect(byId.ok && byId.value?.record.rowstamp).toBe(record.rowstamp)
    const absent = { objectStructure: 'mxapiwodetail', id: 'BEDFORD/NOSUCH' }
    expect(await maximo.findRecord(absent, select, aCall())).toEqual({ ok: true, value: null })
  })
})

describe('pages', () => {
  test('are all records, each once, in order, with one exact total', async () => {
    const seen: string[] = []
    const priorities: number[] = []
    let page: Query['page']
    do {
      const answer = await maximo.query(
        query({
          pageSize: 50,
          orderBy: [{ field: 'wopriority', direction: 'desc' }],
          select: { fields: ['wonum', 'siteid', 'wopriority'] },
          ...(page === undefined ? {} : { page }),
        }),
        aCall(),
      )
      if (!answer.ok) throw new Error('refused')
      expect(answer.value.total).toBe(oracle().count('WORKORDER'))
      for (const { values } of answer.value.records) {
        seen.push(`${String(values['siteid'])}/${String(values['wonum'])}`)
        if (typeof values['wopriority'] === 'number') priorities.push(values['wopriority'])
      }
      page = answer.value.next ?? undefined
    } while (page !== undefined)
    expect(seen.sort()).toEqual(keysOf(oracle().rows('WORKORDER')))
    expect(priorities).toEqual([...priorities].sort((a, b) => b - a))
  })
})

describe('groups', () => {
  test('per status are the oracle’s', async () => {
    const answer = await maximo.aggregate(
      { objectStructure: 'mxapiwodetail', groupBy: ['status'], metrics: [{ kind: 'count' }], limit: 50 },
      aCall(),
    )
    const groups = answer.ok
      ? answer.value.groups.map(({ by, metrics }) => [by['status'], metrics['count']])
      : []
    expect(new Map(groups as [string, number][])).toEqual(oracle().groups('WORKORDER', 'status'))
  })

  test('over everything put Maximo’s parts together exactly', async () => {
    const metrics = [
      { kind: 'count' },
      { kind: 'sum', field: 'estlabhrs' },
      { kind: 'avg', field: 'wopriority' },
      { kind: 'min', field: 'wopriority' },
      { kind: 'max', field: 'reportdate' },
    ] as const
    const answer = await maximo.aggregate(
      {
        objectStructure: 'mxapiwodetail',
        groupBy: [],
        metrics,
        limit: 5,
        all: [{ field: 'historyflag', op: 'eq', value: false }],
      },
      aCall(),
    )
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const rows = oracle().rows('WORKORDER', (row) => row['historyflag'] === false)
    const numbers = (name: string) =>
      rows.map((row) => row[name]).filter((value) => typeof value === 'number')
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
    const found = answer.value.groups[0]?.metrics ?? {}
    expect(found['count']).toBe(rows.length)
    expect(found['sum_estlabhrs']).toBeCloseTo(sum(numbers('estlabhrs')))
    expect(found['avg_wopriority']).toBeCloseTo(sum(numbers('wopriority')) / numbers('wopriority').length)
    expect(found['min_wopriority']).toBe(Math.min(...numbers('wopriority')))
    const latest = found['max_reportdate'] ?? ''
    const latestMs = typeof latest === 'number' ? latest : Date.parse(latest)
    expect(seconds(latestMs)).toBe(seconds(Math.max(...numbers('reportdate'))))
  })
})

describe('conditions beyond the object’s own text and numbers', () => {
  test('a day is the whole day where the server stands', async () => {
    const { timeZone } = await maximo.whoAmI(aCall())
    const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone: timeZone ?? 'UTC', dateStyle: 'short' })
    const rows = oracle().rows('WORKORDER', (row) => row['reportdate'] !== undefined)
    const day = dayOf.format(Number(rows[7]?.['reportdate']))
    for (const [op, holds] of Object.entries<(on: string) => boolean>({
      eq: (on) => on === day,
      gt: (on) => on > day,
      ge: (on) => on >= day,
      lt: (on) => on < day,
      le: (on) => on <= day,
    })) {
      const page = await maximo.query(query({ all: [{ field: 'reportdate', op, value: day }] }), aCall())
      const expected = rows.filter((row) => holds(dayOf.format(Number(row['reportdate']))))
      expect([op, page.ok && answeredKeys(page.value)]).toEqual([op, keysOf(expected)])
    }
  })

  test('a relation and a child are looked through', async () => {
    const key = (row: Row) => `${String(row['siteid'])}/${String(row['location'])}`
    const places = new Set(
      oracle()
        .rows('LOCATIONS', (row) => String(row['description']).toUpperCase().includes('PUMP'))
        .map(key),
    )
    const there = await maximo.query(
      query({
        all: [{ field: 'location.description', op: 'contains', value: 'pump' }],
        select: { fields: ['wonum', 'siteid', 'location', 'location.description'] },
      }),
      aCall(),
    )
    if (!there.ok) throw new Error(JSON.stringify(there.error))
    const expectedThere = oracle().rows('WORKORDER', (row) => places.has(key(row)))
    expect(answeredKeys(there.value)).toEqual(keysOf(expectedThere))
    expect(there.value.records.length).toBeGreaterThan(0)
    for (const { values } of there.value.records)
      expect(String(values['location.description']).toUpperCase()).toContain('PUMP')

    const parents = oracle().rows('WORKORDER', (row) => row['istask'] === true && row['taskid'] === 20)
    const all = [{ field: 'woactivity.taskid', op: 'eq', value: 20 }]
    const tasks = await maximo.query(query({ all }), aCall())
    const expected = parents.map((row) => `${String(row['siteid'])}/${String(row['parent'])}`).sort()
    expect(expected.length).toBeGreaterThan(0)
    expect(tasks.ok && answeredKeys(tasks.value)).toEqual(expected)
  })

  test('words are found in any of the fields', async () => {
    const search = { words: ['pump'], fields: ['description', 'wonum'] }
    const page = await maximo.query(query({ search }), aCall())
    const expected = oracle().rows('WORKORDER', (row) =>
      /pump/i.test(`${String(row['description'])} ${String(row['wonum'])}`),
    )
    expect(page.ok && answeredKeys(page.value)).toEqual(keysOf(expected))
    expect(expected.length).toBeGreaterThan(0)
  })
})
