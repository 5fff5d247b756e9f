import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

/** A plant whose people have statuses, revisions and loads of their own: what IBM ships is not what every site has. */
let plant: PlantDoor
let database: Database
beforeAll(async () => {
  plant = await openPlantDoor()
  if (!(plant.simulator.plant instanceof Database)) throw new Error('not a plant that can be written')
  database = plant.simulator.plant
  for (const [domainid, value, maxvalue] of [
    ['INSPRESULTSTATUS', 'TO DO', 'PENDING'],
    ['INSPRESULTSTATUS', 'SIGNED', 'COMPLETED'],
    ['PMSTATUS', 'IN FORCE', 'ACTIVE'],
    ['JOBPLANSTATUS', 'IN FORCE', 'ACTIVE'],
    ['SRSTATUS', 'AT DESK', 'NEW'],
    ['SRSTATUS', 'SETTLED', 'CLOSED'],
    ['WOSTATUS', 'DROPPED', 'CAN'],
  ] as const)
    database.insert('SYNONYMDOMAIN', {
      ...{ domainid, value, maxvalue, description: value, defaults: false },
      valueid: `${domainid}|${value}`,
    })
})
const written: [table: string, row: Row][] = []
afterEach(() => {
  plant.simulator.faults.clear()
  for (const [table, row] of written.splice(0)) database.remove(table, row)
})
afterAll(() => plant.close())

const rows = (table: string): readonly Row[] => plant.simulator.plant.rows(table)
const here = (row: Row): boolean => row['siteid'] === 'BEDFORD'
/** A row like another one, but for some values. */
function add(table: string, like: Row | undefined, values: Row): void {
  if (like === undefined) throw new Error(`no such row of ${table}`)
  written.push([table, database.insert(table, { ...like, ...values })])
}
const ask = (tool: string, args: object, as?: string): Promise<ToolReply> =>
  plant.ask('call_read_tool', { tool, arguments: args }, as)
const objects = ({ body, text, isError }: ToolReply): Record<string, unknown>[] => {
  if (isError) throw new Error(text)
  return (body['rows'] as unknown[][]).map((row) =>
    Object.fromEntries((body['cols'] as string[]).map((name, index) => [name, row[index]])),
  )
}

describe('statuses go by their meaning here', () => {
  test('inspections and calibrations that are due', async () => {
    const result = rows('INSPECTIONRESULT').find(here)
    add('INSPECTIONRESULT', result, { resultnum: 'R1', status: 'TO DO' })
    add('INSPECTIONRESULT', result, { resultnum: 'R2', status: 'SIGNED' })
    const pm = rows('PM').find(here)
    add('PM', pm, { pmnum: 'C1', worktype: 'CAL', status: 'IN FORCE' })
    add('PM', pm, { pmnum: 'C2', worktype: 'CAL', status: 'DRAFT' })
    const due = objects(await ask('list_compliance_due', { kind: 'inspection', limit: 200 }))
    expect(due.map(({ resultnum }) => resultnum)).toContain('R1')
    expect(due.map(({ resultnum }) => resultnum)).not.toContain('R2')
    const calibrations = objects(await ask('list_compliance_due', { kind: 'calibration', limit: 200 }))
    expect(calibrations.map(({ pmnum }) => pmnum)).toContain('C1')
    expect(calibrations.map(({ pmnum }) => pmnum)).not.toContain('C2')
  })

  test('requests that may be the same are those that are open', async () => {
    const model = rows('TICKET').find((row) => here(row) && typeof row['assetnum'] === 'string')
    const asset = { assetnum: '11450', assetsiteid: 'BEDFORD' }
    add('TICKET', model, { ...asset, ticketid: 'T1', status: 'NEW' })
    add('TICKET', model, { ...asset, ticketid: 'T2', status: 'AT DESK' })
    add('TICKET', model, { ...asset, ticketid: 'T3', status: 'SETTLED' })
    const request = { ticket_id: 'T1', sections: ['duplicates'] }
    const { body } = await ask('get_service_request', request)
    const { open_for_the_same_asset: same } = body['children'] as Record<string, { rows: unknown[][] }>
    const found = same?.rows.map(([ticketid]) => ticketid)
    expect(found).toContain('T2')
    expect(found).not.toContain('T3')
  })

  test('where the status list cannot be read, that is said instead of no duplicates, or of an active revision', async () => {
    const other = await openPlantDoor()
    const text = 'BMXAA9301E - No authorization'
    const fault = { kind: 'bmx-error', status: 400, code: 'BMXAA9301E', text } as const
    other.simulator.faults.add({ fault, when: 'os/mxapisynonymdomain' })
    const ticket = other.simulator.plant.rows('TICKET').find((row) => typeof row['assetnum'] === 'string')
    const args = { ticket_id: ticket?.['ticketid'], sections: ['duplicates'] }
    const { body } = await other.ask('call_read_tool', { tool: 'get_service_request', arguments: args })
    expect(body['notes']).toEqual([
      '"open_for_the_same_asset" is not known. The status list (SRSTATUS) cannot be read, so the meaning of states is not known.',
    ])
    const plan = { tool: 'get_job_plan', arguments: { job_plan: 'JP1143' } }
    expect((await other.ask('call_read_tool', plan)).body['notes']).toEqual([
      'Which revision is active is not known, since the status list cannot be read: this is the latest.',
    ])
    await other.close()
  })
})

describe('the hours of a PM', () => {
  const hours = async (pm: string): Promise<unknown> =>
    objects(await ask('get_pm_forecast', { pm, weeks: 104 }))[0]?.['labor_hours']
  const revision = (pluscrevnum: number, status: string, laborhrs: number, siteid?: string): void => {
    const plan = rows('JOBPLAN').find(({ jpnum }) => jpnum === 'JP1143')
    add('JOBPLAN', plan, { pluscrevnum, status, siteid })
    const labor = rows('JPLABOR').find(({ jpnum }) => jpnum === 'JP1143')
    add('JPLABOR', labor, { pluscrevnum, laborhrs })
  }

  test('are those of the active revision, not of a draft that came later', async () => {
    expect(await hours('1020')).toBe(4)
    revision(1, 'DRAFT', 40)
    expect(await hours('1020')).toBe(4)
    revision(2, 'IN FORCE', 7.1)
    revision(3, 'INACTIVE', 80)
    expect(await hours('1020')).toBe(7.1)
    revision(4, 'ACTIVE', 9, 'NASHUA')
    expect(await hours('1020')).toBe(7.1)
    revision(5, 'ACTIVE', 6, 'BEDFORD')
    expect(await hours('1020')).toBe(6)
  })

  test('and so is the job plan that is shown, unless another is named or none is active', async () => {
    const shown = async (args: object): Promise<unknown[]> => {
      const { body } = await ask('get_job_plan', args)
      const { pluscrevnum, status } = body['record'] as Row
      return [pluscrevnum, status, body['notes']]
    }
    const plan = rows('JOBPLAN').find(({ jpnum }) => jpnum === 'JP1143')
    const revised = (pluscrevnum: number, status: string): void => {
      add('JOBPLAN', plan, { jpnum: 'JP3', pluscrevnum, status, siteid: undefined })
    }
    revised(0, 'DRAFT')
    revised(1, 'DRAFT')
    const said = 'No revision is active: this is the latest.'
    expect(await shown({ job_plan: 'jp3' })).toEqual([1, 'DRAFT', [said]])
    revised(2, 'IN FORCE')
    revised(3, 'INACTIVE')
    revised(4, 'DRAFT')
    expect(await shown({ job_plan: 'jp3' })).toEqual([
      ...[2, 'IN FORCE', ['This is the active revision; "revision" names another.']],
    ])
    expect(await shown({ job_plan: 'jp3', revision: 4 })).toEqual([4, 'DRAFT', undefined])
    expect((await ask('get_job_plan', { job_plan: 'jp3', revision: 9 })).text).toMatch(/^not_found: /)
    expect((await ask('get_job_plan', { job_plan: 'jp4' })).text).toMatch(/^not_found: There is no job plan/)
  })

  test('are not known where no revision is active, or the user may not know, and that is said', async () => {
    add('JOBPLAN', rows('JOBPLAN')[0], { jpnum: 'JPX', status: 'DRAFT' })
    add('PM', rows('PM').find(here), { pmnum: 'P1', jpnum: 'JPX' })
    const draft = await ask('get_pm_forecast', { pm: 'P1', weeks: 104 })
    expect(objects(draft)[0]?.['labor_hours']).toBeNull()
    expect(draft.body['notes']).toContain('The job plans of 1 PMs have no active revision.')
    const fault = { kind: 'bmx-error', status: 400, code: 'BMXAA9301E', text: 'BMXAA9301E - No' } as const
    plant.simulator.faults.add({ fault, when: 'os/mxapijobplan' })
    const denied = await ask('get_pm_forecast', { pm: 'P1', weeks: 103 })
    expect(objects(denied)[0]?.['labor_hours']).toBeNull()
    expect(denied.body['notes']).toContain('The Maximo user may not read job plans: hours are not known.')
  })
})

describe('people and their load', () => {
  const WINDOW = { from: '2027-02-01', to: '2027-02-05' }
  const load = (values: Row, order: Row = {}): void => {
    const wonum = `L${written.length}`
    add('WORKORDER', rows('WORKORDER').find(here), { wonum, status: 'APPR', ...order })
    const scheduledate = Date.parse('2027-02-02T15:00:00Z')
    add('ASSIGNMENT', rows('ASSIGNMENT').find(here), {
      ...{ wonum, scheduledate, laborcode: 'ADAMS', laborhrs: 0.1 },
      ...values,
    })
  }
  const hoursOf = async (labor: string): Promise<unknown> =>
    objects(await ask('find_available_labor', WINDOW)).find((row) => row['labor'] === labor)?.[
      'assigned_hours'
    ]

  test('is a sum in hundredths, without work that was cancelled', async () => {
    load({})
    load({ laborhrs: 0.2 })
    load({ laborhrs: 5 }, { status: 'DROPPED' })
    load({ laborhrs: 5 }, { status: 'CAN' })
    expect(await hoursOf('ADAMS')).toBe(0.3)
  })

  test('are those of the user’s own site, of a site that is named, or of all', async () => {
    const active = rows('LABOR').filter(({ status }) => status === 'ACTIVE')
    const found = async (args: object): Promise<[unknown, unknown[]]> => {
      const answer = await ask('find_available_labor', { ...WINDOW, ...args })
      return [answer.body['site'], [...new Set(objects(answer).map(({ worksite }) => worksite))].sort()]
    }
    expect(await found({})).toEqual(['BEDFORD', ['BEDFORD']])
    expect(await found({ site: 'nashua' })).toEqual(['NASHUA', ['NASHUA']])
    expect(await found({ site: '*' })).toEqual([undefined, ['BEDFORD', 'NASHUA']])
    const all = objects(await ask('find_available_labor', { ...WINDOW, site: '*' }))
    expect(new Set(all.map(({ labor }) => labor)).size).toBe(active.length)
  })
})

test('similar work says among how many it ranked, and of how many', async () => {
  const model = rows('WORKORDER').find((row) => here(row) && row['istask'] === false)
  const like = { assetnum: '11430', description: 'Zymotic seal', status: 'COMP', istask: false }
  const finish = Date.parse('2026-01-01T00:00:00Z')
  for (let index = 0; index < 520; index += 1)
    add('WORKORDER', model, { ...like, wonum: `Z${index}`, actfinish: finish + index * 60_000 })
  const answer = await ask('find_similar_work', { text: 'zymotic', limit: 10 })
  expect(answer.body).toMatchObject({ returned: 10, total: 520, complete: false })
  expect(answer.body['notes']).toContain('Ranked among the 500 finished last of 520 that are like it.')
  add('WORKORDER', model, { ...like, wonum: 'Y1', description: 'Xystic belt', actfinish: finish })
  const one = await ask('find_similar_work', { text: 'xystic' })
  expect(one.body).toMatchObject({ returned: 1, total: 1, complete: true })
})
