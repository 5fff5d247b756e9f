import type { BegunChange } from '../records/changes.ts'
import { doubtfulRecord } from '../records/changes.ts'
import type { Plan } from './plan.ts'
import type { RecordResult } from './write-record.ts'

/** `not_attempted`: one before it was not written, so it was not sent. `writing`: it is being sent. */
export type RecordOutcome = RecordResult['outcome'] | 'not_attempted' | 'writing'

export interface ReportedRecord {
  readonly label: string
  readonly outcome: RecordOutcome
  readonly why: string | null
  readonly sentence: string | null
  readonly now: RecordResult['now']
  readonly warnings: readonly string[]
}

export type ChangeState = 'written' | 'partly_written' | 'not_written' | 'unknown' | 'unclear' | 'writing'

/** A change that was begun, record by record. */
export interface ChangeReport {
  readonly change: BegunChange
  readonly plan: Plan
  readonly state: ChangeState
  readonly records: readonly ReportedRecord[]
}

/** @param results of this very attempt, where there is one: the ledger keeps less of them */
export function reportOf(
  change: BegunChange,
  plan: Plan,
  {
    results = [],
    isWriting = false,
  }: { readonly results?: readonly RecordResult[]; readonly isWriting?: boolean } = {},
): ChangeReport {
  const doubtful = doubtfulRecord(change)
  const records = plan.records.map((planned, index) => {
    const step = change.steps.get(index)
    const result = results[index]
    const untold: RecordOutcome = index === doubtful ? (isWriting ? 'writing' : 'unknown') : 'not_attempted'
    return {
      label: step?.made === undefined || step.made.label === '' ? planned.label : step.made.label,
      outcome: step?.outcome ?? untold,
      why: step?.why ?? null,
      sentence: step !== undefined && result?.outcome === step.outcome ? result.sentence : null,
      now: result?.now ?? null,
      warnings: result?.warnings ?? [],
    }
  })
  return { change, plan, records, state: stateOf(records.map(({ outcome }) => outcome)) }
}

function stateOf(outcomes: readonly RecordOutcome[]): ChangeState {
  for (const telling of ['writing', 'unknown', 'unclear'] as const)
    if (outcomes.includes(telling)) return telling
  const written = outcomes.filter((outcome) => outcome === 'written').length
  if (written === outcomes.length) return 'written'
  return written === 0 ? 'not_written' : 'partly_written'
}
