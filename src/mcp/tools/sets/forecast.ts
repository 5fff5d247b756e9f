import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { dayAt, moved, movedMonths } from '../read/days.ts'
import { site } from '../query/inputs.ts'
import { allPages, type AllRecords } from '../read/all-pages.ts'
import { chooseSite } from '../read/site.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { PM_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'
import { planHours, type PlanHours } from './plan-hours.ts'

const PMS = 'MXAPIPM'
const COLUMNS = [
  'due',
  'pmnum',
  'siteid',
  'description',
  'assetnum',
  'location',
  'jpnum',
  'worktype',
  'labor_hours',
]
const READ = [
  'pmnum',
  'siteid',
  'description',
  'assetnum',
  'location',
  'jpnum',
  'worktype',
  'frequency',
  'frequnit',
  'nextdate',
]
const MAX_PMS = 1_000
const MAX_ROWS = 400
/** A daily PM of two years. */
const MAX_PER_PM = 800

export const getPmForecast = defineTool({
  name: 'get_pm_forecast',
  title: 'Get PM forecast',
  description:
    'When active preventive maintenance is due in the coming weeks, by its next date and frequency, with the labor hours of the active revision of its job plan. Assumes that each is done when it is due; meters and seasons are not counted.',
  toolset: 'planning',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 2,
  reachesOutside: true,
  objectStructure: PMS,
  input: z.strictObject({
    pm: z.string().min(1).max(30).optional(),
    asset: z.string().min(1).max(30).optional(),
    weeks: z.int().min(1).max(104).default(13),
    site,
  }),
  output: tableOutput,
  async run({ pm, asset, weeks, site: asked }, context) {
    const schema = await context.maximo.schema(PMS, context.call)
    const where = await chooseSite(asked, { schema, filtered: [] }, context)
    const found = await activePms({ pmnum: pm, assetnum: asset }, where.conditions, context)
    if (!found.ok) return found
    const all = found.value.records.map(({ values }) => values)
    const named = pm ?? asset ?? null
    if (all.length === 0 && named !== null) return err(noPm(named))
    const hours = await planHours(all, context)
    if (!hours.ok) return hours
    const { timeZone } = await whoAmI(context)
    const until = moved(dayAt(context.clock.nowMs(), timeZone), weeks * 7)
    const due = all.flatMap((values) => dueDates(values, until).map((day) => ({ day, values }))).sort(byDay)
    const isWhole = found.value.isComplete && due.length <= MAX_ROWS
    const rows = due.slice(0, MAX_ROWS).map(({ day, values }) => rowOf(day, values, hours.value.of))
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows,
          total: isWhole ? rows.length : null,
          site: where.site,
          reading: `active PMs due up to ${until}, what is overdue included`,
          notes: [...where.notes, ...hours.value.notes, ...(isWhole ? [] : [MORE])],
          untrusted: ['description'],
          whenCut: 'ask for fewer weeks, or one asset.',
        },
        context,
      ),
    )
  },
})

const MORE = 'There are more: ask for fewer weeks, or one asset.'

const byDay = (a: { readonly day: string }, b: { readonly day: string }): number =>
  a.day < b.day ? -1 : Number(a.day > b.day)

const rowOf = (day: string, values: Values, hours: PlanHours['of']): readonly unknown[] => [
  day,
  ...COLUMNS.slice(1, -1).map((name) => values[name]),
  hours(values),
]

async function activePms(
  given: Readonly<Record<string, string | undefined>>,
  conditions: readonly Condition[],
  context: ToolContext,
): Promise<Result<AllRecords, ToolProblem>> {
  const active = await statusValues(PM_STATES, 'active', context)
  if (!active.ok) return active
  const schema = await context.maximo.schema(PMS, context.call)
  const named = Object.entries(given).flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, op: 'eq', value: value.trim().toUpperCase() }],
  )
  return allPages(
    {
      objectStructure: PMS,
      all: [
        { field: 'status', op: 'in', value: active.value },
        { field: 'nextdate', op: 'notnull' },
        ...named,
        ...conditions,
      ],
      select: { fields: READ.filter((name) => schema.fields.has(name)) },
    },
    MAX_PMS,
    context,
  )
}

const noPm = (name: string): ToolProblem => ({
  kind: 'not_found',
  what: `There is no active preventive maintenance for "${name.replace(/[^\w .-]/g, '?')}" that you may see.`,
  why: null,
  next: 'search_pms looks for it, also for what is not active.',
})

type Values = Readonly<Record<string, unknown>>

/** The next date, and those after it by the frequency, up to a day. */
function dueDates({ nextdate, frequency, frequnit }: Values, until: string): readonly string[] {
  if (typeof nextdate !== 'string') return []
  const first = nextdate.slice(0, 10)
  const step = Number(frequency ?? 0)
  const days: string[] = []
  for (let count = 0; count < MAX_PER_PM; count += 1) {
    const day = after(first, count * step, String(frequnit))
    if (day > until) break
    days.push(day)
    // Without a frequency it is due once.
    if (!(step > 0)) break
  }
  return days
}

/** Counted from the first date each time: the end of January does not wander. */
function after(day: string, steps: number, unit: string): string {
  switch (unit) {
    case 'WEEKS':
      return moved(day, steps * 7)
    case 'MONTHS':
      return movedMonths(day, steps)
    case 'YEARS':
      return movedMonths(day, steps * 12)
    default:
      return moved(day, steps)
  }
}
