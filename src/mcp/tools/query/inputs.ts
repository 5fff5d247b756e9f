import { z } from 'zod'
import { OPERATORS } from '../../../maximo/query/query.ts'

/** Arguments that several tools share, said the same way in each. */
const name = z.string().min(1).max(130)

export const FORMATS = ['compact', 'json', 'csv'] as const
export type Format = (typeof FORMATS)[number]

export const DEFAULT_LIMIT = 25
export const MAX_LIMIT = 200
export const DEFAULT_TOKENS = 8_000
export const MAX_TOKENS = 45_000

export const objectName = z.string().min(1).max(60).describe('e.g. mxapiwodetail')
export const site = z.string().min(1).max(20).optional().describe('site id; default: your own; "*": all')
export const select = z.array(name).min(1).max(100).optional()
export const format = z.enum(FORMATS).default('compact')
export const limit = z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT)
export const cursor = z.string().max(1_000).optional().describe('from the same call before')
export const maxTokens = z.int().min(500).max(MAX_TOKENS).default(DEFAULT_TOKENS)

const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()])
const filterValue = z.union([scalar, z.array(scalar).max(250)])

/**
 * `op` and `value` are judged by the query compiler, which knows what people write for an operator and what a field can
 * hold. Here a value is only bounded; its schema stays empty, since a union of everything tells a model nothing.
 */
const filter = z.strictObject({
  field: name.describe('also relation.field, child.field'),
  op: z.string().max(20).meta({ enum: OPERATORS }),
  value: z
    .unknown()
    .refine(
      (value) => filterValue.safeParse(value).success,
      'must be a text, a number, true, false or a list of these',
    )
    .optional(),
})
export const filters = z
  .array(filter)
  .max(40)
  .optional()
  .describe('like takes %; in, notin, between take lists; dates: 2026-05-01 or ISO with offset')
export const match = z.enum(['all', 'any']).default('all')
