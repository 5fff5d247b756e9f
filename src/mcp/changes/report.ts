import { doubtfulRecord, type BegunChange, type ChangeStep } from '../records/changes.ts'
import type { Plan, PlannedRecord } from './plan.ts'
import type { RecordResult } from './committing/write-record.ts'

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
  const isTogether = plan.together === true && doubtful !== null
  const records = plan.records.map((planned, index) => {
    const untold: RecordOutcome = isWriting ? 'writing' : 'unknown'
    const step = change.steps.get(index)
    return reportedRecord(planned, {
      step,
      result: results[index] ?? null,
      // Of one request for all, all are as doubtful as the first.
      outcome: step?.outcome ?? (index === doubtful || isTogether ? untold : 'not_attempted'),
    })
  })
  return { change, plan, records, state: stateOf(records.map(({ outcome }) => outcome)) }
}

interface Known {
  readonly step: ChangeStep | undefined
  readonly result: RecordResult | null
  readonly outcome: RecordOutcome
}

/** The sentence of an attempt holds only for what that attempt saw. */
function reportedRecord(planned: PlannedRecord, { step, result, outcome }: Known): ReportedRecord {
  const made = step?.made?.label ?? ''
  const seen = result?.outcome === outcome ? result : NOTHING_SEEN
  const { sentence, now, warnings } = seen
  return {
    label: made === '' ? planned.label : made,
    outcome,
    why: step?.why ?? null,
    sentence,
    now,
    warnings,
  }
}

const NOTHING_SEEN = { sentence: null, now: null, warnings: [] }

function stateOf(outcomes: readonly RecordOutcome[]): ChangeState {
  for (const telling of ['writing', 'unknown', 'unclear'] as const)
    if (outcomes.includes(telling)) return telling
  const written = outcomes.filter((outcome) => outcome === 'written').length
  if (written === outcomes.length) return 'written'
  return written === 0 ? 'not_written' : 'partly_written'
}
