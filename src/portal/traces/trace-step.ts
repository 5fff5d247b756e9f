import { z } from 'zod'

const text = (max: number): z.ZodString => z.string().max(max)
/** Id of a trace or of a connection. */
export const traceId = z.string().regex(/^[A-Za-z0-9_-]{22}$/)

/** What a client tried, in the order in which a login goes. */
export const STEPS = ['registration', 'authorization', 'consent', 'decision', 'exchange', 'refresh'] as const

/**
 * One step of a login attempt. No member holds a secret: values that could be one are shown by
 * their length alone (`sent.ts`).
 */
export const traceStep = z.strictObject({
  atMs: z.int().positive(),
  step: z.enum(STEPS),
  /** `refused`: we said no. `failed`: something on our side did not answer. */
  outcome: z.enum(['passed', 'refused', 'failed']),
  /** As in the audit log; absent for what passed. */
  reason: text(60).optional(),
  /** Correlation id of the request, as shown on error pages and in `X-Correlation-Id`. */
  reference: text(40),
  address: text(60),
  userAgent: text(300).nullable(),
  /** Parameters of the client's request by name; none where the owner answered. */
  sent: z.record(text(80), text(1100)),
  /** What they were compared with, by name. */
  known: z.record(text(40), text(1100)),
  /** Clerk user id of the owner, once somebody had signed in. */
  sub: text(100).optional(),
  cid: text(512).optional(),
  /** The connection that came of it. */
  gid: traceId.optional(),
})
export type TraceStep = z.output<typeof traceStep>

export interface Trace {
  readonly id: string
  readonly steps: readonly TraceStep[]
}

/** Name in `known` of what the client calls itself. */
export const CLIENT_NAME = 'client name'
