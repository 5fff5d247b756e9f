import { z } from 'zod'

const text = z.string().nullable()
const figure = z.number().nullable()

/** A record as it stands in a log, by the names of `event.ts`; what a newer version adds is passed over. */
export const auditRecord = z.object({
  n: z.number(),
  timestamp: z.string(),
  eventType: z.string(),
  principal: text,
  authMethod: text,
  resource: text,
  action: text,
  queryParams: text,
  responseCode: figure,
  recordCount: figure,
  sourceIP: text,
  duration_ms: figure,
  userAgent: text,
  correlationId: text,
  masInstance: text,
  operation: text,
  outcome: z.string(),
  reason: z.string().optional(),
  tool: z.string().optional(),
  tokenId: z.string().optional(),
  grantId: z.string().optional(),
  clientId: z.string().optional(),
  environmentId: z.string().optional(),
  sessionId: z.string().optional(),
  head: z.string().optional(),
  personal: z.string().optional(),
})
export type AuditRecord = z.infer<typeof auditRecord>

/** The record of a line, unverified; `null` for what is none. */
export function readRecord<Schema extends z.ZodType>(bytes: Buffer, schema: Schema): z.output<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}
