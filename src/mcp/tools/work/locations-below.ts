import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { allPages } from '../read/all-pages.ts'
import { queryProblem } from '../read/problems.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const LOCATIONS = 'MXAPIOPERLOC'
/** As many as a list of a condition takes; a larger part of the plant is better asked by site. */
const MAX_LOCATIONS = 250

/**
 * The location and all that lie below it in any location system, from Maximo's own ancestor table. A location that does
 * not exist is refused by name: zero rows would be a wrong answer.
 */
export async function locationsBelow(
  location: string,
  site: string | null,
  context: ToolContext,
): Promise<Result<readonly string[], ToolProblem>> {
  const top = location.trim().toUpperCase()
  const inSite: readonly Condition[] = site === null ? [] : [{ field: 'siteid', op: 'eq', value: site }]
  const asking = (condition: Condition) => ({
    objectStructure: LOCATIONS,
    all: [condition, ...inSite],
    select: { fields: ['location'] },
  })
  const [below, itself] = await Promise.all([
    allPages(asking({ field: 'locancestor.ancestor', op: 'eq', value: top }), MAX_LOCATIONS, context),
    context.maximo.query(
      { ...asking({ field: 'location', op: 'eq', value: top }), pageSize: 1 },
      context.call,
    ),
  ])
  if (!below.ok) return below
  if (!itself.ok) return err(queryProblem(itself.error, LOCATIONS))
  if (itself.value.records.length === 0) return err(await noLocation(top, site, context))
  const names = new Set([top, ...below.value.records.map(({ values }) => String(values['location']))])
  return names.size > MAX_LOCATIONS || !below.value.isComplete ? err(tooMany(top)) : ok([...names])
}

const tooMany = (location: string): ToolProblem => ({
  kind: 'too_large',
  what: `More than ${MAX_LOCATIONS} locations lie below "${visible(location)}".`,
  why: 'They are asked for by name, and Maximo takes only so many names.',
  next: 'Name a location further down, or leave location out and narrow by site and other arguments.',
})

async function noLocation(location: string, site: string | null, context: ToolContext): Promise<ToolProblem> {
  const near = await context.maximo.query(
    {
      objectStructure: LOCATIONS,
      all: [
        { field: 'location', op: 'starts', value: location.slice(0, 3) },
        ...(site === null ? [] : [{ field: 'siteid', op: 'eq', value: site }]),
      ],
      select: { fields: ['location'] },
      pageSize: 5,
    },
    context.call,
  )
  const names = near.ok ? near.value.records.map(({ values }) => visible(String(values['location']))) : []
  return {
    kind: 'not_found',
    what: `There is no location "${visible(location.slice(0, 60))}"${site === null ? '' : ` at site ${visible(site)}`}.`,
    why: null,
    next:
      names.length === 0
        ? 'Look for it with query_records on mxapioperloc.'
        : `Near by name: ${names.join(', ')}. Or look for it with query_records on mxapioperloc.`,
  }
}
