import { z } from 'zod'
import { OPERATORS } from '../../maximo/query/query.ts'

/** Arguments that several tools share, said the same way in each. */
const name = z.string().min(1).max(130)

export const FORMATS = ['compact', 'json', 'csv'] as const
export type Format = (typeof FORMATS)[number]

export const DEFAULT_LIMIT = 25
export const MAX_LIMIT = 200
export const DEFAULT_TOKENS = 8_000

export const objectName = z.string().min(1).max(60).describe('object structure, e.g. mxapiwodetail')
export const site = z.string().min(1).max(20).optional().describe('site id; default: your own; "*": all')
export const select = z.array(name).min(1).max(100).optional()
export const format = z.enum(FORMATS).default('compact')
export const limit = z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT)
export const cursor = z
  .string()
  .max(1_000)
  .optional()
  .describe('from the previous page; repeat the other arguments')
export const maxTokens = z.int().min(500).max(45_000).default(DEFAULT_TOKENS).describe('rows are cut to fit')

/** `op` is checked by the query compiler, which knows what people write for an operator. */
const filter = z.strictObject({
  field: name.describe('field, relation.field or child.field'),
  op: z.string().max(20).meta({ enum: OPERATORS }),
  value: z
    .union([
      z.string().max(1_000),
      z.number(),
      z.boolean(),
      z.array(z.union([z.string().max(1_000), z.number()])).max(250),
    ])
    .optional(),
})
export const filters = z
  .array(filter)
  .max(40)
  .optional()
  .describe(
    'like: % is the wildcard; in, notin, between: a list; dates: 2026-05-01 or an instant with offset',
  )
export const match = z.enum(['all', 'any']).default('all')
