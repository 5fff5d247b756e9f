import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { DEFAULT_LIMITS } from '../../../src/mcp/admission/limits.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'
import { aReader, type Reader } from '../../support/mcp/resource-reader.ts'
import { PROBE } from '../../support/wire/probe.ts'
import { aReceipt } from '../../support/crypto/token-workshop.ts'

const ENV = aReceipt().env
const template = (path: string): object => ({ type: 'ref/resource', uri: `maximo://${ENV}/${path}` })
const prompt = (name: string): object => ({ type: 'ref/prompt', name })

let plant: PlantDoor
let planner: Reader
beforeAll(async () => {
  plant = await openPlantDoor()
  planner = await aReader(plant)
})
afterAll(() => plant.close())

interface Completed {
  readonly values: readonly string[]
  readonly total?: number
  readonly hasMore?: boolean
}

interface Typed {
  readonly ref: object
  readonly name: string
  readonly value?: string
  readonly given?: Record<string, string>
}

const params = ({ ref, name, value = '', given }: Typed): object => ({
  ref,
  argument: { name, value },
  ...(given !== undefined && { context: { arguments: given } }),
})

const complete = async (typed: Typed, reader = planner): Promise<Completed> =>
  (await reader.ask('completion/complete', params(typed)))['completion'] as Completed

const OBJECTS = { ref: template('schema/{object}'), name: 'object' }

describe('what is proposed', () => {
  test('objects: what begins so before what holds it, without regard to case', async () => {
    const { values } = await complete({ ...OBJECTS, value: 'MXAPIA' })
    expect(values).toContain('mxapiasset')
    const held = await complete({ ...OBJECTS, value: 'wodetail' })
    expect(held.values).toContain('mxapiwodetail')
    expect(values.filter((name) => !name.startsWith('mxapia'))).toEqual([])
    const mixed = (await complete({ ...OBJECTS, value: 'wo' })).values
    const begins = mixed.map((name) => name.startsWith('wo'))
    expect(begins).toEqual([...begins].sort((a, b) => Number(b) - Number(a)))
  })

  test('no more than a hundred, with the number of all', async () => {
    const { values, total, hasMore } = await complete({ ref: template('domain/{id}'), name: 'id' })
    expect(values.length).toBeLessThanOrEqual(100)
    expect(values).toContain('WOSTATUS')
    expect(hasMore).toBe((total ?? 0) > values.length)
  })

  test('objects that have statuses', async () => {
    const { values } = await complete({ ref: template('status/{object}'), name: 'object' })
    expect(values).toEqual(['mxapiasset', 'mxapioperloc', 'mxapipo', 'mxapiwodetail'])
  })

  test('keys of records by the beginning of their number, with and without the site', async () => {
    const [order] = createOracle(plant.simulator.plant, ['BEDFORD']).rows('WORKORDER')
    const wonum = String(order?.['wonum'])
    const keys = { ref: template('record/{object}/{key}'), name: 'key', given: { object: 'mxapiwodetail' } }
    const plain = await complete({ ...keys, value: wonum })
    expect(plain.values).toContain(`BEDFORD/${wonum}`)
    const withSite = await complete({ ...keys, value: `bedford/${wonum.slice(0, 3)}` })
    expect(withSite.values.length).toBeGreaterThan(0)
    expect(withSite.values.filter((key) => !key.startsWith(`BEDFORD/${wonum.slice(0, 3)}`))).toEqual([])
    expect(withSite.values.length).toBeLessThanOrEqual(20)
  })

  test('no value that hides something in it', async () => {
    const { baseUrl, accounts } = plant.simulator
    for (const assetnum of ['ZZ\u202e1', 'ZZ2']) {
      const made = await fetch(`${baseUrl}/api/os/mxapiasset?lean=1`, {
        method: 'POST',
        headers: {
          ...PROBE,
          apikey: accounts.of('admin@example.com').apiKey,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ siteid: 'BEDFORD', assetnum, description: 'a number of its own' }),
      })
      expect(made.status, await made.text()).toBe(201)
    }
    const keys = { ref: template('record/{object}/{key}'), name: 'key', given: { object: 'mxapiasset' } }
    expect((await complete({ ...keys, value: 'ZZ' })).values).toEqual(['BEDFORD/ZZ2'])
  })

  test('sites, and the choices of a prompt', async () => {
    expect((await complete({ ref: prompt('plan_week'), name: 'site' })).values[0]).toBe('BEDFORD')
    expect((await complete({ ref: prompt('shift_handover'), name: 'shift', value: 'n' })).values).toEqual([
      'night',
      'evening',
    ])
  })

  test('nothing for a beginning that is too short, a pattern or a clause', async () => {
    const asked = { ref: prompt('root_cause_5why'), name: 'wonum' }
    for (const value of ['', '1', '%%', '10%', '1" or "1"="1', '*', 'x'.repeat(5_000)])
      expect((await complete({ ...asked, value })).values).toEqual([])
  })

  test('nothing where nothing can be proposed, and for no argument of that name', async () => {
    expect(await complete({ ref: template('export/{id}'), name: 'id' })).toEqual({
      values: [],
      hasMore: false,
    })
    expect(await complete({ ...OBJECTS, name: 'toString' })).toEqual({ values: [], hasMore: false })
  })
})

describe('nothing is proposed that a call would not show', () => {
  test('objects outside the rules of the token', async () => {
    const narrow = await aReader(plant, { wish: { receipt: { obj: 'MXAPIASSET:r' } } })
    expect((await complete(OBJECTS, narrow)).values).toEqual(['mxapiasset'])
    const keys = { ref: template('record/{object}/{key}'), name: 'key', given: { object: 'mxapiwodetail' } }
    const { status, error } = await narrow.send('completion/complete', params({ ...keys, value: '10' }))
    expect([status, error?.data]).toMatchObject([403, { reason: 'object_refused', object: 'MXAPIWODETAIL' }])
  })

  test('objects that Maximo does not let the user see', async () => {
    const limited = await aReader(plant, { account: 'limited@example.com' })
    const keys = { ref: template('record/{object}/{key}'), name: 'key', given: { object: 'mxapipo' } }
    const [order] = plant.simulator.plant.rows('PO')
    const value = String(order?.['ponum'])
    expect((await complete({ ...keys, value: `${String(order?.['siteid'])}/${value}` })).values).not.toEqual(
      [],
    )
    expect((await complete({ ...keys, value }, limited)).values).toEqual([])
    expect((await complete({ ref: template('status/{object}'), name: 'object' }, limited)).values).toEqual([
      'mxapiasset',
    ])
  })

  test('numbers that a field policy hides are no oracle', async () => {
    const hiding = await openPlantDoor({
      fields: { rules: [{ object: 'mxapiwodetail', fields: ['wonum'], action: 'mask' }] },
    })
    const reader = await aReader(hiding)
    const [order] = createOracle(hiding.simulator.plant, ['BEDFORD']).rows('WORKORDER')
    const asked = { ref: prompt('root_cause_5why'), name: 'wonum', value: String(order?.['wonum']) }
    expect((await complete(asked, reader)).values).toEqual([])
    await hiding.close()
  })

  test('to whom the scope is missing: refused as a call is, over HTTP', async () => {
    const none = await aReader(plant, { wish: { scope: 'offline_access' } })
    const { status, headers, error } = await none.send('completion/complete', params(OBJECTS))
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="maximo:read"/)
    expect(error?.data).toMatchObject({ reason: 'insufficient_scope' })
  })

  test('where the address leaves the tool out', async () => {
    const narrow = await aReader(plant, { url: '/mcp?exclude=describe_object' })
    const { error } = await narrow.send('completion/complete', params(OBJECTS))
    expect(error?.message).toMatch(/^not_found: The resource "schema" is not available here\./)
  })
})

describe('a completion', () => {
  test('has a record and costs no quota', async () => {
    await complete(OBJECTS)
    expect(plant.door.events.at(-1)).toMatchObject({
      action: 'completion/complete',
      operation: 'completion',
      outcome: 'success',
    })
  })

  test('has a rate of its own, and is refused over HTTP beyond it', async () => {
    const limits = { ...DEFAULT_LIMITS, tool: { ...DEFAULT_LIMITS.tool, read: { perMinute: 1, burst: 2 } } }
    const tight = await openPlantDoor({ limits })
    const reader = await aReader(tight)
    await complete(OBJECTS, reader)
    await complete(OBJECTS, reader)
    const { status, headers } = await reader.send('completion/complete', params(OBJECTS))
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    // What it is limited by is not what calls are.
    expect(await reader.ask('tools/call', { name: 'describe_object', arguments: {} })).toBeDefined()
    await tight.close()
  })
})
