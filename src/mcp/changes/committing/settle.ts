import type { Audit } from '../../../audit/audit.ts'
import type { AuditEvent } from '../../../audit/event.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import type { MaximoCall, MaximoClient } from '../../../maximo/contract.ts'
import { Turns } from '../../../kernel/turns.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { doubtfulRecord, type BegunChange } from '../../records/changes.ts'
import type { Records } from '../../records/records.ts'
import { lookFor, type Seen } from './look.ts'
import { marked, markOf, type Plan, type PlannedRecord } from '../plan.ts'
import { writeEvent } from './write-event.ts'

export interface SettleDeps {
  readonly records: Pick<Records, 'record' | 'ledger'>
  readonly audit: Pick<Audit, 'write'>
  readonly clock: Clock
  readonly log: Log
}

interface Doubtful {
  readonly change: BegunChange
  readonly plan: Plan
}

interface Looking {
  /** What became of it does not hang on who asks: past hidden fields a look would end as unclear, for ever. */
  readonly client: MaximoClient
  readonly call: MaximoCall
}

/** Looks at one change one look at a time: of several who ask at once, one writes down what was seen. */
export class Settler {
  readonly #turns = new Turns()
  readonly #deps: SettleDeps

  constructor(deps: SettleDeps) {
    this.#deps = deps
  }

  settle({ change, plan }: Doubtful, looking: Looking): Promise<void> {
    const { changes } = this.#deps.records.ledger
    return this.#turns.run(change.id, () =>
      settle({ change: changes.find(change.id) ?? change, plan }, looking, this.#deps),
    )
  }
}

/**
 * Finds out by looking what became of the records of a change that nobody knows about, and writes it down: one, or all of
 * a single request. Nothing is sent again, whatever it finds. What cannot be told yet stays as it is, for the next time.
 */
async function settle({ change, plan }: Doubtful, looking: Looking, deps: SettleDeps): Promise<void> {
  for (;;) {
    const current = deps.records.ledger.changes.find(change.id) ?? change
    const index = doubtfulRecord(current)
    const isTold = index !== null && (await settleOne({ change: current, plan }, index, looking, deps))
    if (!isTold) return
  }
}

/** @returns whether it was written down */
async function settleOne(
  { change, plan }: Doubtful,
  index: number,
  looking: Looking,
  { records, audit, clock, log }: SettleDeps,
): Promise<boolean> {
  const planned = plannedNow(plan, index, change)
  if (planned === null) return false
  const seen = await lookNow(
    () => lookFor(marked(planned, plan.id), { ...looking, mark: markOf(plan.id) }),
    log,
  )
  const outcome = seen === null ? null : outcomeOf(seen.verdict, clock.nowMs() - change.begunMs)
  if (seen === null || outcome === null) return false
  const made = seen.made === undefined ? {} : { made: seen.made }
  await records.record('change.step', { id: change.id, index, outcome, why: 'looked', ...made })
  if (!change.isEnded) await records.record('change.ended', { id: change.id })
  await audit.write({ ...eventOf(planned, plan, looking.call), ...audited(outcome) })
  return true
}

/** With the row stamp that the write before it left, where it followed one on the same record. */
function plannedNow({ records }: Plan, index: number, { steps }: BegunChange): PlannedRecord | null {
  const planned = records[index]
  if (planned === undefined) return null
  const stamp = planned.follows === undefined ? undefined : steps.get(planned.follows)?.stamp
  return stamp === undefined || planned.at === null
    ? planned
    : { ...planned, at: { ...planned.at, rowstamp: stamp } }
}

/** The outcome that was owed since the intent. */
const eventOf = (planned: PlannedRecord, plan: Plan, call: MaximoCall): Omit<AuditEvent, 'outcome'> => ({
  ...writeEvent(planned, plan),
  authMethod: null,
  queryParams: { change: plan.id },
  sourceIP: null,
  correlationId: call.correlationId,
})

const audited = (outcome: 'written' | 'not_written' | 'unclear'): Pick<AuditEvent, 'outcome' | 'reason'> => ({
  outcome: outcome === 'written' ? 'success' : outcome === 'not_written' ? 'refused' : 'failed',
  reason: `looked_${outcome}`,
})

/** What is not there yet may still be on its way through Maximo: only later is it certain that it never comes. */
function outcomeOf(verdict: Seen['verdict'], ageMs: number): 'written' | 'not_written' | 'unclear' | null {
  switch (verdict) {
    case 'written':
      return 'written'
    case 'unclear':
      return 'unclear'
    case 'absent':
      return ageMs < ON_ITS_WAY_MS ? null : 'not_written'
  }
}

async function lookNow(look: () => Promise<Seen>, log: Log): Promise<Seen | null> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof MaximoFault)) throw error
    log.warn({ fault: error.kind }, 'change: Maximo cannot be looked at now; the outcome stays unknown')
    return null
  }
}

/** Maximo and its web server give up on a request well before this. */
const ON_ITS_WAY_MS = 120_000
