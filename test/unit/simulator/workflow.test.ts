import { describe, expect, test } from 'vitest'
import { pathOf, refusalOf, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const INBOX = 'os/mxapiwfassignment'
const inbox = async (person: string): Promise<readonly Record<string, unknown>[]> => {
  const where = `assigncode="${person}" and assignstatus="ACTIVE"`
  const select = 'assigncode,ownertable,ownerid,description,processname'
  return (await plant.ask(INBOX, { 'oslc.where': where, 'oslc.select': select })).json.member
}
const complete = (href: unknown, payload: unknown, interactive = '0', as = 'WILSON'): Promise<Answered> =>
  plant.patch(pathOf(href), payload, {
    parameters: { action: 'wsmethod:completeAssignment', interactive },
    as,
  })
const statusOf = async (id: unknown): Promise<unknown> =>
  (await plant.ask(`os/mxapiwodetail/${String(id)}`, { 'oslc.select': 'status' })).json['status']

describe('a workflow', () => {
  test('is answered from the inbox: accepted work is approved, rejected work waits', async () => {
    const [first, second] = await inbox('WILSON')
    expect((await complete(first?.['href'], { accepted: true, memo: 'ok' })).status).toBe(204)
    expect((await complete(second?.['href'], { accepted: false })).status).toBe(204)
    expect(await statusOf(first?.['ownerid'])).toBe('APPR')
    expect(await statusOf(second?.['ownerid'])).toBe('WAPPR')
    const left = (await inbox('WILSON')).map(({ ownerid }) => ownerid)
    expect(left).not.toContain(first?.['ownerid'])
    expect(left).not.toContain(second?.['ownerid'])
    expect(refusalOf(await complete(first?.['href'], { accepted: true }))).toEqual([400, 'BMXAA0024E', '400'])
  })

  test('asks for the way on when somebody is there, once, at a transient address', async () => {
    const [task] = await inbox('WILSON')
    const asked = await complete(task?.['href'], { accepted: true }, '1')
    expect(asked.status).toBe(200)
    expect(asked.json).toMatchObject({
      nodetype: 'INPUT',
      internalnodetype: 'WFINPUT',
      responseInfo: { totalCount: 2 },
    })
    expect(await statusOf(task?.['ownerid'])).toBe('WAPPR')
    const address = pathOf(asked.headers['location'])
    expect(refusalOf(await plant.post(address, { actionid: 99 }))).toEqual([400, 'BMXAA4190E', '400'])
    expect((await plant.post(address, { actionid: 7 }, { as: 'SAM' })).status).toBe(404)
    expect((await plant.post(address, { actionid: 7, memo: 'to boss' })).status).toBe(204)
    expect(await statusOf(task?.['ownerid'])).toBe('APPR')
    expect((await plant.post(address, { actionid: 7 })).status).toBe(404)
    expect((await plant.post('wf/mxapiwfassignment_1', { actionid: 7 })).status).toBe(404)
  })

  test('belongs to its assignee, and needs an answer', async () => {
    const [theirs] = await inbox('MAXADMIN')
    expect(refusalOf(await complete(theirs?.['href'], { accepted: true }))).toEqual([
      400,
      'BMXAA0024E',
      '400',
    ])
    expect(refusalOf(await complete(theirs?.['href'], {}, '0', 'MAXADMIN'))).toEqual([
      400,
      'BMXAA4195E',
      '400',
    ])
    expect(refusalOf(await plant.post(INBOX, {}))).toEqual([405, 'BMXAA8815E', '405'])
  })

  test('is started on a record, once', async () => {
    const path = pathOf((await plant.post('os/mxapiwodetail', { supervisor: 'WILSON' })).headers['location'])
    const start = (process: string, on = path): Promise<Answered> =>
      plant.post(on, {}, { parameters: { action: `workflow:${process}` } })
    expect(refusalOf(await start('NOSUCH'))).toEqual([400, 'BMXAA0024E', '400'])
    const before = (await inbox('WILSON')).length
    const started = await start('WOAPPR')
    expect(Buffer.from(String(started.headers['wfinitiated']), 'base64').toString()).toBe('WOAPPR')
    expect(await inbox('WILSON')).toHaveLength(before + 1)
    expect((await plant.ask(`${path}/wfassignment.mxapiwfassignment`)).json.member).toHaveLength(1)
    expect((await start('WOAPPR')).status).toBe(400)
  })
})

describe('an action', () => {
  const act = (path: string, action: string, payload: unknown = {}, as = 'WILSON'): Promise<Answered> =>
    plant.post(path, payload, { parameters: { action: `wsmethod:${action}` }, as })
  const asset = (num: string): string => {
    const [row] = plant.oracle.rows('ASSET', (one) => one['assetnum'] === num)
    return `os/mxapiasset/${String(row?.['assetuid'])}`
  }

  test('of an asset makes a work order or a request about it', async () => {
    const order = await act(asset('11450'), 'createWorkorder', { description: 'Look' })
    expect((await plant.ask(pathOf(order.headers['location']))).json).toMatchObject({
      assetnum: '11450',
      location: 'BR450',
      description: 'Look',
    })
    const request = await act(asset('11450'), 'createServiceRequest')
    expect((await plant.ask(pathOf(request.headers['location']))).json).toMatchObject({
      assetnum: '11450',
      class: 'SR',
    })
  })

  test('moves an asset within its site only', async () => {
    expect((await act(asset('9000'), 'moveSingleAsset', { newlocation: 'OFF101' })).status).toBe(204)
    expect((await plant.ask(asset('9000'))).json['location']).toBe('OFF101')
    const far = await act(asset('9000'), 'moveSingleAsset', { newlocation: 'N-OFF1' })
    expect(refusalOf(far)).toEqual([400, 'BMXAA2661E', '400'])
    expect((await act(asset('9000'), 'moveSingleAsset')).json.Error.reasonCode).toBe('BMXAA4195E')
    expect((await act(asset('N4000'), 'moveSingleAsset', { newlocation: 'N-PAL' }, 'LIMITED')).status).toBe(
      400,
    )
  })

  test('of a work order follows it up, and shows its log', async () => {
    const path = pathOf(
      (await plant.post('os/mxapiwodetail', { worklog: [{ description: 'n' }] })).headers['location'],
    )
    expect((await act(path, 'createFollowUp', { description: 'more' })).status).toBe(201)
    expect((await plant.ask(path)).json['relatedrecord']).toMatchObject([{ relatetype: 'FOLLOWUP' }])
    expect((await plant.ask(path, { action: 'wsmethod:getWorkLog' })).json).toMatchObject([
      { description: 'n' },
    ])
    expect((await act(path, 'moveSingleAsset', { newlocation: 'OFF101' })).json.Error.reasonCode).toBe(
      'BMXAA0024E',
    )
  })
})
