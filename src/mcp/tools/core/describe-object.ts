import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { describeFields } from '../describe/describe-fields.ts'
import { describeValues } from '../describe/describe-values.ts'
import { listObjects } from '../describe/list-objects.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { findSchema } from '../read/object-schema.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { descriptionOutput } from '../result/outputs.ts'
import { defineTool, type ToolAnswer, type ToolContext } from '../tool.ts'

const input = z.strictObject({
  object: z.string().min(1).max(60).optional().describe('e.g. mxapiwodetail'),
  keyword: z.string().min(1).max(60).optional().describe('finds objects, or fields of the object'),
  field: z.string().min(1).max(130).optional().describe('its facts and value list; child.field works'),
  detail: z.enum(['index', 'fields', 'full']).default('index').describe('index: names and types'),
})

export const describeObject = defineTool({
  name: 'describe_object',
  title: 'Describe a Maximo object',
  description:
    'Without object: lists object structures, by keyword if given. With object: its key, fields, child objects and relations. With field: that field and the values it can take.',
  toolset: 'query',
  scopes: ['maximo:read'],
  effect: 'read',
  access: 'describe',
  risk: 'none',
  costUnits: 1,
  reachesOutside: true,
  input,
  output: descriptionOutput,
  async run(asked, context) {
    if (asked.object === undefined) return listObjects(asked.keyword, context)
    const found = await findSchema(asked.object, context)
    if (!found.ok) return found
    if (asked.field !== undefined) return describeField(asked.field, found.value, context)
    return ok(describeFields(found.value, { keyword: asked.keyword, detail: asked.detail }, context))
  },
})

async function describeField(
  name: string,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  const [first = '', second] = name.trim().toLowerCase().split('.')
  const fields = second === undefined ? schema.fields : schema.children.get(first)?.fields
  const field = fields?.get(second ?? first)
  if (field !== undefined) return ok(await describeValues(field, schema, context))
  const known = [
    ...schema.fields.keys(),
    ...[...schema.children.values()].flatMap((child) =>
      [...(child.fields?.keys() ?? [])].map((inner) => `${child.name}.${inner}`),
    ),
  ]
  return err({
    kind: 'invalid_field',
    what: `${schema.resource} has no field "${visible(name.slice(0, 60))}".${didYouMean(name, known)}`,
    why: null,
    next: 'Call describe_object with the object and a keyword to find the field.',
  })
}
