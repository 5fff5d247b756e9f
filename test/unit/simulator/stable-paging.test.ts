import { expect, test } from 'vitest'
import { runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const keyless = runningPlant({ rules: { keyTakesSession: false } })
const WO = 'os/mxapiwodetail'
const FIRST = {
  'oslc.pageSize': '100',
  'oslc.select': 'wonum',
  'oslc.orderBy': '+wonum',
  stablepaging: '1',
  enablesession: '1',
  collectioncount: '1',
}
const begin = (at = plant) => at.ask(WO, FIRST, { context: 'oslc' })
const cookieOf = ({ headers }: Answered) => String(headers['set-cookie']).split(';')[0] ?? ''
const nextOf = ({ json }: Answered) => {
  const { pathname, search } = new URL(json.responseInfo.nextPage?.href ?? 'http://none.test/')
  return `${pathname.replace('/maximo/oslc/', '')}${search}`
}
const follow = (target: string, cookie: string, at = plant) =>
  at.askRaw(target, { as: null, context: 'oslc', headers: { cookie } })
const idsOf = ({ json }: Answered) => json.member.map(({ href }) => href.split('/').at(-1) ?? '')

test('a kept answer is walked forward to its end, whatever is inserted, and is then gone', async () => {
  const total = plant.oracle.count('WORKORDER')
  const first = await begin()
  const cookie = cookieOf(first)
  expect(nextOf(first)).toMatch(/^os\/mxapiwodetail\?pageno=2&.*stableId=/)
  const made = await plant.post(WO, { siteid: 'BEDFORD', wonum: '0' })
  expect(made.status).toBe(201)
  const created = String(made.headers['location']).split('/').at(-1)
  const seen = idsOf(first)
  let [page, last] = [first, '']
  while (page.json.responseInfo.nextPage !== undefined) {
    last = nextOf(page)
    page = await follow(last, cookie)
    expect(page.json.responseInfo).toMatchObject({ totalCount: total })
    expect(page.json.responseInfo).not.toHaveProperty('previousPage')
    seen.push(...idsOf(page))
  }
  expect(seen).toHaveLength(total)
  expect(new Set(seen).size).toBe(total)
  expect(seen).not.toContain(created)
  expect(await follow(last, cookie)).toMatchObject({
    status: 410,
    json: { Error: { reasonCode: 'BMXAA8807E' } },
  })
})

test('a page is given once, and none is skipped', async () => {
  const first = await begin()
  const [second, cookie] = [nextOf(first), cookieOf(first)]
  const gone = { status: 404, json: { Error: { reasonCode: 'BMXAA9510E' } } }
  expect(await follow(second.replace('pageno=2', 'pageno=3'), cookie)).toMatchObject(gone)
  expect((await follow(second, cookie)).status).toBe(200)
  expect(await follow(second, cookie)).toMatchObject(gone)
})

test('it belongs to its session: not to another, nor to a key alone', async () => {
  const [first, other] = [await begin(), await begin()]
  const expired = { status: 410, json: { Error: { reasonCode: 'BMXAA8807E' } } }
  expect(await follow(nextOf(first), cookieOf(other))).toMatchObject(expired)
  expect(await plant.askRaw(nextOf(first), { context: 'oslc' })).toMatchObject(expired)
  expect((await follow(nextOf(first), cookieOf(first))).status).toBe(200)
})

test('five idle minutes end it', async () => {
  const first = await begin()
  plant.clock.now += 5 * 60_000
  const second = await follow(nextOf(first), cookieOf(first))
  expect(second.status).toBe(200)
  plant.clock.now += 5 * 60_000 + 1
  expect((await follow(nextOf(second), cookieOf(first))).status).toBe(410)
})

test('where a key gets no session of its own, the cookie opens nothing', async () => {
  const first = await begin(keyless)
  expect((await follow(nextOf(first), cookieOf(first), keyless)).json.Error.reasonCode).toBe('BMXAA0021E')
})

test('an answer of one page is not kept', async () => {
  const { json } = await plant.ask(WO, { ...FIRST, 'oslc.pageSize': '1000' }, { context: 'oslc' })
  expect(json.responseInfo).not.toHaveProperty('nextPage')
})
