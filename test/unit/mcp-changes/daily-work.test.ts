import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openChangedPlant, type ChangedPlant } from '../../support/changes/changed-plant.ts'

let plant: ChangedPlant
beforeAll(async () => {
  plant = await openChangedPlant()
})
afterAll(() => plant.close())
afterEach(() => plant.simulator.faults.clear())

const rows = (table: string, field: string, value: string) =>
  plant.simulator.plant.find(table, field, value).filter((row) => (row['siteid'] ?? 'BEDFORD') === 'BEDFORD')
const done = async (id: string): Promise<Record<string, unknown>> => {
  await plant.approve(id)
  const said = await plant.commit(id)
  if (said.isError) throw new Error(said.text)
  return said.body
}
const newOrder = async (bend: object = { asset: '11430' }): Promise<string> => {
  const body = await done(await plant.stage('create_work_order', { description: 'Seal leaks', ...bend }))
  const wonum = String((body['records'] as { record: string }[])[0]?.record).split('/')[1] ?? ''
  await done(await plant.stage('change_work_order_status', { wonum, status: 'INPRG' }))
  return wonum
}
/** The answer to the next write is lost: before Maximo did it, or after. */
const lose = (when: 'before-answer' | 'after-work', times = 1): void =>
  plant.simulator.faults.add({ fault: { kind: 'reset', when }, times, when: 'doclinks' })
const loseWrite = (when: 'before-answer' | 'after-work'): void =>
  plant.simulator.faults.add({ fault: { kind: 'reset', when }, times: 1, when: 'interactive=1' })
const looked = async (id: string): Promise<unknown> => {
  await plant.approve(id)
  expect((await plant.commit(id)).text).toMatch(/^unknown_outcome/)
  plant.door.workshop.clock.advance(130_000)
  return (await plant.look(id)).body['state']
}

describe('complete_work_order', () => {
  test('writes labor and failures, then readings, then the status, in one plan', async () => {
    const wonum = await newOrder()
    const id = await plant.stage('complete_work_order', {
      ...{ wonum, problem: 'leak', memo: 'Seal changed', finished_at: '2026-11-20T10:00:00Z' },
      labor: [{ labor: 'SAM', hours: 2.5 }],
      meters: [{ meter: 'RUNHOURS', value: '999999' }],
    })
    const { records } = await plant.plan(id)
    expect(records.map(({ wanted }) => wanted.op)).toEqual(['update', 'update', 'status'])
    expect(records.flatMap(({ diff }) => diff.map(({ field, after }) => [field, after]))).toEqual(
      expect.arrayContaining([
        ['labtrans[new 1].regularhrs', 2.5],
        ['failurereport[new 1].failurecode', 'LEAK'],
        ['newreading', '999999'],
        ['status', 'COMP'],
        ['memo', 'Seal changed'],
      ]),
    )
    expect(plant.workOrder(wonum, 'status')).toBe('INPRG')
    const body = await done(id)
    expect(body).toMatchObject({ state: 'written', records: [{}, {}, { now: { status: 'COMP' } }] })
    expect(rows('LABTRANS', 'refwo', wonum)).toMatchObject([{ laborcode: 'SAM', regularhrs: 2.5 }])
    expect(rows('FAILUREREPORT', 'wonum', wonum)).toMatchObject([{ type: 'PROBLEM', failurecode: 'LEAK' }])
    expect(Number(plant.workOrder(wonum, 'actfinish'))).toBe(Date.parse('2026-11-20T10:00:00Z'))
  })

  test('that Maximo refuses in part says which part stays, and is not complete', async () => {
    const wonum = await newOrder()
    const id = await plant.stage('complete_work_order', {
      ...{ wonum, labor: [{ labor: 'SAM', hours: 1 }] },
      meters: [{ meter: 'RUNHOURS', value: 'many' }],
    })
    await plant.approve(id)
    expect((await plant.commit(id)).text).toMatch(
      new RegExp(`^partly_written: .*${wonum} written .*not_written .*${wonum} not_attempted`),
    )
    expect(plant.workOrder(wonum, 'status')).toBe('INPRG')
  })

  test.each<[string, object, RegExp]>([
    ['twice', { wonum: 'COMPLETED' }, /^invalid_value: .*(already as it should|may not move)/],
    ['with a failure code that is none', { problem: 'x'.repeat(60) }, /^invalid_input/],
    [
      'with a meter that its asset has not',
      { meters: [{ meter: 'NONE', value: '1' }] },
      /^not_found: .*meter NONE/,
    ],
    ['with labor that is nobody', { labor: [{ labor: 'TOOLONGACODE', hours: 1 }] }, /^invalid_value/],
    ['that is not there', { wonum: '999999' }, /^not_found/],
  ])('is not planned %s', async (_name, bend, refusal) => {
    const wonum = await newOrder()
    if ('wonum' in bend && bend.wonum === 'COMPLETED') {
      await done(await plant.stage('complete_work_order', { wonum }))
      expect(await plant.refused('complete_work_order', { wonum })).toMatch(refusal)
    } else expect(await plant.refused('complete_work_order', { wonum, ...bend })).toMatch(refusal)
  })

  test('without an asset reads no meters', async () => {
    const wonum = await newOrder({ location: 'BR230' })
    const said = await plant.refused('complete_work_order', {
      wonum,
      meters: [{ meter: 'RUNHOURS', value: '1' }],
    })
    expect(said).toMatch(/^invalid_value: Work order .* has no asset/)
  })
})

describe('issue_items', () => {
  const stock = () => Number(rows('INVENTORY', 'itemnum', '117021')[0]?.['curbal'])
  const args = (kind: 'issue' | 'return', wonum: string, quantity = 2) => ({
    ...{ kind, wonum, item: '117021', storeroom: 'central', quantity },
  })

  test('takes out of the storeroom and brings back', async () => {
    const wonum = await newOrder()
    const before = stock()
    await done(await plant.stage('issue_items', args('issue', wonum)))
    expect(stock()).toBe(before - 2)
    await done(await plant.stage('issue_items', args('return', wonum, 1)))
    expect(stock()).toBe(before - 1)
    expect(
      rows('MATUSETRANS', 'refwo', wonum).map(({ issuetype, quantity }) => [issuetype, quantity]),
    ).toEqual([
      ['ISSUE', -2],
      ['RETURN', 1],
    ])
  })

  test.each<['before-answer' | 'after-work', string, number]>([
    ['after-work', 'written', 2],
    ['before-answer', 'not_written', 1],
  ])('whose answer was lost %s is found beside one that is the same', async (when, state, count) => {
    const wonum = await newOrder()
    await done(await plant.stage('issue_items', args('issue', wonum)))
    const id = await plant.stage('issue_items', args('issue', wonum))
    loseWrite(when)
    expect(await looked(id)).toBe(state)
    expect(rows('MATUSETRANS', 'refwo', wonum)).toHaveLength(count)
  })

  test('warns of more than there is, and refuses what the storeroom does not keep', async () => {
    const wonum = await newOrder()
    const id = await plant.stage('issue_items', args('issue', wonum, 5_000))
    expect((await plant.plan(id)).warnings).toEqual([expect.stringMatching(/^The storeroom has \d+ of it/)])
    const nowhere = { ...args('issue', wonum), storeroom: 'NSTORE' }
    expect(await plant.refused('issue_items', nowhere)).toMatch(/^not_found: There is no stock of 117021/)
  })
})

describe('report_downtime', () => {
  const AT = '2026-11-20T08:00:00Z'
  const isRunning = () => rows('ASSET', 'assetnum', '11430')[0]?.['isrunning']
  const history = () => rows('MODDOWNTIMEHIST', 'assetnum', '11430')

  test('takes the asset of a work order down and up again, once each', async () => {
    const wonum = await newOrder()
    const args = { wonum, state: 'down', at: AT, code: 'BREAKDOWN' }
    const id = await plant.stage('report_downtime', args)
    expect((await plant.plan(id)).warnings).toEqual([expect.stringContaining('asset 11430 is down')])
    expect(isRunning()).toBe(true)
    await done(id)
    expect([isRunning(), history()]).toMatchObject([
      false,
      [{ startdate: Date.parse(AT), code: 'BREAKDOWN' }],
    ])
    expect(await plant.refused('report_downtime', args)).toMatch(/^conflict: Asset 11430 is down already/)
    await done(await plant.stage('report_downtime', { wonum, state: 'up', at: '2026-11-20T09:30:00Z' }))
    expect([isRunning(), history()]).toMatchObject([true, [{ enddate: Date.parse('2026-11-20T09:30:00Z') }]])
  })

  test.each<['before-answer' | 'after-work', string, number]>([
    ['after-work', 'written', 1],
    ['before-answer', 'not_written', 0],
  ])('whose answer was lost %s is found in the history of the asset', async (when, state, more) => {
    const wonum = await newOrder()
    const before = history().length
    const id = await plant.stage('report_downtime', { wonum, state: 'down', at: '2026-11-21T08:00:00Z' })
    loseWrite(when)
    expect(await looked(id)).toBe(state)
    expect(history()).toHaveLength(before + more)
    if (more === 1)
      await done(await plant.stage('report_downtime', { wonum, state: 'up', at: '2026-11-21T09:00:00Z' }))
  })

  test('is refused without an asset, and of the future by Maximo', async () => {
    const bare = await newOrder({ location: 'BR230' })
    const args = { state: 'down', at: '2099-01-01T00:00:00Z' }
    expect(await plant.refused('report_downtime', { ...args, wonum: bare })).toMatch(
      /^invalid_value: .*no asset/,
    )
    const id = await plant.stage('report_downtime', { ...args, wonum: await newOrder() })
    await plant.approve(id)
    expect((await plant.commit(id)).text).toMatch(/^invalid_value: Nothing was written/)
    expect(isRunning()).toBe(true)
  })
})

describe('add_planned_work', () => {
  test('adds crafts and items to the plan of a work order, together', async () => {
    const wonum = await newOrder()
    const args = {
      wonum,
      labor: [{ craft: 'MECH', hours: 3, people: 2 }],
      materials: [{ item: '11453', quantity: 1, storeroom: 'CENTRAL' }],
    }
    expect(await done(await plant.stage('add_planned_work', args))).toMatchObject({ state: 'written' })
    expect(rows('WPLABOR', 'wonum', wonum)).toMatchObject([{ craft: 'MECH', laborhrs: 3, quantity: 2 }])
    expect(rows('WPMATERIAL', 'wonum', wonum)).toMatchObject([
      { itemnum: '11453', itemqty: 1, location: 'CENTRAL' },
    ])
    expect(await plant.refused('add_planned_work', { wonum })).toMatch(
      /^invalid_value: There is nothing to write/,
    )
  })
})

describe('attach_file', () => {
  const file = (wonum: string, name = 'report') => ({
    ...{
      object: 'mxapiwodetail',
      id: `BEDFORD/${wonum}`,
      name,
      type: 'md',
      content: '# Done\nSeal changed.',
    },
  })
  const attached = (wonum: string) =>
    plant.simulator.plant.find('DOCLINKS', 'ownerid', Number(plant.workOrder(wonum, 'workorderid')))

  test('shows all of the text to whoever agrees, and attaches it', async () => {
    const wonum = await newOrder()
    const id = await plant.stage('attach_file', file(wonum))
    expect((await plant.plan(id)).records[0]?.diff).toEqual([
      { field: 'attachment', before: null, after: 'report.md' },
      { field: 'attachment content', before: null, after: '# Done\nSeal changed.' },
    ])
    expect(await done(id)).toMatchObject({ state: 'written' })
    expect(attached(wonum)).toMatchObject([{ urlname: 'report.md', attachmentsize: 20 }])
  })

  test.each<['before-answer' | 'after-work', string, number]>([
    ['after-work', 'written', 2],
    ['before-answer', 'not_written', 1],
  ])('whose answer was lost %s is found beside one of the same name', async (when, state, count) => {
    const wonum = await newOrder()
    await done(await plant.stage('attach_file', file(wonum)))
    const id = await plant.stage('attach_file', { ...file(wonum), content: 'another' })
    lose(when)
    expect(await looked(id)).toBe(state)
    expect(attached(wonum)).toHaveLength(count)
  })

  test.each(['evil.exe', '../up', 'a\n', 'x'.repeat(81)])('takes no %j', async (name) => {
    expect(await plant.refused('attach_file', file('1001', name))).toMatch(/^invalid_input: .*name/)
  })
})

describe('receive_items', () => {
  const order = () => {
    const open = plant.simulator.plant
      .rows('POLINE')
      .find(
        (row) =>
          row['siteid'] === 'BEDFORD' &&
          Number(row['orderqty']) - Number(row['receivedqty'] ?? 0) >= 3 &&
          statusOf(row) === 'APPR',
      )
    if (open === undefined) throw new Error('no approved order is open')
    return {
      number: String(open['ponum']),
      line: Number(open['polinenum']),
      received: Number(open['receivedqty'] ?? 0),
    }
  }
  const statusOf = (line: Readonly<Record<string, unknown>>) =>
    rows('PO', 'ponum', String(line['ponum'])).find((po) => po['revisionnum'] === line['revisionnum'])?.[
      'status'
    ]
  const receipts = (ponum: string) => rows('MATRECTRANS', 'ponum', ponum).length

  test('enters a receipt that carries the change, of high risk and for money’s scope alone', async () => {
    const { number, line, received } = order()
    const before = receipts(number)
    const id = await plant.stage('receive_items', { number, line, quantity: 1 })
    expect((await plant.plan(id)).risk).toBe('high')
    expect((await plant.look(id)).text).toContain('(the id of this change)')
    expect(await done(id)).toMatchObject({ state: 'written' })
    expect(receipts(number)).toBe(before + 1)
    expect(rows('MATRECTRANS', 'externalrefid', id.slice(0, 10))).toMatchObject([
      { ponum: number, quantity: 1 },
    ])
    const left = rows('POLINE', 'ponum', number).find((row) => row['polinenum'] === line)
    expect(left?.['receivedqty']).toBe(received + 1)
    const args = { tool: 'receive_items', arguments: { number, line, quantity: 1, reason: 'x' } }
    await expect(plant.ask('call_write_tool', args, undefined, 'maximo:read maximo:write')).rejects.toThrow(
      '"insufficient_scope","scope":"maximo:write maximo:finance"',
    )
  })

  test.each<['before-answer' | 'after-work', string, number]>([
    ['after-work', 'written', 1],
    ['before-answer', 'not_written', 0],
  ])('whose answer was lost %s is told from one that somebody else entered', async (when, state, count) => {
    const { number, line } = order()
    const id = await plant.stage('receive_items', { number, line, quantity: 1 })
    await done(await plant.stage('receive_items', { number, line, quantity: 1, packing_slip: 'OTHER' }))
    loseWrite(when)
    expect(await looked(id)).toBe(state)
    expect(rows('MATRECTRANS', 'externalrefid', id.slice(0, 10))).toHaveLength(count)
  })

  test('is refused for a line that is not there, and for more than is left', async () => {
    const { number, line } = order()
    expect(await plant.refused('receive_items', { number, line: 99, quantity: 1 })).toMatch(
      /^not_found: .*has no line 99/,
    )
    expect(await plant.refused('receive_items', { number, line, quantity: 900_000 })).toMatch(
      /^invalid_value: Only \d+ of line/,
    )
    const waiting = rows('PO', 'status', 'WAPPR')[0]
    const id = await plant.stage('receive_items', {
      number: String(waiting?.['ponum']),
      line: 1,
      quantity: 1,
    })
    await plant.approve(id)
    expect((await plant.commit(id)).text).toMatch(/^invalid_value: Nothing was written/)
  })
})
