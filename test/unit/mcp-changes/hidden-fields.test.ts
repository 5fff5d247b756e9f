import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROBE } from '../../support/wire/probe.ts'
import { openChangedPlant, PLANNER, type ChangedPlant } from '../../support/changes/changed-plant.ts'
import { askTool } from '../../support/maximo/plant-door.ts'

let plant: ChangedPlant
beforeAll(async () => {
  const rules = [
    {
      object: 'MXAPIWODETAIL',
      fields: ['reportedby', 'wopriority', 'labtrans.payrate'],
      action: 'hide' as const,
    },
    { object: 'MXAPIWODETAIL', fields: ['lead', 'description'], action: 'mask' as const },
    {
      object: 'MXAPIWODETAIL',
      fields: ['targcompdate'],
      action: 'hide' as const,
      unless: { scopes: ['maximo:finance' as const] },
    },
  ]
  plant = await openChangedPlant({ fields: { rules }, readCacheMs: 60_000 })
})
afterAll(() => plant.close())

test.each<[string, object]>([
  ['wopriority', { values: { wopriority: 1 } }],
  ['lead', { values: { LEAD: 'WILSON' } }],
  [
    'labtrans.payrate',
    { op: 'add_child', child: 'labtrans', values: { laborcode: 'SAM', regularhrs: 1, payrate: 99 } },
  ],
  [
    'labtrans.payrate',
    { op: 'update_child', child: 'labtrans', row: { payrate: 31 }, values: { regularhrs: 1 } },
  ],
  ['labtrans.payrate', { op: 'remove_child', child: 'LABTRANS', row: { PayRate: 31 } }],
])('%s is hidden or masked, and therefore not changed', async (field, bend) => {
  const operations = [{ op: 'update', object: 'mxapiwodetail', id: 'BEDFORD/1001', ...bend }]
  expect(await plant.refused('plan_change', { operations })).toMatch(
    new RegExp(`^invalid_field: ${field} of MXAPIWODETAIL`),
  )
})

test('a plan shows what is masked as everywhere else', async () => {
  const { description } = plant.simulator.plant.find('WORKORDER', 'wonum', '1001')[0] ?? {}
  const id = await plant.stage('update_work_order', { wonum: '1001', values: { worktype: 'EM' } })
  const { title } = (await plant.plan(id)).records[0] ?? {}
  expect(title).not.toBe(null)
  expect(title).not.toBe(description)
  const { text } = await plant.look(id)
  expect(text).not.toContain(String(description))
})

test('a plan is made of what Maximo holds now, not of a kept answer', async () => {
  await plant.ask('get_work_order', { wonum: '1001' })
  const row = plant.simulator.plant.find('WORKORDER', 'wonum', '1001')[0]
  const { apiKey } = plant.simulator.accounts.of('admin@example.com')
  const changed = await fetch(
    `${plant.simulator.baseUrl}/api/os/mxapiwodetail/${String(row?.['workorderid'])}?lean=1`,
    {
      method: 'POST',
      headers: {
        ...PROBE,
        apikey: apiKey,
        'content-type': 'application/json',
        'x-method-override': 'PATCH',
        patchtype: 'MERGE',
      },
      body: JSON.stringify({ estdur: 9 }),
    },
  )
  expect(changed.status).toBe(204)
  const id = await plant.stage('update_work_order', { wonum: '1001', values: { estdur: 11 } })
  expect((await plant.plan(id)).records[0]?.diff).toEqual([{ field: 'estdur', before: 9, after: 11 }])
  await plant.approve(id)
  expect((await plant.commit(id)).body).toMatchObject({ state: 'written' })
})

test('a token that sees less can neither read nor commit what one that sees more has planned', async () => {
  const values = { targcompdate: '2026-12-01T08:00:00Z' }
  const id = await plant.stage('update_work_order', { wonum: '1001', values })
  await plant.approve(id)
  const { apiKey } = plant.simulator.accounts.of(PLANNER)
  const token = await plant.door.token({
    scope: 'maximo:read maximo:write',
    subject: `user_${PLANNER}`,
    receipt: { gid: (await plant.plan(id)).gid },
    maximo: { baseUrl: plant.simulator.baseUrl, apiKey },
  })
  const sent = plant.writes()
  for (const [tool, args] of [
    ['commit_change', { change_id: id }],
    ['call_read_tool', { tool: 'get_change', arguments: { change_id: id } }],
  ] as const)
    expect((await askTool(plant.door, { tool, args, token })).text).toMatch(
      /^invalid_field: targcompdate of MXAPIWODETAIL/,
    )
  expect(plant.writes() - sent).toBe(0)
  expect((await plant.commit(id)).body).toMatchObject({ state: 'written' })
})

test('a look at a lost answer is not blinded by what its caller does not see', async () => {
  const values = { targcompdate: '2026-12-02T08:00:00Z' }
  const id = await plant.stage('update_work_order', { wonum: '1001', values })
  await plant.approve(id)
  const fault = { kind: 'reset', when: 'after-work' } as const
  plant.simulator.faults.add({ times: 1, when: 'interactive=1', fault })
  expect((await plant.commit(id)).text).toMatch(/^unknown_outcome/)
  const look = { tool: 'get_change', arguments: { change_id: id } }
  const seen = await plant.ask('call_read_tool', look, PLANNER, 'maximo:read')
  expect(seen.body).toMatchObject({ state: 'written' })
})
