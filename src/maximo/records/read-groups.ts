import type { Result } from '../../kernel/result.ts'
import { ok } from '../../kernel/result.ts'
import type { GroupPage, MaximoCall } from '../contract.ts'
import { compileGroups } from '../query/compile-groups.ts'
import type { CompileExtras } from '../query/fields.ts'
import { isPlainCount } from '../query/group.ts'
import type { GroupQuery, QueryProblem } from '../query/query.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import type { MaximoSession } from '../session.ts'
import { readCombined } from './combined-groups.ts'
import { groupPage, readGroupRows } from './group-rows.ts'

export interface GroupRequest {
  readonly session: MaximoSession
  readonly query: GroupQuery
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
}

/** Groups over all matching rows, as Maximo computes them or put together from what it computes. @throws MaximoFault */
export const readGroups = async (
  request: GroupRequest,
  call: MaximoCall,
): Promise<Result<GroupPage, readonly QueryProblem[]>> => {
  const { session, query, schema, extras } = request
  const compiled = compileGroups(query, schema, extras)
  if (!compiled.ok) return compiled
  const [only, ...others] = compiled.value.questions
  const isOneAnswer = query.groupBy.length > 0 || isPlainCount(query)
  if (only === undefined || others.length > 0 || !isOneAnswer)
    return readCombined({ ...request, whole: compiled.value }, call)
  const rows = await readGroupRows({ session, query, queryString: only.queryString }, call)
  return ok(groupPage(rows, query, compiled.value))
}
