import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import { site } from '../query/inputs.ts'
import { allPages } from '../read/all-pages.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { LABOR_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'
import { assignmentsIn, code, equal, WINDOW, windowProblem, type Assignments } from './assignments.ts'

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
    const people = await peopleOf({ craft, skill, site: asked }, context)
    if (!people.ok) return people
    const names = [...new Set(people.value.rows.map(({ labor }) => labor))]
    const none: Result<Assignments, ToolProblem> = ok({ all: [], isComplete: true })
    const found =
      names.length === 0
        ? none
        : await assignmentsIn(
            { from, to, conditions: [{ field: 'laborcode', op: 'in', value: names }], orderConditions: [] },
            context,
          )
    if (!found.ok) return found
    const loads = people.value.rows.map((row) => {
      const own = found.value.all.filter(({ labor }) => labor === row.labor)
      return { ...row, hours: own.reduce((sum, { hours }) => sum + hours, 0), count: own.length }
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
          notes: isWhole
            ? []
            : ['Not everybody, or not every assignment, was read: name a craft or fewer days.'],
          whenCut: 'name a craft.',
        },
        context,
      ),
    )
  },
})

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
    readonly site: string | undefined
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
        ...(asked.site === undefined || asked.site === '*' ? [] : equal('worksite', asked.site)),
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
