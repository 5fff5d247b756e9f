import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlantDoor, type PlantDoor } from '../../support/plant-door.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor({ scope: 'maximo:read maximo:write maximo:finance' })
})
afterAll(() => plant.close())

test('smoke', async () => {
  const log = await plant.ask('call_write_tool', {
    tool: 'add_work_log',
    arguments: {
      record: '1001',
      kind: 'work_order',
      summary: 'Checked seal',
      details: 'all **well** <b>x</b>',
      reason: 'test',
    },
  })
  console.log(log.text)
  const c = await plant.ask('commit_change', { change_id: log.body['change_id'] })
  console.log(c.text)
  const c2 = await plant.ask('commit_change', { change_id: log.body['change_id'] })
  console.log(c2.text)
  const s = await plant.ask('call_write_tool', {
    tool: 'change_work_order_status',
    arguments: { wonum: '1001', status: 'inprg', reason: 'test' },
  })
  console.log(s.text)
  const d = await plant.ask('commit_change', { change_id: s.body['change_id'] })
  console.log(d.text)
  for (const [tool, args] of [
    [
      'create_work_order',
      { description: 'Pump leaks at seal', location: 'BR230', work_type: 'CM', priority: 2 },
    ],
    ['update_work_order', { wonum: '1001', values: { wopriority: 3, description: 'New words' } }],
    ['update_work_order', { wonum: '1001', values: { wopriorty: 3 } }],
    ['report_labor', { wonum: '1001', labor: 'SAM', hours: 2 }],
    ['report_materials', { wonum: '1001', item: 'X', quantity: 1 }],
    ['assign_work', { wonum: '1001', labor: 'SAM', hours: 2 }],
    ['create_follow_up', { from_wonum: '1001', description: 'Follow' }],
    ['create_service_request', { description: 'Noise', location: 'BR230' }],
    ['record_meter_reading', { asset: '11430', meter: 'RUNHOURS', value: 5000 }],
    ['move_asset', { asset: '11430', to_location: 'BR230' }],
    [
      'create_purchase_requisition',
      { description: 'Seals', lines: [{ description: 'Seal', quantity: 2, unit_cost: 10 }] },
    ],
    ['change_purchase_status', { kind: 'pr', number: '1001', status: 'APPR' }],
    ['attach_link', { object: 'mxapiwodetail', id: '1001', url: 'https://docs.example/a' }],
  ] as const) {
    const a = await plant.ask('call_write_tool', { tool, arguments: { ...args, reason: 'test' } })
    console.log(tool, a.isError, a.text.slice(0, 900))
  }
  expect(1).toBe(1)
})
