import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import { CallController } from '../../kernel/call-signal.ts'
import type { Log } from '../../kernel/log.ts'
import type { MaximoWriter } from '../../maximo/write/contract.ts'
import { authMethodOf } from '../admission/caller.ts'
import type { Records } from '../records/records.ts'
import type { SealedBox } from '../sealed-box.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { Approval } from './approval.ts'
import { digestOf, type Plan, type PlannedRecord } from './plan.ts'
import { writeEvent } from './write-event.ts'
import { writeRecord, type RecordResult } from './write-record.ts'

export interface CarryOutDeps {
  readonly records: Pick<Records, 'record'>
  readonly audit: Pick<Audit, 'write'>
  /** Seals the plan for the journal. */
  readonly box: SealedBox
  readonly log: Log
}

/** A plan that was agreed to and claimed: whoever holds it is the only one that may send it. */
export interface Claimed {
  readonly plan: Plan
  readonly approval: Approval
  readonly writer: MaximoWriter
  readonly context: ToolContext
}

/** The journal or the audit log did not take the intent: nothing was sent. */
export class IntentNotRecorded extends Error {
  override readonly name = 'IntentNotRecorded'
}

/**
 * Sends a claimed plan, record by record, each once. Intent is on disk before the first request and each outcome before
 * the next one; it stops at the first record that was not written. It goes on when the client is gone.
 *
 * @throws IntentNotRecorded
 */
export async function carryOut(claimed: Claimed, deps: CarryOutDeps): Promise<readonly RecordResult[]> {
  await recordIntent(claimed, deps)
  const signal = new CallController()
  const timer = setTimeout(() => signal.abort(new Error('the time for this change is over')), WHOLE_MS)
  try {
    return await writeAll(claimed, signal, deps)
  } finally {
    clearTimeout(timer)
  }
}

async function writeAll(
  { plan, writer, context }: Claimed,
  signal: CallController,
  deps: CarryOutDeps,
): Promise<readonly RecordResult[]> {
  const results: RecordResult[] = []
  for (const [index, planned] of plan.records.entries()) {
    const startedMs = context.clock.monotonicMs()
    const call = { ...context.call, signal, key: `${plan.id}-${index}` }
    const result = await writeRecord(planned, writer, call)
    results.push(result)
    const step = { id: plan.id, index, outcome: result.outcome }
    await deps.records.record('change.step', {
      ...step,
      ...(result.why === undefined ? {} : { why: result.why }),
      ...(result.made === undefined ? {} : { made: result.made }),
    })
    const durationMs = Math.round(context.clock.monotonicMs() - startedMs)
    await deps.audit.write({
      ...eventOf(planned, plan, context),
      ...outcomeOf(result),
      duration_ms: durationMs,
    })
    if (result.outcome !== 'written') break
  }
  await deps.records.record('change.ended', { id: plan.id })
  // Every intent gets an outcome, also those that came behind one that failed.
  for (const planned of plan.records.slice(results.length))
    await deps.audit.write({ ...eventOf(planned, plan, context), ...NOT_ATTEMPTED })
  return results
}

async function recordIntent({ plan, approval, context }: Claimed, deps: CarryOutDeps): Promise<void> {
  try {
    for (const planned of plan.records)
      await deps.audit.write({
        ...eventOf(planned, plan, context),
        outcome: 'intent',
        reason: `approved_by_${approval.by}`,
      })
    const { id, sub, gid, env, tool, risk } = plan
    await deps.records.record('change.begun', {
      ...{ id, sub, gid, env, tool, risk, approval, digest: digestOf(plan) },
      ...{ records: plan.records.length, plan: await deps.box.seal(plan) },
    })
  } catch (error) {
    deps.log.error(
      { err: error, correlationId: context.call.correlationId },
      'change: the intent was not recorded',
    )
    throw new IntentNotRecorded('the intent was not recorded', { cause: error })
  }
}

function eventOf(planned: PlannedRecord, plan: Plan, { admitted }: ToolContext): Omit<AuditEvent, 'outcome'> {
  const { facts, request } = admitted.caller
  return {
    ...writeEvent(planned, plan),
    authMethod: authMethodOf(facts),
    queryParams: { change: plan.id, reason: plan.reason, ...planned.wanted },
    sourceIP: request.address,
    userAgent: request.userAgent,
    correlationId: request.correlationId,
    ...{ tokenId: facts.tokenId, tool: 'commit_change' },
  }
}

const outcomeOf = ({
  outcome,
  why,
}: RecordResult): Pick<AuditEvent, 'outcome' | 'reason' | 'recordCount'> => ({
  outcome: outcome === 'written' ? 'success' : outcome === 'not_written' ? 'refused' : 'failed',
  // Why it is unknown stands in the journal; what counts here is that it may have been done.
  reason: outcome === 'unknown' ? 'outcome_unknown' : (why ?? outcome),
  recordCount: outcome === 'written' ? 1 : 0,
})

const NOT_ATTEMPTED = { outcome: 'refused', reason: 'not_attempted', recordCount: 0 } as const

/** Longer than one request of the client may last; what is not sent by then is not sent. */
const WHOLE_MS = 45_000
