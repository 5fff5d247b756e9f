import { err, ok, type Result } from '../../../kernel/result.ts'
import type { FoundRecord, MaximoRecord } from '../../../maximo/contract.ts'
import type { Select } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { queryProblem } from '../../tools/read/problems.ts'
import { unknownSite } from '../../tools/read/site.ts'
import { whoAmI } from '../../tools/read/who-am-i.ts'
import { visible } from '../../tools/result/visible.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import type { ToolContext } from '../../tools/tool.ts'

/** A record as its caller named it. */
export interface Named {
  readonly record: string
  /** Where numbers repeat across sites; absent: the default site, then the only one that has it. */
  readonly site?: string | undefined
}

/** A record that is there, by number, by site and number, or by resource id. @throws MaximoFault */
export async function findExisting(
  named: Named,
  { schema, select }: { readonly schema: ObjectSchema; readonly select: Select },
  context: ToolContext,
): Promise<Result<FoundRecord, ToolProblem>> {
  for (const id of await candidates(named, schema, context)) {
    const ref = { objectStructure: schema.resource, id }
    const found = await context.maximo.findRecord(ref, select, context.call)
    if (!found.ok) return err(queryProblem(found.error, schema.resource))
    if (found.value !== null) return ok(found.value)
  }
  return err((await unknownSite(named.site, schema, context)) ?? notFound(named, schema))
}

async function candidates(
  { record, site }: Named,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<readonly string[]> {
  const id = record.trim()
  const isWhole = id.includes('/') || id.startsWith('_')
  if (isWhole || !schema.key.includes('siteid')) return [id]
  if (site !== undefined) return [`${site.toUpperCase()}/${id}`]
  const { defaultSite } = await whoAmI(context)
  return defaultSite === null ? [id] : [`${defaultSite}/${id}`, id]
}

const notFound = ({ record, site }: Named, { resource }: ObjectSchema): ToolProblem => ({
  kind: 'not_found',
  what: `There is no ${resource.toLowerCase()} "${visible(record.slice(0, 100))}"${site === undefined ? '' : ` at site ${visible(site.toUpperCase())}`} that you may see.`,
  why: null,
  next: 'Check number and site: query_records or search_work_orders finds the record.',
})

/** `BEDFORD/1001`: the key as people write it. */
export const labelOf = (record: MaximoRecord, { key }: ObjectSchema): string =>
  key
    .map((name) => record.values[name])
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .join('/')

/** Its description: untrusted. */
export function titleOf({ values }: MaximoRecord): string | null {
  const { description } = values
  return typeof description === 'string' && description !== '' ? description : null
}
