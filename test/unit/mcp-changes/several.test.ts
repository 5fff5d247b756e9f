import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openChangedPlant, type ChangedPlant } from '../../support/changes/changed-plant.ts'

let plant: ChangedPlant
let untouched: string
beforeAll(async () => {
  plant = await openChangedPlant()
  untouched = await newOrder()
})
afterAll(() => plant.close())
afterEach(() => plant.simulator.faults.clear())

const OBJECT = 'mxapiwodetail'
const done = async (id: string): Promise<Record<string, unknown>> => {
  await plant.approve(id)
  const said = await plant.commit(id)
  if (said.isError) throw new Error(said.text)
  return said.body
}
/** A new work order with two planned crafts. */
async function newOrder(description = 'Leak at the seal'): Promise<string> {
  const body = await done(await plant.stage('create_work_order', { description, location: 'BR230' }))
  const wonum = String((body['records'] as { record: string }[])[0]?.record).split('/')[1] ?? ''
  const rows = [
    { craft: 'MECH', laborhrs: 2 },
    { craft: 'ELEC', laborhrs: 1 },
  ]
  const operations = rows.map((values) => ({ op: 'add_child', ...at(wonum), child: 'wplabor', values }))
  await done(await plant.stage('plan_change', { operations }))
  return wonum
}
const at = (wonum: string) => ({ object: OBJECT, id: `BEDFORD/${wonum}` })
const labor = (wonum: string) =>
  plant.simulator.plant
    .find('WPLABOR', 'wonum', wonum)
    .filter(({ siteid }) => siteid === 'BEDFORD')
    .map(({ craft, laborhrs }) => `${String(craft)} ${String(laborhrs)}`)
    .sort()
const diffOf = async (id: string): Promise<unknown> => {
  const { records } = (await plant.look(id)).body as { records: { diff: unknown }[] }
  return records.map(({ diff }) => diff)
}

describe('rows of a record', () => {
  test('are changed and removed where they stand, by what they hold, beside fields of the record', async () => {
    const wonum = await newOrder()
    const operations = [
      { op: 'update', ...at(wonum), values: { wopriority: 3 } },
      { op: 'update_child', ...at(wonum), child: 'WPLABOR', row: { craft: 'mech' }, values: { laborhrs: 5 } },
      { op: 'remove_child', ...at(wonum), child: 'wplabor', row: { craft: 'ELEC', laborhrs: 1 } },
      { op: 'add_child', ...at(wonum), child: 'wplabor', values: { craft: 'HVAC', laborhrs: 4 } },
    ]
    const id = await plant.stage('plan_change', { operations })
    expect(await diffOf(id)).toEqual([
      [
        ['wopriority', null, 3],
        ['wplabor[new 1].craft', null, 'HVAC'],
        ['wplabor[new 1].laborhrs', null, 4],
        ['wplabor[craft=mech].laborhrs', 2, 5],
        ['wplabor[craft=ELEC, laborhrs=1]', 'exists', 'removed'],
      ],
    ])
    expect((await plant.plan(id)).risk).toBe('high')
    expect(await done(id)).toMatchObject({ state: 'written' })
    expect(labor(wonum)).toEqual(['HVAC 4', 'MECH 5'])
  })

  test.each<[string, object, RegExp]>([
    ['that is not there', { row: { craft: 'PIPE' } }, /^not_found: A row of wplabor is not there/],
    ['that is one of several', { row: { quantity: 1 } }, /^ambiguous: A row of wplabor is one of several/],
    ['that nothing names', { row: {} }, /^ambiguous/],
    ['named by the opposite of what it holds', { row: { laborhrs: -2 } }, /^not_found/],
    [
      'of a child that is not there',
      { child: 'wplabour', row: { craft: 'MECH' } },
      /^invalid_field: .*wplabor/,
    ],
    ['without saying which', {}, /^invalid_input: .*row/],
    [
      'that has it already',
      { row: { craft: 'MECH' }, values: { laborhrs: 2 } },
      /^invalid_value: .*already as/,
    ],
    ['to what no field takes', { row: { craft: 'MECH' }, values: { laborhrs: 'long' } }, /^invalid_value/],
  ])('%s are not changed', async (_name, bend, refusal) => {
    const operation = {
      op: 'update_child',
      ...at(untouched),
      child: 'wplabor',
      values: { laborhrs: 9 },
      ...bend,
    }
    expect(await plant.refused('plan_change', { operations: [operation] })).toMatch(refusal)
  })

  test.each<[string, Record<string, number>, [number, number], [number, number]]>([
    ['that is turned into its opposite', { laborhrs: 5, quantity: -1 }, [2, 5], [1, -1]],
    ['that is nearly what it was', { laborhrs: 2.004, quantity: 3 }, [2, 2.004], [1, 3]],
  ])('are sent with no value %s unseen', async (_name, values, hours, count) => {
    const row = { child: 'wplabor', row: { craft: 'MECH' }, values }
    const id = await plant.stage('plan_change', {
      operations: [{ op: 'update_child', ...at(untouched), ...row }],
    })
    expect(await diffOf(id)).toEqual([
      [
        ['wplabor[craft=MECH].laborhrs', ...hours],
        ['wplabor[craft=MECH].quantity', ...count],
      ],
    ])
  })

  test('that somebody else changed since are a conflict', async () => {
    const wonum = await newOrder()
    const stage = (laborhrs: number) =>
      plant.stage('plan_change', {
        operations: [
          {
            op: 'update_child',
            ...at(wonum),
            child: 'wplabor',
            row: { craft: 'MECH' },
            values: { laborhrs },
          },
        ],
      })
    const [id, between] = [await stage(5), await stage(7)]
    await done(between)
    await plant.approve(id)
    expect((await plant.commit(id)).text).toMatch(/^conflict: Nothing was written: .*\(conflict\)/)
    expect(labor(wonum)).toEqual(['ELEC 1', 'MECH 7'])
  })

  test('are a conflict also where only the row itself was changed, and not its record', async () => {
    const wonum = await newOrder()
    await plant.commit(
      await plant.stage('add_work_log', { record: wonum, kind: 'work_order', summary: 'first' }),
    )
    const stage = (description: string) => {
      const row = { child: 'worklog', row: { description: 'first' }, values: { description } }
      return plant.stage('plan_change', { operations: [{ op: 'update_child', ...at(wonum), ...row }] })
    }
    const [id, between] = [await stage('mine'), await stage('theirs')]
    await done(between)
    await plant.approve(id)
    expect((await plant.commit(id)).text).toMatch(/^conflict: Nothing was written/)
    const notes = plant.simulator.plant.find('WORKLOG', 'recordkey', wonum)
    expect(notes.map((note) => note['description'])).toEqual(['theirs'])
  })

  test.each<['after-work' | 'before-answer', string, string[]]>([
    ['after-work', 'written', ['MECH 6']],
    ['before-answer', 'not_written', ['ELEC 1', 'MECH 2']],
  ])('whose answer was lost %s are found by looking', async (when, state, left) => {
    const wonum = await newOrder()
    const operations = [
      { op: 'update_child', ...at(wonum), child: 'wplabor', row: { craft: 'MECH' }, values: { laborhrs: 6 } },
      { op: 'remove_child', ...at(wonum), child: 'wplabor', row: { craft: 'ELEC' } },
    ]
    const id = await plant.stage('plan_change', { operations })
    await plant.approve(id)
    plant.simulator.faults.add({ fault: { kind: 'reset', when }, times: 1, when: 'interactive=1' })
    expect((await plant.commit(id)).text).toMatch(/^unknown_outcome/)
    plant.door.workshop.clock.advance(130_000)
    expect((await plant.look(id)).body).toMatchObject({ state })
    expect(labor(wonum)).toEqual(left)
  })
})

describe('all or nothing', () => {
  const priorities = (wonums: readonly string[], wopriority = 7) => ({
    operations: wonums.map((wonum) => ({ op: 'update', ...at(wonum), values: { wopriority } })),
    all_or_nothing: true,
  })
  const priority = (wonum: string) => plant.workOrder(wonum, 'wopriority')

  test('is one request, and each record has its own result', async () => {
    const wonums = [await newOrder(), await newOrder(), await newOrder()]
    const id = await plant.stage('plan_change', priorities(wonums))
    expect((await plant.look(id)).body).toMatchObject({ all_or_nothing: true })
    const sent = plant.writes()
    const body = await done(id)
    expect(body).toMatchObject({ state: 'written' })
    expect((body['records'] as { outcome: string }[]).map(({ outcome }) => outcome)).toEqual(
      wonums.map(() => 'written'),
    )
    expect(plant.writes() - sent).toBe(1)
    expect(wonums.map(priority)).toEqual([7, 7, 7])
  })

  test('keeps none where one is refused, and says which', async () => {
    const wonums = [await newOrder(), await newOrder(), await newOrder()]
    const id = await plant.stage('plan_change', priorities(wonums))
    await done(await plant.stage('update_work_order', { wonum: wonums[1], values: { wopriority: 2 } }))
    await plant.approve(id)
    const { text } = await plant.commit(id)
    expect(text).toMatch(
      new RegExp(`^\\w+: Nothing was written: .*${wonums[1] ?? ''} not_written \\(conflict\\)`),
    )
    expect(wonums.map(priority)).toEqual([undefined, 2, undefined])
  })

  test.each<['after-work' | 'before-answer', string, number | undefined]>([
    ['after-work', 'written', 7],
    ['before-answer', 'not_written', undefined],
  ])('whose answer was lost %s is looked after record by record', async (when, state, left) => {
    const wonums = [await newOrder(), await newOrder()]
    const id = await plant.stage('plan_change', priorities(wonums))
    await plant.approve(id)
    plant.simulator.faults.add({ fault: { kind: 'reset', when }, times: 1, when: 'interactive=1' })
    expect((await plant.commit(id)).text).toMatch(/^unknown_outcome/)
    plant.door.workshop.clock.advance(130_000)
    expect((await plant.look(id)).body).toMatchObject({
      state,
      records: wonums.map(() => ({ outcome: state, why: 'looked' })),
    })
    expect(wonums.map(priority)).toEqual([left, left])
  })

  test('is refused where Maximo cannot take back', async () => {
    const wonum = await newOrder()
    const operations = [
      { op: 'update', ...at(wonum), values: { wopriority: 1 } },
      { op: 'update', object: 'mxapiasset', id: 'BEDFORD/11430', values: { description: 'x' } },
    ]
    const said = await plant.refused('plan_change', { operations, all_or_nothing: true })
    expect(said).toMatch(/^invalid_input: These records cannot be written all or nothing/)
  })
})

describe('a status behind an update of the same record', () => {
  const both = (wonum: string) => ({
    operations: [
      { op: 'update', ...at(wonum), values: { wopriority: 2 } },
      { op: 'status', ...at(wonum), status: 'APPR' },
    ],
  })

  test('goes with the row stamp that the update left', async () => {
    const wonum = await newOrder()
    const id = await plant.stage('plan_change', both(wonum))
    expect(await done(id)).toMatchObject({
      state: 'written',
      records: [{ does: 'update' }, { does: 'status' }],
    })
    expect([plant.workOrder(wonum, 'wopriority'), plant.workOrder(wonum, 'status')]).toEqual([2, 'APPR'])
  })

  test('is not sent when the update was lost, and is looked at by the row stamp in between', async () => {
    const wonum = await newOrder()
    const id = await plant.stage('plan_change', both(wonum))
    await plant.approve(id)
    plant.simulator.faults.add({
      fault: { kind: 'reset', when: 'before-answer' },
      times: 1,
      when: 'wsmethod%3AchangeStatus',
    })
    expect((await plant.commit(id)).text).toMatch(/^unknown_outcome/)
    plant.door.workshop.clock.advance(130_000)
    expect((await plant.look(id)).body).toMatchObject({
      state: 'partly_written',
      records: [{ outcome: 'written' }, { outcome: 'not_written', why: 'looked' }],
    })
  })
})

describe('a question of Maximo', () => {
  /** An asset elsewhere than the work order: Maximo asks whether the order moves there. */
  async function asked(): Promise<{ wonum: string; id: string; said: string }> {
    const wonum = await newOrder()
    const id = await plant.stage('update_work_order', { wonum, values: { assetnum: '11430' } })
    await plant.approve(id)
    const { text } = await plant.commit(id)
    return { wonum, id, said: text }
  }
  const answer = (id: string, choice: string) => plant.stage('answer_question', { change_id: id, choice })

  test('is not answered by itself: it is said, shown as text of Maximo, and nothing is written', async () => {
    const { wonum, id, said } = await asked()
    expect(said).toMatch(/^refused: Nothing was written: .*\(question\)/)
    expect(said).toContain('BMXAA4722E')
    expect(said).not.toContain('11430 is at location')
    expect((await plant.look(id)).body).toMatchObject({
      question: { code: 'BMXAA4722E', text: expect.stringContaining('11430'), choices: ['yes', 'no'] },
      untrusted: ['now', 'question.text'],
    })
    expect(plant.workOrder(wonum, 'assetnum')).toBeUndefined()
  })

  test.each<['yes' | 'no', string]>([
    ['yes', 'BR430'],
    ['no', 'BR230'],
  ])(
    'answered %s is a new plan that shows it, waits for a person again, and is then sent',
    async (choice, place) => {
      const { wonum, id } = await asked()
      const anew = await answer(id, choice)
      expect(anew).not.toBe(id)
      expect(await diffOf(anew)).toEqual([
        [
          ['assetnum', null, '11430'],
          ['question BMXAA4722E', expect.stringContaining('11430'), choice],
        ],
      ])
      expect((await plant.commit(anew)).text).toMatch(/^needs_approval/)
      expect(plant.workOrder(wonum, 'assetnum')).toBeUndefined()
      expect(await done(anew)).toMatchObject({ state: 'written' })
      expect([plant.workOrder(wonum, 'assetnum'), plant.workOrder(wonum, 'location')]).toEqual([
        '11430',
        place,
      ])
    },
  )

  test('takes no answer that it does not offer, of nobody who was not asked', async () => {
    const { id } = await asked()
    expect(await plant.refused('answer_question', { change_id: id, choice: 'cancel' })).toMatch(
      /^invalid_value: .*\n.*Choose yes or no/,
    )
    const other = { change_id: id, choice: 'yes' }
    expect(await plant.refused('answer_question', other, 'admin@example.com')).toMatch(/^not_found/)
    const plain = await plant.stage('add_work_log', {
      record: '1001',
      kind: 'work_order',
      summary: 'no question',
    })
    await plant.commit(plain)
    expect(await plant.refused('answer_question', { change_id: plain, choice: 'yes' })).toMatch(/^not_found/)
  })
})
