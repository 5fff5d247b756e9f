import { z } from 'zod'
import { commaList } from '../../kernel/env-fields.ts'

/** How long records are kept at least, in years. `gdpr` is what the person's name is kept for, `internal` our own need. */
const RETENTION_YEARS = { sox: 7, hipaa: 6, gdpr: 2, pci: 1, internal: 1 } as const

export type RetentionPreset = keyof typeof RETENTION_YEARS

/** `AUDIT_RETENTION`: a comma list; empty, and nothing is ever removed. */
export const retention = z
  .string()
  .default('')
  .pipe(commaList)
  .pipe(z.array(z.enum(Object.keys(RETENTION_YEARS) as [RetentionPreset, ...RetentionPreset[]])))

/** Whether persons stand in the log by pseudonyms. */
export const usesPseudonyms = (presets: readonly RetentionPreset[]): boolean => presets.includes('gdpr')

/** Where several hold, the longest does. A year counts 366 days: nothing goes a day too early. */
export const retentionMs = (presets: readonly RetentionPreset[]): number =>
  Math.max(...presets.map((preset) => RETENTION_YEARS[preset])) * YEAR_MS

const YEAR_MS = 366 * 24 * 60 * 60 * 1_000
