import { beforeAll, describe, expect, test } from 'vitest'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import type { MaximoWriter } from '../../../src/maximo/write/contract.ts'
import { faultOf } from './support/scripted-maximo.ts'
import { done, WO, writeCall, writtenPlant } from './support/written-plant.ts'

const plant = writtenPlant()
let writer: MaximoWriter
let client: MaximoClient

beforeAll(() => {
  const both = plant.as('planner@example.com')
  writer = both.writer
  client = both.client
})

const problemsOf = (outcome: Awaited<ReturnType<MaximoWriter['create']>>) =>
  outcome.kind === 'invalid' ? outcome.problems.map(({ reason, path }) => [reason, path]) : outcome
const writes = () => plant.simulator.requests.seen().filter(({ method }) => method === 'POST').length
const laborOf = async (id: string) => {
  const { values } = await plant.read(id, ['wonum'], { wplabor: ['craft', 'laborhrs'] })
  return ((values['wplabor'] ?? []) as Record<string, unknown>[]).map(({ craft, laborhrs }) => [
    craft,
    laborhrs,
  ])
}
const rowsOf = async (id: string) => {
  const { values } = await plant.read(id, ['wonum'], { wplabor: ['craft'] })
  return values['wplabor'] as { href: string; localref: string }[]
}

describe('create', () => {
  test('gives the record that Maximo made, with its number and row stamp, children included', async () => {
    const made = done(
      await writer.create(
        {
          objectStructure: 'mxapiwodetail',
          values: { SITEID: 'bedford', description: 'Leak at “P-1”', worktype: 'cm', estdur: 1.5 },
          children: { wplabor: [{ action: 'add', values: { craft: 'MECH', laborhrs: 2 } }] },
        },
        writeCall(),
      ),
    )
    expect(made).toMatchObject({
      id: expect.stringMatching(/^_/),
      record: {
        rowstamp: expect.stringMatching(/^\d+$/),
        values: { wonum: expect.any(String), siteid: 'BEDFORD', worktype: 'CM', estdur: 1.5 },
      },
      warnings: [],
    })
    expect(await laborOf(made.id ?? '')).toEqual([['MECH', 2]])
  })

  test('what does not fit the schema is refused before anything is sent', async () => {
    const before = writes()
    const refused = await writer.create(
      {
        objectStructure: WO,
        values: {
          descripton: 'x',
          description: 'x'.repeat(101),
          status: 'APRR',
          estdur: 'long',
          wopriority: 1.5,
          reportdate: '2026-05-01T08:00',
          changeby: 'ME',
          href: 'x',
          workorderid: 5,
          woclass: null,
          location: 'a\nb',
          wplabor: 'x',
          worktype: '',
        },
        children: {
          wplabour: [],
          wplabor: [{ action: 'add', values: { craf: 'x' } }],
          woactivity: [{ action: 'update', row: 'http://elsewhere/x', values: { description: 'x' } }],
        },
      },
      writeCall(),
    )
    expect(problemsOf(refused)).toEqual([
      ['unknown_field', 'descripton'],
      ['too_long', 'description'],
      ['unknown_value', 'status'],
      ['bad_value', 'estdur'],
      ['bad_value', 'wopriority'],
      ['bad_value', 'reportdate'],
      ['read_only', 'changeby'],
      ['read_only', 'href'],
      ['read_only', 'workorderid'],
      ['required', 'woclass'],
      ['bad_value', 'location'],
      ['unknown_field', 'wplabor'],
      ['bad_value', 'worktype'],
      ['unknown_child', 'children'],
      ['unknown_field', 'wplabor[0].craf'],
      ['bad_request', 'woactivity[0].row'],
    ])
    const suggestions = refused.kind === 'invalid' ? refused.problems.map((one) => one.suggestions[0]) : []
    expect(suggestions).toEqual(expect.arrayContaining(['description', 'APPR', 'wplabor', 'craft']))
    expect(problemsOf(await writer.create({ objectStructure: WO, values: {} }, writeCall()))).toEqual([
      ['bad_request', 'values'],
    ])
    expect(writes()).toBe(before)
  })

  test('what Maximo alone can know comes back per field, all of it at once', async () => {
    const values = { siteid: 'BEDFORD', location: 'NOWHERE', assetnum: 'NOSUCH' }
    const refused = await writer.create({ objectStructure: WO, values }, writeCall())
    expect(refused).toMatchObject({
      kind: 'invalid',
      problems: expect.arrayContaining([
        expect.objectContaining({ reason: 'refused', path: 'location', code: 'BMXAA2661E' }),
        expect.objectContaining({ reason: 'refused', path: 'assetnum', code: 'BMXAA0090E' }),
      ]),
    })
  })

  test('without the right, says which one', async () => {
    const limited = plant.as('limited@example.com').writer
    const values = { assetnum: 'Z-1', siteid: 'NASHUA' }
    expect(await limited.create({ objectStructure: 'mxapiasset', values }, writeCall())).toEqual({
      kind: 'denied',
      right: { objectStructure: 'MXAPIASSET', action: 'create' },
      code: 'BMXAA0024E',
    })
    const unknown = limited.create({ objectStructure: 'mxnosuch', values }, writeCall())
    expect((await faultOf(unknown)).kind).toBe('not_found')
  })
})

describe('update', () => {
  test('changes what it names, clears with null, keeps the rest and answers the new row stamp', async () => {
    const { id, rowstamp } = await plant.workOrder({ values: { wopriority: 2 } })
    const asked = { objectStructure: WO, id, rowstamp, values: { description: 'after', wopriority: null } }
    const { record } = done(await writer.update(asked, writeCall()))
    expect(record?.values).toMatchObject({ description: 'after' })
    expect(Number(record?.rowstamp)).toBeGreaterThan(Number(rowstamp))
    const now = await plant.read(id, ['location', 'wopriority', 'description'])
    expect(now.values).toMatchObject({ location: 'BR230', description: 'after' })
    expect(now.values['wopriority']).toBeUndefined()
  })

  test('adds, changes and deletes child rows by name, and never another one', async () => {
    const add = (craft: string, laborhrs: number) => ({ action: 'add', values: { craft, laborhrs } }) as const
    const { id } = await plant.workOrder({
      children: { wplabor: [add('MECH', 1), add('ELEC', 2), add('PIPE', 3)] },
    })
    const [first, second] = await rowsOf(id)
    const rowstamp = (await plant.read(id, ['wonum'])).rowstamp ?? ''
    const changes = [
      { action: 'update', row: first?.href ?? '', values: { laborhrs: 7 } },
      { action: 'delete', row: second?.localref ?? '' },
      add('WELD', 4),
    ] as const
    done(
      await writer.update(
        { objectStructure: WO, id, rowstamp, values: {}, children: { wplabor: changes } },
        writeCall(),
      ),
    )
    expect(await laborOf(id)).toEqual([
      ['MECH', 7],
      ['PIPE', 3],
      ['WELD', 4],
    ])
    const stale = { objectStructure: WO, id, values: { description: 'x' } }
    const current = (await plant.read(id, ['wonum'])).rowstamp ?? ''
    done(await writer.update({ ...stale, rowstamp: current }, writeCall()))
    expect(await laborOf(id)).toHaveLength(3)
  })

  test('is a conflict when the record changed since it was read, and one of two writers wins', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const write = (description: string) =>
      writer.update({ objectStructure: WO, id, rowstamp, values: { description } }, writeCall())
    const outcomes = await Promise.all([write('one'), write('two')])
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['conflict', 'done'])
    expect(await write('three')).toEqual({ kind: 'conflict', code: 'BMXAA8229W' })
  })

  test('leaves keys, statuses and what Maximo keeps to itself alone', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const values = {
      wonum: 'X',
      siteid: 'NASHUA',
      status: 'APPR',
      statusdate: '2026-05-01T08:00:00Z',
      orgid: 'X',
    }
    expect(
      problemsOf(await writer.update({ objectStructure: WO, id, rowstamp, values }, writeCall())),
    ).toEqual(['wonum', 'siteid', 'status', 'statusdate', 'orgid'].map((name) => ['read_only', name]))
  })

  test('warns of what Maximo silently left as it was', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const values = { estlabcost: 99, description: 'kept' }
    const { warnings } = done(await writer.update({ objectStructure: WO, id, rowstamp, values }, writeCall()))
    expect(warnings).toEqual([
      { reason: 'not_taken', field: 'estlabcost', message: expect.stringContaining('estlabcost') },
    ])
  })

  test('finds the record by its key, and says when there is none or the key is none', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const { values } = await plant.read(id, ['wonum'])
    const at = { objectStructure: WO, rowstamp, values: { description: 'by key' } }
    const made = done(await writer.update({ ...at, id: `BEDFORD/${String(values['wonum'])}` }, writeCall()))
    expect(made.id).toBe(id)
    expect(await writer.update({ ...at, id: 'BEDFORD/NOSUCH' }, writeCall())).toEqual({
      kind: 'missing',
      what: 'record',
    })
    expect(await writer.update({ ...at, id: '_QkVERk9SRC9OT1NVQ0g-' }, writeCall())).toEqual({
      kind: 'missing',
      what: 'record',
    })
    expect(problemsOf(await writer.update({ ...at, id: 'a/b/c/d' }, writeCall()))).toEqual([
      ['bad_request', 'id'],
    ])
  })

  test('a question is asked, not answered by default; the answer decides', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const move = { objectStructure: WO, id, rowstamp, values: { assetnum: '11430' } }
    expect(await writer.update(move, writeCall())).toEqual({
      kind: 'question',
      question: {
        id: 'woassetlocation_change',
        choices: ['yes', 'no'],
        code: 'BMXAA4722E',
        untrusted: expect.stringContaining('11430'),
      },
    })
    done(await writer.update(move, writeCall({ answers: { woassetlocation_change: 'no' } })))
    expect((await plant.read(id, ['location', 'assetnum'])).values).toMatchObject({
      location: 'BR230',
      assetnum: '11430',
    })
    await expect(writer.update(move, writeCall({ answers: { 'a:8;b': 'yes' } }))).rejects.toThrow(
      'not an answer',
    )
  })

  test('dates go as instants, long descriptions as text that stays text', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const text = 'First <b>line</b>\nsecond & last'
    const values = { targstartdate: '2026-05-01T08:00:00+02:00', description_longdescription: text }
    const { warnings } = done(await writer.update({ objectStructure: WO, id, rowstamp, values }, writeCall()))
    expect(warnings).toEqual([])
    const now = await plant.read(id, ['targstartdate', 'description_longdescription'])
    expect(now.values).toMatchObject({
      targstartdate: '2026-05-01T02:00:00-04:00',
      description_longdescription: 'First &lt;b&gt;line&lt;/b&gt;<br />second &amp; last<!-- RICH TEXT -->',
    })
  })
})

describe('sync', () => {
  test('creates what is not there and changes what is', async () => {
    const values = { assetnum: 'SYNC-1', siteid: 'BEDFORD', description: 'one' }
    const first = done(await writer.sync({ objectStructure: 'MXAPIASSET', values }, writeCall()))
    const second = done(
      await writer.sync(
        { objectStructure: 'MXAPIASSET', values: { ...values, description: 'two' } },
        writeCall(),
      ),
    )
    expect(second.id).toBe(first.id)
    expect(second.record?.values['description']).toBe('two')
  })
})

describe('delete', () => {
  test('takes the record that was read, and no other', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const existing = { objectStructure: WO, id, rowstamp }
    expect(await writer.delete({ ...existing, rowstamp: '1' }, writeCall())).toEqual({
      kind: 'conflict',
      code: null,
    })
    expect(await writer.delete(existing, writeCall())).toEqual({ kind: 'done' })
    expect(await client.findRecord(existing, { fields: ['wonum'] }, writeCall())).toEqual({
      ok: true,
      value: null,
    })
    expect(await writer.delete(existing, writeCall())).toEqual({ kind: 'missing', what: 'record' })
  })

  test('says why Maximo keeps a record', async () => {
    const { id, rowstamp } = await plant.workOrder()
    done(await writer.changeStatus({ objectStructure: WO, id, rowstamp, status: 'APPR' }, writeCall()))
    const current = (await plant.read(id, ['wonum'])).rowstamp ?? ''
    expect(await writer.delete({ objectStructure: WO, id, rowstamp: current }, writeCall())).toMatchObject({
      kind: 'refused',
      code: 'BMXAA4198E',
      untrusted: expect.stringContaining('APPR'),
    })
  })
})

test('a key that was used is not carried out twice', async () => {
  const { id, rowstamp } = await plant.workOrder()
  const write = (description: string, stamp: string) =>
    writer.update(
      { objectStructure: WO, id, rowstamp: stamp, values: { description } },
      writeCall({ key: 'plan-7' }),
    )
  const { record } = done(await write('once', rowstamp))
  expect(await write('twice', record?.rowstamp ?? '')).toEqual({ kind: 'repeated' })
  expect((await plant.read(id, ['description'])).values['description']).toBe('once')
})
