import { z } from 'zod'

/** Of the UTC day or calendar month, in units. */
const spending = z.strictObject({
  /** Null: not counted, since the plan has no limit at all. */
  used: z.int().nonnegative().nullable(),
  /** Null: without limit. */
  atMost: z.int().nonnegative().nullable(),
  /** When the next one begins. */
  endsMs: z.int().positive(),
})

/**
 * For the portal (`internal-api.ts`): what a person has spent over all connections and tokens, by the plan as the MCP server
 * has it on record.
 */
export const accountUsage = {
  path: '/internal/usage',
  ask: z.strictObject({ sub: z.string().min(1).max(100) }),
  answer: z.discriminatedUnion('state', [
    /** `cap`: a plan whose limits count besides, of each the smaller. */
    z.strictObject({
      state: z.literal('known'),
      plan: z.string().max(100),
      cap: z.string().max(100).nullable(),
      day: spending,
      month: spending,
    }),
    /** The portal has not brought one yet. */
    z.strictObject({ state: z.literal('no_plan') }),
  ]),
} as const
