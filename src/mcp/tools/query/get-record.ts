import { z } from 'zod'
import { err } from '../../../kernel/result.ts'
import { format, objectName, select } from './inputs.ts'
import { findSchema } from '../read/object-schema.ts'
import { noRecord, queryProblem } from '../read/problems.ts'
import { recordAnswer } from '../result/record-answer.ts'
import { recordFields } from '../result/columns.ts'
import { recordOutput } from '../result/outputs.ts'
import { defineTool, READS_MAXIMO } from '../tool.ts'

export const getRecord = defineTool({
  name: 'get_record',
  title: 'Get one record',
  description:
    'One record by its key or resource id, with the child objects you name. Fields without a value are left out.',
  toolset: 'query',
  ...READS_MAXIMO,
  input: z.strictObject({
    object: objectName,
    id: z
      .string()
      .min(1)
      .max(400)
      .describe('key as describe_object gives it, e.g. BEDFORD/1001, or a resource id'),
    select: select.describe('fields or relation.field; default: its own fields'),
    expand: z.array(z.string().min(1).max(64)).max(10).default([]).describe('child objects'),
    format,
  }),
  output: recordOutput,
  async run(asked, context) {
    const found = await findSchema(asked.object, context)
    if (!found.ok) return found
    const schema = found.value
    const { fields, notes } =
      asked.select === undefined
        ? recordFields(schema)
        : { fields: asked.select.map((name) => name.trim().toLowerCase()), notes: [] }
    const children = Object.fromEntries(asked.expand.map((name) => [name.trim().toLowerCase(), ['*']]))
    const record = await context.maximo.findRecord(
      { objectStructure: schema.resource, id: asked.id },
      { fields, children },
      context.call,
    )
    if (!record.ok) return err(queryProblem(record.error, schema.resource))
    if (record.value === null) return err(noRecord(asked.id, schema))
    return recordAnswer(
      {
        ...{ record: record.value.record, schema, fields, notes },
        ...{ children: Object.keys(children), format: asked.format },
      },
      context,
    )
  },
})
