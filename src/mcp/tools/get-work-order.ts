import { z } from 'zod'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { FoundRecord } from '../../maximo/contract.ts'
import type { Select } from '../../maximo/query/query.ts'
import { allowedStates } from '../../maximo/records/record.ts'
import { queryProblem } from './read/problems.ts'
import { ALL_SITES } from './read/site.ts'
import { whoAmI } from './read/who-am-i.ts'
import { site } from './inputs.ts'
import { recordAnswer } from './result/record-answer.ts'
import { visible } from './result/visible.ts'
import { WORK_ORDERS } from './search-work-orders.ts'
import type { ToolProblem } from './tool-problem.ts'
import { recordOutput } from './result/outputs.ts'
import { defineTool, type ToolContext } from './tool.ts'
import { chooseSections, SECTIONS } from './work/sections.ts'

const FIELDS = [
  'wonum',
  'siteid',
  'description',
  'description_longdescription',
  'status',
  'statusdate',
  'worktype',
  'wopriority',
  'assetnum',
  'location',
  'parent',
  'istask',
  'reportedby',
  'reportdate',
  'lead',
  'owner',
  'supervisor',
  'crewid',
  'persongroup',
  'targstartdate',
  'targcompdate',
  'schedstart',
  'schedfinish',
  'actstart',
  'actfinish',
  'estdur',
  'jpnum',
  'pmnum',
  'failurecode',
  'problemcode',
]

export const getWorkOrder = defineTool({
  name: 'get_work_order',
  title: 'Get a work order',
  description: 'One work order with the sections you name and the statuses it may change to now.',
  toolset: 'work',
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: true,
  objectStructure: WORK_ORDERS,
  input: z.strictObject({
    wonum: z.string().min(1).max(30),
    site,
    sections: z.array(z.enum(SECTIONS)).max(SECTIONS.length).default([]),
  }),
  output: recordOutput,
  async run({ wonum, site: asked, sections }, context) {
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const chosen = chooseSections([...new Set(sections)], schema)
    const fields = [...new Set([...FIELDS.filter((name) => schema.fields.has(name)), ...chosen.fields])]
    const { children } = chosen
    const found = await findWorkOrder(
      { wonum, asked, select: { fields, children, allowedStates: true } },
      context,
    )
    if (!found.ok) return found
    const { record } = found.value
    return recordAnswer(
      {
        record,
        schema,
        fields,
        children: Object.keys(children),
        format: 'compact',
        notes: chosen.notes,
        extra: { allowed_statuses: allowedStates(record).map(({ value }) => value) },
      },
      context,
    )
  },
})

interface Wanted {
  readonly wonum: string
  readonly asked: string | undefined
  readonly select: Select
}

/** Work-order numbers repeat across sites: the site asked for, else the default site, else the only site that has it. */
async function findWorkOrder(
  { wonum, asked, select }: Wanted,
  context: ToolContext,
): Promise<Result<FoundRecord, ToolProblem>> {
  const number = wonum.trim().toUpperCase()
  const sites =
    asked === undefined ? await likelySites(context) : [asked === ALL_SITES ? null : asked.toUpperCase()]
  for (const candidate of sites) {
    const id = candidate === null ? number : `${candidate}/${number}`
    const found = await context.maximo.findRecord({ objectStructure: WORK_ORDERS, id }, select, context.call)
    if (!found.ok) return err(queryProblem(found.error, WORK_ORDERS))
    if (found.value !== null) return ok(found.value)
  }
  return err(notFound(number, asked))
}

async function likelySites(context: ToolContext): Promise<readonly (string | null)[]> {
  const { defaultSite } = await whoAmI(context)
  return defaultSite === null ? [null] : [defaultSite, null]
}

const notFound = (wonum: string, asked: string | undefined): ToolProblem => ({
  kind: 'not_found',
  what: `There is no work order "${visible(wonum)}"${asked === undefined || asked === ALL_SITES ? '' : ` at site ${visible(asked.toUpperCase())}`} that you may see.`,
  why: null,
  next: 'Check the number and the site, or look for it with search_work_orders (state "any").',
})
