import { ok } from '../../kernel/result.ts'
import { describeFields } from '../tools/describe/describe-fields.ts'
import { MAX_TOKENS } from '../tools/query/inputs.ts'
import { findSchema } from '../tools/read/object-schema.ts'
import { completeObject } from './complete/objects.ts'
import type { TemplateResource } from './resource.ts'
import { jsonAnswer, OBJECT } from './shapes.ts'
import { SCHEMA_PATH } from './uri.ts'

/** What Maximo itself is asked again for after ten minutes. */
export const SCHEMA_TTL_MS = 600_000

/** An object structure with everything that Maximo says of it, as far as this caller may see it. */
export const schemaResource: TemplateResource = {
  name: 'schema',
  title: 'Fields of an object',
  description:
    'An object structure: key, fields with types, titles and domains, child objects and relations.',
  mimeType: 'application/json',
  tool: 'describe_object',
  path: SCHEMA_PATH,
  variables: { object: { pattern: OBJECT, complete: completeObject } },
  ttlMs: SCHEMA_TTL_MS,
  async read({ object = '' }, context, uri) {
    const schema = await findSchema(object, context)
    if (!schema.ok) return schema
    const wanted = { keyword: undefined, detail: 'full', maxTokens: MAX_TOKENS } as const
    return ok(jsonAnswer(uri, describeFields(schema.value, wanted, context)))
  },
}
