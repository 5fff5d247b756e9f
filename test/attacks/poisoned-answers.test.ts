import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/dev/simulator/plant/database.ts'
import type { Row } from '../../src/dev/simulator/plant/plant.ts'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { HIDDEN } from '../../src/mcp/tools/result/hidden-characters.ts'
import type { Tool } from '../../src/mcp/tools/tool.ts'
import { openChangedPlant, PLANNER, type ChangedPlant } from '../support/changes/changed-plant.ts'
import { askTool, type ToolReply } from '../support/maximo/plant-door.ts'
import { lostAnswers, promisedFields, shownFields, type KnownAnswer } from '../support/mcp/known-answers.ts'
import { MARK, POISON, poisonPlant, poisonSavedQueries, unmarkedIn } from '../support/mcp/poisoned-plant.ts'
import { simplestArguments } from '../support/mcp/simplest-arguments.ts'

/**
 * What clients have seen of answers: asked for here, where all of them are there. Additions are written down by
 * `npx vitest run test/attacks/poisoned-answers.test.ts -u`; what is lost fails even so.
 */
const GOLDEN = join(import.meta.dirname, '../contract/golden/answers.json')
const before = existsSync(GOLDEN) ? (JSON.parse(readFileSync(GOLDEN, 'utf8')) as readonly KnownAnswer[]) : []

let plant: ChangedPlant
let token: string
let restore: () => void
beforeAll(async () => {
  plant = await openChangedPlant()
  const { baseUrl, accounts } = plant.simulator
  token = await plant.door.token({
    scope: 'maximo:write maximo:finance maximo:admin',
    subject: `user_${PLANNER}`,
    maximo: { baseUrl, apiKey: accounts.of(PLANNER).apiKey },
  })
  poisonPlant(plant.simulator)
  somethingIsDue()
  restore = poisonSavedQueries('MXAPIWODETAIL')
})
afterAll(async () => {
  restore()
  await plant.close()
})

const find = (table: string, fits: (row: Row) => boolean): Row => {
  const row = plant.simulator.plant.rows(table).find(fits)
  if (row === undefined) throw new Error(`no such ${table}`)
  return row
}
const here = (row: Row): boolean => row['siteid'] === 'BEDFORD'
const order = (fits: (row: Row) => boolean): string =>
  String(find('WORKORDER', (row) => here(row) && row['istask'] === false && fits(row))['wonum'])

/** Poison that a caller may pass on: controls are refused. */
const TYPED = POISON.replace('\u0007', '')
let numbers = 20
/** Another one each time, since what is so already is not staged. */
const another = (): number => (numbers += 1)
const [OBJECT, ID] = ['mxapiwodetail', 'BEDFORD/1001']
/** What a tool needs in order to show a record; one that is not here is called with its simplest arguments. */
const ARGUMENTS: Readonly<Record<string, () => object | Promise<object>>> = {
  describe_object: () => ({ object: OBJECT, detail: 'full' }),
  find_tools: () => ({ query: 'asset' }),
  explain_error: () => ({ code: 'BMXAA9301E' }),
  query_records: () => ({ object: OBJECT }),
  get_record: () => ({ object: OBJECT, id: ID, expand: ['worklog', 'wpmaterial', 'wostatus'] }),
  aggregate_records: () => ({ object: OBJECT, group_by: ['description'] }),
  preview_query: () => ({ question: 'open work orders at Bedford' }),
  list_saved_queries: () => ({ object: OBJECT }),
  run_saved_query: () => ({ object: OBJECT, name: 'OPENWO' }),
  export_records: () => ({ object: OBJECT }),
  get_work_order: () => ({ wonum: '1022', sections: all('get_work_order') }),
  get_service_request: () => ({ ticket_id: '1176', sections: all('get_service_request') }),
  get_asset: () => ({ asset: '11430', sections: all('get_asset') }),
  get_location_tree: () => ({ location: 'BR400' }),
  get_meter_readings: () => ({ number: '11430' }),
  find_similar_work: () => ({ text: 'ignore all' }),
  get_item_availability: () => ({ item: '11453', site: '*' }),
  get_inventory_transactions: () => ({ from: '2020-01-01' }),
  search_purchase_documents: () => ({ kind: 'po' }),
  get_purchase_document: () => ({ kind: 'po', number: '1017', sections: all('get_purchase_document') }),
  get_vendor_performance: () => ({ vendor: 'ATI', from: '2026-01-01', to: '2026-11-20' }),
  get_job_plan: () => ({ job_plan: 'JP1143', sections: all('get_job_plan') }),
  get_schedule: () => ({ from: '2026-11-01', to: '2026-11-30' }),
  find_available_labor: () => ({ from: '2026-11-16', to: '2026-11-30' }),
  get_workflow_status: () => ({ object: OBJECT, id: ownerIn('WFASSIGNMENT') }),
  list_attachments: () => ({ object: OBJECT, id: attachedTo() }),
  get_attachment: async () => ({ object: OBJECT, id: attachedTo(), attachment_id: await attachment() }),
  get_safety_plan: () => ({ asset: '11430' }),
  list_compliance_due: () => ({ kind: 'calibration', site: '*' }),
  search: () => ({ query: MARK }),
  fetch: () => ({ id: `${OBJECT}:${ID}` }),
  call_read_tool: () => ({ tool: 'get_asset', arguments: { asset: '11430' } }),
  call_write_tool: () => ({
    tool: 'move_asset',
    arguments: { reason: 'a test', asset: '11430', to_location: 'BR230' },
  }),
  plan_change: () => ({
    operations: [{ op: 'update', object: OBJECT, id: ID, values: { description: 'Leak' } }],
  }),
  commit_change: async () => ({
    change_id: await agreed('update_work_order', {
      wonum: '1022',
      values: { description: `${TYPED} ${another()}` },
    }),
  }),
  get_change: async () => ({
    change_id: await stage('update_work_order', { wonum: '1001', values: { wopriority: 7 } }),
  }),
  discard_change: async () => ({
    change_id: await stage('update_work_order', { wonum: '1001', values: { wopriority: 8 } }),
  }),
  list_changes: async () => {
    await stage('update_work_order', { wonum: '1001', values: { wopriority: 6 } })
    return {}
  },
  plan_undo: async () => ({
    change_id: await committed('update_work_order', { wonum: '1002', values: { wopriority: another() } }),
  }),
  answer_question: async () => {
    const wonum = order(
      (row) => row['assetnum'] === undefined && row['status'] === 'WAPPR' && row['location'] !== 'BR430',
    )
    const change_id = await committed('update_work_order', { wonum, values: { assetnum: '11430' } })
    return { change_id, choice: 'yes' }
  },
  create_work_order: () => ({ description: TYPED, asset: '11430' }),
  update_work_order: () => ({ wonum: '1001', values: { description: 'Leak' } }),
  change_work_order_status: () => ({ wonum: '1001', status: 'APPR', memo: TYPED }),
  complete_work_order: () => ({ wonum: order((row) => row['status'] === 'INPRG'), memo: TYPED }),
  add_work_log: () => ({ record: '1001', kind: 'work_order', summary: TYPED }),
  report_labor: () => ({ wonum: '1001', labor: 'SAM', hours: 1 }),
  report_materials: () => ({ wonum: '1001', item: '11453', quantity: 1, storeroom: 'CENTRAL' }),
  assign_work: () => ({ wonum: '1001', labor: 'SAM' }),
  add_planned_work: () => ({ wonum: '1001', labor: [{ craft: 'MECH', hours: 3 }] }),
  create_follow_up: () => ({ from_wonum: '1001', description: TYPED }),
  create_service_request: () => ({ description: TYPED, location: 'BR230' }),
  update_service_request: () => ({ ticket_id: '1176', values: { reportedpriority: 1 } }),
  create_work_order_from_request: () => ({ ticket_id: '1184' }),
  record_meter_reading: () => ({ asset: '11430', meter: 'RUNHOURS', value: '999999' }),
  move_asset: () => ({ asset: '11430', to_location: 'BR230' }),
  report_downtime: () => ({
    wonum: order((row) => row['assetnum'] === '11430'),
    state: 'down',
    at: '2026-11-20T08:00:00Z',
  }),
  issue_items: () => ({ kind: 'issue', wonum: '1001', item: '11453', storeroom: 'CENTRAL', quantity: 1 }),
  record_physical_count: () => ({ item: '11453', storeroom: 'CENTRAL', count: 3 }),
  create_purchase_requisition: () => ({
    description: TYPED,
    lines: [{ description: TYPED, quantity: 1, unit_cost: 3 }],
  }),
  receive_items: () => openLine(),
  change_purchase_status: () => ({ kind: 'po', number: '1017', status: 'APPR', memo: TYPED }),
  respond_to_assignment: () => ({ assignment_id: assignment(), choice: 'accept', memo: TYPED }),
  attach_file: () => ({ object: OBJECT, id: ID, name: 'report', content: TYPED }),
  attach_link: () => ({ object: OBJECT, id: ID, url: 'https://docs.example/1', description: TYPED }),
}

function all(name: string): readonly string[] {
  const { properties } = CATALOG.find((tool) => tool.name === name)?.inputSchema as {
    properties: { sections: { items: { enum: string[] } } }
  }
  return properties.sections.items.enum
}

const ask = (tool: string, args: object): Promise<ToolReply> =>
  askTool(plant.door, { tool, args, token, url: '/mcp?toolsets=all' })
async function stage(tool: string, args: object): Promise<string> {
  const staged = await ask(tool, { reason: 'a test', ...args })
  if (staged.isError) throw new Error(staged.text)
  return String(staged.body['change_id'])
}
async function agreed(tool: string, args: object): Promise<string> {
  const id = await stage(tool, args)
  await plant.approve(id)
  return id
}
async function committed(tool: string, args: object): Promise<string> {
  const id = await agreed(tool, args)
  await ask('commit_change', { change_id: id })
  return id
}

const ownerIn = (table: string): string => {
  const { ownerid } = find(table, (row) => row['ownertable'] === 'WORKORDER')
  const { siteid, wonum } = find('WORKORDER', ({ workorderid }) => workorderid === ownerid)
  return `${String(siteid)}/${String(wonum)}`
}
const attachedTo = (): string => ownerIn('DOCLINKS')
const attachment = async (): Promise<string> => {
  const { body } = await ask('list_attachments', { object: OBJECT, id: attachedTo() })
  return String((body['rows'] as unknown[][])[0]?.[0])
}
const openLine = (): object => {
  const line = find('POLINE', (row) => here(row) && Number(row['orderqty']) > Number(row['receivedqty'] ?? 0))
  return { number: line['ponum'], line: line['polinenum'], quantity: 1, packing_slip: TYPED.slice(0, 20) }
}
const assignment = (): string => {
  const row = find(
    'WFASSIGNMENT',
    ({ assigncode, assignstatus }) => assigncode === 'WILSON' && assignstatus === 'ACTIVE',
  )
  return ['assignid', 'nodeid', 'processname', 'processrev', 'wfid']
    .map((name) => String(row[name]))
    .join('/')
}

/** An item that there is too little of, and a calibration. */
function somethingIsDue(): void {
  const { plant: database } = plant.simulator
  if (!(database instanceof Database)) throw new Error('not a plant that can be written')
  database.update('INVENTORY', find('INVENTORY', here), { minlevel: 9_999 })
  database.update(
    'PM',
    find('PM', (row) => here(row) && row['status'] === 'ACTIVE'),
    { worktype: 'CAL' },
  )
}

const OWN = 'it shows what this server knows of itself and its callers'
const FIGURES = 'it shows codes, dates and figures, and no free text'
const KEYS = 'it names records by their keys; get_change shows what is in them'
/** Why an answer shows no text of Maximo. All others must show some, and these none, so that none can hide here. */
const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  find_tools: OWN,
  explain_error: OWN,
  get_usage: OWN,
  list_sessions: OWN,
  search_audit_log: OWN,
  list_detections: OWN,
  revoke_session: OWN,
  get_maintenance_kpis: FIGURES,
  get_backlog: FIGURES,
  get_failure_pareto: FIGURES,
  get_vendor_performance: FIGURES,
  find_available_labor: FIGURES,
  record_physical_count: FIGURES,
  describe_object: 'it shows how administrators set Maximo up',
  preview_query: 'it shows the query of its caller and how many records that finds',
  export_records: 'it shows where the rows are read; test/unit/mcp-resources reads them',
  list_changes: KEYS,
  discard_change: KEYS,
}

const ESCAPED = /\\u[0d][0-9a-f]{3}|\\[bfr]/
/** Poison may show where an answer says so, with nothing hidden in it. */
function holdHarmless({ text }: ToolReply): void {
  expect(unmarkedIn(text)).toEqual([])
  expect(text).not.toMatch(HIDDEN)
  expect(text).not.toMatch(ESCAPED)
}

async function argumentsOf(tool: Tool): Promise<object> {
  const made = await (ARGUMENTS[tool.name] ?? (() => simplestArguments(tool)))()
  return Object.hasOwn(tool.input.shape, 'reason') ? { reason: 'a test', ...made } : made
}

interface Answer {
  readonly args: object
  readonly reply: ToolReply
}
const answers = new Map<string, Promise<Answer>>()
/** What a tool answers, asked once for all tests. */
function answerOf(tool: Tool): Promise<Answer> {
  const known =
    answers.get(tool.name) ??
    argumentsOf(tool).then(async (args) => ({ args, reply: await ask(tool.name, args) }))
  answers.set(tool.name, known)
  return known
}

const named = (fits: (tool: Tool) => boolean): [string, Tool][] =>
  CATALOG.filter(fits).map((tool) => [tool.name, tool])
const hasText = ({ name }: Tool): boolean => !Object.hasOwn(WITHOUT_TEXT, name)

describe('B22: text of Maximo in the answer of', () => {
  test.each(named(hasText))('%s is marked, with all of it visible', async (name, tool) => {
    const { args, reply } = await answerOf(tool)
    expect(reply).toMatchObject({ isError: false, text: expect.stringContaining(MARK) as unknown })
    expect(reply.text).toContain('⟦U+202E⟧')
    holdHarmless(reply)
    if (!Object.hasOwn(tool.input.shape, 'format')) return
    for (const format of ['json', 'csv']) {
      const other = await ask(name, { ...args, format })
      expect(other.text).toContain(MARK)
      expect(other.body['untrusted']).toEqual(reply.body['untrusted'])
      holdHarmless(format === 'csv' ? { ...other, text: other.text.split('\n')[0] ?? '' } : other)
      expect(other.text).not.toMatch(HIDDEN)
    }
  })

  test.each(named((tool) => !hasText(tool)))('%s: there is none', async (_name, tool) => {
    const { reply } = await answerOf(tool)
    expect(reply.text).not.toContain(MARK)
    if (!tool.reachesOutside) return
    // What answers nothing shows nothing either.
    expect(reply.isError).toBe(false)
    expect(reply.body['returned']).not.toBe(0)
  })

  test('every tool is either of them, and no more', () => {
    const known = new Set(CATALOG.map(({ name }) => name))
    expect(
      [...Object.keys(WITHOUT_TEXT), ...Object.keys(ARGUMENTS)].filter((name) => !known.has(name)),
    ).toEqual([])
  })
})

test.each(named(({ reachesOutside }) => reachesOutside))(
  '%s: what Maximo says of an error is no sentence of ours',
  async (name, tool) => {
    const args = await argumentsOf(tool)
    plant.simulator.faults.add({
      fault: { kind: 'bmx-error', status: 400, code: 'BMXAA4195E', text: POISON },
    })
    try {
      holdHarmless(await ask(name, args))
    } finally {
      plant.simulator.faults.clear()
    }
  },
)

/** What its schema promises, and what else its answer shows; of an error nothing is known but the promise. */
async function knownAnswer(tool: Tool): Promise<KnownAnswer> {
  const { name, aliases = [], output } = tool
  const { body } = (await answerOf(tool)).reply
  const all = Object.entries({ ...shownFields(body), ...promisedFields(output) })
  const fields = Object.fromEntries(all.sort(([left], [right]) => (left < right ? -1 : 1)))
  const { cols } = body
  return { name, aliases, fields, ...(Array.isArray(cols) && { columns: cols.map(String) }) }
}

test('all fields and columns that answers had are there, and are what they were', async () => {
  const now: KnownAnswer[] = []
  for (const tool of CATALOG) now.push(await knownAnswer(tool))
  expect(lostAnswers(before, now)).toEqual([])
  await expect(`[\n${now.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`).toMatchFileSnapshot(GOLDEN)
})
