import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { queryProblem } from '../read/problems.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

export const METERS = 'MXAPIASSETMETER'

interface Wanted {
  readonly object: string
  readonly filter: Readonly<Record<string, string | number>>
  readonly where: string | undefined
  /** For whoever named it. */
  readonly what: string
  /** Further fields to read, where the object has them. */
  readonly fields?: readonly string[]
}

interface Only {
  readonly id: string
  readonly values: Readonly<Record<string, unknown>>
}

/** The one record that holds these values at the site. @throws MaximoFault */
export async function onlyRecord(
  { object, filter, where, what, fields = [] }: Wanted,
  context: ToolContext,
): Promise<Result<Only, ToolProblem>> {
  const siteid = where?.toUpperCase() ?? (await whoAmI(context)).defaultSite
  const all: Condition[] = Object.entries({ ...filter, ...(siteid === null ? {} : { siteid }) }).map(
    ([field, value]) => ({
      ...{ field, op: 'eq', value },
    }),
  )
  const schema = await context.maximo.schema(object, context.call)
  const query = {
    objectStructure: object,
    all,
    select: { fields: [...schema.key, ...fields.filter((name) => schema.fields.has(name))] },
    pageSize: 2,
  }
  const found = await context.maximo.query(query, context.call)
  if (!found.ok) return err(queryProblem(found.error, object))
  const [first, second] = found.value.records
  if (first === undefined || first.id === null)
    return err(problem('not_found', `There is no ${what} that you may see.`))
  return second === undefined
    ? ok({ id: first.id, values: first.values })
    : err(problem('ambiguous', `There are several: ${what}.`))
}

const problem = (kind: 'not_found' | 'ambiguous', what: string): ToolProblem => ({
  kind,
  what: visible(what),
  why: 'Nothing was staged and nothing was written.',
  next: 'query_records finds it; name site and bin where there are several.',
})
