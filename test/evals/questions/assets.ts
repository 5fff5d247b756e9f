import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { oncePer } from '../../../src/kernel/once-per.ts'
import type { Question } from '../question.ts'
import { countsBy, mostOf } from '../tally.ts'
import { SITE, type World } from '../world.ts'

type Values = Readonly<Record<string, unknown>>
const isDown = (row: Row): boolean => row['isrunning'] === false
/** The asset with the most others below it. */
const aParent = oncePer((world: World): string =>
  mostOf(
    countsBy(
      world.rows('ASSET', (row) => row['siteid'] === SITE && row['parent'] !== undefined),
      'parent',
    ),
  ),
)
/** The first asset that has a meter for running hours. */
const metered = oncePer((world: World): string => {
  const meters = world.rows('ASSETMETER', (row) => row['siteid'] === SITE && row['metername'] === 'RUNHOURS')
  return meters.map((row) => String(row['assetnum'])).toSorted()[0] ?? ''
})

export const ASSET_QUESTIONS: readonly Question[] = [
  {
    id: 'assets-down',
    who: 'manager',
    asks: 'How many assets are down at each site?',
    async our(tools) {
      const rows = await tools.rows('aggregate_records', {
        ...{ object: 'mxapiasset', site: '*', group_by: ['siteid'] },
        filters: [{ field: 'isrunning', op: 'eq', value: false }],
      })
      return Object.fromEntries(rows.map(({ siteid, count }) => [String(siteid), count]))
    },
    bare: async (tool) =>
      countsBy(
        await tool.all({ os: 'mxapiasset', where: 'isrunning=0', select: 'assetnum,siteid' }),
        'siteid',
      ),
    truth: (world) => countsBy(world.rows('ASSET', isDown), 'siteid'),
  },
  {
    id: 'not-ready',
    who: 'technician',
    asks: 'How many pumps at Bedford are not ready?',
    our: async (tools) =>
      (await tools.call('search_assets', { site: SITE, state: 'not_ready', text: 'pump', limit: 1 }))[
        'total'
      ],
    bare: async (tool) => {
      const where = `siteid="${SITE}" and status="NOT READY" and description="%pump%"`
      return (await tool.query({ os: 'mxapiasset', where, select: 'assetnum', pageSize: 1 })).total
    },
    truth: (world) =>
      world.rows(
        'ASSET',
        (row) =>
          row['siteid'] === SITE &&
          row['status'] === 'NOT READY' &&
          String(row['description']).toLowerCase().includes('pump'),
      ).length,
  },
  {
    id: 'parts-of-an-asset',
    who: 'technician',
    asks: 'Which assets are built into this one?',
    async our(tools, world) {
      const rows = await tools.rows('search_assets', { site: SITE, parent: aParent(world), state: 'any' })
      return rows.map(({ assetnum }) => assetnum).toSorted()
    },
    async bare(tool, world) {
      const where = `siteid="${SITE}" and parent="${aParent(world)}"`
      const rows = await tool.all({ os: 'mxapiasset', where, select: 'assetnum,description,status,location' })
      return rows.map(({ assetnum }) => assetnum).toSorted()
    },
    truth: (world) =>
      world
        .rows('ASSET', (row) => row['siteid'] === SITE && row['parent'] === aParent(world))
        .map((row) => row['assetnum'])
        .toSorted(),
  },
  {
    id: 'meter-readings',
    who: 'technician',
    asks: 'What do the meters of this asset say?',
    async our(tools, world) {
      const asked = { number: metered(world), site: SITE }
      const rows = await tools.rows('get_meter_readings', asked, 'last meter readings of an asset')
      return Object.fromEntries(
        rows.map((row) => [String(row['meter'] ?? row['metername']), row['lastreading']]),
      )
    },
    async bare(tool, world) {
      const { rows } = await tool.query({
        ...{ os: 'mxapiasset', where: `siteid="${SITE}" and assetnum="${metered(world)}"` },
        select: 'assetnum,assetmeter{metername,lastreading,lastreadingdate,measureunitid}',
      })
      const meters = (rows[0]?.['assetmeter'] ?? []) as readonly Values[]
      return Object.fromEntries(meters.map((row) => [String(row['metername']), row['lastreading']]))
    },
    truth: (world) =>
      Object.fromEntries(
        world
          .rows('ASSETMETER', (row) => row['siteid'] === SITE && row['assetnum'] === metered(world))
          .map((row) => [String(row['metername']), row['lastreading']]),
      ),
  },
]
