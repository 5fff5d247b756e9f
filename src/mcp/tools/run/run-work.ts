import type { Audit } from '../../../audit/audit.ts'
import type { AuditEvent } from '../../../audit/event.ts'
import type { RateProfile } from '../../../crypto/restrictions.ts'
import type { CallSignal } from '../../../kernel/call-signal.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import { oncePer } from '../../../kernel/once-per.ts'
import { err, type Result } from '../../../kernel/result.ts'
import { AnswerAge } from '../../../maximo/answer-age.ts'
import { StoreUnavailable } from '../../../kernel/store/contract.ts'
import type { MaximoClient } from '../../../maximo/contract.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import type { Urgency } from '../../../maximo/http/bulkhead.ts'
import type { Admission } from '../../admission/admission.ts'
import type { Admitted, MaximoAccess } from '../../admission/admitted.ts'
import type { Demand } from '../../admission/demand.ts'
import type { Refusal } from '../../admission/refusal.ts'
import type { ToolAccess } from '../access/tool-access.ts'
import type { Changes } from '../../changes/changes.ts'
import type { Exports } from '../../exports/exports.ts'
import type { Asking } from './asking.ts'
import type { MaximoClients } from './clients.ts'
import type { Cursors } from './cursors.ts'
import { DEADLINE, faultProblem, INTERNAL, ruleProblem, STORE_SILENT } from '../problem/fault-problem.ts'
import type { OwnRecords } from '../own/own-records.ts'
import { guardFor, type FieldGuard } from '../fields/guard-for.ts'
import { ObjectRefused } from './guarded-maximo.ts'
import { demandOf } from '../access/policy.ts'
import { UNTOLD, type Progress } from './progress.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext, ToolFacts } from '../tool.ts'
import { workEvent } from './work-event.ts'

/** What work needs besides its caller. */
export interface WorkRunner {
  readonly admission: Admission
  readonly audit: Pick<Audit, 'write'>
  readonly clients: MaximoClients
  readonly cursors: Cursors
  readonly changes: Changes
  readonly exports: Exports
  readonly clock: Clock
  readonly log: Log
  readonly own: OwnRecords
  /** What callers do not see of records; absent: everybody sees everything that Maximo shows. */
  readonly fields?: FieldGuard | undefined
}

/** Something done for a caller: a tool that is called, a resource that is read, a value that is completed. */
export interface Work<Answer extends Counted> {
  /** The method of MCP that asked for it. */
  readonly action: 'tools/call' | 'resources/read' | 'completion/complete'
  /** Scopes, limits, quota and records go by these. */
  readonly tool: ToolFacts
  readonly args: unknown
  /** The arguments are checked; what is left is to run. */
  readonly prepared: Result<Run<Answer>, ToolProblem>
  readonly access: ToolAccess
  readonly asking: Asking
  /** Absent: nobody asked how far the work is. */
  readonly progress?: Progress | undefined
  /** Aborted with {@link CallEnded} when the client is gone or the call took too long. */
  readonly signal: CallSignal
}

export interface Counted {
  /** Records in the answer, for the audit log. */
  readonly recordCount: number
}

type Run<Answer> = (context: ToolContext) => Promise<Result<Answer, ToolProblem>>

/** Why a call was stopped from outside. */
export class CallEnded extends Error {
  override readonly name = 'CallEnded'
  readonly by: 'client' | 'deadline'

  constructor(by: 'client' | 'deadline') {
    super(`The call was ended by the ${by}.`)
    this.by = by
  }
}

export type WorkOutcome<Answer> =
  | { readonly kind: 'done'; readonly result: Result<Answer, ToolProblem> }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nobody is there to read an answer. */
  | { readonly kind: 'abandoned' }

/**
 * One piece of work, whole: admission (the one store call), the work, its audit record, the end of the lease. When it
 * returns `done`, the record is on disk. Never throws: what is broken becomes a refusal or a problem, and the cause goes
 * to the log.
 */
export async function runWork<Answer extends Counted>(
  work: Work<Answer>,
  runner: WorkRunner,
): Promise<WorkOutcome<Answer>> {
  const startedMs = runner.clock.monotonicMs()
  const { prepared } = work
  // Arguments that cannot work cost a message, not a lease and not quota; a revoked token is refused all the same, and
  // admission writes the record.
  const demand = prepared.ok ? demandFor(work) : { kind: 'message' as const, method: work.action }
  const admitted = await runner.admission.admit(work.access.caller, demand)
  if (!admitted.ok) return { kind: 'refused', refusal: admitted.error }

  const pass = admitted.value
  if (!prepared.ok) {
    await pass.release()
    return outcomeOf(work, prepared)
  }
  const result = await perform(prepared.value, work, pass, runner)
  const durationMs = runner.clock.monotonicMs() - startedMs
  const event = workEvent({
    work,
    host: hostOf(pass.maximo),
    result,
    durationMs,
    abandoned: isAbandoned(work.signal),
  })
  const [isRecorded] = await Promise.all([record(event, runner), pass.release()])
  return isRecorded ? outcomeOf(work, result) : { kind: 'refused', refusal: NOT_RECORDED }
}

function demandFor({ action, tool, args }: AnyWork): Demand {
  const demand = demandOf(tool, args)
  return action === 'tools/call' ? demand : { ...demand, method: action }
}

/** What nobody can look up later is not done for anybody (design §9). */
const NOT_RECORDED: Refusal = { reason: 'unavailable', why: 'audit_silent', retryAfterS: 5 }

const outcomeOf = <Answer extends Counted>(
  { signal }: Work<Answer>,
  result: Result<Answer, ToolProblem>,
): WorkOutcome<Answer> => (isAbandoned(signal) ? { kind: 'abandoned' } : { kind: 'done', result })

/** What is looked at of any work, whatever it answers. */
type AnyWork = Pick<Work<Counted>, 'access' | 'action' | 'args' | 'asking' | 'progress' | 'signal' | 'tool'>

async function perform<Answer>(
  run: Run<Answer>,
  work: AnyWork,
  pass: Admitted,
  runner: WorkRunner,
): Promise<Result<Answer, ToolProblem>> {
  try {
    return await run(contextOf(work, pass, runner))
  } catch (error) {
    return err(problemOf(error, work, runner))
  }
}

function contextOf(work: AnyWork, pass: Admitted, runner: WorkRunner): ToolContext {
  return {
    admitted: pass,
    environment: { id: pass.caller.facts.environment, host: hostOf(pass.maximo) },
    maximo: maximoOf(pass, runner),
    call: {
      signal: work.signal,
      correlationId: pass.caller.request.correlationId,
      traceparent: pass.caller.request.traceparent,
      urgency: URGENCY[pass.caller.facts.profile],
      // What is about to be changed is read as it is now.
      ...(work.tool.effect === 'read' && { age: new AnswerAge() }),
    },
    cursors: runner.cursors,
    clock: runner.clock,
    own: runner.own,
    access: work.access,
    changes: runner.changes,
    exports: runner.exports,
    asking: work.asking,
    progress: work.progress ?? UNTOLD,
  }
}

/** The profile that the owner chose for the grant says who waits for its answers. */
const URGENCY: Readonly<Record<RateProfile, Urgency>> = {
  interactive: 'person',
  webhook: 'program',
  sync: 'program',
  reporting: 'batch',
  batch: 'batch',
}

const maximoOf = (pass: Admitted, { clients, fields }: WorkRunner): MaximoClient =>
  guardFor(clients.of(pass.maximo), pass.caller.facts, fields)

function problemOf(error: unknown, work: AnyWork, runner: WorkRunner): ToolProblem {
  if (work.signal.aborted) return DEADLINE
  const fields = { tool: work.tool.name, correlationId: work.access.caller.request.correlationId }
  if (error instanceof ObjectRefused) return ruleProblem(error)
  if (error instanceof MaximoFault) {
    const { kind, code, detail, httpStatus, objectStructure } = error
    runner.log.warn(
      { ...fields, fault: { kind, reasonCode: code, detail, httpStatus, objectStructure } },
      'maximo.fault',
    )
    return faultProblem(error)
  }
  if (error instanceof StoreUnavailable) {
    runner.log.warn({ ...fields, err: error }, 'tool.store_silent')
    return STORE_SILENT
  }
  runner.log.error({ ...fields, err: error }, 'tool.broken')
  return INTERNAL
}

async function record(event: AuditEvent, runner: WorkRunner): Promise<boolean> {
  try {
    await runner.audit.write(event)
    return true
  } catch (error) {
    runner.log.error({ err: error, correlationId: event.correlationId }, 'audit.silent')
    return false
  }
}

const isAbandoned = (signal: CallSignal): boolean =>
  signal.aborted && signal.reason instanceof CallEnded && signal.reason.by === 'client'

const hostOf = oncePer(({ baseUrl }: MaximoAccess): string => new URL(baseUrl).host)
