import { beforeAll, describe, expect, test } from 'vitest'
import { pathOf, rowsIn, runningPlant, type Answered } from './running-plant.ts'

/**
 * The exchanges of maximo-api appendix A as requests of that shape: sent as written there, with this plant's own site
 * and numbers, and answered in the shape given there.
 */
const plant = runningPlant()
const text: unknown = expect.any(String)
const number: unknown = expect.any(Number)
const order = { href: '', id: '' }

beforeAll(async () => {
  const payload = {
    siteid: 'BEDFORD',
    description: 'Leak',
    worktype: 'CM',
    location: 'BR230',
    woactivity: [{ description: 'Isolate' }],
  }
  order.href = pathOf((await plant.post('os/mxapiwodetail', payload)).headers['location'])
})

interface Sent {
  readonly method?: 'GET' | 'POST'
  /** Below the context, query included; `{order}` is a work order in WAPPR with one task. */
  readonly target: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

const send = ({ target, method = 'GET', headers = {}, body }: Sent): Promise<Answered> =>
  plant.askRaw(target.replace('{order}', order.href), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

interface Expected {
  readonly status: number
  readonly body?: object
  readonly headers?: Record<string, unknown>
}

const PATCH = { 'x-method-override': 'PATCH' }
const A1 =
  'os/mxapiwodetail?lean=1&relativeuri=1&ignorecollectionref=1&collectioncount=1&internalvalues=1' +
  '&oslc.select=wonum,description,status,wopriority,location.description,location.location,asset.description--assetdesc' +
  '&oslc.where=status%20in%20%5B%22WAPPR%22%2C%22APPR%22%5D%20and%20siteid%3D%22BEDFORD%22'
const A1_LAST = '&oslc.orderBy=%2Bwopriority%2C-reportdate&oslc.pageSize=2'

const EXCHANGES: readonly (readonly [string, Sent, Expected])[] = [
  [
    'A1 collection, lean, relative addresses',
    { target: A1 + A1_LAST },
    {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: {
        member: [
          {
            href: expect.stringMatching(/^oslc\/os\/mxapiwodetail\/_/),
            _rowstamp: expect.stringMatching(/^\d+$/),
            wonum: text,
            status: expect.stringMatching(/APPR$/),
            status_description: text,
            status_maxvalue: text,
            wopriority: 1,
            location: expect.any(Object),
          },
          expect.any(Object),
        ],
        href: 'oslc/os/mxapiwodetail',
        responseInfo: {
          href: expect.stringMatching(/^oslc\/os\/mxapiwodetail\?lean=1&relativeuri=1&/),
          pagenum: 1,
          totalCount: number,
          totalPages: number,
          nextPage: { href: expect.stringMatching(/^oslc\/os\/mxapiwodetail\?pageno=2&/) },
        },
      },
    },
  ],
  [
    'A2 the same, not lean',
    { target: 'os/mxapiwodetail?oslc.select=wonum,status&oslc.pageSize=2&collectioncount=1' },
    {
      status: 200,
      body: {
        'rdfs:member': [
          {
            'rdf:about': expect.stringContaining('/oslc/os/mxapiwodetail/_'),
            'spi:wonum': text,
            'spi:status': text,
            'spi:status_description': text,
            _rowstamp: text,
          },
          expect.any(Object),
        ],
        'oslc:responseInfo': {
          'rdf:about': text,
          'oslc:totalCount': number,
          'oslc:nextPage': { 'rdf:resource': expect.stringContaining('pageno=2') },
        },
      },
    },
  ],
  [
    'A3 children',
    {
      target:
        '{order}?lean=1&relativeuri=1&oslc.select=wonum,woactivity%7Btaskid,description,status%7D,rel.doclinks._dbcount--ndocs',
    },
    {
      status: 200,
      body: {
        woactivity: [
          {
            taskid: 10,
            description: 'Isolate',
            status: 'WAPPR',
            _rowstamp: text,
            localref: expect.stringMatching(/^oslc\/os\/mxapiwodetail\/_\S+\/woactivity\/0-\d+$/),
            href: expect.stringMatching(/^http:\/\/childkey#/),
          },
        ],
        ndocs: 0,
      },
    },
  ],
  [
    'A4 create',
    {
      method: 'POST',
      target: 'os/mxapiwodetail?lean=1',
      body: { siteid: 'BEDFORD', description: 'Leak', worktype: 'CM' },
    },
    { status: 201, headers: { location: expect.stringMatching(/^http:\/\/\S+\/os\/mxapiwodetail\/_/) } },
  ],
  [
    'A4 update with properties',
    {
      method: 'POST',
      target: '{order}?lean=1',
      headers: { ...PATCH, patchtype: 'MERGE', properties: 'wonum,estdur' },
      body: { estdur: 3.5, wplabor: [{ craft: 'MECH', quantity: 1, laborhrs: 2 }] },
    },
    { status: 200, body: { href: text, _rowstamp: text, wonum: text, estdur: 3.5 } },
  ],
  [
    'A4 an old row stamp',
    {
      method: 'POST',
      target: '{order}?lean=1',
      headers: { ...PATCH, patchtype: 'MERGE' },
      body: { estdur: 4, _rowstamp: '4410400' },
    },
    {
      status: 412,
      body: {
        Error: {
          reasonCode: 'BMXAA8229W',
          message: expect.stringMatching(
            /^BMXAA8229W - Record WORKORDER .* has been updated by another user\./,
          ),
          statusCode: '412',
        },
      },
    },
  ],
  [
    'A4 update without properties',
    {
      method: 'POST',
      target: '{order}?lean=1',
      headers: { ...PATCH, patchtype: 'MERGE' },
      body: { estdur: 4 },
    },
    { status: 204 },
  ],
  [
    'A5 status',
    {
      method: 'POST',
      target: '{order}?lean=1&action=wsmethod:changeStatus',
      headers: PATCH,
      body: { status: 'COMP', memo: 'done' },
    },
    { status: 204 },
  ],
  [
    'A5 an illegal status',
    {
      method: 'POST',
      target: '{order}?lean=1&relativeuri=1&action=wsmethod:changeStatus',
      headers: PATCH,
      body: { status: 'WAPPR' },
    },
    {
      status: 400,
      body: {
        Error: {
          extendedError: { moreInfo: { href: 'oslc/error/messages/BMXAA4590E' } },
          reasonCode: 'BMXAA4590E',
          message: expect.stringMatching(
            /^BMXAA4590E - Could not change Work Order \d+ status to WAPPR\.\n\tBMXAA4679E - /,
          ),
          statusCode: '400',
        },
      },
    },
  ],
  [
    'A5 allowedstates',
    { target: '{order}?lean=1&oslc.select=allowedstates' },
    {
      status: 200,
      body: {
        allowedstates: {
          CLOSE: [
            {
              valueid: 'WOSTATUS|CLOSE',
              value: 'CLOSE',
              maxvalue: 'CLOSE',
              description: 'Closed',
              defaults: true,
              siteid: '',
              orgid: '',
            },
          ],
        },
      },
    },
  ],
  [
    'A6 BULK',
    {
      method: 'POST',
      target: 'os/mxapiasset?lean=1',
      headers: { 'x-method-override': 'BULK' },
      body: [
        { _action: 'Add', assetnum: 'A-1', siteid: 'BEDFORD', _bulkid: '11' },
        {
          _action: 'Update',
          href: 'oslc/os/mxapiasset/_MTE0MzAvQkVERk9SRA--',
          status: 'NOSUCH',
          _bulkid: '12',
        },
      ],
    },
    {
      status: 200,
      body: [
        {
          _responsemeta: {
            status: '201',
            Location: expect.stringContaining('/os/mxapiasset/_'),
            _bulkid: '11',
          },
        },
        {
          _responsedata: {
            Error: {
              reasonCode: 'BMXAA4190E',
              errorattrname: 'status',
              errorobjpath: 'asset',
              message: expect.stringMatching(/^BMXAA4190E - .* is not in the value list\.$/),
              statusCode: '400',
            },
          },
          _responsemeta: { status: '400', _bulkid: '12' },
        },
      ],
    },
  ],
  [
    'A8 aggregation',
    {
      target: 'os/mxapiwodetail?lean=1&gbcols=siteid,status,count.*,max.estdur&gbfilter=siteid=%27BEDFORD%27',
    },
    {
      status: 200,
      body: expect.arrayContaining([
        expect.objectContaining({
          count: number,
          status: 'WAPPR',
          max_estdur: number,
          collectionref: expect.stringContaining('/mxapiwodetail?&oslc.where='),
        }),
      ]),
    },
  ],
  [
    'A11 a bad where',
    { target: 'os/mxapiwodetail?lean=1&oslc.where=(status=%22APPR%22%20or%20status=%22WAPPR%22)' },
    {
      status: 400,
      body: {
        Error: {
          reasonCode: 'BMXAA8744E',
          message: expect.stringContaining('Encountered "(" at line 1, column 1'),
          statusCode: '400',
        },
      },
    },
  ],
]

describe('appendix A', () => {
  test.each(EXCHANGES)('%s', async (_name, sent, expected) => {
    const answered = await send(sent)
    expect(answered.status).toBe(expected.status)
    expect(answered.headers).toMatchObject(expected.headers ?? {})
    if (expected.body === undefined) expect(answered.text).toBe('')
    else expect(answered.json).toMatchObject(expected.body)
  })

  test('A1: a member without an asset has no alias, one without a place has an empty object', async () => {
    const { json } = await send({ target: A1.replace('oslc.where', 'x') + '&oslc.pageSize=400' })
    const placed = json.member.filter((one) => one['location'] !== undefined)
    expect(placed.length).toBe(json.member.length)
    expect(json.member.some((one) => JSON.stringify(one['location']) === '{}')).toBe(true)
    expect(json.member.some((one) => !('assetdesc' in one))).toBe(true)
    expect(json.member.some((one) => typeof one['assetdesc'] === 'string')).toBe(true)
  })

  test('A7 a question and its answer', async () => {
    const payload = { siteid: 'BEDFORD', location: 'BR230' }
    const path = pathOf((await plant.post('os/mxapiwodetail', payload)).headers['location'])
    const ask = {
      method: 'POST',
      target: `${path}?lean=1&interactive=1`,
      body: { assetnum: '11430' },
    } as const
    const asked = await send({ ...ask, headers: PATCH })
    expect(asked.status).toBe(400)
    expect(asked.json).toMatchObject({
      Error: {
        reasonCode: 'BMXAA4722E',
        yncerror: true,
        yncuserinputid: 'woassetlocation_change',
        statusCode: '400',
      },
      yncuserinputoptions: { yes: '8', no: '16', close: '1' },
    })
    const answer = { ...PATCH, yncuserinput: 'woassetlocation_change:8' }
    expect((await send({ ...ask, headers: answer })).status).toBe(204)
  })

  test('A9 an attachment', async () => {
    const sent = await send({
      method: 'POST',
      target: '{order}/doclinks',
      headers: { slug: 'photo.jpg', 'content-type': 'image/jpeg', 'x-document-meta': 'FILE/Attachments' },
      body: 'bytes',
    })
    expect([sent.status, sent.headers['location']]).toEqual([201, expect.stringMatching(/\/doclinks\/\d+$/)])
    const read = await send({ target: pathOf(sent.headers['location']) })
    expect([read.text, read.headers['link']]).toEqual([
      'bytes',
      expect.stringMatching(/\/doclinks\/meta\/\d+$/),
    ])
  })

  test('A10 a workflow with an input node', async () => {
    const where = 'assigncode="WILSON" and assignstatus="ACTIVE"'
    const inbox = await plant.ask('os/mxapiwfassignment', { 'oslc.where': where })
    const asked = await send({
      method: 'POST',
      target: `${pathOf(inbox.json.member[0]?.href)}?lean=1&relativeuri=1&action=wsmethod:completeAssignment&interactive=1`,
      headers: PATCH,
      body: { accepted: true, memo: 'ok' },
    })
    expect(asked.status).toBe(200)
    expect(asked.json).toMatchObject({
      nodetype: 'INPUT',
      internalnodetype: 'WFINPUT',
      responseInfo: { href: text, totalCount: 2 },
    })
    expect(rowsIn(asked.json.member)[0]).toEqual({
      actionid: 7,
      instruction: 'Send to supervisor',
      ispositive: true,
      sequence: 1,
      ownernodeid: 9,
      membernodeid: 4,
      processname: 'WOAPPR',
      processrev: 6,
      wfactionid: 845,
      href: 'null/0-845',
    })
    expect(asked.headers['location']).toMatch(/^oslc\/wf\/mxapiwfassignment_\d+$/)
    const target = `${pathOf(asked.headers['location'])}?lean=1`
    expect((await send({ method: 'POST', target, body: { actionid: 7, memo: 'to boss' } })).status).toBe(204)
  })
})
