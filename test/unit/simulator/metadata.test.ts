import { describe, expect, test } from 'vitest'
import { rowsIn, runningPlant } from './running-plant.ts'

const plant = runningPlant()

const ADMINISTRATOR = { as: 'MAXADMIN' }

describe('apimeta', () => {
  test('lists every object structure', async () => {
    const { json } = await plant.ask('apimeta')
    expect(json.member.map((one) => one['osName'])).toEqual(
      expect.arrayContaining(['MXAPIWODETAIL', 'MXAPIASSET', 'MXAPISYNONYMDOMAIN']),
    )
  })
  test('describes one, with "All" as its first query', async () => {
    const { json } = await plant.ask('apimeta/MXAPIWODETAIL', { relativeuri: '1' })
    expect(json).toMatchObject({
      osName: 'MXAPIWODETAIL',
      authapp: 'WOTRACK',
      schema: { href: 'oslc/jsonschemas/mxapiwodetail' },
    })
    expect(rowsIn(json['queryCapability'])[0]).toEqual({
      ispublic: true,
      name: 'All',
      href: 'oslc/os/mxapiwodetail',
    })
    expect(rowsIn(json['queryCapability'])[1]).toMatchObject({
      name: 'OPENWO',
      href: 'oslc/os/mxapiwodetail?savedQuery=OPENWO',
    })
  })
  test('of an unknown one is 404', async () => {
    expect((await plant.ask('apimeta/nosuch')).status).toBe(404)
  })
})

describe('a JSON schema', () => {
  test('lists attributes with Maximo’s types and children by reference', async () => {
    const { json } = await plant.ask('jsonschemas/mxapiasset', { relativeuri: '1' })
    expect(json).toMatchObject({
      $schema: 'http://json-schema.org/draft-04/schema#',
      resource: 'MXAPIASSET',
      title: 'ASSET',
      pk: ['siteid', 'assetnum'],
      type: 'object',
      $ref: 'oslc/jsonschemas/mxapiasset',
    })
    expect(json['required']).toEqual(expect.arrayContaining(['assetnum', 'siteid', 'assetuid']))
    expect(json.properties).toMatchObject({
      assetnum: {
        type: 'string',
        subType: 'UPPER',
        maxLength: 25,
        persistent: true,
        hasList: true,
        searchType: 'WILDCARD',
      },
      description: { subType: 'ALN', searchType: 'TEXT' },
      statusdate: { type: 'string', subType: 'DATETIME', maxLength: 10 },
      installdate: { type: 'string', subType: 'DATE' },
      isrunning: { type: 'boolean', subType: 'YORN' },
      totalcost: { type: 'number', subType: 'AMOUNT', scale: 2 },
      priority: { type: 'integer', subType: 'INTEGER' },
      description_longdescription: { subType: 'LONGALN', persistent: false, searchType: 'NONE' },
      status_description: { type: 'string' },
      assetmeter: {
        type: 'array',
        relation: 'INT_ASSETMETER',
        objectName: 'ASSETMETER',
        items: { definition: { subSchema: { $ref: 'oslc/jsonschemas/mxapiasset/assetmeter' } } },
      },
    })
  })
  test('names every attribute that a record of it shows, of every object structure', async () => {
    const { json } = await plant.ask('apimeta', { relativeuri: '1' })
    for (const osName of json.member.map((one) => String(one['osName']))) {
      const schema = await plant.ask(`jsonschemas/${osName}`, {}, ADMINISTRATOR)
      const records = await plant.ask(
        `os/${osName}`,
        {
          'oslc.select': '*',
          'oslc.pageSize': '5',
          ignorecollectionref: '1',
          internalvalues: '0',
        },
        ADMINISTRATOR,
      )
      for (const record of records.json.member) {
        const unknown = Object.keys(record).filter(
          (name) => !(name in schema.json.properties) && name !== 'doclinks',
        )
        expect([osName, unknown]).toEqual([osName, []])
      }
    }
  })
  test('at query time holds only what was selected', async () => {
    const { json } = await plant.ask('jsonschemas/mxapiasset', {
      'oslc.select': 'assetnum,assetmeter{metername}',
    })
    expect(Object.keys(json.properties)).toEqual(expect.arrayContaining(['assetnum', 'assetmeter']))
    expect(json.properties).not.toHaveProperty('siteid')
    expect(json.properties['assetmeter']).toHaveProperty('items.properties.metername')
    expect(json.properties['assetmeter']).not.toHaveProperty('items.properties.assetnum')
  })
  test('of a child stands alone; of an unknown child is 404', async () => {
    expect(
      (await plant.ask('jsonschemas/mxapiasset/assetmeter')).json.properties['lastreading'],
    ).toMatchObject({
      subType: 'ALN',
    })
    expect((await plant.ask('jsonschemas/mxapiasset/nosuch')).status).toBe(404)
  })
})

describe('housekeeping', () => {
  test('whoami tells the user’s own defaults', async () => {
    expect((await plant.ask('whoami', {}, { as: 'LIMITED' })).json).toMatchObject({
      userName: 'LIMITED',
      personid: 'LIMITED',
      defaultSite: 'NASHUA',
      insertSite: 'NASHUA',
      defaultOrg: 'EAGLENA',
      timezone: 'Asia/Kolkata',
    })
    expect((await plant.askRaw('whoami')).json).toHaveProperty('spi:personid', 'WILSON')
  })
  test('ping, systeminfo and the home answer JSON', async () => {
    for (const path of ['ping', 'systeminfo', '']) {
      const answered = await plant.ask(path)
      expect([path, answered.status, answered.headers['content-type']]).toEqual([
        path,
        200,
        'application/json',
      ])
    }
  })
  test('an unknown resource is 404 with an error of Maximo', async () => {
    for (const path of ['nosuch', 'constructor', 'os']) expect((await plant.ask(path)).status).toBe(404)
    expect((await plant.ask('whoami', {}, { method: 'PUT' })).status).toBe(405)
  })
})

describe('domains are records', () => {
  test('with internal values, synonyms and their site', async () => {
    const { json } = await plant.ask('os/mxapisynonymdomain', {
      'oslc.select': 'value,maxvalue,description,defaults,siteid',
      'oslc.where': 'domainid="WOSTATUS" and maxvalue="APPR"',
      'oslc.orderBy': '+value',
    })
    expect(json.member).toMatchObject([
      { value: 'APPR', maxvalue: 'APPR', defaults: true },
      { value: 'APPR S1', maxvalue: 'APPR', defaults: false, siteid: 'BEDFORD' },
      { value: 'WPCOND', maxvalue: 'APPR', defaults: false },
    ])
  })
  test('and children of MXAPIDOMAIN', async () => {
    const { json } = await plant.ask('os/mxapidomain', {
      'oslc.where': 'domainid="HLM"',
      'oslc.select': 'domainid,alndomainvalue{value}',
    })
    expect(
      rowsIn(json.member[0]?.['alndomainvalue'])
        .map((one) => one['value'])
        .toSorted(),
    ).toEqual(['HIGH', 'LOW', 'MEDIUM'])
  })
})
