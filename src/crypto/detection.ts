import { z } from 'zod'

/** The patterns that are looked for, by the names of `DETECTION_FILE`. */
export const RULES = [
  'failed_sign_ins',
  'unusual_hours',
  'data_volume',
  'new_address',
  'scope_escalation',
  'error_rate',
] as const
export type Rule = (typeof RULES)[number]

export const SEVERITIES = ['medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const SEVERITY: Readonly<Record<Rule, Severity>> = {
  failed_sign_ins: 'high',
  unusual_hours: 'medium',
  data_volume: 'high',
  new_address: 'medium',
  scope_escalation: 'critical',
  error_rate: 'high',
}

/**
 * Who or what a detection is about. `address`: an IPv4 address or an IPv6 /64. `everywhere`: so many addresses at once that
 * each alone is no news any more.
 */
const SUBJECT_KINDS = ['address', 'client', 'grant', 'environment', 'everywhere'] as const

const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const timeMs = z.int().positive()

/** One thing that was noticed, as it is journaled, told and listed. What it counts had been seen when it was noticed. */
export const detection = z.strictObject({
  id,
  rule: z.enum(RULES),
  subject: z.strictObject({ kind: z.enum(SUBJECT_KINDS), id: z.string().max(512) }),
  /** Clerk user ids of those whom it concerns; none: the operator alone. */
  owners: z.array(z.string().min(1).max(100)).max(10),
  atMs: timeMs,
  /** Until then more of the same is counted and not told. */
  untilMs: timeMs,
  count: z.int().nonnegative(),
  /** What was exceeded, in the unit of `count`. */
  limit: z.number().nonnegative(),
  windowMs: z.int().nonnegative(),
  /** Examples, as far as this server saw them. */
  correlationIds: z.array(z.string().max(100)).max(5),
  addresses: z.array(z.string().max(64)).max(5),
  /** The tool that fails, where one does. */
  tool: z.string().max(64).optional(),
  environmentId: z.string().max(64).optional(),
})
export type Detection = z.output<typeof detection>
export type Subject = Detection['subject']

/** As it stands in the audit log, where persons are named by the record alone. */
export const shownDetection = detection.omit({ owners: true })

/** The time of a detection is over: `more` of the same was counted within it. */
export const detectionSettled = z.strictObject({ id, more: z.int().nonnegative() })

/** One that is kept; `more` is null while it is still being counted. */
export interface KeptDetection extends Detection {
  readonly more: number | null
}

/** What one of its owners is told of it. Who the others are is no business of theirs. */
export const noticedDetection = detection
  .omit({ owners: true, correlationIds: true, untilMs: true })
  .extend({ more: z.int().nonnegative().nullable() })
export type NoticedDetection = z.output<typeof noticedDetection>

export const MAX_NOTICED = 12

/** For the portal (`internal-api.ts`): what the MCP servers noticed about a person's connections, the newest first. */
export const detectionsFound = {
  path: '/internal/detections',
  ask: z.strictObject({ sub: z.string().min(1).max(100) }),
  answer: z.strictObject({ detections: z.array(noticedDetection).max(MAX_NOTICED) }),
} as const

/** The newest of an owner's: as many as fit into an answer of the internal listener. */
export const noticedOf = (kept: readonly KeptDetection[]): NoticedDetection[] =>
  kept.slice(0, MAX_NOTICED).map((one) => {
    const { id, rule, subject, atMs, count, limit, windowMs, addresses, tool, environmentId, more } = one
    return { id, rule, subject, atMs, count, limit, windowMs, addresses, tool, environmentId, more }
  })
