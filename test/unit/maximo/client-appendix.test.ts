import { describe, expect, test } from 'vitest'
import { aCall, faultOf } from './support/scripted-maximo.ts'
import { ID, PROOF, replaying, update, WO } from './support/replaying.ts'

/**
 * The exchanges of maximo-api appendix A from the client's side: a server that answers each word for word, and what the
 * client must have sent to be answered so. Only the host is this server's own.
 */
describe('reads', () => {
  test('A1: relative addresses, companions, an empty relation, totals and the next page', async () => {
    const body =
      '{"member":[{"href":"oslc/os/mxapiwodetail/_U0lNU0lURS8yMDAx","_rowstamp":"4410021","wonum":"2001","description":"Replace seal",' +
      '"status":"APPR","status_description":"Approved","status_maxvalue":"APPR","wopriority":1,' +
      '"location":{"location":"PH-100","description":"Pump house"},"assetdesc":"Feed pump A"},' +
      '{"href":"oslc/os/mxapiwodetail/_U0lNU0lURS8yMDA0","_rowstamp":"4410390","wonum":"2004","description":"Inspect",' +
      '"status":"WAPPR","status_description":"Waiting on approval","status_maxvalue":"WAPPR","wopriority":2,"location":{}}],' +
      '"href":"oslc/os/mxapiwodetail",' +
      '"responseInfo":{"href":"oslc/os/mxapiwodetail?lean=1&relativeuri=1","pagenum":1,"totalCount":5,"totalPages":3,' +
      '"nextPage":{"href":"oslc/os/mxapiwodetail?pageno=2&oslc.pageSize=2&lean=1"}}}'
    const { client, heard } = await replaying({ status: 200, body })
    const page = await client.query(
      {
        objectStructure: WO,
        all: [
          { field: 'status', op: 'in', value: ['WAPPR', 'APPR'] },
          { field: 'siteid', op: 'eq', value: 'SIMSITE' },
        ],
        select: { fields: ['wonum', 'description', 'status', 'wopriority', 'location.description'] },
        orderBy: [{ field: 'wopriority', direction: 'asc' }],
        pageSize: 2,
        count: true,
      },
      aCall(),
    )
    expect(page).toMatchObject({
      ok: true,
      value: {
        total: 5,
        next: { page: 2 },
        records: [
          { id: '_U0lNU0lURS8yMDAx', rowstamp: '4410021', values: { 'location.description': 'Pump house' } },
          {
            id: '_U0lNU0lURS8yMDA0',
            values: { 'location.description': null, status_description: 'Waiting on approval' },
          },
        ],
      },
    })
    expect(heard[0]?.line).toContain('status in ["WAPPR","APPR"] and siteid="SIMSITE"')
    expect(heard[0]?.headers).toMatchObject(PROOF)
  })

  test('A2: an answer that is not lean is no answer, not an empty page', async () => {
    const body =
      '{"rdfs:member":[{"rdf:about":"http://host/maximo/oslc/os/mxapiwodetail/_U0lN…","spi:wonum":"2001","spi:status":"APPR",' +
      '"spi:status_description":"Approved","_rowstamp":"4410021"}],' +
      '"oslc:responseInfo":{"rdf:about":"http://host/…","oslc:totalCount":5,"oslc:nextPage":{"rdf:resource":"http://host/…pageno=2…"}}}'
    const { client, heard } = await replaying({ status: 200, body }, { status: 200, body })
    const asked = { objectStructure: WO, select: { fields: ['wonum'] }, pageSize: 2, count: true }
    const fault = await faultOf(client.query(asked, aCall()))
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail: 'shape', httpStatus: null })
    const groups = {
      objectStructure: WO,
      groupBy: ['status'],
      metrics: [{ kind: 'count' }],
      limit: 10,
    } as const
    expect(await faultOf(client.aggregate(groups, aCall()))).toMatchObject({ kind: 'bad_upstream' })
    for (const { line } of heard) expect(line).toMatch(/[?&]lean=1(&|$)/)
  })

  test('A3: child rows with what names them, and how many there are of what comes as an address', async () => {
    const body =
      '{"href":"oslc/os/mxapiwodetail/_U0lNU0lURS8yMDA5","_rowstamp":"1","wonum":"2009","woactivity":[{"taskid":10,"description":"Isolate","status":"APPR","_rowstamp":"88",' +
      '"localref":"oslc/os/mxapiwodetail/_U0lNU0lURS8yMDA5/woactivity/0-771","href":"http://childkey#V09SS09SREVSL1dPQUNUSVZJVFkv"}],' +
      '"doclinks":{"href":"oslc/os/mxapiwodetail/_U0lNU0lURS8yMDA5/doclinks"},"rel0":3}'
    const written = '{"href":"oslc/os/mxapiwodetail/_U0lNU0lURS8yMDA5","_rowstamp":"2","wonum":"2009"}'
    const { client, writer, heard } = await replaying({ status: 200, body }, { status: 200, body: written })
    const children = { woactivity: ['taskid', 'description', 'status'], doclinks: ['*'] }
    const found = await client.findRecord(
      { objectStructure: WO, id: ID },
      { fields: ['wonum'], children },
      aCall(),
    )
    expect(heard[0]?.line).toContain(
      'oslc.select=wonum,woactivity{taskid,description,status},doclinks{*},rel.doclinks._dbcount--rel0',
    )
    expect(found).toMatchObject({
      value: {
        record: { values: { 'doclinks._dbcount': 3, woactivity: [{ taskid: 10, _rowstamp: '88' }] } },
      },
    })
    const [row] = found.ok
      ? ((found.value?.record.values['woactivity'] ?? []) as { href: string; localref: string }[])
      : []
    const change = {
      action: 'update',
      row: row?.localref ?? '',
      values: { description: 'Isolate it' },
    } as const
    const gone = { action: 'delete', row: row?.href ?? '' } as const
    const asked = { ...update, values: {}, children: { woactivity: [change, gone] } }
    expect(await writer.update(asked, aCall())).toMatchObject({ kind: 'done', record: { rowstamp: '2' } })
    expect(JSON.parse(heard[1]?.body ?? '')).toEqual({
      _rowstamp: '4410400',
      woactivity: [
        { localref: row?.localref, description: 'Isolate it', _action: 'Update' },
        { href: row?.href, _action: 'Delete' },
      ],
    })
  })

  test('A8: groups', async () => {
    const body =
      '[{"count":12,"status":"WAPPR","max_estdur":8,"collectionref":"https://host/maximo/api/os/mxapiwodetail?&oslc.where=status%3D%22WAPPR%22"}]'
    const { client } = await replaying({ status: 200, body })
    const metrics = [{ kind: 'count' }, { kind: 'max', field: 'estdur' }] as const
    const asked = { objectStructure: WO, groupBy: ['status'], metrics, limit: 10 }
    expect(await client.aggregate(asked, aCall())).toMatchObject({
      value: { groups: [{ by: { status: 'WAPPR' }, metrics: { count: 12, max_estdur: 8 } }] },
    })
  })

  test('A11: a clause that Maximo cannot read', async () => {
    const body =
      '{"Error":{"reasonCode":"BMXAA8744E","message":"BMXAA8744E - … Encountered \\"(\\" at line 1, column 1 …","statusCode":"400"}}'
    const { client } = await replaying({ status: 400, body })
    const asked = { objectStructure: WO, select: { fields: ['wonum'] }, pageSize: 1 }
    await expect(client.query(asked, aCall())).rejects.toMatchObject({
      kind: 'invalid_query',
      code: 'BMXAA8744E',
    })
  })
})
