import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlantDoor, type PlantDoor } from '../../support/plant-door.ts'

const MOST_ROWS = 100
let usual: PlantDoor
let strict: PlantDoor
beforeAll(async () => {
  usual = await openPlantDoor()
  strict = await openPlantDoor({}, { maxPageSize: MOST_ROWS })
})
afterAll(async () => {
  await usual.close()
  await strict.close()
})

/** Tools that read every record before they compute. */
const WHOLE_READINGS: readonly (readonly [tool: string, args: object])[] = [
  ['get_pm_forecast', { weeks: 4 }],
  ['get_schedule', { from: '2026-11-01', to: '2026-11-30' }],
  ['find_available_labor', { from: '2026-11-01', to: '2026-11-30' }],
  ['get_inventory_transactions', { from: '2026-01-01', site: '*' }],
  ['rank_bad_actors', { from: '2026-01-01', by: 'repair_hours', site: '*', limit: 50 }],
  ['get_failure_pareto', { from: '2026-01-01', level: 'cause', site: '*' }],
  ['get_backlog', { site: '*' }],
]

test.each(WHOLE_READINGS)('%s %j asks for no page that a strict Maximo refuses', async (tool, args) => {
  const [here, there] = await Promise.all(
    [usual, strict].map((plant) => plant.ask('call_read_tool', { tool, arguments: args })),
  )
  expect(here?.text).toContain('"returned":')
  expect(there?.body['rows']).toEqual(here?.body['rows'])
})
