import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import { openEgress, type Egress } from '../../../src/maximo/egress/egress.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'
import {
  aCall,
  clientFor,
  faultOf,
  scriptedMaximo,
  sendJson,
  type Script,
} from './support/scripted-maximo.ts'
import { WO } from './support/written-plant.ts'

describe('a Maximo that gives a hundred rows at once', () => {
  let simulator: Simulator
  let egress: Egress
  let maximo: MaximoClient
  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, clock: systemClock, rules: { maxPageSize: 100 } })
    egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
    maximo = clientOf(simulator, egress, 'admin@example.com')
  })
  afterAll(async () => {
    await egress.close()
    await simulator.close()
  })

  const alternatives = {
    objectStructure: WO,
    all: [{ field: 'siteid', op: 'eq', value: 'BEDFORD' }],
    any: [
      { field: 'wopriority', op: 'le', value: 2 },
      { field: 'description', op: 'contains', value: 'a' },
    ],
    select: { fields: ['wonum'] },
    pageSize: 100,
    count: true,
  } as const

  test('answers alternatives of more rows than that, each once and exactly', async () => {
    const expected = createOracle(simulator.plant)
      .rows('WORKORDER')
      .filter(({ siteid }) => siteid === 'BEDFORD')
      .filter(
        ({ wopriority, description }) =>
          (typeof wopriority === 'number' && wopriority <= 2) ||
          (typeof description === 'string' && /a/i.test(description)),
      )
      .sort((a, b) => Number(a['workorderid']) - Number(b['workorderid']))
      .map(({ wonum }) => wonum)
    expect(expected.length).toBeGreaterThan(200)
    for (const page of [1, 2]) {
      const found = await maximo.query({ ...alternatives, page: { page } }, aCall())
      if (!found.ok) throw new Error(JSON.stringify(found.error))
      expect(found.value.total).toBe(expected.length)
      const numbers = found.value.records.map(({ values }) => values['wonum'])
      expect(numbers).toEqual(expected.slice((page - 1) * 100, page * 100))
    }
  })

  test('says what values a domain and a field have', async () => {
    const states = await maximo.domainValues('WOSTATUS', aCall())
    expect(states).toContainEqual(expect.objectContaining({ value: 'WPCOND', internal: 'APPR' }))
    const [order] = simulator.plant.rows('WORKORDER')
    const id = `${String(order?.['siteid'])}/${String(order?.['wonum'])}`
    const list = await maximo.valueList({ objectStructure: WO, id }, 'status', aCall())
    expect(list).toMatchObject({
      ok: true,
      value: expect.arrayContaining([expect.objectContaining({ value: 'APPR' })]),
    })
  })
})

describe('a list of values', () => {
  const RECORD = { objectStructure: WO, id: '_QkVERk9SRC8xMDAx' }
  /** The value list of a field, and any domain; pages over a hundred are refused. */
  const listOf = (count: number) => {
    const script: Script = (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
      const size = Number(searchParams.get('oslc.pageSize'))
      const page = Number(searchParams.get('pageno') ?? 1)
      const values = Array.from({ length: count }, (_, index) => ({ value: `V${index}` }))
      const nextPage = { href: `${pathname.replace('/maximo/api', 'oslc')}?pageno=${page + 1}` }
      const responseInfo = page * size < count ? { nextPage } : {}
      if (size > 100) sendJson(response, { Error: { reasonCode: 'BMXAA7387E', message: 'limit' } }, 400)
      else sendJson(response, { member: values.slice((page - 1) * size, page * size), responseInfo })
    }
    return scriptedMaximo(script, script)
  }

  test('of more than a page comes whole, up to 5,000 values', async () => {
    const client = clientFor((await listOf(5000)).baseUrl)
    const expected = Array.from({ length: 5000 }, (_, index) => `V${index}`)
    const list = await client.valueList(RECORD, 'status', aCall())
    expect(list.ok && list.value?.map(({ value }) => value)).toEqual(expected)
    expect((await client.domainValues('MANY', aCall())).map(({ value }) => value)).toEqual(expected)
  })

  test('of more values is refused: a part would call good values wrong', async () => {
    const server = await listOf(5001)
    const client = clientFor(server.baseUrl)
    for (const ask of [
      () => client.domainValues('MANY', aCall()),
      () => client.valueList(RECORD, 'status', aCall()),
    ])
      expect(await faultOf(ask())).toMatchObject({ kind: 'too_large', detail: 'domain' })
    expect(server.seen.filter(({ line }) => line.includes('pageno=51'))).toHaveLength(0)
  })

  test('with an empty page before another is not followed for ever', async () => {
    const server = await scriptedMaximo((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('pageno') ?? 1)
      const nextPage = { href: `oslc/os/mxapiwodetail/${RECORD.id}/getlist~status?pageno=${page + 1}` }
      sendJson(response, { member: [], responseInfo: page < 50 ? { nextPage } : {} })
    })
    const fault = await faultOf(clientFor(server.baseUrl).valueList(RECORD, 'status', aCall()))
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail: 'page_loop' })
    expect(server.seen.filter(({ line }) => line.includes('getlist'))).toHaveLength(1)
  })
})
