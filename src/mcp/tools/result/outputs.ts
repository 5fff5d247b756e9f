import { z } from 'zod'

/** What the heads of answers hold. Every answer says where it comes from and when; `cached_s` if that was not just now. */
const ORIGIN = {
  env: z.string(),
  env_id: z.string(),
  as_of: z.iso.datetime(),
  cached_s: z.int().min(1).optional(),
}

const COUNTS = {
  returned: z.int().min(0),
  /** Null: not known, never guessed. */
  total: z.int().min(0).nullable(),
  complete: z.boolean(),
}
const NOTES = { notes: z.array(z.string()).min(1).optional() }
const cells = z.array(z.array(z.unknown()))

/** Answers that say something about the connection, not about records. */
export const plainOutput = z.looseObject({ ...ORIGIN, ...NOTES })

/** Rows: `cols` and arrays in the compact format, objects in `json`, lines below the head in `csv`. */
export const tableOutput = z.strictObject({
  ...ORIGIN,
  ...COUNTS,
  ...NOTES,
  site: z.string().optional(),
  reading: z.string().optional(),
  cursor: z.string().nullable(),
  export: z.string().optional(),
  untrusted: z.array(z.string()).min(1).optional(),
  cols: z.array(z.string()).optional(),
  rows: z.union([cells, z.array(z.record(z.string(), z.unknown()))]).optional(),
})

export const partOutput = z.strictObject({ what: z.string(), value: z.number(), rows: z.int().min(0) })

export const figureOutput = z.strictObject({
  kpi: z.string(),
  /** Null: not known, and `reason` says why; never guessed. */
  value: z.number().nullable(),
  unit: z.enum(['%', 'hours']),
  formula: z.string(),
  numerator: partOutput.optional(),
  denominator: partOutput.optional(),
  /** Every row that belongs to it was counted. */
  complete: z.boolean(),
  reason: z.string().optional(),
  ...NOTES,
})

/** Figures of a period. */
export const figuresOutput = z.strictObject({
  ...ORIGIN,
  ...COUNTS,
  ...NOTES,
  site: z.string().optional(),
  period: z.strictObject({ from: z.iso.date(), to: z.iso.date(), time_zone: z.string().nullable() }),
  kpis: z.array(figureOutput),
})

/** One record with its child tables; what else a tool says about it lies beside them. */
export const recordOutput = z.looseObject({
  ...ORIGIN,
  ...NOTES,
  object: z.string(),
  id: z.string().nullable(),
  untrusted: z.array(z.string()),
  record: z.record(z.string(), z.unknown()).optional(),
  children: z.record(z.string(), z.unknown()).optional(),
})

/** An object, its fields, or the values of one of them. */
export const descriptionOutput = z.union([tableOutput, z.looseObject({ ...ORIGIN, ...COUNTS, ...NOTES })])
