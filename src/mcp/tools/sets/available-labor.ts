import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { site } from '../query/inputs.ts'
import { allPages } from '../read/all-pages.ts'
import { ALL_SITES, type SiteChoice } from '../read/site.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { rounded } from '../reliability/figure.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { LABOR_STATES, WORK_ORDER_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'
import {
  assignmentsIn,
  code,
  equal,
  WINDOW,
  windowProblem,
  type AskedWindow,
  type Assignments,
} from './assignments.ts'

const PEOPLE = ['labor', 'person', 'craft', 'skill', 'worksite', 'assigned_hours', 'assignments']
const MAX_PEOPLE = 200

export const findAvailableLabor = defineTool({
  name: 'find_available_labor',
  title: 'Find available labor',
  description:
    'Active people of a craft and skill, those with the fewest assigned hours in a window first. Shifts, absences and certifications are not in this interface.',
  toolset: 'planning',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 2,
  reachesOutside: true,
  objectStructure: 'MXAPILABOR',
  input: z.strictObject({ ...WINDOW, craft: code.optional(), skill: code.optional(), site }),
  output: tableOutput,
  async run({ from, to, craft, skill, site: asked }, context) {
    const window = windowProblem(from, to)
    if (window !== null) return err(window)
    const where = await workSite(asked, context)
    const people = await peopleOf({ craft, skill, conditions: where.conditions }, context)
    if (!people.ok) return people
    const names = [...new Set(people.value.rows.map(({ labor }) => labor))]
    const found = await workOf(names, { from, to }, context)
    if (!found.ok) return found
    const loads = people.value.rows.map((row) => {
      const own = found.value.all.filter(({ labor }) => labor === row.labor)
      return { ...row, hours: rounded(own.reduce((sum, { hours }) => sum + hours, 0)), count: own.length }
    })
    loads.sort(byLoad)
    const isWhole = people.value.isComplete && found.value.isComplete
    return ok(
      tableAnswer(
        {
          columns: PEOPLE,
          rows: loads.map((one) => [
            one.labor,
            one.person,
            one.craft,
            one.skill,
            one.worksite,
            one.hours,
            one.count,
          ]),
          total: isWhole ? loads.length : null,
          site: where.site,
          notes: [
            ...where.notes,
            ...(isWhole
              ? []
              : ['Not everybody, or not every assignment, was read: name a craft or fewer days.']),
          ],
          whenCut: 'name a craft.',
        },
        context,
      ),
    )
  },
})

/** What they are assigned to, but for work that was cancelled. */
async function workOf(
  names: readonly string[],
  window: Pick<AskedWindow, 'from' | 'to'>,
  context: ToolContext,
): Promise<Result<Assignments, ToolProblem>> {
  if (names.length === 0) return ok({ all: [], isComplete: true })
  const cancelled = await statusValues(WORK_ORDER_STATES, 'cancelled', context)
  if (!cancelled.ok) return cancelled
  const none = cancelled.value.length === 0
  const asked = {
    ...window,
    conditions: [{ field: 'laborcode', op: 'in', value: names }],
    orderConditions: none ? [] : [{ field: 'status', op: 'notin', value: cancelled.value }],
  }
  return assignmentsIn(asked, context)
}

/** People belong to an organization; where they work is a field of theirs, which may be empty. */
async function workSite(asked: string | undefined, context: ToolContext): Promise<SiteChoice> {
  const site = asked === undefined ? (await whoAmI(context)).defaultSite : asked.trim().toUpperCase()
  if (site === null || site === ALL_SITES) return { site: null, conditions: [], notes: [] }
  const own = asked === undefined ? ['Only your default site; "site": "*" asks all.'] : []
  return { site, conditions: equal('worksite', site), notes: [...own, WORK_SITE] }
}
const WORK_SITE = 'A person belongs to the site in worksite; who has none is in no site.'

type Load = Pick<PersonRow, 'labor'> & { readonly hours: number }

/** Who has least to do comes first; the crafts of one person stay in their order. */
const byLoad = (a: Load, b: Load): number => {
  if (a.hours !== b.hours) return a.hours - b.hours
  return a.labor < b.labor ? -1 : Number(a.labor > b.labor)
}

interface PersonRow {
  readonly labor: string
  readonly person: unknown
  readonly craft: unknown
  readonly skill: unknown
  readonly worksite: unknown
}

/** One row per person and craft that fits. */
async function peopleOf(
  asked: {
    readonly craft: string | undefined
    readonly skill: string | undefined
    readonly conditions: readonly Condition[]
  },
  context: ToolContext,
): Promise<Result<{ readonly rows: readonly PersonRow[]; readonly isComplete: boolean }, ToolProblem>> {
  const active = await statusValues(LABOR_STATES, 'active', context)
  if (!active.ok) return active
  const rates = [...equal('craft', asked.craft), ...equal('skilllevel', asked.skill)]
  const found = await allPages(
    {
      objectStructure: 'MXAPILABOR',
      all: [
        { field: 'status', op: 'in', value: active.value },
        ...(rates.length === 0 ? [] : [{ some: 'laborcraftrate', all: rates }]),
        ...asked.conditions,
      ],
      select: {
        fields: ['laborcode', 'personid', 'worksite'],
        children: { laborcraftrate: ['craft', 'skilllevel'] },
      },
    },
    MAX_PEOPLE,
    context,
  )
  if (!found.ok) return found
  const fits = (row: Readonly<Record<string, unknown>>): boolean =>
    rates.every(({ field, value }) => String(row[field]).toUpperCase() === value)
  const rows = found.value.records.flatMap(({ values }) =>
    rowsIn(values['laborcraftrate'])
      .filter(fits)
      .map((row) => ({
        labor: String(values['laborcode']),
        person: values['personid'],
        craft: row['craft'],
        skill: row['skilllevel'] ?? null,
        worksite: values['worksite'],
      })),
  )
  return ok({ rows, isComplete: found.value.isComplete })
}
