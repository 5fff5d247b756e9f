import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Condition, OrderTerm, Query, Select } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { queryProblem } from '../read/problems.ts'
import { ALL_SITES } from '../read/site.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

/** A record by the number that people know it by. */
export interface ByNumber {
  readonly schema: ObjectSchema
  /** In words: `work order`. */
  readonly what: string
  /** The tool that looks for such records. */
  readonly searchTool: string
  /** Field and number. */
  readonly field: string
  readonly number: string
  readonly site: string | undefined
  /** What else it must meet: a revision, a class. */
  readonly besides?: readonly Condition[]
  /** Which of several revisions comes first. */
  readonly order?: readonly OrderTerm[]
  readonly select: Select
}

const MAX_NAMESAKES = 20

/**
 * Numbers repeat across sites: the site asked for, else the default site, else the only site that has it; of several
 * revisions the first in the order.
 */
export async function findByNumber(
  asked: ByNumber,
  context: ToolContext,
): Promise<Result<MaximoRecord, ToolProblem>> {
  const number = asked.number.trim().toUpperCase()
  const site = asked.site === undefined || asked.site === ALL_SITES ? null : asked.site.toUpperCase()
  const found = await context.maximo.query(queryOf(asked, number, site), context.call)
  if (!found.ok) return err(queryProblem(found.error, asked.schema.resource))
  const { records } = found.value
  const [first] = records
  if (first === undefined) return err(notFound(asked, number, site))
  const preferred = asked.site === undefined ? await ofDefaultSite(records, context) : undefined
  if (preferred !== undefined) return ok(preferred)
  const sites = [...new Set(records.map(({ values }) => String(values['siteid'])))]
  return sites.length > 1 ? err(ambiguous(asked, number, sites)) : ok(first)
}

function queryOf(
  { schema, field, select, besides = [], order = [] }: ByNumber,
  number: string,
  site: string | null,
): Query {
  const hasSites = schema.fields.has('siteid')
  const limited: readonly Condition[] =
    site === null || !hasSites ? [] : [{ field: 'siteid', op: 'eq', value: site }]
  return {
    objectStructure: schema.resource,
    all: [{ field, op: 'eq', value: number }, ...limited, ...besides],
    select: hasSites ? { ...select, fields: [...new Set([...select.fields, 'siteid'])] } : select,
    orderBy: order,
    pageSize: MAX_NAMESAKES,
  }
}

async function ofDefaultSite(
  records: readonly MaximoRecord[],
  context: ToolContext,
): Promise<MaximoRecord | undefined> {
  if (records.length === 1) return records[0]
  const { defaultSite } = await whoAmI(context)
  return records.find(({ values }) => values['siteid'] === defaultSite)
}

const notFound = ({ what, searchTool }: ByNumber, number: string, site: string | null): ToolProblem => ({
  kind: 'not_found',
  what: `There is no ${what} "${visible(number)}"${site === null ? '' : ` at site ${visible(site)}`} that you may see.`,
  why: null,
  next: `Check the number and the site, or look for it with ${searchTool}.`,
})

const ambiguous = ({ what }: ByNumber, number: string, sites: readonly string[]): ToolProblem => ({
  kind: 'ambiguous',
  what: `More than one site has a ${what} "${visible(number)}".`,
  why: null,
  next: `Give "site": one of ${sites.map(visible).join(', ')}.`,
})
