import { z } from 'zod'

/** Arguments that staging tools share. */
export const reason = z.string().trim().min(1).max(280).describe('why; kept in the audit trail')
export const site = z.string().min(1).max(20).optional().describe('default: your own')
export const wonum = z.string().min(1).max(30)
export const text = z.string().min(1).max(100)
export const longText = z.string().min(1).max(8_000)
export const code = z.string().min(1).max(50)
export const instant = z.iso.datetime({ offset: true })
export const day = z.iso.date()
export const quantity = z.number().positive().max(1_000_000)

const value = z.union([z.string().max(8_000), z.number(), z.boolean(), z.null()])
/** Bounded here, judged against the schema of the object. */
export const values = z
  .unknown()
  .refine(
    (given) => record.safeParse(given).success,
    'must be an object of texts, numbers, true, false or null',
  )
  .transform((given) => record.parse(given))
  .meta({ type: 'object' })
const record = z.record(z.string().min(1).max(64), value)
export type Values = z.infer<typeof record>

/** Without what was not given. */
export const given = (all: Readonly<Record<string, Values[string] | undefined>>): Values =>
  Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, Values[string]] => entry[1] !== undefined),
  )
