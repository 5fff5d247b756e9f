import { z } from 'zod'
import type { Filter, OrderTerm } from '../../../maximo/query/query.ts'
import { cursor, filters, format, limit, match, maxTokens, objectName, select, site } from './inputs.ts'
import { readPage } from '../read/read-page.ts'
import { chooseSite, unknownSite } from '../read/site.ts'
import { startOnObject } from '../read/start-on-object.ts'
import { tableOutput } from '../result/outputs.ts'
import { defineTool, READS_MAXIMO } from '../tool.ts'

const input = z.strictObject({
  object: objectName,
  filters,
  match: match.describe('any: one is enough'),
  site,
  select: select.describe('default: a compact set'),
  order_by: z.array(z.string().min(1).max(131)).max(5).optional().describe('"-field": descending'),
  limit,
  cursor,
  count: z.boolean().default(false).describe('exact total'),
  format,
  max_tokens: maxTokens,
})
type Input = z.output<typeof input>

export const queryRecords = defineTool({
  name: 'query_records',
  title: 'Query Maximo records',
  description:
    'Rows of any object structure you may read, filtered and sorted by Maximo, with a cursor to further rows.',
  toolset: 'query',
  ...READS_MAXIMO,
  input,
  output: tableOutput,
  async run({ count, max_tokens: tokens, ...asked }, context) {
    const begun = await startOnObject('query_records', asked, context)
    if (!begun.ok) return begun
    const { schema, columns } = begun.value
    const filtered = (asked.filters ?? []).map(({ field }) => field)
    const where = await chooseSite(asked.site, { schema, filtered }, context)
    const filter = filterOf(asked)
    return readPage(
      {
        ...begun.value,
        query: {
          objectStructure: schema.resource,
          ...filter,
          all: [...(filter.all ?? []), ...where.conditions],
          select: { fields: columns },
          orderBy: (asked.order_by ?? []).map(orderTerm),
          count,
        },
        maxTokens: tokens,
        site: where.site,
        notes: where.notes,
        explainNothing: () => unknownSite(asked.site, schema, context),
      },
      context,
    )
  },
})

/** The filters of a call as the compiler takes them. */
export function filterOf({
  filters: conditions = [],
  match: rule,
}: Pick<Input, 'filters' | 'match'>): Filter {
  return rule === 'all' ? { all: conditions } : { any: conditions }
}

const orderTerm = (text: string): OrderTerm => {
  const field = text.trim().replace(/^[+-]/, '').toLowerCase()
  return { field, direction: text.trim().startsWith('-') ? 'desc' : 'asc' }
}
