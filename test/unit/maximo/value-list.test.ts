import { describe, expect, test } from 'vitest'
import { objectRightsUnder } from '../../../src/mcp/admission/object-rights.ts'
import { readPresets } from '../../../src/mcp/admission/presets.ts'
import { guardFields } from '../../../src/mcp/tools/fields/guard-fields.ts'
import { guardMaximo, ObjectRefused } from '../../../src/mcp/tools/run/guarded-maximo.ts'
import { aCall, clientFor, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'
import { WO, writtenPlant } from './support/written-plant.ts'

const plant = writtenPlant()
const ORDER = { objectStructure: WO, id: '_QkVERk9SRC8xMDAx' }

describe('what a field of a record may hold', () => {
  const clientOf = () => plant.as('planner@example.com').client
  const orderAt = (site: string) => {
    const row = plant.simulator.plant.rows('WORKORDER').find(({ siteid }) => siteid === site)
    return { objectStructure: WO, id: `${site}/${String(row?.['wonum'])}` }
  }

  test('is Maximo’s choice: at each site its own', async () => {
    const [here, there] = await Promise.all(
      ['BEDFORD', 'NASHUA'].map(async (site) => {
        const values = await clientOf().valueList(orderAt(site), 'Status', aCall())
        if (!values.ok || values.value === null) throw new Error('no values')
        return values.value
      }),
    )
    expect(here?.map(({ value }) => value)).toContain('APPR S1')
    expect(there?.map(({ value }) => value)).not.toContain('APPR S1')
    expect(there).toContainEqual(expect.objectContaining({ value: 'APPR', internal: 'APPR' }))
    const all = await clientOf().domainValues('WOSTATUS', aCall())
    expect(all).toEqual(expect.arrayContaining([...(here ?? [])]))
  })

  test('is nothing of a record that is not there', async () => {
    const missing = { objectStructure: WO, id: 'BEDFORD/NOSUCH' }
    for (const id of ['BEDFORD/NOSUCH', '_QkVERk9SRC9OT1NVQ0g-'])
      expect(await clientOf().valueList({ ...missing, id }, 'status', aCall())).toEqual({
        ok: true,
        value: null,
      })
  })

  test('is refused where Maximo has no list of what looks as if it had one', async () => {
    const refused = await clientOf().valueList(orderAt('BEDFORD'), 'worktype', aCall())
    expect(refused).toMatchObject({ ok: false, error: [{ reason: 'not_supported', path: 'field' }] })
  })

  test.each([
    ['description', { reason: 'not_supported', path: 'field' }],
    ['stauts', { reason: 'unknown_field', suggestions: ['status'] }],
    ['asset.status', { path: 'field' }],
    ['status?x=1', { reason: 'bad_name' }],
  ])('of %s is refused before anything is asked', async (field, problem) => {
    const client = clientOf()
    await client.schema(WO, aCall())
    const before = plant.simulator.requests.seen().filter(({ path }) => /getlist/.test(path)).length
    expect(await client.valueList(orderAt('BEDFORD'), field, aCall())).toMatchObject({
      ok: false,
      error: [problem],
    })
    expect(plant.simulator.requests.seen().filter(({ path }) => /getlist/.test(path))).toHaveLength(before)
  })

  test('is behind the rules of a grant, and of an operator who hides the field', async () => {
    const orders = objectRightsUnder(readPresets({}))('MXAPIASSET:r')
    const outside = guardMaximo(clientOf(), orders).valueList(orderAt('BEDFORD'), 'status', aCall())
    await expect(outside).rejects.toThrow(ObjectRefused)
    const hidden = { actionOf: (_: string, path: string) => (path === 'status' ? ('hide' as const) : null) }
    const guarded = guardFields(clientOf(), hidden, String)
    expect(await guarded.valueList(orderAt('BEDFORD'), 'STATUS', aCall())).toMatchObject({
      ok: false,
      error: [{ reason: 'unknown_field' }],
    })
    const open = { actionOf: () => null }
    expect(
      await guardFields(clientOf(), open, String).valueList(orderAt('BEDFORD'), 'status', aCall()),
    ).toMatchObject({ ok: true })
  })

  test('is refused where it is records of another object', async () => {
    const lookup = { member: [{ value: 'A' }, { assetnum: '11430' }] }
    const maximo = await scriptedMaximo((_, response) => sendJson(response, lookup))
    const client = clientFor(maximo.baseUrl)
    expect(await client.valueList(ORDER, 'status', aCall())).toMatchObject({
      ok: false,
      error: [{ reason: 'not_supported', path: 'field' }],
    })
    expect(maximo.seen.at(-1)?.line).toMatch(
      new RegExp(
        `^GET /maximo/api/os/mxapiwodetail/${ORDER.id}/getlist~status\\?lean=1&oslc.select=value%2C`,
      ),
    )
  })
})
