import { describe, expect, test } from 'vitest'
import { createSessions } from '../../../src/dev/simulator/auth/sessions.ts'
import { HandClock, keysOf, runningPlant } from './running-plant.ts'

const plant = runningPlant({
  rules: {
    relativePrefix: 'called',
    searchTermsJoin: 'and',
    cookieOnApiKey: false,
    inListBlanks: true,
    unknownAttributeCode: 'BMXAA8744E',
    likeUnderscore: true,
  },
})
const WO = 'os/mxapiwodetail'
const SELECT = { 'oslc.select': 'wonum,siteid', relativeuri: '1' }

describe('an instance set the other way', () => {
  test('writes relative addresses under the context that was called', async () => {
    expect((await plant.ask(WO, SELECT)).json.href).toBe('api/os/mxapiwodetail')
    expect((await plant.ask(WO, SELECT, { context: 'oslc' })).json.href).toBe('oslc/os/mxapiwodetail')
  })
  test('wants every search term', async () => {
    const { json } = await plant.ask(WO, { ...SELECT, 'oslc.searchTerms': 'carton jams' })
    const both = plant.oracle.rows('WORKORDER', (row) => row['description'] === 'Carton lift jams')
    expect(keysOf(json.member)).toEqual(keysOf(both))
  })
  test('sets no cookie on API-key calls', async () => {
    expect((await plant.ask('whoami')).headers).not.toHaveProperty('set-cookie')
  })
  test('takes blanks in lists', async () => {
    const { json } = await plant.ask(WO, { 'oslc.where': 'status in [ "COMP", "CAN" ]', count: '1' })
    const wanted = new Set<unknown>(['COMP', 'CAN'])
    expect(json.totalCount).toBe(plant.oracle.count('WORKORDER', (row) => wanted.has(row['status'])))
  })
  test('has another code for an unknown attribute', async () => {
    const { json } = await plant.ask(WO, { 'oslc.where': 'nosuch="1"' })
    expect(json.Error.reasonCode).toBe('BMXAA8744E')
  })
  test('reads an underscore in a pattern as any character', async () => {
    const { json } = await plant.ask(WO, { 'oslc.where': 'description="C_rton lift%"', count: '1' })
    const carton = plant.oracle.rows('WORKORDER', (row) =>
      String(row['description']).startsWith('Carton lift'),
    )
    expect(json.totalCount).toBe(carton.length)
  })
})

test('sessions are bounded: the oldest goes first', () => {
  const sessions = createSessions(new HandClock(), 60_000)
  const first = sessions.open(null)
  const second = sessions.open(null)
  for (let more = 0; more < 4999; more += 1) sessions.open(null)
  expect(sessions.find(first.id)).toBeNull()
  expect(sessions.find(second.id)).toEqual(second)
})
