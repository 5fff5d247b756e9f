import type { EnvironmentClass } from '../../crypto/internal-api.ts'
import type { SavedCredential } from '../records/credentials.ts'

/** After how many days a credential should be replaced, and how long before it is said. */
export interface AgePolicy {
  readonly days: Readonly<Record<EnvironmentClass, number>>
  readonly warnDays: number
}

export interface CredentialAge {
  readonly cls: EnvironmentClass
  readonly state: 'fresh' | 'due' | 'overdue'
  readonly ageDays: number
  /** Days until it should be replaced; negative when that is over. */
  readonly leftDays: number
}

/** How old a credential is against the policy. It never stops working by itself: a dead pipeline helps nobody. */
export function ageOf(
  { about: { sinceMs, cls } }: Pick<SavedCredential, 'about'>,
  policy: AgePolicy,
  nowMs: number,
): CredentialAge {
  const ageDays = Math.max(0, Math.floor((nowMs - sinceMs) / DAY_MS))
  const leftDays = policy.days[cls] - ageDays
  const isDue = leftDays <= policy.warnDays
  return { cls, state: leftDays <= 0 ? 'overdue' : isDue ? 'due' : 'fresh', ageDays, leftDays }
}

/** The age in a sentence, for the owner. */
export function ageInWords({ ageDays, leftDays, state, cls }: CredentialAge): string {
  const age = `The key is ${days(ageDays)} old`
  if (state === 'fresh') return `${age}; replace it within ${days(leftDays)} (${cls}).`
  if (state === 'due') return `${age} and should be replaced within ${days(leftDays)}.`
  return leftDays === 0
    ? `${age} and should be replaced today.`
    : `${age} and should have been replaced ${days(-leftDays)} ago.`
}

const days = (count: number): string => `${count} day${count === 1 ? '' : 's'}`
const DAY_MS = 86_400_000
