import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { resourceId } from '../../../src/dev/simulator/resource-id.ts'
import { mboNamed } from '../../../src/dev/simulator/schema/catalog.ts'
import { rowsIn, runningPlant } from './running-plant.ts'

const plant = runningPlant()
const decoded = (id: string): string =>
  Buffer.from(id.slice(1).replaceAll('_', '+').replaceAll('-', '='), 'base64').toString()

describe('a resource id', () => {
  test.each([
    ['WORKORDER', { siteid: 'BEDFORD', wonum: '1107' }, '_QkVERk9SRC8xMTA3'],
    ['ASSET', { siteid: 'BEDFORD', assetnum: '11200' }, '_MTEyMDAvQkVERk9SRA--'],
    ['TICKET', { ticketid: '86417341', class: 'SR' }, '_U1IvODY0MTczNDE-'],
    ['LOCATIONS', { siteid: 'BEDFORD', location: 'BR200' }, '_QlIyMDAvQkVERk9SRA--'],
    ['LABOR', { laborcode: 'ADAMS', orgid: 'EAGLENA' }, '_QURBTVMvRUFHTEVOQQ--'],
  ])('of %s is the base64 of its keys, ordered by name', (table, row, id) => {
    expect(resourceId(mboNamed(table), row)).toBe(id)
  })

  test('writes a null key and a slash in a key as Maximo does', () => {
    expect(decoded(resourceId(mboNamed('JOBPLAN'), { jpnum: 'JP1', orgid: 'EAGLENA', pluscrevnum: 0 }))).toBe(
      'JP1/EAGLENA/0/~NULL~',
    )
    const row = { itemnum: '11/32', itemsetid: 'SET1' }
    expect(decoded(resourceId(mboNamed('ITEM'), row))).toBe('11"sp"32/SET1')
  })

  test('of every record of every object structure leads back to it', async () => {
    for (const name of [
      'mxapiwodetail',
      'mxapisr',
      'mxapilabor',
      'mxapijobplan',
      'mxapiassetmeter',
      'mxapisynonymdomain',
    ]) {
      const { json } = await plant.ask(`os/${name}`, { relativeuri: '1', 'oslc.pageSize': '12' })
      for (const { href } of json.member) {
        const answered = await plant.ask(href.replace(/^oslc\//, ''), {
          relativeuri: '1',
          'oslc.select': 'nothing',
        })
        expect(answered.json.href).toBe(href)
      }
    }
  })
})

describe('a record is found', () => {
  const row = (): Row =>
    plant.oracle.rows('ASSET', (one) => one['assetnum'] === '11430' && one['siteid'] === 'BEDFORD')[0] ?? {}
  const id = (): string => resourceId(mboNamed('ASSET'), row())

  test('by its id, whole when nothing is selected', async () => {
    const { json } = await plant.ask(`os/mxapiasset/${id()}`)
    expect(json).toMatchObject({ assetnum: '11430', siteid: 'BEDFORD', assetmeter: expect.any(Array) })
  })
  test('by its numeric unique id', async () => {
    const { json } = await plant.ask(`os/mxapiasset/${String(row()['assetuid'])}`, {
      'oslc.properties': 'assetnum',
    })
    expect(json).toMatchObject({ assetnum: '11430', href: expect.stringContaining(id()) })
  })
  test.each([
    ['with the padding of old releases', () => id().replaceAll('-', '=')],
    ['without padding', () => id().replaceAll('-', '')],
    [
      'with the keys in another order',
      () => `_${Buffer.from('BEDFORD/11430').toString('base64').replaceAll('=', '-')}`,
    ],
    ['of another table', () => '_QkVERk9SRC8xMDIy'],
    ['in plain text', () => '11430'],
    ['with a child key', () => encodeURIComponent('http://childkey#QVNTRVQ-')],
  ])('not by an id %s', async (_name, build) => {
    const { status, json } = await plant.ask(`os/mxapiasset/${build()}`)
    expect([status, json.Error.reasonCode]).toEqual([404, 'BMXAA8727E'])
  })
})

describe('related records', () => {
  const order = 'os/mxapiwodetail/_QkVERk9SRC8xMDIy'

  test('are a collection like any other', async () => {
    const tasks = await plant.ask(`${order}/woactivity`, {
      'oslc.select': 'taskid',
      'oslc.where': 'taskid<=30',
      'oslc.orderBy': '-taskid',
      'oslc.pageSize': '2',
      collectioncount: '1',
    })
    expect(tasks.json.member.map((task) => task['taskid'])).toEqual([30, 20])
    expect(tasks.json.responseInfo.totalCount).toBe(3)
    expect((await plant.ask(`${order}/woactivity`, { count: '1' })).json).toEqual({ totalCount: 9 })
  })
  test('are served under their localref', async () => {
    const { json } = await plant.ask(order, { 'oslc.select': 'woactivity{taskid}', relativeuri: '1' })
    const [task] = rowsIn(json['woactivity'])
    const alone = await plant.ask(String(task?.localref).replace(/^oslc\//, ''), {
      'oslc.select': 'taskid',
      relativeuri: '1',
    })
    expect(alone.json).toMatchObject({ taskid: task?.['taskid'], localref: task?.localref })
  })
  test('may be rendered through another object structure', async () => {
    const asset = plant.oracle.workOrders(
      (row) => row['siteid'] === 'BEDFORD' && row['assetnum'] !== undefined,
    )[0]
    const { json } = await plant.ask(`os/mxapiwodetail/${String(asset?.['workorderid'])}/asset.mxapiasset`, {
      'oslc.select': 'assetnum',
    })
    expect(json.member[0]).toMatchObject({
      assetnum: asset?.['assetnum'],
      href: expect.stringContaining('/os/mxapiasset/_'),
    })
  })
  test('of an unknown relation are 404 BMXAA4187E; an unknown child is 404', async () => {
    expect((await plant.ask(`${order}/nosuch`)).json.Error).toMatchObject({
      statusCode: '404',
      reasonCode: 'BMXAA4187E',
    })
    expect((await plant.ask(`${order}/woactivity/0-99999`)).status).toBe(404)
  })
  test('that are attachments are an empty list', async () => {
    expect((await plant.ask(`${order}/doclinks`, { relativeuri: '1' })).json).toEqual({
      href: `oslc/${order}/doclinks`,
      member: [],
    })
  })
  test('include the value list of an attribute', async () => {
    const { json } = await plant.ask(`${order}/getlist~status`, { 'oslc.select': 'value,maxvalue' })
    expect(json.member.map((one) => one['value'])).toContain('APPR S1')
  })
})
