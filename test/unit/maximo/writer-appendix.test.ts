import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { allowedStates } from '../../../src/maximo/records/record.ts'
import { aCall } from './support/scripted-maximo.ts'
import { ID, MERGE, PROOF, replaying, update, WO } from './support/replaying.ts'

/** The writing exchanges of maximo-api appendix A, as `client-appendix.test.ts` has the reading ones. */
describe('writes', () => {
  test('A4: create answers an address alone, and the record is read back', async () => {
    const read = `{"href":"oslc/os/mxapiwodetail/${ID}","_rowstamp":"4410400","wonum":"2009","siteid":"SIMSITE","description":"Leak","worktype":"CM"}`
    const { writer, heard } = await replaying(
      { status: 201, headers: { location: `https://host/maximo/api/os/mxapiwodetail/${ID}` } },
      { status: 200, body: read },
    )
    const values = { siteid: 'SIMSITE', description: 'Leak', worktype: 'CM' }
    expect(await writer.create({ objectStructure: WO, values }, aCall())).toMatchObject({
      kind: 'done',
      id: ID,
      record: { rowstamp: '4410400', values: { wonum: '2009' } },
      warnings: [],
    })
    expect(heard[0]?.line).toMatch(/^POST \/maximo\/api\/os\/mxapiwodetail\?lean=1/)
    expect(heard[0]?.headers['x-method-override']).toBeUndefined()
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual(values)
  })

  test('A4: an update with its child row merges and shows the new row stamp; an old one is a conflict', async () => {
    const { writer, heard } = await replaying(
      { status: 200, body: '{"href":"…","_rowstamp":"4410417","wonum":"2009","estdur":3.5}' },
      {
        status: 412,
        body: '{"Error":{"reasonCode":"BMXAA8229W","message":"BMXAA8229W - Record WORKORDER … has been updated by another user. …","statusCode":"412"}}',
      },
      { status: 204 },
      {
        status: 200,
        body: `{"href":"oslc/os/mxapiwodetail/${ID}","_rowstamp":"4410418","estdur":4,"starttime":"1970-01-01T08:00:00-05:00"}`,
      },
    )
    const labor = { action: 'add', values: { craft: 'MECH', quantity: 1, laborhrs: 2 } } as const
    expect(await writer.update({ ...update, children: { wplabor: [labor] } }, aCall())).toMatchObject({
      kind: 'done',
      record: { rowstamp: '4410417' },
    })
    expect(heard[0]?.headers).toMatchObject({
      ...PROOF,
      ...MERGE,
      properties: 'siteid,wonum,estdur,wplabor{craft,quantity,laborhrs}',
    })
    expect(heard[0]?.headers.cookie).toBeUndefined()
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
      estdur: 3.5,
      _rowstamp: '4410400',
      wplabor: [{ craft: 'MECH', quantity: 1, laborhrs: 2, _action: 'Add' }],
    })
    expect(await writer.update(update, aCall())).toEqual({ kind: 'conflict', code: 'BMXAA8229W' })
    // A Maximo that answers 204 all the same is read back, and what it did not keep is said.
    const timed = { ...update, values: { ...update.values, starttime: '08:00' } }
    expect(await writer.update(timed, aCall())).toMatchObject({
      record: { rowstamp: '4410418' },
      warnings: [{ reason: 'not_taken', field: 'estdur' }],
    })
  })

  const STATES =
    `{"href":"oslc/os/mxapiwodetail/${ID}","_rowstamp":"4410400","status":"APPR","allowedstates":{"INPRG":[{"valueid":"WOSTATUS|INPRG","value":"INPRG","maxvalue":"INPRG","description":"In progress","defaults":true,"siteid":"","orgid":""}],` +
    '"WAPPR":[{"valueid":"WOSTATUS|WAPPR","value":"WAPPR","maxvalue":"WAPPR","description":"Waiting","defaults":true,"siteid":"","orgid":""}]}}'

  test('A5: a status after its allowed moves; Maximo may still refuse, with its cause', async () => {
    const illegal =
      '{"Error":{"extendedError":{"moreInfo":{"href":"oslc/error/messages/BMXAA4590E"}},"reasonCode":"BMXAA4590E",' +
      '"message":"BMXAA4590E - Could not change Work Order 2009 status to WAPPR.\\n\\tBMXAA4679E - …","statusCode":"400"}}'
    const now = `{"href":"oslc/os/mxapiwodetail/${ID}","_rowstamp":"4410500","status":"INPRG"}`
    const { writer, heard } = await replaying(
      { status: 200, body: STATES },
      { status: 204 },
      { status: 200, body: now },
      { status: 200, body: STATES },
      { status: 400, body: illegal },
    )
    const asked = { objectStructure: WO, id: ID, rowstamp: '4410400' }
    expect(await writer.changeStatus({ ...asked, status: 'INPRG', memo: 'started' }, aCall())).toMatchObject({
      kind: 'done',
      record: { rowstamp: '4410500', values: { status: 'INPRG' } },
    })
    expect(heard[1]?.line).toContain('action=wsmethod:changeStatus')
    expect(heard[1]?.headers).toMatchObject(MERGE)
    expect(JSON.parse(heard[1]?.body ?? '')).toEqual({ status: 'INPRG', memo: 'started' })
    expect(await writer.changeStatus({ ...asked, status: 'WAPPR' }, aCall())).toMatchObject({
      kind: 'refused',
      code: 'BMXAA4590E',
      innerCode: 'BMXAA4679E',
    })
  })

  test('A5: allowedstates in a read', async () => {
    const { client } = await replaying({ status: 200, body: STATES })
    const found = await client.findRecord(
      { objectStructure: WO, id: ID },
      { fields: ['status'], allowedStates: true },
      aCall(),
    )
    const record = found.ok ? found.value?.record : undefined
    expect(record === undefined ? [] : allowedStates(record).map(({ value }) => value)).toEqual([
      'INPRG',
      'WAPPR',
    ])
  })

  test('A6: each item of a bulk for itself', async () => {
    const body =
      '[{"_responsemeta":{"status":"201","Location":"https://host/maximo/api/os/mxapiasset/_QS0xL1NJTVNJVEU-","_bulkid":"0"}},' +
      '{"_responsedata":{"Error":{"reasonCode":"BMXAA4190E","errorattrname":"status","errorobjpath":"asset",' +
      '"message":"BMXAA4190E - … is not in the value list.","statusCode":"400"}},"_responsemeta":{"status":"400","_bulkid":"1"}}]'
    const { writer, heard } = await replaying({ status: 200, body })
    const items = [
      { action: 'create', values: { assetnum: 'A-1', siteid: 'SIMSITE' } },
      { action: 'update', id: '_QS0wL1NJTVNJVEU-', rowstamp: '7', values: { description: 'x' } },
    ] as const
    expect(
      await writer.bulk({ objectStructure: 'MXAPIASSET', together: false, items }, aCall()),
    ).toMatchObject({
      kind: 'done',
      items: [
        { kind: 'done', id: '_QS0xL1NJTVNJVEU-', record: null },
        { kind: 'invalid', code: 'BMXAA4190E', problems: [{ path: 'status', code: 'BMXAA4190E' }] },
      ],
    })
    expect(heard[0]?.headers).toMatchObject({ 'x-method-override': 'BULK', patchtype: 'MERGE' })
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual([
      { _action: 'Add', assetnum: 'A-1', siteid: 'SIMSITE', _bulkid: '0' },
      {
        _action: 'Update',
        href: expect.stringMatching(/\/maximo\/api\/os\/mxapiasset\/_QS0wL1NJTVNJVEU-$/) as unknown,
        _rowstamp: '7',
        description: 'x',
        _bulkid: '1',
      },
    ])
  })

  test('A7: a question, and the retry with its answer', async () => {
    const question =
      '{"Error":{"reasonCode":"BMXAA4722E","yncerror":true,"yncuserinputid":"woassetlocation_change","statusCode":"400","message":"BMXAA4722E - …"},' +
      '"yncuserinputoptions":{"yes":"8","no":"16","close":"1"}}'
    const { writer, heard } = await replaying(
      { status: 400, body: question },
      { status: 200, body: `{"href":"oslc/os/mxapiwodetail/${ID}","_rowstamp":"5","assetnum":"P-9"}` },
    )
    const asked = { ...update, values: { assetnum: 'P-9' } }
    expect(await writer.update(asked, aCall())).toMatchObject({
      kind: 'question',
      question: { id: 'woassetlocation_change', choices: ['yes', 'no'], code: 'BMXAA4722E' },
    })
    const answers = { woassetlocation_change: 'yes' } as const
    expect(await writer.update(asked, { ...aCall(), answers })).toMatchObject({ kind: 'done' })
    expect(heard[0]?.line).toContain('interactive=1')
    expect(heard.map(({ headers }) => headers['yncuserinput'])).toEqual([
      undefined,
      'woassetlocation_change:8',
    ])
  })

  test('A9: an attachment goes as raw bytes', async () => {
    const { writer, heard } = await replaying({
      status: 201,
      headers: {
        location: `https://host/maximo/api/os/mxapiwodetail/${ID}/doclinks/412`,
        link: `https://host/maximo/api/os/mxapiwodetail/${ID}/doclinks/meta/412`,
      },
    })
    const file = {
      name: 'photo.jpg',
      mediaType: 'image/jpeg',
      bytes: Readable.from([Buffer.from('bytes')]),
      sizeBytes: 5,
    }
    expect(await writer.attach({ objectStructure: WO, id: ID, file }, aCall())).toEqual({
      kind: 'done',
      attachmentId: '412',
    })
    expect(heard[0]).toMatchObject({
      line: `POST /maximo/api/os/mxapiwodetail/${ID}/doclinks?lean=1`,
      headers: {
        slug: 'photo.jpg',
        'content-type': 'image/jpeg',
        'x-document-meta': 'FILE/Attachments',
        'content-length': '5',
      },
      body: 'bytes',
    })
  })

  test('A9: and comes as they are, under the type that its metadata says', async () => {
    const meta = `https://host/maximo/api/os/mxapiwodetail/${ID}/doclinks/meta/412`
    const described =
      `{"describedBy":{"identifier":"412","fileName":"photo.jpg","docType":"Attachments","urlType":"FILE","attachmentSize":5,` +
      `"format":{"href":"http://purl.org/NET/mediatypes/image/jpeg","label":"image/jpeg"},"href":"${meta}"},"href":"${meta}"}`
    const { client, heard } = await replaying(
      { status: 200, body: described },
      { status: 200, headers: { 'content-type': 'image/jpeg', link: meta }, body: 'bytes' },
    )
    const found = await client.attachmentFile({ objectStructure: WO, id: ID }, '412', aCall())
    const file = found.ok ? found.value : null
    expect(file?.attachment).toMatchObject({ id: '412', fileName: 'photo.jpg', mediaType: 'image/jpeg' })
    const parts: Uint8Array[] = []
    for await (const part of file?.bytes ?? []) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe('bytes')
    expect(heard.map(({ line }) => line)).toEqual([
      `GET /maximo/api/os/mxapiwodetail/${ID}/doclinks/meta/412?lean=1`,
      `GET /maximo/api/os/mxapiwodetail/${ID}/doclinks/412?lean=1`,
    ])
    expect(heard[1]?.headers).toMatchObject({ ...PROOF, 'accept-encoding': 'identity' })
  })

  test('A10: a workflow with an input node', async () => {
    const body =
      '{"nodetype":"INPUT","internalnodetype":"WFINPUT","member":[{"actionid":7,"instruction":"Send to supervisor","ispositive":true,' +
      '"sequence":1,"ownernodeid":9,"membernodeid":4,"processname":"WORKORDER","processrev":6,"wfactionid":845,"href":"null/0-845"}],' +
      '"responseInfo":{"href":"…","totalCount":1}}'
    const { writer, heard } = await replaying(
      { status: 200, headers: { location: 'oslc/wf/mxapiwfassignment_54967' }, body },
      { status: 204 },
    )
    const answered = await writer.answerAssignment({ id: '_MTMxLzM-', accepted: true, memo: 'ok' }, aCall())
    const next = answered.kind === 'done' ? answered.next : null
    expect(next).toEqual({
      kind: 'input',
      node: 'mxapiwfassignment_54967',
      choices: [{ actionId: 7, instruction: 'Send to supervisor', isPositive: true }],
    })
    if (next !== null) await writer.answerInput({ input: next, actionId: 7, memo: 'to boss' }, aCall())
    expect(heard[0]?.line).toContain('action=wsmethod:completeAssignment&interactive=1')
    expect(heard[0]?.headers).toMatchObject(MERGE)
    expect(heard.map(({ body: sent }) => JSON.parse(sent) as unknown)).toEqual([
      { accepted: true, memo: 'ok' },
      { actionid: 7, memo: 'to boss' },
    ])
    expect(heard[1]?.line).toMatch(/^POST \/maximo\/api\/wf\/mxapiwfassignment_54967\?/)
  })
})
