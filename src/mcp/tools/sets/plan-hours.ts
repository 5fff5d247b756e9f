import { ok, type Result } from '../../../kernel/result.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { allPages } from '../read/all-pages.ts'
import { rounded } from '../reliability/figure.ts'
import { rowsIn } from '../result/child-table.ts'
import { JOB_PLAN_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

type Values = Readonly<Record<string, unknown>>

/** Planned labor hours of preventive maintenance. */
export interface PlanHours {
  /** Null: not known. */
  readonly of: (pm: Values) => number | null
  readonly notes: readonly string[]
}

/**
 * Labor hours (quantity × hours) per job plan, of the active revision: a draft is not what is done. Of plans of one name
 * the one of the site counts before the one of the organization.
 *
 * @throws MaximoFault
 */
export async function planHours(
  pms: readonly Values[],
  context: ToolContext,
): Promise<Result<PlanHours, ToolProblem>> {
  const names = [...new Set(pms.map(({ jpnum }) => jpnum).filter((name) => typeof name === 'string'))]
  if (names.length === 0) return ok(unknown([]))
  const active = await statusValues(JOB_PLAN_STATES, 'active', context)
  if (!active.ok) return ok(unknown([`${active.error.what} So hours are not known.`]))
  try {
    const plans: Values[] = []
    for (let first = 0; first < names.length; first += AT_ONCE) {
      const some = await activePlans(names.slice(first, first + AT_ONCE), active.value, context)
      if (!some.ok) return some
      if (some.value === null) return ok(unknown(['There are too many job plans: hours are not known.']))
      plans.push(...some.value)
    }
    return ok(known(plans, pms))
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_permitted')
      return ok(unknown(['The Maximo user may not read job plans: hours are not known.']))
    throw error
  }
}

const unknown = (notes: readonly string[]): PlanHours => ({ of: () => null, notes })

/** As many names as one condition takes; and as many plans of these names. */
const AT_ONCE = 200
const MAX_PLANS = 1_000

/** Null: there are more than were read. */
async function activePlans(
  names: readonly string[],
  statuses: readonly string[],
  context: ToolContext,
): Promise<Result<readonly Values[] | null, ToolProblem>> {
  if (statuses.length === 0) return ok([])
  const found = await allPages(
    {
      objectStructure: 'MXAPIJOBPLAN',
      all: [
        { field: 'jpnum', op: 'in', value: names },
        { field: 'status', op: 'in', value: statuses },
      ],
      select: {
        fields: ['jpnum', 'siteid', 'pluscrevnum'],
        children: { jplabor: ['quantity', 'laborhrs'] },
      },
      orderBy: [{ field: 'pluscrevnum', direction: 'asc' }],
    },
    MAX_PLANS,
    context,
  )
  if (!found.ok) return found
  return ok(found.value.isComplete ? found.value.records.map(({ values }) => values) : null)
}

function known(plans: readonly Values[], pms: readonly Values[]): PlanHours {
  // In the order of revisions: a later active one takes the place of an earlier.
  const byPlan = new Map(plans.map((plan) => [keyOf(plan['jpnum'], plan['siteid']), laborHours(plan)]))
  const of = ({ jpnum, siteid }: Values): number | null =>
    byPlan.get(keyOf(jpnum, siteid)) ?? byPlan.get(keyOf(jpnum, undefined)) ?? null
  const without = pms.filter((pm) => typeof pm['jpnum'] === 'string' && of(pm) === null).length
  return { of, notes: without === 0 ? [] : [`The job plans of ${without} PMs have no active revision.`] }
}

const keyOf = (jpnum: unknown, siteid: unknown): string => JSON.stringify([jpnum, siteid ?? null])

const laborHours = ({ jplabor }: Values): number =>
  rounded(
    rowsIn(jplabor).reduce(
      (sum, row) => sum + Number(row['quantity'] ?? 1) * Number(row['laborhrs'] ?? 0),
      0,
    ),
  )
