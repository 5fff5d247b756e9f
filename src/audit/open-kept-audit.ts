import { type AuditOptions, openAudit, type OwnAudit } from './audit.ts'
import { SubjectKeys } from './personal/subject-keys.ts'
import { type RetentionPreset, usesPseudonyms } from './retention/policy.ts'
import { Retention } from './retention/retention.ts'

export interface KeptAudit {
  readonly audit: OwnAudit
  /** Close it before the log. */
  readonly retention: Pick<Retention, 'close'>
}

/** Opens a log as long as its records are to be kept, and begins to remove what is older. @throws as {@link openAudit} */
export async function openKeptAudit(
  options: AuditOptions,
  { presets, subjects: folder }: { readonly presets: readonly RetentionPreset[]; readonly subjects: string },
): Promise<KeptAudit> {
  const subjects = subjectsOf(presets, folder)
  const audit = await openAudit({ ...options, subjects })
  const { folder: logs, instance, clock, log } = options
  const retention = new Retention({ folder: logs, instance, presets, audit, clock, log, subjects })
  void retention.sweep()
  return { audit, retention }
}

/** The keys of persons, where they stand in the log by pseudonyms. */
export const subjectsOf = (presets: readonly RetentionPreset[], folder: string): SubjectKeys | undefined =>
  usesPseudonyms(presets) ? new SubjectKeys(folder) : undefined
