import type { Audit } from '../../../audit/audit.ts'
import type { AuditEvent } from '../../../audit/event.ts'
import { CallController } from '../../../kernel/call-signal.ts'
import type { Log } from '../../../kernel/log.ts'
import type { MaximoWriter } from '../../../maximo/write/contract.ts'
import { authMethodOf } from '../../admission/caller.ts'
import type { ChangeStep } from '../../records/changes.ts'
import type { Records } from '../../records/records.ts'
import type { SealedBox } from '../../sealed-box.ts'
import type { ToolContext } from '../../tools/tool.ts'
import type { Approval } from '../approval.ts'
import { digestOf, type Plan, type PlannedRecord } from '../plan.ts'
import { sendInTurn, sendTogether } from './send-records.ts'
import { sealQuestion } from './asked-question.ts'
import { writeEvent } from './write-event.ts'
import type { RecordResult } from './write-record.ts'

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
  let startedMs = context.clock.monotonicMs()
  const onResult = async (result: RecordResult, index: number): Promise<void> => {
    await deps.records.record('change.step', await stepOf(result, { plan, index }, deps))
    const planned = plan.records[index]
    const nowMs = context.clock.monotonicMs()
    const spent = { duration_ms: Math.round(nowMs - startedMs) }
    startedMs = nowMs
    if (planned !== undefined)
      await deps.audit.write({ ...eventOf(planned, plan, context), ...outcomeOf(result), ...spent })
  }
  const send = plan.together === true ? sendTogether : sendInTurn
  const results = await send({ plan, writer, call: { ...context.call, signal }, onResult })
  await deps.records.record('change.ended', { id: plan.id })
  // Every intent gets an outcome, also those that came behind one that failed.
  for (const planned of plan.records.slice(results.length))
    await deps.audit.write({ ...eventOf(planned, plan, context), ...NOT_ATTEMPTED })
  return results
}

/** What the journal keeps of a result: enough to go on, or to ask a person, after a kill. */
async function stepOf(
  { outcome, why, made, stamp, question }: RecordResult,
  { plan, index }: { readonly plan: Plan; readonly index: number },
  { box }: Pick<CarryOutDeps, 'box'>,
): Promise<ChangeStep> {
  const isFollowed = plan.records.some(({ follows }) => follows === index)
  return {
    ...{ id: plan.id, index, outcome },
    ...(why !== undefined && { why }),
    ...(made !== undefined && { made }),
    ...(isFollowed && stamp !== null && { stamp }),
    ...(question !== null && { asked: await sealQuestion(question, plan.id, box) }),
  }
}

async function recordIntent({ plan, approval, context }: Claimed, deps: CarryOutDeps): Promise<void> {
  const intended: PlannedRecord[] = []
  try {
    for (const planned of plan.records) {
      intended.push(planned)
      await deps.audit.write({
        ...eventOf(planned, plan, context),
        outcome: 'intent',
        reason: `approved_by_${approval.by}`,
      })
    }
    const { id, sub, gid, env, tool, risk } = plan
    await deps.records.record('change.begun', {
      ...{ id, sub, gid, env, tool, risk, approval, digest: digestOf(plan) },
      ...{ records: plan.records.length, plan: await deps.box.seal(plan) },
      ...(plan.together === true && { together: true }),
    })
  } catch (error) {
    deps.log.error(
      { err: error, correlationId: context.call.correlationId },
      'change: the intent was not recorded',
    )
    await endIntents(intended, { plan, context }, deps)
    throw new IntentNotRecorded('the intent was not recorded', { cause: error })
  }
}

/** Nothing was sent of what the audit log may call intended: it says so, where it still can. */
async function endIntents(
  intended: readonly PlannedRecord[],
  { plan, context }: Pick<Claimed, 'plan' | 'context'>,
  { audit, log }: CarryOutDeps,
): Promise<void> {
  const events = intended.map((planned) => ({ ...eventOf(planned, plan, context), ...NOT_SENT }))
  const written = await Promise.allSettled(events.map((event) => audit.write(event)))
  for (const { reason } of written.filter((one) => one.status === 'rejected'))
    log.error({ err: reason, change: plan.id }, 'change: the audit log has an intent without an outcome')
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

const NOT_SENT = { outcome: 'refused', reason: 'intent_not_recorded', recordCount: 0 } as const
const NOT_ATTEMPTED = { outcome: 'refused', reason: 'not_attempted', recordCount: 0 } as const

/** Longer than one request of the client may last; what is not sent by then is not sent. */
const WHOLE_MS = 45_000
