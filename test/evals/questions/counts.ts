import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import type { Question } from '../question.ts'
import { countsBy } from '../tally.ts'
import { SITE, type World } from '../world.ts'

/** How many there are of each: the commonest question, and the one that a page answers wrongly. */
interface Grouped extends Pick<Question, 'id' | 'who' | 'asks'> {
  readonly object: string
  readonly table: string
  readonly by: string
  /** Null: every site. */
  readonly site: string | null
  /** A condition beside the site, in the three ways in which it is asked. */
  readonly only?: { readonly field: string; readonly value: string | boolean; readonly where: string }
}

const grouped = ({ object, table, by, site, only, ...told }: Grouped): Question => ({
  ...told,
  async our(tools) {
    const rows = await tools.rows('aggregate_records', {
      ...{ object, site: site ?? '*', group_by: [by] },
      ...(only !== undefined && { filters: [{ field: only.field, op: 'eq', value: only.value }] }),
    })
    return Object.fromEntries(rows.map((row) => [String(row[by]), row['count']]))
  },
  async bare(tool) {
    const terms = [
      ...(site === null ? [] : [`siteid="${site}"`]),
      ...(only === undefined ? [] : [only.where]),
    ]
    const where = terms.length === 0 ? `${by}="*"` : terms.join(' and ')
    return countsBy(await tool.all({ os: object, where, select: by }), by)
  },
  truth: (world) => countsBy(world.rows(table, isIn({ site, only })), by),
})

const isIn =
  ({ site, only }: { readonly site: string | null; readonly only: Grouped['only'] | undefined }) =>
  (row: Row): boolean =>
    (site === null || row['siteid'] === site) && (only === undefined || row[only.field] === only.value)

/** A total that a list tool gives beside its first row. */
interface Counted extends Pick<Question, 'id' | 'who' | 'asks'> {
  readonly tool: string
  readonly words: string
  readonly args: (world: World) => object
  readonly bareOf: (world: World) => { readonly os: string; readonly where: string; readonly select: string }
  readonly table: string
  readonly is: (row: Row, world: World) => boolean
}

const counted = ({ tool: name, words, args, bareOf, table, is, ...told }: Counted): Question => ({
  ...told,
  our: async (tools, world) => (await tools.call(name, { ...args(world), limit: 1 }, words))['total'],
  bare: async (tool, world) => (await tool.query({ ...bareOf(world), pageSize: 1 })).total,
  truth: (world) => world.rows(table, (row) => is(row, world)).length,
})

export const COUNT_QUESTIONS: readonly Question[] = [
  grouped({
    ...{ id: 'requests-by-status', who: 'planner', asks: 'How many requests are in each status?' },
    ...{ object: 'mxapisr', table: 'TICKET', by: 'status', site: null },
  }),
  grouped({
    ...{ id: 'assets-by-status', who: 'manager', asks: 'How many assets of Nashua are in each status?' },
    ...{ object: 'mxapiasset', table: 'ASSET', by: 'status', site: 'NASHUA' },
  }),
  grouped({
    ...{
      id: 'assets-by-type',
      who: 'reliability engineer',
      asks: 'Which types of assets are down at Bedford?',
    },
    ...{ object: 'mxapiasset', table: 'ASSET', by: 'assettype', site: SITE },
    only: { field: 'isrunning', value: false, where: 'isrunning=0' },
  }),
  grouped({
    ...{
      id: 'stock-by-storeroom',
      who: 'buyer',
      asks: 'How many items does each storeroom of Bedford keep?',
    },
    ...{ object: 'mxapiinventory', table: 'INVENTORY', by: 'location', site: SITE },
  }),
  grouped({
    ...{ id: 'orders-by-status', who: 'buyer', asks: 'How many purchase orders are in each status?' },
    ...{ object: 'mxapipo', table: 'PO', by: 'status', site: null },
  }),
  grouped({
    ...{ id: 'orders-of-a-vendor', who: 'buyer', asks: 'In which status are the orders of ATI?' },
    ...{ object: 'mxapipo', table: 'PO', by: 'status', site: null },
    only: { field: 'vendor', value: 'ATI', where: 'vendor="ATI"' },
  }),
  grouped({
    ...{ id: 'invoices-by-status', who: 'buyer', asks: 'How many invoices of Bedford are in each status?' },
    ...{ object: 'mxapiinvoice', table: 'INVOICE', by: 'status', site: SITE },
  }),
  grouped({
    ...{ id: 'people-by-craft', who: 'planner', asks: 'How many people have each craft?' },
    ...{ object: 'mxapilaborcraftrate', table: 'LABORCRAFTRATE', by: 'craft', site: null },
  }),
  grouped({
    ...{ id: 'pms-by-rhythm', who: 'planner', asks: 'In which units do the PMs of Bedford recur?' },
    ...{ object: 'mxapipm', table: 'PM', by: 'frequnit', site: SITE },
  }),
  grouped({
    ...{ id: 'places-by-type', who: 'manager', asks: 'How many places of each type does Nashua have?' },
    ...{ object: 'mxapioperloc', table: 'LOCATIONS', by: 'type', site: 'NASHUA' },
  }),
  counted({
    ...{ id: 'requisitions-to-approve', who: 'buyer', asks: 'How many requisitions of Bedford wait?' },
    ...{ tool: 'search_purchase_documents', words: 'purchase requisitions that wait', table: 'PR' },
    args: () => ({ kind: 'pr', site: SITE, status: ['WAPPR'] }),
    bareOf: () => ({ os: 'mxapipr', where: `siteid="${SITE}" and status="WAPPR"`, select: 'prnum' }),
    is: (row) => row['siteid'] === SITE && row['status'] === 'WAPPR',
  }),
  counted({
    ...{
      id: 'inspections-open',
      who: 'technician',
      asks: 'How many inspections of Bedford are not finished?',
    },
    ...{ tool: 'list_compliance_due', words: 'inspections due', table: 'INSPECTIONRESULT' },
    args: () => ({ kind: 'inspection', site: SITE }),
    bareOf: () => ({
      os: 'mxapiinspectionres',
      where: `siteid="${SITE}" and status in ["PENDING","INPROG","REVIEW","DRAFT"]`,
      select: 'resultnum',
    }),
    is: (row) =>
      row['siteid'] === SITE && ['PENDING', 'INPROG', 'REVIEW', 'DRAFT'].includes(String(row['status'])),
  }),
  counted({
    ...{ id: 'pms-of-an-asset', who: 'technician', asks: 'How many active PMs does asset 11430 have?' },
    ...{ tool: 'search_pms', words: 'preventive maintenance of an asset', table: 'PM' },
    args: () => ({ asset: '11430', site: SITE }),
    bareOf: () => ({
      os: 'mxapipm',
      where: `siteid="${SITE}" and assetnum="11430" and status="ACTIVE"`,
      select: 'pmnum',
    }),
    is: (row) => row['siteid'] === SITE && row['assetnum'] === '11430' && row['status'] === 'ACTIVE',
  }),
]
