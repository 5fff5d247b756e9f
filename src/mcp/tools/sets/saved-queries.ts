import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { cursor, DEFAULT_TOKENS, filters, format, limit, objectName, select } from '../query/inputs.ts'
import { filterOf } from '../query/query-records.ts'
import { findSchema } from '../read/object-schema.ts'
import { readPage } from '../read/read-page.ts'
import { startOnObject } from '../read/start-on-object.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { defineTool, READS_MAXIMO } from '../tool.ts'

const COLUMNS = ['name', 'title']

export const listSavedQueries = defineTool({
  name: 'list_saved_queries',
  title: 'List saved queries',
  description: 'The queries that people saved in Maximo for an object; run_saved_query runs them.',
  toolset: 'query',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  access: 'describe',
  risk: 'none',
  costUnits: 1,
  reachesOutside: true,
  input: z.strictObject({ object: objectName }),
  output: tableOutput,
  async run({ object }, context) {
    const found = await findSchema(object, context)
    if (!found.ok) return found
    const queries = await context.maximo.savedQueries(found.value.resource, context.call)
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows: queries.map(({ name, title }) => [name, title]),
          notes: queries.length === 0 ? ['Nobody saved a query for this object.'] : [],
          untrusted: queries.length === 0 ? [] : COLUMNS,
          whenCut: 'run_saved_query runs the others by their names too.',
        },
        context,
      ),
    )
  },
})

const input = z.strictObject({
  object: objectName,
  name: z.string().min(1).max(100),
  parameters: z
    .record(z.string().max(30), z.string().max(200))
    .default({})
    .meta({ propertyNames: undefined })
    .describe('values of the ":name" places in the query'),
  filters,
  select: select.describe('default: a compact set'),
  limit,
  cursor,
  format,
})

export const runSavedQuery = defineTool({
  name: 'run_saved_query',
  title: 'Run a saved query',
  description:
    'Rows that a query saved in Maximo finds, further narrowed by filters. It asks all sites unless it says otherwise itself.',
  toolset: 'query',
  isOnRequest: true,
  ...READS_MAXIMO,
  input,
  output: tableOutput,
  async run(asked, context) {
    const begun = await startOnObject('run_saved_query', asked, context)
    if (!begun.ok) return begun
    const { schema, columns } = begun.value
    const { name, parameters } = asked
    return readPage(
      {
        ...begun.value,
        query: {
          objectStructure: schema.resource,
          ...filterOf({ filters: asked.filters, match: 'all' }),
          saved: { name, parameters },
          select: { fields: columns },
          count: true,
        },
        maxTokens: DEFAULT_TOKENS,
        site: null,
        notes: [],
      },
      context,
    )
  },
})
