import { describe, expect, test } from 'vitest'
import { refusalOf, runningPlant, type Answered } from './running-plant.ts'

const plants = {
  '7.6.1': runningPlant({ version: '7.6.1' }),
  '9.0': runningPlant({ version: '9.0' }),
  '9.1': runningPlant({ version: '9.1' }),
} as const
type Version = keyof typeof plants
const VERSIONS = Object.keys(plants) as Version[]

describe.each(VERSIONS)('version %s', (version) => {
  const plant = plants[version]
  const withKey = (): Promise<Answered> => {
    const { apiKey } = plant.simulator.accounts.of('WILSON')
    const maxauth = Buffer.from(`apikey:${apiKey}`).toString('base64')
    return plant.ask('whoami', {}, { as: null, context: 'oslc', headers: { maxauth } })
  }

  test('says which it is', async () => {
    expect((await plant.ask('systeminfo')).json['version']).toBe(version)
    expect((await plant.ask('')).json['maxupg']).toMatch(
      { '7.6.1': /^V761/, '9.0': /^V900/, '9.1': /^V910/ }[version],
    )
  })

  test('takes an API key inside maxauth from 9.1 on', async () => {
    expect((await withKey()).status).toBe(version === '9.1' ? 200 : 401)
  })

  test('has the users of the suite from 9.1 on, in its list as well', async () => {
    const answered = await plant.ask('os/masperuser', { count: '1' })
    expect(answered.status).toBe(version === '9.1' ? 200 : 404)
    const listed = (await plant.ask('apimeta')).json.member.map((one) => one['osName'])
    expect(listed.includes('MASPERUSER')).toBe(version === '9.1')
    expect((await plant.ask('apimeta/masperuser')).status).toBe(version === '9.1' ? 200 : 404)
  })

  test('dates its errors in the long form from 9.0 on', async () => {
    const { json } = await plant.askRaw('os/nosuch')
    expect('timestamp' in (json['oslc:Error'] as object)).toBe(version !== '7.6.1')
  })

  test('keeps names of places as long as its own columns', async () => {
    const limit = version === '7.6.1' ? 12 : 25
    const schema = await plant.ask('jsonschemas/mxapioperloc')
    expect(schema.json.properties['location']).toMatchObject({ maxLength: limit })
    const place = (length: number): Promise<Answered> =>
      plant.post('os/mxapioperloc', { location: 'L'.repeat(length), description: 'x' })
    expect((await place(limit)).status).toBe(201)
    expect(refusalOf(await place(limit + 1))).toEqual([400, 'BMXAA4049E', '400'])
  })

  test('refuses If-Match and changes by row stamp alike', async () => {
    const path = 'os/mxapiasset/_MTE0MzAvQkVERk9SRA--'
    expect((await plant.patch(path, {}, { headers: { 'if-match': '0' } })).status).toBe(412)
    expect((await plant.patch(path, { _rowstamp: '1' })).status).toBe(412)
    expect((await plant.patch(path, { priority: 4 })).status).toBe(204)
  })
})
