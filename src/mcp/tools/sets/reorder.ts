import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import { site } from '../query/inputs.ts'
import { allPages } from '../read/all-pages.ts'
import { chooseSite, unknownSite } from '../read/site.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, READS_MAXIMO } from '../tool.ts'

const INVENTORY = 'MXAPIINVENTORY'
const MAX_LINES = 10_000
const READ = ['itemnum', 'item.description', 'location', 'siteid', 'minlevel']
const MORE = ['avblbalance', 'curbal', 'orderqty', 'issueunit', 'deliverytime']
const COLUMNS = [...READ, 'available', 'short', 'orderqty', 'issueunit', 'deliverytime']

export const listItemsToReorder = defineTool({
  name: 'list_items_to_reorder',
  title: 'List items below their reorder point',
  description:
    'Items in storerooms whose available balance lies below the reorder point, the largest shortage first, with the exact number of them. What is already on order is in get_item_availability.',
  toolset: 'inventory',
  isOnRequest: true,
  ...READS_MAXIMO,
  costUnits: 3,
  objectStructure: INVENTORY,
  input: z.strictObject({
    storeroom: z.string().min(1).max(30).optional(),
    site,
    limit: z.int().min(1).max(200).default(25),
  }),
  output: tableOutput,
  async run({ storeroom, site: asked, limit }, context) {
    const schema = await context.maximo.schema(INVENTORY, context.call)
    const where = await chooseSite(asked, { schema, filtered: [] }, context)
    const at =
      storeroom === undefined ? [] : [{ field: 'location', op: 'eq', value: storeroom.trim().toUpperCase() }]
    const found = await allPages(
      {
        objectStructure: INVENTORY,
        all: [{ field: 'minlevel', op: 'gt', value: 0 }, ...at, ...where.conditions],
        select: { fields: [...READ, ...MORE.filter((name) => schema.fields.has(name))] },
      },
      MAX_LINES,
      context,
    )
    if (!found.ok) return found
    const { records, isComplete } = found.value
    // A shortage that was not read could be the largest.
    if (!isComplete) return err(TOO_MANY)
    const problem = records.length === 0 ? await unknownSite(asked, schema, context) : null
    if (problem !== null) return err(problem)
    const { below, known } = shortages(records)
    const unknown = records.length - known
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows: below
            .slice(0, limit)
            .map(({ values, available, short }) => [
              ...READ.map((name) => values[name]),
              ...[available, short, values['orderqty'], values['issueunit'], values['deliverytime']],
            ]),
          total: below.length,
          site: where.site,
          reading: `${below.length} of ${known} items with a reorder point have less available than it says`,
          notes: [
            ...where.notes,
            ...(unknown === 0 ? [] : [`Without a balance, and not counted: ${unknown}.`]),
          ],
          untrusted: ['item.description'],
          whenCut: 'name a storeroom.',
        },
        context,
      ),
    )
  },
})

/** The largest first, and of how many lines the balance is known. */
function shortages(records: readonly MaximoRecord[]) {
  const known = records
    .map(({ values }) => ({ values, available: availableOf(values) }))
    .filter((line) => line.available !== null)
  const below = known
    .map((line) => ({ ...line, short: Number(line.values['minlevel']) - Number(line.available) }))
    .filter(({ short }) => short > 0)
    .sort((a, b) => b.short - a.short)
  return { below, known: known.length }
}

/** What may still be issued, else what lies there; null where Maximo says neither. */
function availableOf({ avblbalance, curbal }: Readonly<Record<string, unknown>>): number | null {
  return [avblbalance, curbal].find((amount) => typeof amount === 'number') ?? null
}

const TOO_MANY: ToolProblem = {
  kind: 'too_large',
  what: `More than ${MAX_LINES.toLocaleString('en')} items in storerooms have a reorder point.`,
  why: null,
  next: 'Name a site or a storeroom.',
}
