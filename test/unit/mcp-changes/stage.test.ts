import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChangedPlant, PLANNER, type ChangedPlant } from '../../support/changes/changed-plant.ts'

let plant: ChangedPlant
const second: { users: readonly string[] | null } = { users: null }
beforeAll(async () => {
  plant = await openChangedPlant({ secondApprovers: () => second.users })
})
afterAll(() => plant.close())

const operation = (bend: object): object => ({
  operations: [{ op: 'update', object: 'mxapiwodetail', id: 'BEDFORD/1001', ...bend }],
})

describe('what cannot work is refused before anything is planned', () => {
  test.each<[string, string, object, RegExp]>([
    [
      'a field that is not there',
      'plan_change',
      operation({ values: { wopriorty: 1 } }),
      /^invalid_field: .*Did you mean "wopriority"/,
    ],
    [
      'a value that is none',
      'plan_change',
      operation({ values: { wopriority: 'soon' } }),
      /^invalid_value: /,
    ],
    [
      'a field that Maximo keeps',
      'plan_change',
      operation({ values: { changeby: 'ME' } }),
      /^invalid_field: .*cannot be written/,
    ],
    [
      'a status that is set like a field',
      'plan_change',
      operation({ values: { status: 'APPR' } }),
      /^invalid_field: .*a status is changed, not set/,
    ],
    [
      'a record that is not there',
      'plan_change',
      operation({ id: 'BEDFORD/999999', values: { wopriority: 1 } }),
      /^not_found: There is no mxapiwodetail "BEDFORD\/999999"/,
    ],
    [
      'an object that is not there',
      'plan_change',
      operation({ object: 'mxapiwodetial', values: { wopriority: 1 } }),
      /^unknown_object: .*Did you mean/,
    ],
    [
      'a child that is not there',
      'plan_change',
      operation({ op: 'add_child', child: 'worklogs', values: { description: 'x' } }),
      /^invalid_field: .*worklog/,
    ],
    [
      'no id',
      'plan_change',
      { operations: [{ op: 'update', object: 'mxapiwodetail', values: { wopriority: 1 } }] },
      /^invalid_input: .*id/,
    ],
    [
      'nothing to change',
      'plan_change',
      operation({ values: {} }),
      /^invalid_value: There is nothing to write/,
    ],
    ['what is so already', 'plan_change', operation({ values: { siteid: 'BEDFORD' } }), /^invalid_field/],
    [
      'one record twice',
      'plan_change',
      {
        operations: [1, 2].map((wopriority) => ({
          op: 'update',
          object: 'mxapiwodetail',
          id: 'BEDFORD/1001',
          values: { wopriority },
        })),
      },
      /^invalid_input: One record stands in this change twice/,
    ],
    [
      'more than a person reads',
      'plan_change',
      operation({ values: { description_longdescription: 'x'.repeat(8_000), description: 'y' }, memo: 'z' }),
      /^/,
    ],
    [
      'a row stamp of before',
      'plan_change',
      operation({ values: { wopriority: 1 }, expect_rowstamp: '1' }),
      /^conflict: The record was changed since you read it/,
    ],
    [
      'a site that is not there',
      'update_work_order',
      { wonum: '1001', site: 'BEDFROD', values: { wopriority: 1 } },
      /^invalid_value: There is no site "BEDFROD".*BEDFORD/,
    ],
    [
      'a move that Maximo does not allow',
      'change_work_order_status',
      { wonum: '1001', status: 'HISTEDIT' },
      /^invalid_value: BEDFORD\/1001 is WAPPR and may not move to HISTEDIT.*It may move to .*APPR/,
    ],
    [
      'a status of what has none',
      'plan_change',
      operation({
        op: 'status',
        object: 'mxapiassetmeter',
        id: '_MTE0MzAvMC9SVU5IT1VSUy9CRURGT1JE',
        status: 'APPR',
      }),
      /^invalid_field: MXAPIASSETMETER has no status/,
    ],
    [
      'a meter that is not there',
      'record_meter_reading',
      { asset: '11430', meter: 'NONE', value: '1' },
      /^not_found: There is no meter NONE/,
    ],
    [
      'a place where it is',
      'move_asset',
      { asset: '11430', to_location: 'br430' },
      /^invalid_value: .*already as it should become/,
    ],
    [
      'a follow-up with a value that is none',
      'create_follow_up',
      { from_wonum: '1001', description: 'x', work_type: 'toolong-type' },
      /^invalid_value/,
    ],
    [
      'a link that is none',
      'attach_link',
      { object: 'mxapiwodetail', id: 'BEDFORD/1001', url: 'javascript:alert(1)' },
      /^invalid_input/,
    ],
    [
      'an assignment that is not there',
      'respond_to_assignment',
      { assignment_id: '_QUJD', choice: 'accept' },
      /^not_found/,
    ],
  ])('%s', async (name, tool, args, refusal) => {
    const sent = plant.writes()
    if (name === 'more than a person reads') {
      const long = Array.from({ length: 4 }, (_, index) => ({
        ...{ op: 'create', object: 'mxapisr' },
        values: { description: String(index), description_longdescription: 'x'.repeat(7_900) },
      }))
      expect(await plant.refused(tool, { operations: long })).toMatch(
        /^too_large: The change is longer than a person can read/,
      )
    } else expect(await plant.refused(tool, args)).toMatch(refusal)
    expect(plant.writes() - sent).toBe(0)
  })
})

describe('a plan', () => {
  test('staged twice while it waits is one, and a new one when it was written', async () => {
    const args = { record: '1001', kind: 'work_order', summary: 'The same' }
    const id = await plant.stage('add_work_log', args)
    expect(await plant.stage('add_work_log', args)).toBe(id)
    expect(await plant.stage('add_work_log', { ...args, reason: 'another' })).not.toBe(id)
    await plant.commit(id)
    expect(await plant.stage('add_work_log', args)).not.toBe(id)
  })

  test('names likely duplicates, and takes the risk of words that it takes over', async () => {
    const request = { description: 'Strange noise at the fan bearing', location: 'BR230' }
    const made = await plant.stage('create_service_request', request)
    await plant.approve(made)
    const { body } = await plant.commit(made)
    const [record] = body['records'] as { record: string }[]
    const again = await plant.plan(
      await plant.stage('create_service_request', { ...request, description: 'Noise: fan bearing strange' }),
    )
    expect(again.warnings.join(' ')).toMatch(/looks like the same: "Strange noise at the fan bearing"/)
    const ticket = String(record?.record).split('/').at(-1) ?? ''
    const order = await plant.plan(await plant.stage('create_work_order_from_request', { ticket_id: ticket }))
    expect([order.risk, order.because.at(-1)]).toEqual([
      'high',
      'It takes over text that somebody typed into Maximo.',
    ])
    expect(order.records[0]?.diff).toContainEqual({
      field: 'description',
      before: null,
      after: request.description,
    })
  })

  test('of money needs the scope for it, also in a row of something else, and is of high risk', async () => {
    const { itemsetid, itemnum, location } =
      plant.simulator.plant.find('INVENTORY', 'siteid', 'BEDFORD')[0] ?? {}
    const cost = {
      ...{ op: 'add_child', object: 'mxapiinventory', child: 'invcost', values: { stdcost: 1 } },
      id: ['BEDFORD', itemsetid, itemnum, location].join('/'),
    }
    const args = { operations: [cost], reason: 'a test' }
    const without = await plant.ask('plan_change', args, PLANNER, 'maximo:read maximo:write')
    expect(without.text).toMatch(/^needs_scope: Changing MXAPIINVENTORY needs the scope maximo:finance/)
    const { risk, scopes } = await plant.plan(await plant.stage('plan_change', args))
    expect([risk, scopes]).toEqual(['high', ['maximo:write', 'maximo:finance']])
  })

  test('of an attachment shows all that is written of it', async () => {
    const id = await plant.stage('attach_link', {
      ...{ object: 'mxapiwodetail', id: 'BEDFORD/1001', url: 'https://docs.example/pump.pdf' },
      description: 'Wiring, as built',
    })
    expect((await plant.plan(id)).records[0]?.diff).toEqual([
      { field: 'attachment', before: null, after: 'https://docs.example/pump.pdf' },
      { field: 'attachment description', before: null, after: 'Wiring, as built' },
    ])
  })

  test('with a second person waits for them, not for its owner', async () => {
    second.users = ['user_second', `user_${PLANNER}`]
    const id = await plant.stage('update_work_order', { wonum: '1001', values: { wopriority: 3 } })
    expect((await plant.commit(id)).text).toMatch(/^needs_approval: .*somebody else than its owner/)
    const plan = await plant.approve(id)
    expect((await plant.commit(id)).text).toContain('needs_approval')
    expect((await plant.door.changes.plans.waitingFor('user_second')).map((one) => one.id)).toContain(id)
    await plant.door.changes.plans.agree(plan, { sub: 'user_second', by: 'page' })
    expect((await plant.commit(id)).body).toMatchObject({ state: 'written', approved_by: 'page' })
    second.users = [`user_${PLANNER}`]
    expect(await plant.refused('update_work_order', { wonum: '1001', values: { wopriority: 4 } })).toMatch(
      /^needs_approval: .*name nobody but you/,
    )
    second.users = null
  })

  test('says where a person agrees to it, and whether that is another, for as long as nobody did', async () => {
    const told = async (id: string): Promise<unknown[]> => {
      const { state, approve_at: page, approver } = (await plant.look(id)).body
      return [state, page, approver]
    }
    const PAGE = 'http://localhost:8080/changes'
    const own = await plant.stage('update_work_order', { wonum: '1001', values: { wopriority: 31 } })
    expect(await told(own)).toEqual(['planned', PAGE, undefined])
    await plant.approve(own)
    expect(await told(own)).toEqual(['approved', undefined, undefined])
    const note = { record: '1001', kind: 'work_order', summary: 'Nobody is asked' }
    expect(await told(await plant.stage('add_work_log', note))).toEqual(['planned', undefined, undefined])
    second.users = ['user_second']
    const others = await plant.stage('update_work_order', { wonum: '1001', values: { wopriority: 32 } })
    expect(await told(others)).toEqual(['planned', PAGE, 'second_person'])
    second.users = null
  })

  test('of one person leaves room with whoever agrees for those of others', async () => {
    second.users = ['user_approver']
    const stage = (wopriority: number, as?: string) =>
      plant.stage('update_work_order', { wonum: '1001', values: { wopriority } }, as)
    const made: string[] = []
    for (let index = 1; index <= 10; index += 1) made.push(await stage(100 + index))
    expect(await plant.refused('update_work_order', { wonum: '1001', values: { wopriority: 99 } })).toMatch(
      /^too_large: Too many of your changes wait/,
    )
    made.push(await stage(98, 'technician@example.com'))
    const waiting = await plant.door.changes.plans.waitingFor('user_approver')
    expect(waiting.map(({ id }) => id).sort()).toEqual(made.sort())
    for (const one of waiting) await plant.door.changes.discard(one)
    second.users = null
  })

  test('that was discarded takes no more room than it takes to say so', async () => {
    const id = await plant.stage('update_work_order', { wonum: '1001', values: { wopriority: 97 } })
    await plant.discard(id)
    expect((await plant.commit(id)).text).toMatch(/^not_found: This change was discarded/)
    plant.door.workshop.clock.advance(5 * 60_000)
    await expect(plant.plan(id)).rejects.toThrow('no plan')
    expect((await plant.commit(id)).text).toMatch(/^not_found/)
  })

  test('of a user whom Maximo does not let write is refused by Maximo, and says which right is missing', async () => {
    const id = await plant.stage(
      'plan_change',
      {
        operations: [
          { op: 'update', object: 'mxapiasset', id: 'BEDFORD/11430', values: { description: 'x' } },
        ],
      },
      'technician@example.com',
    )
    await plant.approve(id, 'technician@example.com')
    expect((await plant.commit(id, 'technician@example.com')).text).toMatch(
      /^not_permitted: Nothing was written.*\n.*no right to change on MXAPIASSET/,
    )
  })

  test('more changes than a person can keep in mind', async () => {
    const stage = (summary: string) =>
      plant.stage('add_work_log', { record: '1001', kind: 'work_order', summary }, 'technician@example.com')
    const [first, other] = [await stage('note 0'), await stage('note 1')]
    for (let index = 2; index < 30; index += 1) await stage(`note ${index}`)
    const more = { record: '1001', kind: 'work_order', summary: 'one too many' }
    expect(await plant.refused('add_work_log', more, 'technician@example.com')).toMatch(
      /^too_large: Too many of your changes wait/,
    )
    second.users = ['user_technician@example.com']
    const ofOthers = await plant.stage('update_work_order', { wonum: '1001', values: { wopriority: 91 } })
    second.users = null
    for (const id of [first, other])
      expect((await plant.commit(id, 'technician@example.com')).body).toMatchObject({ state: 'written' })
    const anew = await Promise.all([stage('note 31'), stage('note 32')])
    const waiting = await plant.door.changes.plans.waitingFor('user_technician@example.com')
    expect(waiting.map(({ id }) => id)).toEqual(expect.arrayContaining([...anew, ofOthers]))
    expect(waiting).toHaveLength(31)
  })
})
