import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError, schemaProblems } from '../../kernel/env.ts'
import type { Rule } from '../../crypto/detection.ts'

const minutes = (standard: number, most = 1_440): z.ZodDefault<z.ZodInt> =>
  z.int().min(1).max(most).default(standard)
const count = (standard: number): z.ZodDefault<z.ZodInt> => z.int().min(1).max(10_000_000).default(standard)

/** `integrations`: automation tokens and machine clients, which have habits that a schedule gave them. */
const concerns = z.enum(['integrations', 'everyone']).default('integrations')

/** What every rule has: whether it is on, and how long one subject is not spoken of again. */
const shared = (
  coolDown: number,
): { on: z.ZodDefault<z.ZodBoolean>; cool_down_minutes: ReturnType<typeof minutes> } => ({
  on: z.boolean().default(true),
  cool_down_minutes: minutes(coolDown, 10_080),
})

const hour = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day such as 06:30')
const timeZone = z.string().refine(isTimeZone, 'is not a time zone of the IANA list, such as Europe/Berlin')

/** When a credential works. `from` after `to` spans midnight, and such a night belongs to the day on which it begins. */
const schedule = z.strictObject({
  time_zone: timeZone,
  /** ISO 8601: Monday is 1. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  from: hour,
  to: hour,
})
export type Schedule = z.output<typeof schedule>

/** Content of `DETECTION_FILE`. Every number has the default of the table in docs/operate/detection.md. */
export const detectionFile = z.strictObject({
  failed_sign_ins: z
    .strictObject({ ...shared(60), more_than: count(10), window_minutes: minutes(5, 60) })
    .prefault({}),
  unusual_hours: z
    .strictObject({
      ...shared(1_440),
      of: concerns,
      environments: z.enum(['production', 'all']).default('production'),
      learn_days: z.int().min(1).max(28).default(10),
      /** By grant or client id; takes the place of what was learned. */
      schedules: z.record(z.string().min(1).max(512), schedule).default({}),
    })
    .prefault({}),
  data_volume: z
    .strictObject({
      ...shared(1_440),
      window_minutes: minutes(60, 240),
      more_than: count(50_000),
      /** Of the busiest window of any earlier day; not below `at_least`. */
      times_usual: z.number().min(1).max(1_000).default(5),
      at_least: count(5_000),
      learn_days: z.int().min(1).max(28).default(5),
    })
    .prefault({}),
  new_address: z
    .strictObject({ ...shared(1_440), of: concerns, learn_hours: z.int().min(1).max(720).default(24) })
    .prefault({}),
  scope_escalation: z
    .strictObject({
      ...shared(60),
      window_minutes: minutes(10, 60),
      /** Calls of one credential that were refused for its scope or its objects. */
      integrations: count(1),
      persons: count(5),
    })
    .prefault({}),
  error_rate: z
    .strictObject({
      ...shared(60),
      window_minutes: minutes(10, 60),
      more_than_percent: z.number().min(0).max(99).default(20),
      at_least_calls: count(20),
    })
    .prefault({}),
} satisfies Record<Rule, z.ZodType>)
export type DetectionPolicy = z.output<typeof detectionFile>

export const DEFAULT_DETECTION: DetectionPolicy = detectionFile.parse({})

/** @throws ConfigError naming what is wrong with the file */
export function loadDetectionPolicy(path: string | undefined): DetectionPolicy {
  if (path === undefined) return DEFAULT_DETECTION
  const read = detectionFile.safeParse(readJson(path))
  if (read.success) return read.data
  throw new ConfigError(schemaProblems(read.error, VARIABLE))
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch {
    throw new ConfigError([`${VARIABLE}: the file cannot be read, or is not JSON`])
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const VARIABLE = 'DETECTION_FILE'
