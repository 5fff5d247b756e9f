import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/crypto/credential.ts'
import { openChangedPlant, PLANNER, SCOPE, type ChangedPlant } from '../../support/changes/changed-plant.ts'
import { askTool, type ToolReply } from '../../support/maximo/plant-door.ts'

/** What one connection of a person gets to know of the changes of another one, and may do with them. */
let plant: ChangedPlant
beforeAll(async () => {
  plant = await openChangedPlant()
})
afterAll(() => plant.close())

/** Of the same person and environment. */
const connect = (receipt: Partial<Receipt>, scope = SCOPE): Promise<string> =>
  plant.door.token({
    ...{ scope, receipt, subject: `user_${PLANNER}` },
    maximo: {
      baseUrl: plant.simulator.baseUrl,
      apiKey: plant.simulator.accounts.of(PLANNER).apiKey,
    },
  })

const through = (token: string, tool: string, args: object): Promise<ToolReply> =>
  askTool(plant.door, {
    tool: tool === 'get_change' || tool === 'list_changes' ? 'call_read_tool' : 'call_write_tool',
    args: { tool, arguments: args },
    token,
  })

async function written(values: object): Promise<string> {
  const id = await plant.stage('update_work_order', { wonum: '1001', values })
  await plant.approve(id)
  await plant.commit(id)
  return id
}

const listed = async (token: string): Promise<unknown[]> => {
  const { body } = await through(token, 'list_changes', {})
  return (body['changes'] as { change_id: unknown }[]).map(({ change_id }) => change_id)
}

const ACTS = [
  ['get_change', {}],
  ['plan_undo', { reason: 'x' }],
  ['answer_question', { reason: 'x', choice: 'yes' }],
  ['discard_change', {}],
] as const

describe('a change that a person’s connection wrote', () => {
  test('is none of a token without a person, which neither sees it nor takes it back', async () => {
    const id = await written({ wopriority: 2 })
    const machine = await connect({ cid: `mxm_${'a'.repeat(22)}` })
    const waiting = await plant.stage('update_work_order', { wonum: '1001', values: { wopriority: 3 } })
    for (const change_id of [id, waiting]) {
      for (const [tool, args] of ACTS)
        expect((await through(machine, tool, { change_id, ...args })).text).toMatch(/^not_found: /)
      const args = { change_id }
      expect((await askTool(plant.door, { tool: 'commit_change', args, token: machine })).text).toMatch(
        /^not_found: /,
      )
    }
    expect(await listed(machine)).toEqual([])
  })

  test('is known to another connection of theirs, which can take it back', async () => {
    const id = await written({ wopriority: 4 })
    const other = await connect({})
    expect((await through(other, 'get_change', { change_id: id })).body).toMatchObject({ state: 'written' })
    expect(await listed(other)).toContain(id)
    expect((await through(other, 'plan_undo', { change_id: id, reason: 'x' })).body).toMatchObject({
      state: 'planned',
    })
  })

  test('is not known to one that may not read its object', async () => {
    const id = await written({ wopriority: 1 })
    const narrow = await connect({ obj: 'MXAPIASSET:rw' })
    for (const [tool, args] of ACTS)
      expect((await through(narrow, tool, { change_id: id, ...args })).text).toMatch(/^not_found: /)
    expect(await listed(narrow)).toEqual([])
  })

  test('is not taken back by one that may not do what it did', async () => {
    const id = await plant.stage('create_purchase_requisition', {
      ...{ description: 'Spares', site: 'BEDFORD' },
      lines: [{ description: 'Gasket', quantity: 1, unit_cost: 5 }],
    })
    await plant.approve(id)
    expect((await plant.commit(id)).body).toMatchObject({ state: 'written' })
    const [more, less] = [await connect({}), await connect({}, 'maximo:read maximo:write')]
    const undo = { change_id: id, reason: 'x' }
    expect((await through(less, 'plan_undo', undo)).text).toMatch(
      /^needs_scope: This change needs maximo:finance/,
    )
    expect((await through(more, 'plan_undo', undo)).body).toMatchObject({ state: 'planned' })
  })
})
