import { describe, expect, test } from 'vitest'
import { pathOf, refusalOf, rowsIn, runningPlant, type Answered, type Posting } from './running-plant.ts'

const plant = runningPlant()
const anywhere = runningPlant({ rules: { workOrderMoves: 'anywhere' } })
const WO = 'os/mxapiwodetail'
const newOrder = async (status: string, on = plant): Promise<string> =>
  pathOf((await on.post(WO, { siteid: 'BEDFORD', status })).headers['location'])
const change = (path: string, payload: unknown, posting: Posting = {}, on = plant): Promise<Answered> =>
  on.patch(path, payload, { parameters: { action: 'wsmethod:changeStatus' }, ...posting })
const read = async (path: string): Promise<Record<string, unknown>> => (await plant.ask(path)).json

describe('changing a status', () => {
  test('answers 204, dates it, and keeps the history with its memo', async () => {
    const path = await newOrder('WAPPR')
    const answered = await change(path, {
      status: 'INPRG',
      memo: 'started',
      date: '2026-11-20T08:00:00-05:00',
    })
    expect([answered.status, answered.text]).toEqual([204, ''])
    const order = await read(path)
    expect(order).toMatchObject({
      status: 'INPRG',
      status_description: 'In progress',
      statusdate: '2026-11-20T08:00:00-05:00',
      actstart: '2026-11-20T08:00:00-05:00',
    })
    expect(rowsIn(order['wostatus']).at(-1)).toMatchObject({
      status: 'INPRG',
      memo: 'started',
      changeby: 'WILSON',
    })
  })

  test('by POST without the override, and by a plain update, is the same', async () => {
    const path = await newOrder('WAPPR')
    const options = { parameters: { action: 'wsmethod:changeStatus' } }
    expect((await plant.post(path, { status: 'APPR' }, options)).status).toBe(204)
    expect((await plant.patch(path, { status: 'COMP' })).status).toBe(204)
    expect(await read(path)).toMatchObject({ status: 'COMP', actfinish: expect.any(String) })
  })

  test('to CLOSE makes it history and ends it', async () => {
    const path = await newOrder('COMP')
    await change(path, { status: 'CLOSE' })
    expect(await read(path)).toMatchObject({ historyflag: true })
    expect(refusalOf(await change(path, { status: 'WAPPR' }))).toEqual([400, 'BMXAA4590E', '400'])
  })

  test('takes the tasks along where they may go', async () => {
    const { headers } = await plant.post(WO, { woactivity: [{}, { status: 'COMP' }] })
    const path = pathOf(headers['location'])
    await change(path, { status: 'APPR' })
    expect(rowsIn((await read(path))['woactivity']).map((task) => task['status'])).toEqual(['APPR', 'COMP'])
  })

  test('takes a synonym, the site’s own only at that site', async () => {
    const path = await newOrder('WAPPR')
    expect((await change(path, { status: 'APPR S1' })).status).toBe(204)
    expect((await change(path, { status: 'WPCOND' })).status).toBe(204)
    const nashua = pathOf((await plant.post(WO, { siteid: 'NASHUA' })).headers['location'])
    expect((await change(nashua, { status: 'APPR S1' })).json.Error.reasonCode).toBe('BMXAA4190E')
  })
})

describe('a status change is refused', () => {
  test.each([
    ['to the status it has', 'APPR', { status: 'APPR' }, 'BMXAA0032E'],
    ['from COMP to APPR', 'COMP', { status: 'APPR' }, 'BMXAA4679E'],
    ['from COMP to INPRG', 'COMP', { status: 'INPRG' }, 'BMXAA4638E'],
    ['to CAN once approved', 'APPR', { status: 'CAN' }, 'BMXAA4679E'],
    ['with a memo that is too long', 'WAPPR', { status: 'APPR', memo: 'm'.repeat(51) }, 'BMXAA4049E'],
  ])('%s: BMXAA4590E with its cause', async (_name, from, payload, cause) => {
    const path = await newOrder(from)
    const answered = await change(path, payload)
    expect(refusalOf(answered)).toEqual([400, 'BMXAA4590E', '400'])
    expect(answered.json.Error.message).toMatch(
      new RegExp(`^BMXAA4590E - Could not change Work Order \\d+ status to [A-Z]+\\.\\n\\t${cause} - `),
    )
    expect(await read(path)).toMatchObject({ status: from })
  })

  test('without a status, with one that does not exist, and with a date that is none', async () => {
    const path = await newOrder('WAPPR')
    expect(refusalOf(await change(path, {}))).toEqual([400, 'BMXAA4195E', '400'])
    expect(refusalOf(await change(path, { status: 'nosuch' }))).toEqual([400, 'BMXAA4190E', '400'])
    expect((await change(path, { status: 'APPR', date: 'soon' })).status).toBe(400)
  })

  test('without the right: one may work, but not close', async () => {
    const path = await newOrder('WAPPR')
    expect((await change(path, { status: 'COMP' }, { as: 'SAM' })).status).toBe(204)
    expect(refusalOf(await change(path, { status: 'CLOSE' }, { as: 'SAM' }))).toEqual([
      400,
      'BMXAA0024E',
      '400',
    ])
    const [asset] = plant.oracle.rows('ASSET', (row) => row['siteid'] === 'NASHUA')
    const there = `os/mxapiasset/${String(asset?.['assetuid'])}`
    const denied = await change(there, { status: 'BROKEN' }, { as: 'LIMITED' })
    expect(refusalOf(denied)).toEqual([400, 'BMXAA0024E', '400'])
    expect((await change(there, { status: 'BROKEN' })).status).toBe(204)
  })

  test('and an action that its object does not have', async () => {
    const path = await newOrder('WAPPR')
    const answered = await plant.patch(path, {}, { parameters: { action: 'wsmethod:noSuch' } })
    expect(refusalOf(answered)).toEqual([400, 'BMXAA0024E', '400'])
  })
})

test('what allowedstates lists is what is allowed, and nothing else', async () => {
  const values = ['WAPPR', 'APPR', 'WSCH', 'WMATL', 'INPRG', 'COMP', 'CLOSE', 'CAN']
  for (const from of ['WAPPR', 'INPRG', 'COMP']) {
    const path = await newOrder(from)
    const { json } = await plant.ask(path, { 'oslc.select': 'allowedstates' })
    const listed = Object.keys(json['allowedstates'] as object)
    for (const to of values) {
      const fresh = await newOrder(from)
      expect([from, to, (await change(fresh, { status: to })).status]).toEqual([
        from,
        to,
        listed.includes(to) ? 204 : 400,
      ])
    }
  }
})

test('Anywhere’s table cancels approved work and closes nothing', async () => {
  const path = await newOrder('APPR', anywhere)
  expect((await change(path, { status: 'CAN' }, {}, anywhere)).status).toBe(204)
  expect((await change(await newOrder('COMP', anywhere), { status: 'CLOSE' }, {}, anywhere)).status).toBe(400)
})

describe('a service request', () => {
  test('goes into the queue with its owner, dates its work, and never back to NEW', async () => {
    const path = pathOf((await plant.post('os/mxapisr', { description: 'Help' })).headers['location'])
    expect(await read(path)).toMatchObject({ status: 'NEW', class: 'SR', reportedby: 'WILSON' })
    await plant.patch(path, { owner: 'STOKES' })
    expect(await read(path)).toMatchObject({ status: 'QUEUED' })
    await change(path, { status: 'INPROG' })
    await change(path, { status: 'RESOLVED' })
    expect(await read(path)).toMatchObject({
      actualstart: expect.any(String),
      actualfinish: expect.any(String),
    })
    expect(refusalOf(await change(path, { status: 'NEW' }))).toEqual([400, 'BMXAA4590E', '400'])
    await change(path, { status: 'CLOSED' })
    expect((await change(path, { status: 'CANCELLED' })).status).toBe(204)
    expect((await change(path, { status: 'QUEUED' })).status).toBe(400)
    const history = rowsIn((await read(path))['tkstatus']).map((row) => row['status'])
    expect(history).toEqual(['QUEUED', 'INPROG', 'RESOLVED', 'CLOSED', 'CANCELLED'])
  })
})

describe('a meter reading', () => {
  const meter = (assetnum: string, metername: string): string => {
    const [row] = plant.oracle.rows(
      'ASSETMETER',
      (one) => one['assetnum'] === assetnum && one['metername'] === metername,
    )
    return `os/mxapiassetmeter/${String(row?.['assetmeterid'])}`
  }
  test('becomes the last one; a difference is added', async () => {
    const path = meter('13170', 'RUNHOURS')
    await plant.patch(path, { newreading: '12', newreadingdate: '2026-11-21T10:00:00-05:00' }, { as: 'SAM' })
    expect(await read(path)).toMatchObject({
      lastreading: '1011',
      previousreading: '999',
      lastreadingdate: '2026-11-21T10:00:00-05:00',
      lastreadinginspctr: 'SAM',
    })
    expect(await read(path)).not.toHaveProperty('newreading')
  })
  test.each([
    ['outside its domain', '13170', 'GUARD RAIL', '1/2', 'BMXAA4190E'],
    ['that is no number', '11300', 'TEMP-F', 'warm', 'BMXAA4198E'],
  ])('%s is refused', async (_name, asset, name, newreading, code) => {
    expect(refusalOf(await plant.patch(meter(asset, name), { newreading }))).toEqual([400, code, '400'])
  })
  test('reaches the meter through its asset as well', async () => {
    const [asset] = plant.oracle.rows('ASSET', (row) => row['assetnum'] === '13170')
    const entry = { metername: 'GUARD RAIL', linearassetmeterid: 0, newreading: '1/4' }
    await plant.patch(`os/mxapiasset/${String(asset?.['assetuid'])}`, { assetmeter: [entry] })
    expect(await read(meter('13170', 'GUARD RAIL'))).toMatchObject({ lastreading: '1/4' })
  })
})
