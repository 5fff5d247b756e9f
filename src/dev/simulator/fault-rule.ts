import { z } from 'zod'
import type { FaultRule } from './faults.ts'

const faultRule = z.strictObject({
  fault: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('latency'), ms: z.number().int().min(0).max(600_000) }),
    z.strictObject({ kind: z.literal('html-error'), status: z.literal([500, 502, 503, 504]) }),
    z.strictObject({ kind: z.literal('login-page') }),
    z.strictObject({ kind: z.literal('redirect'), location: z.string() }),
    z.strictObject({ kind: z.literal('truncated-json') }),
    z.strictObject({
      kind: z.literal('reset'),
      when: z.enum(['before-answer', 'after-work', 'mid-body']),
      afterMs: z.number().int().min(0).max(600_000).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('silence') }),
    z.strictObject({ kind: z.literal('too-many-requests'), retryAfter: z.string().nullable() }),
    z.strictObject({ kind: z.literal('unavailable'), retryAfter: z.string().nullable() }),
    z.strictObject({
      kind: z.literal('bmx-error'),
      status: z.number().int().min(400).max(599),
      code: z.string().min(1),
      text: z.string(),
    }),
    z.strictObject({ kind: z.literal('admin-mode') }),
    z.strictObject({ kind: z.literal('huge-body'), bytes: z.number().int().positive() }),
    z.strictObject({ kind: z.literal('content-type'), value: z.string() }),
    z.strictObject({ kind: z.literal('bad-utf8') }),
    z.strictObject({ kind: z.literal('foreign-next-page'), origin: z.string() }),
    z.strictObject({ kind: z.literal('next-page-loop') }),
    z.strictObject({ kind: z.literal('wrong-total'), by: z.number().int() }),
    z.strictObject({ kind: z.literal('error-in-200') }),
  ]),
  times: z.number().int().positive().optional(),
  every: z.number().int().positive().optional(),
  when: z.string().optional(),
})

/** A fault and when it strikes, as the control route and the command line take it. @throws ZodError for what is no fault. */
export function readFaultRule(json: unknown): FaultRule {
  const { fault, times, every, when } = faultRule.parse(json)
  return {
    fault,
    ...(times === undefined ? {} : { times }),
    ...(every === undefined ? {} : { every }),
    ...(when === undefined ? {} : { when }),
  }
}
