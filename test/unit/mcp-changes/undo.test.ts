import { afterAll, beforeAll, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import { inverseOf } from '../../../src/mcp/changes/staging/undo.ts'
import { openChangedPlant, type ChangedPlant } from '../../support/changes/changed-plant.ts'

/** What was written, and how it is taken back. */
let plant: ChangedPlant
beforeAll(async () => {
  plant = await openChangedPlant()
})
afterAll(() => plant.close())

async function newOrder(): Promise<string> {
  const id = await plant.stage('create_work_order', { description: 'Leak at the seal', location: 'BR230' })
  await plant.approve(id)
  const done = await plant.commit(id)
  return String((done.body['records'] as { record: string }[])[0]?.record).split('/')[1] ?? ''
}

test('is undone by its opposite, staged and approved like any change', async () => {
  const wonum = await newOrder()
  const id = await plant.stage('change_work_order_status', { wonum, status: 'APPR' })
  await plant.approve(id)
  await plant.commit(id)
  const undo = await plant.stage('plan_undo', { change_id: id, reason: 'a mistake' })
  expect((await plant.plan(undo)).records[0]?.diff).toEqual([
    { field: 'status', before: 'APPR', after: 'WAPPR' },
  ])
  await plant.approve(undo)
  await plant.commit(undo)
  expect(plant.workOrder(wonum, 'status')).toBe('WAPPR')
})

test('a new work order is cancelled, fields get back what they had, an asset goes back', async () => {
  const made = await plant.stage('create_work_order', { description: 'To be undone', location: 'BR230' })
  await plant.approve(made)
  await plant.commit(made)
  const cancel = await plant.plan(await plant.stage('plan_undo', { change_id: made, reason: 'x' }))
  expect([cancel.risk, cancel.records[0]?.diff[0]]).toEqual([
    'high',
    { field: 'status', before: 'WAPPR', after: 'CAN' },
  ])
  const moved = await plant.stage('move_asset', { asset: '11430', to_location: 'BR230' })
  await plant.approve(moved)
  await plant.commit(moved)
  const back = await plant.plan(await plant.stage('plan_undo', { change_id: moved, reason: 'x' }))
  expect(back.records[0]?.diff).toEqual([{ field: 'location', before: 'BR230', after: 'BR430' }])
})

test('is cancelled by the business object and the meaning, whatever a site calls structure and status', async () => {
  const { plant: database } = plant.simulator
  if (!(database instanceof Database)) throw new Error('not a plant that can be written')
  const made = await plant.stage('create_work_order', {
    description: 'Under other words',
    location: 'BR230',
  })
  const [record] = (await plant.plan(made)).records
  if (record === undefined) throw new Error('nothing planned')
  expect(record.writesTo).toEqual(['WORKORDER'])
  const { wanted } = record
  const named = (object: string, writesTo: string[]) =>
    inverseOf({ planned: { ...record, wanted: { ...wanted, object }, writesTo }, madeId: '_1' }).kind
  expect(named('ZZORDERS', ['WORKORDER'])).toBe('proposal')
  expect(named('MXAPIWODETAIL', ['ASSET'])).toBe('none')
  await plant.approve(made)
  await plant.commit(made)
  const cancelled = database
    .find('SYNONYMDOMAIN', 'domainid', 'WOSTATUS')
    .find(({ value }) => value === 'CAN')
  if (cancelled === undefined) throw new Error('no such status')
  const renamed = database.update('SYNONYMDOMAIN', cancelled, { value: 'DROPPED' })
  const undo = await plant.plan(await plant.stage('plan_undo', { change_id: made, reason: 'x' }))
  database.update('SYNONYMDOMAIN', renamed, { value: 'CAN' })
  expect([undo.risk, undo.records[0]?.diff[0]]).toEqual([
    'high',
    { field: 'status', before: 'WAPPR', after: 'DROPPED' },
  ])
})

test('that has no opposite says so before and after', async () => {
  const id = await plant.stage('add_work_log', { record: '1001', kind: 'work_order', summary: 'For ever' })
  expect((await plant.look(id)).body['undo']).toMatch(/^It cannot be undone: /)
  await plant.commit(id)
  expect(await plant.refused('plan_undo', { change_id: id, reason: 'x' })).toMatch(
    /^refused: .*cannot be put back/,
  )
  expect(await plant.refused('plan_undo', { change_id: 'nothing', reason: 'x' })).toMatch(/^not_found/)
})
