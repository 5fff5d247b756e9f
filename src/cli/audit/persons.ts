import { join } from 'node:path'
import { SubjectKeys } from '../../audit/personal/subject-keys.ts'
import { unveil } from '../../audit/personal/veil.ts'
import { escapeUnseen } from '../../audit/record.ts'
import type { FoundRecord } from '../../audit/search.ts'
import type { AuditPlace } from './place.ts'

/** The keys of persons of each service here. */
export const subjectKeysOf = ({ dataDir, owners }: Pick<AuditPlace, 'dataDir' | 'owners'>): SubjectKeys[] =>
  owners.map((owner) => new SubjectKeys(join(dataDir, owner, 'audit-subjects')))

/** Puts the person in the place of a pseudonym, with what is sealed beside it; where the key is gone the record stays. */
export async function withPersons(place: AuditPlace): Promise<(found: FoundRecord) => Promise<FoundRecord>> {
  const all = await Promise.all(subjectKeysOf(place).map((keys) => keys.all()))
  const keys = new Map(all.flatMap((some) => [...some]))
  return async (found) => {
    const { principal, personal } = found.record
    const key = keys.get(principal ?? '')
    const person = key === undefined || personal === undefined ? null : await unveil(personal, key)
    if (person === null) return found
    // The seal has nothing more to say.
    const record = { ...(JSON.parse(found.text) as object), ...person, personal: undefined }
    return {
      ...found,
      record: { ...found.record, ...person },
      text: escapeUnseen(JSON.stringify(record)),
    }
  }
}
