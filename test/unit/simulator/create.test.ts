import { describe, expect, test } from 'vitest'
import { pathOf, refusalOf, rowsIn, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const WO = 'os/mxapiwodetail'
const create = (payload: unknown, headers: Record<string, string> = {}, as = 'WILSON'): Promise<Answered> =>
  plant.post(WO, payload, { headers, as })
const count = (): number => plant.oracle.count('WORKORDER')

describe('creating a record', () => {
  test('answers 201 with its address and no body', async () => {
    const answered = await create({ siteid: 'BEDFORD', description: 'Leak', worktype: 'CM' })
    expect([answered.status, answered.text]).toEqual([201, ''])
    const read = await plant.ask(pathOf(answered.headers['location']))
    expect(read.json).toMatchObject({
      description: 'Leak',
      worktype: 'CM',
      status: 'WAPPR',
      orgid: 'EAGLENA',
      woclass: 'WORKORDER',
      istask: false,
      reportedby: 'WILSON',
      changeby: 'WILSON',
      reportdate: '2026-11-22T12:00:00-05:00',
    })
    expect(read.json['wonum']).toMatch(/^\d+$/)
  })

  test('shows what the properties header asks for, in its own grammar', async () => {
    const answered = await create(
      {
        description: 'Two lines',
        wplabor: [
          { craft: 'MECH', laborhrs: 2 },
          { laborcode: 'ADAMS', laborhrs: 1 },
        ],
      },
      { properties: 'wonum,siteid,estlabhrs,wplabor{craft,laborhrs}' },
    )
    expect(answered.status).toBe(201)
    expect(answered.json).toMatchObject({ siteid: 'BEDFORD', estlabhrs: 3, _rowstamp: expect.any(String) })
    expect(rowsIn(answered.json['wplabor']).map(({ craft, laborhrs }) => [craft, laborhrs])).toEqual([
      ['MECH', 2],
      ['MECH', 1],
    ])
  })

  test('shifts UPPER values, and reads dates in the writer’s zone', async () => {
    const answered = await create(
      { assetnum: '11430', schedstart: '2026-12-01T08:00:00', ownergroup: 'maint' },
      { properties: 'schedstart,ownergroup,location' },
    )
    expect(answered.json).toMatchObject({
      schedstart: '2026-12-01T08:00:00-05:00',
      ownergroup: 'MAINT',
      location: 'BR430',
    })
  })

  test('numbers tasks, and gives them and notes what they inherit', async () => {
    const answered = await create(
      {
        description: 'Job',
        woactivity: [{ description: 'One' }, { description: 'Two' }],
        worklog: [{ description: 'n' }],
      },
      {
        properties:
          'wonum,haschildren,woactivity{taskid,siteid,status,parent,woclass},worklog{createby,logtype,class}',
      },
    )
    const tasks = rowsIn(answered.json['woactivity'])
    expect(tasks.map((task) => task['taskid'])).toEqual([10, 20])
    expect(tasks[0]).toMatchObject({ siteid: 'BEDFORD', status: 'WAPPR', woclass: 'ACTIVITY' })
    expect(tasks[0]?.['parent']).toBe(answered.json['wonum'])
    expect(answered.json['haschildren']).toBe(true)
    expect(rowsIn(answered.json['worklog'])[0]).toMatchObject({
      createby: 'WILSON',
      logtype: 'CLIENTNOTE',
      class: 'WORKORDER',
    })
  })

  test('ignores what only Maximo sets, and names it does not know', async () => {
    const answered = await create(
      { historyflag: true, workorderid: 1, changeby: 'SAM', estlabcost: 9, computedWorkType: 'x' },
      { properties: 'historyflag,workorderid,changeby,estlabcost' },
    )
    expect(answered.json).toMatchObject({ historyflag: false, changeby: 'WILSON', estlabcost: 0 })
    expect(answered.json['workorderid']).not.toBe(1)
  })

  test('may start in another legal status, with its history', async () => {
    const answered = await create({ status: 'APPR' }, { properties: 'status,wostatus{status}' })
    expect(answered.json['status']).toBe('APPR')
    expect(rowsIn(answered.json['wostatus']).map((row) => row['status'])).toEqual(['APPR'])
  })

  test('needs a prefix on every name without lean', async () => {
    const answered = await plant.askRaw(WO, {
      method: 'POST',
      headers: { 'content-type': 'application/json', properties: 'spi:description,spi:worktype' },
      body: JSON.stringify({ 'spi:description': 'kept', worktype: 'CM' }),
    })
    expect(answered.json).toMatchObject({ 'spi:description': 'kept', 'rdf:about': expect.any(String) })
    expect(answered.json).not.toHaveProperty('spi:worktype')
  })
})

describe('a record is not created', () => {
  test.each([
    ['with a text that is too long', { description: 'x'.repeat(101) }, 'BMXAA4049E', 'description'],
    ['with a word outside its domain', { woclass: 'NOSUCH' }, 'BMXAA4190E', 'woclass'],
    ['with a status that does not exist', { status: 'NOSUCH' }, 'BMXAA4190E', 'status'],
    ['with another site’s synonym', { siteid: 'NASHUA', status: 'APPR S1' }, 'BMXAA4190E', 'status'],
    ['with a work type that does not exist', { worktype: 'ZZ' }, 'BMXAA4190E', 'worktype'],
    ['with a site that does not exist', { siteid: 'NOWHERE' }, 'BMXAA4153E', 'siteid'],
    ['with another site’s location', { siteid: 'NASHUA', location: 'BR430' }, 'BMXAA2661E', 'location'],
    ['with an asset that does not exist', { assetnum: 'NOSUCH' }, 'BMXAA0090E', 'assetnum'],
    ['with a decommissioned asset', { assetnum: '7101' }, 'BMXAA0090E', 'assetnum'],
    ['with a text for a number', { estdur: 'long' }, 'BMXAA4198E', 'estdur'],
    ['with half an integer', { wopriority: 1.5 }, 'BMXAA4198E', 'wopriority'],
    ['with a date that is none', { schedstart: '2026-02-30T00:00:00' }, 'BMXAA4198E', 'schedstart'],
    ['with a number for a yes or no', { istask: 7 }, 'BMXAA4198E', 'istask'],
    ['with an object for a text', { description: {} }, 'BMXAA4198E', 'description'],
  ])('%s', async (_name, payload, code, attribute) => {
    const before = count()
    const answered = await create(payload)
    expect(refusalOf(answered)).toEqual([400, code, '400'])
    expect(answered.json.Error).toMatchObject({ errorattrname: attribute, errorobjpath: 'workorder' })
    expect(answered.json.Error.message).toMatch(new RegExp(`^${code} - `))
    expect(count()).toBe(before)
  })

  test('when a child row is wrong: nothing of it is left', async () => {
    const before = [count(), plant.oracle.count('WPLABOR')]
    const answered = await create({ wplabor: [{ craft: 'MECH', laborhrs: 1 }, { laborcode: 'NOBODY' }] })
    expect(answered.json.Error).toMatchObject({ reasonCode: 'BMXAA4190E', errorobjpath: 'workorder/wplabor' })
    expect([count(), plant.oracle.count('WPLABOR')]).toEqual(before)
    expect((await create({ wplabor: { craft: 'MECH' } })).json.Error).toMatchObject({
      errorobjpath: 'workorder/wplabor',
    })
  })

  test('without what is required, and not twice under one key', async () => {
    const missing = await plant.post('os/mxapiitem', { description: 'no number' })
    expect(refusalOf(missing)).toEqual([400, 'BMXAA4195E', '400'])
    expect(missing.json.Error).toMatchObject({ errorattrname: 'itemnum' })
    expect((await plant.post('os/mxapiitem', { itemnum: 'new-1' })).status).toBe(201)
    expect(refusalOf(await plant.post('os/mxapiitem', { itemnum: 'NEW-1' }))).toEqual([
      400,
      'BMXAA4129E',
      '400',
    ])
    expect((await create({ wonum: 'SAME', siteid: 'BEDFORD' })).status).toBe(201)
    expect((await create({ wonum: 'SAME', siteid: 'NASHUA' })).status).toBe(201)
    expect(refusalOf(await create({ wonum: 'SAME', siteid: 'NASHUA' }))).toEqual([400, 'BMXAA4129E', '400'])
  })

  test.each([
    ['what is no JSON', '{"description":', 'application/json', 400],
    ['an array', '[]', 'application/json', 400],
    ['XML', '<x/>', 'application/xml', 415],
  ])('from %s', async (_name, body, type, status) => {
    const answered = await plant.ask(WO, {}, { method: 'POST', headers: { 'content-type': type }, body })
    expect([answered.status, answered.json.Error.reasonCode]).toEqual([
      status,
      status === 415 ? 'BMXAA8823E' : null,
    ])
  })

  test('by one who may only read, and not at a site that is not the writer’s', async () => {
    const asset = { assetnum: 'X1', siteid: 'NASHUA' }
    expect(refusalOf(await plant.post('os/mxapiasset', asset, { as: 'LIMITED' }))).toEqual([
      400,
      'BMXAA0024E',
      '400',
    ])
    expect(refusalOf(await plant.post('os/mxapiperson', {}, { as: 'SAM' }))).toEqual([
      400,
      'BMXAA9301E',
      '400',
    ])
    expect(refusalOf(await create({ siteid: 'NASHUA' }, {}, 'SAM'))).toEqual([400, 'BMXAA4153E', '400'])
    expect((await create({ siteid: 'BEDFORD' }, {}, 'SAM')).status).toBe(201)
  })
})

describe('with batcherror', () => {
  test('all problems are told beside the first', async () => {
    const { status, json } = await create({ worktype: 'ZZ', wopriority: 'x' }, { batcherror: '1' })
    expect([status, json.Error.reasonCode]).toEqual([400, 'BMXAA4198E'])
    const codes = rowsIn(json['attrerrors']).map(({ Error }) => (Error as { reasonCode: string }).reasonCode)
    expect(codes.toSorted()).toEqual(['BMXAA4190E', 'BMXAA4198E'])
  })
})

describe('a transactionid', () => {
  test('counts once in five minutes, and a failure does not use it up', async () => {
    const headers = { transactionid: 't-1' }
    expect((await create({ worktype: 'ZZ' }, headers)).status).toBe(400)
    expect((await create({}, headers)).status).toBe(201)
    const before = count()
    expect(refusalOf(await create({}, headers))).toEqual([409, 'BMXAA9524E', '409'])
    expect(count()).toBe(before)
    plant.clock.now += 5 * 60_000
    expect((await create({}, headers)).status).toBe(201)
  })
})
