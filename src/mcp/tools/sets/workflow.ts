import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { ASSIGNMENTS, INBOX_FIELDS, inboxQuery } from '../../../maximo/inbox.ts'
import { cursor, DEFAULT_TOKENS, format, limit, objectName } from '../query/inputs.ts'
import { findSchema } from '../read/object-schema.ts'
import { noRecord, queryProblem } from '../read/problems.ts'
import { readPage, startReading } from '../read/read-page.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolFacts, READS_MAXIMO } from '../tool.ts'

const FACTS: Omit<ToolFacts, 'name' | 'title' | 'description'> = {
  toolset: 'workflow',
  isOnRequest: true,
  ...READS_MAXIMO,
}

export const listMyInbox = defineTool({
  ...FACTS,
  name: 'list_my_inbox',
  title: 'List my assignments',
  description: 'Workflow assignments that wait for the Maximo user of this connection, the oldest first.',
  objectStructure: ASSIGNMENTS,
  input: z.strictObject({ limit, cursor, format }),
  output: tableOutput,
  async run({ limit: pageSize, cursor: from, format: shape }, context) {
    const started = await startReading(
      { tool: 'list_my_inbox', question: {}, limit: pageSize, cursor: from },
      context,
    )
    if (!started.ok) return started
    return readPage(
      {
        started: started.value,
        schema: await context.maximo.schema(ASSIGNMENTS, context.call),
        query: inboxQuery(await whoAmI(context)),
        ask: (part) => context.maximo.inbox(part, context.call),
        columns: INBOX_FIELDS,
        format: shape,
        maxTokens: DEFAULT_TOKENS,
        site: null,
        notes: [],
      },
      context,
    )
  },
})

const HOLDERS = [
  'assigncode',
  'description',
  'processname',
  'startdate',
  'duedate',
  'priority',
  'assignstatus',
]
const MAX_HOLDERS = 50

export const getWorkflowStatus = defineTool({
  ...FACTS,
  name: 'get_workflow_status',
  title: 'Get workflow status',
  description:
    'Where a record is in its workflows: who holds it, since when, in which process. No rows: in none.',
  input: z.strictObject({
    object: objectName,
    id: z.string().min(1).max(400).describe('key, e.g. BEDFORD/1001, or a resource id'),
  }),
  output: tableOutput,
  async run({ object, id }, context) {
    const found = await findSchema(object, context)
    if (!found.ok) return found
    const schema = found.value
    const number = schema.uniqueId
    if (number === null || !schema.fields.has(number)) return err(noNumber(schema.resource))
    const ref = { objectStructure: schema.resource, id }
    const record = await context.maximo.findRecord(ref, { fields: [number] }, context.call)
    if (!record.ok) return err(queryProblem(record.error, schema.resource))
    if (record.value === null) return err(noRecord(id, schema))
    const owner = record.value.record.values[number]
    if (typeof owner !== 'number') return err(noNumber(schema.resource))
    const page = await context.maximo.query(
      {
        objectStructure: ASSIGNMENTS,
        all: [
          { field: 'ownertable', op: 'eq', value: schema.objectName },
          { field: 'ownerid', op: 'eq', value: owner },
          { field: 'assignstatus', op: 'eq', value: 'ACTIVE' },
        ],
        select: { fields: HOLDERS },
        orderBy: [{ field: 'startdate', direction: 'asc' }],
        pageSize: MAX_HOLDERS,
        count: true,
      },
      context.call,
    )
    if (!page.ok) return err(queryProblem(page.error, ASSIGNMENTS))
    const { records, total } = page.value
    const notes = total === 0 ? ['No workflow holds this record now.'] : []
    const rows = records.map(({ values }) => HOLDERS.map((name) => values[name]))
    return ok(
      tableAnswer(
        {
          columns: HOLDERS,
          rows,
          total,
          notes,
          untrusted: ['description'],
          whenCut: 'ask query_records on mxapiwfassignment.',
        },
        context,
      ),
    )
  },
})

/** Assignments name records by Maximo's own number of them. */
const noNumber = (resource: string): ToolProblem => ({
  kind: 'invalid_query',
  what: `Workflows know a record by its unique number, which ${resource.toLowerCase()} does not show you.`,
  why: null,
  next: 'Name it by another object that has the number, or look with query_records on mxapiwfassignment.',
})
