import { Readable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import type { MaximoWriter } from '../../../src/maximo/write/contract.ts'
import { done, WO, writeCall, writtenPlant } from './support/written-plant.ts'

const plant = writtenPlant()
let writer: MaximoWriter
let client: MaximoClient

beforeAll(() => {
  const both = plant.as('planner@example.com')
  writer = both.writer
  client = both.client
})

const writes = () => plant.simulator.requests.seen().filter(({ method }) => method === 'POST').length

describe('a status', () => {
  const move = async (status: string, more: { memo?: string; date?: string; as?: string } = {}) => {
    const { id, rowstamp } = await plant.workOrder()
    const { as, ...details } = more
    const by = as === undefined ? writer : plant.as(as).writer
    return by.changeStatus({ objectStructure: WO, id, rowstamp, status, ...details }, writeCall())
  }

  test('is changed, with its memo and its time, and read back', async () => {
    const { record } = done(await move('inprg', { memo: 'started', date: '2026-05-01T08:00:00Z' }))
    expect(record?.values).toMatchObject({ status: 'INPRG' })
    const { values } = await plant.read(record?.id ?? '', ['statusdate', 'actstart'])
    expect(values['statusdate']).toBe('2026-05-01T04:00:00-04:00')
  })

  test('that the record may not take is refused before it is asked for, and the allowed ones are named', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const before = writes()
    const refused = await writer.changeStatus(
      { objectStructure: WO, id, rowstamp, status: 'HISTEDIT' },
      writeCall(),
    )
    expect(refused).toMatchObject({ kind: 'invalid', problems: [{ reason: 'not_allowed', path: 'status' }] })
    const [problem] = refused.kind === 'invalid' ? refused.problems : []
    expect(problem?.message).toMatch(/^Now WAPPR; it may not move to “HISTEDIT”\. Allowed: .*APPR/)
    expect(problem?.suggestions.length).toBeGreaterThan(0)
    for (const bad of [{ status: '\u0000' }, { memo: 'a\nb' }, { date: 'tomorrow' }])
      expect(
        await writer.changeStatus({ objectStructure: WO, id, rowstamp, status: 'APPR', ...bad }, writeCall()),
      ).toMatchObject({ kind: 'invalid' })
    expect(writes()).toBe(before)
  })

  test('of a record that changed since is a conflict; of one that is not there, missing', async () => {
    const { id } = await plant.workOrder()
    const asked = { objectStructure: WO, id, rowstamp: '1', status: 'APPR' }
    expect(await writer.changeStatus(asked, writeCall())).toEqual({ kind: 'conflict', code: null })
    const absent = { ...asked, id: 'BEDFORD/NOSUCH' }
    expect(await writer.changeStatus(absent, writeCall())).toEqual({ kind: 'missing', what: 'record' })
  })

  test('that the user may not set names the right; a rule behind it names both codes', async () => {
    expect(await move('CAN', { as: 'technician@example.com' })).toEqual({
      kind: 'denied',
      right: { objectStructure: WO, action: 'change the status to CAN' },
      code: 'BMXAA0024E',
    })
    expect(await move('APPR', { memo: 'x'.repeat(51) })).toMatchObject({
      kind: 'refused',
      code: 'BMXAA4590E',
      innerCode: 'BMXAA4049E',
    })
  })
})

describe('a method of the record', () => {
  test('answers what it made', async () => {
    const { id } = await plant.workOrder()
    const parameters = { description: 'Look again' }
    const made = done(
      await writer.act({ objectStructure: WO, id, method: 'createFollowUp', parameters }, writeCall()),
    )
    expect(made.created?.objectStructure).toBe(WO)
    const { values } = await plant.read(made.created?.id ?? '', ['description'])
    expect(values['description']).toBe('Look again')
  })

  test('that is none, or is not there, is no call', async () => {
    const { id } = await plant.workOrder()
    const at = { objectStructure: WO, id, parameters: {} }
    for (const bad of [
      { method: 'a:b' },
      { method: 'ok', parameters: { 'a b': 1 } },
      { method: 'ok', parameters: { a: NaN } },
    ])
      expect(await writer.act({ ...at, ...bad }, writeCall())).toMatchObject({ kind: 'invalid' })
    expect(await writer.act({ ...at, method: 'noSuchMethod' }, writeCall())).toMatchObject({
      kind: 'denied',
      right: { action: 'wsmethod:noSuchMethod' },
    })
  })
})

describe('many records at once', () => {
  const location = 'NOWHERE'

  test('each for itself, in the order of the request', async () => {
    const kept = await plant.workOrder()
    const absent = '_QkVERk9SRC9OT1NVQ0g-'
    const { items } = done(
      await writer.bulk(
        {
          objectStructure: WO,
          together: false,
          items: [
            { action: 'create', values: { siteid: 'BEDFORD', description: 'new' } },
            { action: 'create', values: { siteid: 'BEDFORD', location } },
            { action: 'update', ...kept, values: { description: 'changed' } },
            { action: 'update', ...kept, rowstamp: '1', values: { description: 'stale' } },
            { action: 'update', ...kept, id: absent, values: { description: 'absent' } },
          ],
        },
        writeCall(),
      ),
    )
    expect(items).toMatchObject([
      { kind: 'done', id: expect.stringMatching(/^_/), record: { values: { description: 'new' } } },
      { kind: 'invalid', problems: [{ path: 'location', code: 'BMXAA2661E' }] },
      { kind: 'done', id: kept.id },
      { kind: 'conflict' },
      { kind: 'missing' },
    ])
    expect((await plant.read(kept.id, ['description'])).values['description']).toBe('changed')
  })

  test('together, one failure takes all back', async () => {
    const one = await plant.workOrder()
    const items = [
      { action: 'update', ...one, values: { description: 'changed' } },
      { action: 'create', values: { siteid: 'BEDFORD', location } },
    ] as const
    const outcome = done(await writer.bulk({ objectStructure: WO, together: true, items }, writeCall()))
    expect(outcome.items.map(({ kind }) => kind)).toEqual(['refused', 'invalid'])
    expect((await plant.read(one.id, ['description'])).values['description']).toBe('Leak')
  })

  test('nothing is sent when one item cannot be right, or there are too many', async () => {
    const before = writes()
    const ask = (items: Parameters<MaximoWriter['bulk']>[0]['items']) =>
      writer.bulk({ objectStructure: WO, together: false, items }, writeCall())
    const good = { action: 'create', values: { siteid: 'BEDFORD' } } as const
    const wrong = [
      { action: 'create', values: { descr: 'x' } },
      { action: 'update', id: 'x', rowstamp: '1', values: {} },
    ] as const
    expect(await ask([good, ...wrong])).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'items[1].descr' }, { path: 'items[2].id' }],
    })
    expect(await ask([])).toMatchObject({ kind: 'invalid' })
    expect(await ask(Array.from({ length: 201 }, () => good))).toMatchObject({ kind: 'invalid' })
    expect(writes()).toBe(before)
  })
})

describe('the workflow', () => {
  const inbox = async (as: string) => {
    const page = await plant.as(as).client.inbox({ pageSize: 100 }, writeCall())
    if (!page.ok) throw new Error(JSON.stringify(page.error))
    expect(page.value.total).toBe(page.value.records.length)
    expect(page.value.records[0]?.values).toMatchObject({ ownertable: 'WORKORDER', processname: 'WOAPPR' })
    return page.value.records.map(({ id }) => id ?? '')
  }

  test('an acceptance leads to a choice, and the choice on', async () => {
    const [id = ''] = await inbox('planner@example.com')
    const { next } = done(await writer.answerAssignment({ id, accepted: true, memo: 'ok' }, writeCall()))
    if (next === null) throw new Error('no input')
    expect(next).toMatchObject({
      kind: 'input',
      choices: [
        { actionId: 7, instruction: 'Send to supervisor', isPositive: true },
        { actionId: 8, isPositive: false },
      ],
    })
    expect(await inbox('planner@example.com')).toContain(id)
    for (const actionId of [9, null])
      expect(await writer.answerInput({ input: next, actionId }, writeCall())).toMatchObject({
        kind: 'invalid',
      })
    expect(await writer.answerInput({ input: next, actionId: 7, memo: 'to boss' }, writeCall())).toEqual({
      kind: 'done',
    })
    expect(await writer.answerInput({ input: next, actionId: 7 }, writeCall())).toEqual({
      kind: 'missing',
      what: 'input',
    })
    expect(await inbox('planner@example.com')).not.toContain(id)
  })

  test('a rejection ends it; what was changed since, is answered, or another person’s, is denied', async () => {
    const [id = ''] = await inbox('planner@example.com')
    const old = { id, accepted: false, rowstamp: '1' }
    expect(await writer.answerAssignment(old, writeCall())).toEqual({ kind: 'conflict', code: null })
    expect(await inbox('planner@example.com')).toContain(id)
    expect(await writer.answerAssignment({ id, accepted: false }, writeCall())).toEqual({
      kind: 'done',
      next: null,
    })
    const right = { objectStructure: 'MXAPIWFASSIGNMENT', action: 'wsmethod:completeAssignment' }
    const denied = { kind: 'denied', right, code: 'BMXAA0024E' }
    expect(await writer.answerAssignment({ id, accepted: false }, writeCall())).toEqual(denied)
    const [other = ''] = await inbox('admin@example.com')
    expect(await writer.answerAssignment({ id: other, accepted: true }, writeCall())).toEqual(denied)
    expect(
      await writer.answerAssignment({ id: other, accepted: true, memo: '\n' }, writeCall()),
    ).toMatchObject({
      kind: 'invalid',
    })
  })

  test('is started once', async () => {
    const { id } = await plant.workOrder()
    const start = { objectStructure: WO, id, process: 'WOAPPR' }
    expect(await writer.startWorkflow(start, writeCall())).toEqual({ kind: 'done' })
    expect(await writer.startWorkflow(start, writeCall())).toMatchObject({
      kind: 'refused',
      code: 'BMXAA4198E',
    })
    expect(await writer.startWorkflow({ ...start, process: 'A B' }, writeCall())).toMatchObject({
      kind: 'invalid',
    })
  })
})

describe('attachments', () => {
  const attach = (id: string, bytes: Buffer, more = {}) =>
    writer.attach(
      {
        objectStructure: WO,
        id,
        file: {
          name: 'Foto „1“.png',
          mediaType: 'image/png',
          bytes: Readable.from([bytes]),
          sizeBytes: bytes.length,
        },
        ...more,
      },
      writeCall(),
    )

  test('go in as bytes or as an address, under any name, and out again', async () => {
    const { id } = await plant.workOrder()
    const { attachmentId } = done(await attach(id, Buffer.from([1, 2, 0, 255]), { description: 'Größe' }))
    done(await attach(id, Buffer.alloc(0), { file: { url: 'https://example.com/a?b=c' } }))
    const list = await client.attachments({ objectStructure: WO, id }, writeCall())
    expect(list).toMatchObject({
      value: [
        {
          id: attachmentId,
          fileName: 'Foto „1“.png',
          mediaType: 'image/png',
          sizeBytes: 4,
          description: 'Größe',
        },
        { kind: 'url', fileName: 'https://example.com/a?b=c' },
      ],
    })
    const which = { objectStructure: WO, id, attachmentId: attachmentId ?? '' }
    expect(await writer.detach(which, writeCall())).toEqual({ kind: 'done' })
    expect(await writer.detach(which, writeCall())).toEqual({ kind: 'missing', what: 'attachment' })
    expect(await writer.detach({ ...which, attachmentId: '../x' }, writeCall())).toMatchObject({
      kind: 'missing',
    })
  })

  test('that are none are refused before, too large ones by Maximo', async () => {
    const { id } = await plant.workOrder()
    const file = { name: 'a', mediaType: 'text/plain', bytes: Readable.from(['x']), sizeBytes: 1 }
    const before = writes()
    for (const bad of [
      { file: { ...file, name: '../a' } },
      { file: { ...file, mediaType: 'text' } },
      { file: { ...file, sizeBytes: 0 } },
      { file: { url: 'javascript:alert(1)' } },
      { docType: 'a/b' },
      { description: 'a\r\nb' },
    ])
      expect(await attach(id, Buffer.from('x'), bad)).toMatchObject({ kind: 'invalid' })
    expect(writes()).toBe(before)
    expect(await attach(id, Buffer.alloc(12 * 1024 * 1024))).toMatchObject({
      kind: 'refused',
      code: 'BMXAA2249E',
    })
  })
})
