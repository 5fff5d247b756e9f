import { type AuditOptions, openAudit, type OwnAudit } from './audit.ts'
import { SubjectKeys } from './personal/subject-keys.ts'
import { type RetentionPreset, usesPseudonyms } from './retention/policy.ts'
import { Retention } from './retention/retention.ts'
import type { NamedSink } from './sinks/delivered.ts'

export interface KeptAudit {
  readonly audit: OwnAudit
  /** Close it before the log. */
  readonly retention: Pick<Retention, 'close'>
}

export interface KeepingOptions {
  readonly presets: readonly RetentionPreset[]
  /** Folder of the keys of persons. */
  readonly subjects: string
  /** What they have not delivered stays longer. */
  readonly sinks: readonly NamedSink[]
}

/** Opens a log as long as its records are to be kept, and begins to remove what is older. @throws as {@link openAudit} */
export async function openKeptAudit(
  options: AuditOptions,
  { presets, sinks, subjects: keysFolder }: KeepingOptions,
): Promise<KeptAudit> {
  const subjects = subjectsOf(presets, keysFolder)
  const audit = await openAudit({ ...options, subjects })
  const { folder: logs, instance, clock, log } = options
  const retention = new Retention({ folder: logs, instance, presets, audit, clock, log, subjects, sinks })
  void retention.sweep()
  return { audit, retention }
}

/** The keys of persons, where they stand in the log by pseudonyms. */
export const subjectsOf = (presets: readonly RetentionPreset[], folder: string): SubjectKeys | undefined =>
  usesPseudonyms(presets) ? new SubjectKeys(folder) : undefined
