import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
})
afterAll(() => plant.close())

const rows = (table: string): readonly Row[] => plant.simulator.plant.rows(table)
const ask = (args: object, door: PlantDoor = plant): Promise<ToolReply> =>
  door.ask('call_read_tool', { tool: 'get_safety_plan', arguments: args })
const objects = ({ body, text, isError }: ToolReply): Record<string, unknown>[] => {
  if (isError) throw new Error(text)
  return (body['rows'] as unknown[][]).map((row) =>
    Object.fromEntries((body['cols'] as string[]).map((name, index) => [name, row[index]])),
  )
}

/** What the plant holds of these work orders, by another road: `kind id` with the orders that have it. */
function heldBy(orders: ReadonlySet<unknown>): ReadonlyMap<string, number> {
  const sources = {
    hazard: ['WOSAFETYLINK', 'hazardid'],
    precaution: ['WOPRECAUTION', 'precautionid'],
    tag_out: ['WOTAGOUT', 'tagoutid'],
    lock_out: ['WOLOCKOUT', 'lockoutid'],
  } as const
  const held = new Map<string, Set<unknown>>()
  for (const [kind, [table, id]] of Object.entries(sources))
    for (const row of rows(table).filter(({ wonum, siteid }) => siteid === 'BEDFORD' && orders.has(wonum))) {
      const key = `${kind} ${String(row[id])}`
      held.set(key, (held.get(key) ?? new Set()).add(row['wonum']))
    }
  return new Map([...held].map(([key, numbers]) => [key, numbers.size]))
}

const numbersOf = (is: (row: Row) => boolean): Set<unknown> =>
  new Set(
    rows('WORKORDER')
      .filter((row) => row['siteid'] === 'BEDFORD' && is(row))
      .map(({ wonum }) => wonum),
  )
const found = (reply: ToolReply): ReadonlyMap<string, number> =>
  new Map(
    objects(reply).map(({ kind, id, work_orders: count }) => [
      `${String(kind)} ${String(id)}`,
      Number(count),
    ]),
  )

describe('get_safety_plan', () => {
  test('of a work order: what protects from each hazard, tag-outs in the order in which they are applied', async () => {
    const [wonum] = numbersOf((row) => row['assetnum'] === '11400' && row['istask'] === false)
    const reply = await ask({ wonum })
    expect(found(reply)).toEqual(heldBy(new Set([wonum])))
    expect(reply.body).toMatchObject({
      complete: true,
      site: 'BEDFORD',
      untrusted: ['description', 'detail'],
    })
    const steps = objects(reply)
    expect(steps.map(({ kind }) => kind)).toEqual([
      ...['hazard', 'hazard', 'precaution', 'precaution', 'tag_out', 'lock_out'],
    ])
    expect(steps.find(({ kind }) => kind === 'tag_out')).toMatchObject({
      ...{ id: 'TO11400', description: 'Main steam stop valve', detail: 'CLOSED', assetnum: '11400' },
      ...{ apply_seq: 10, remove_seq: 90, work_orders: 1, last_wonum: wonum },
    })
    expect(steps.find(({ kind }) => kind === 'lock_out')).toMatchObject({
      detail: 'Chain on the steam stop valve: LOCKED',
    })
  })

  test('of an asset and of a location: over all of their work orders, each step once', async () => {
    const ofPump = numbersOf((row) => row['assetnum'] === '11430')
    const pump = await ask({ asset: '11430' })
    expect(found(pump)).toEqual(heldBy(ofPump))
    expect(found(pump).get('hazard ROTATING')).toBeGreaterThan(1)
    const location = rows('WORKORDER').find((row) => row['assetnum'] === '13100')?.['location']
    expect(location).toBeDefined()
    expect(found(await ask({ location: String(location).toLowerCase() }))).toEqual(
      heldBy(numbersOf((row) => row['location'] === location)),
    )
  })

  test('over all sites: what has one number at two of them is shown for each', async () => {
    const database = plant.simulator.plant
    if (!(database instanceof Database)) throw new Error('not a plant that can be written')
    const [wonum] = numbersOf((row) => row['assetnum'] === '11400' && row['istask'] === false)
    const here = ({ siteid, wonum: number }: Row): boolean => siteid === 'BEDFORD' && number === wonum
    for (const table of ['WORKORDER', 'WOPRECAUTION'])
      for (const [at, row] of rows(table).filter(here).entries())
        database.insert(table, { ...row, siteid: 'NASHUA', [`${table.toLowerCase()}id`]: 990_000 + at })
    const steps = objects(await ask({ asset: '11400', site: '*' }))
    const sites = steps.filter(({ kind }) => kind === 'precaution').map(({ site }) => site)
    expect(sites.filter((site) => site === 'NASHUA')).toHaveLength(2)
    expect(new Set(sites)).toEqual(new Set(['BEDFORD', 'NASHUA']))
  })

  test('none is not called safe', async () => {
    const reply = await ask({ asset: '11300' })
    expect(reply.body).toMatchObject({ returned: 0, total: 0 })
    expect(reply.body['notes']).toContain(
      'Maximo holds no safety plan here. That does not mean that there is no danger.',
    )
  })

  test.each<[object, RegExp]>([
    [{}, /^invalid_input: A safety plan is that of one/],
    [{ asset: '11430', wonum: '1001' }, /^invalid_input: A safety plan is that of one/],
    [{ wonum: '999999' }, /^not_found: There is no work order "999999"/],
    [{ asset: '99999999' }, /^not_found: There is no asset "99999999" at site BEDFORD/],
  ])('%j', async (args, expected) => {
    expect((await ask(args)).text).toMatch(expected)
  })
})

describe('a Maximo that does not show all of it', () => {
  const children = ['woprecaution', 'wotagout', 'wolockout', 'wosafetylink']
  const without = async (hidden: readonly string[]): Promise<ToolReply> => {
    const fields = hidden.flatMap((child) => FIELDS.map((field) => `${child}.${field}`))
    const other = await openPlantDoor({ fields: { rules: [{ object: '*', fields, action: 'hide' }] } })
    const reply = await ask({ asset: '11430' }, other)
    await other.close()
    return reply
  }
  const FIELDS = ['hazardid', 'precautionid', 'tagoutid', 'lockoutid']

  test('names what is not known, and shows the rest', async () => {
    const reply = await without(children.slice(0, 1))
    expect(objects(reply).map(({ kind }) => kind)).not.toContain('precaution')
    expect(objects(reply).map(({ kind }) => kind)).toContain('hazard')
    expect(reply.body['notes']).toContain(
      'Not known, since MXAPIWODETAIL of this Maximo does not show them to you: precaution.',
    )
  })

  test('is refused where it shows none', async () => {
    expect((await without(children)).text).toMatch(
      /^not_permitted: MXAPIWODETAIL of this Maximo shows no hazards/,
    )
  })
})
