import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aReceipt } from '../../support/token-workshop.ts'
import { openPlantDoor, type PlantDoor } from '../../support/plant-door.ts'
import { aReader, type Reader } from '../../support/resource-reader.ts'

const ENV = aReceipt().env

let plant: PlantDoor
let planner: Reader
beforeAll(async () => {
  plant = await openPlantDoor()
  planner = await aReader(plant)
})
afterAll(() => plant.close())

const bodyOf = async (reader: Reader, path: string): Promise<Record<string, unknown>> => {
  const { contents } = await reader.read(`maximo://${ENV}/${path}`)
  expect(contents).toHaveLength(1)
  return JSON.parse(contents[0]?.text ?? '') as Record<string, unknown>
}

describe('the lists', () => {
  test('name guides by their address in this environment, and templates of it', async () => {
    const { resources } = await planner.ask('resources/list')
    expect(resources).toContainEqual({
      uri: `maximo://${ENV}/guide/query-language`,
      name: 'guide_query_language',
      title: 'Filters',
      description: expect.any(String) as string,
      mimeType: 'text/markdown',
    })
    const { resourceTemplates } = await planner.ask('resources/templates/list')
    expect((resourceTemplates as { uriTemplate: string }[]).map(({ uriTemplate }) => uriTemplate)).toEqual(
      [
        'schema/{object}',
        'domain/{id}',
        'status/{object}',
        'record/{object}/{key}',
        'export/{id}',
        'export/{id}/{part}',
        'change/{id}',
      ].map((path) => `maximo://${ENV}/${path}`),
    )
  })
})

describe('reading', () => {
  test('a schema whole, with the domain of each field', async () => {
    const schema = await bodyOf(planner, 'schema/mxapiwodetail')
    expect(schema).toMatchObject({
      env_id: ENV,
      object: 'mxapiwodetail',
      key: 'siteid/wonum',
      complete: true,
    })
    expect((schema['fields'] as unknown[][]).find(([name]) => name === 'status')?.[3]).toBe('WOSTATUS')
  })

  test('a record by its key', async () => {
    const { body } = await plant.ask('search_work_orders', { limit: 1 })
    const wonum = String((body['rows'] as unknown[][])[0]?.[0])
    const record = await bodyOf(planner, `record/mxapiwodetail/BEDFORD%2F${wonum}`)
    expect(record['record']).toMatchObject({ wonum, siteid: 'BEDFORD' })
    expect(record['untrusted']).toContain('description')
  })
})
