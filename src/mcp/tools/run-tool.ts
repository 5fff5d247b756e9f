import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import type { RateProfile } from '../../crypto/restrictions.ts'
import type { CallSignal } from '../../kernel/call-signal.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { oncePer } from '../../kernel/once-per.ts'
import { err, type Result } from '../../kernel/result.ts'
import { AnswerAge } from '../../maximo/answer-age.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import type { MaximoClient } from '../../maximo/contract.ts'
import { MaximoFault } from '../../maximo/fault.ts'
import type { Urgency } from '../../maximo/http/bulkhead.ts'
import type { Admission } from '../admission/admission.ts'
import type { Admitted, MaximoAccess } from '../admission/admitted.ts'
import type { Refusal } from '../admission/refusal.ts'
import type { ToolAccess } from './access/tool-access.ts'
import type { Changes } from '../changes/changes.ts'
import type { Asking, Elicitation } from './asking.ts'
import { callEvent } from './call-event.ts'
import type { MaximoClients } from './clients.ts'
import type { Cursors } from './cursors.ts'
import { DEADLINE, faultProblem, INTERNAL, ruleProblem, STORE_SILENT } from './fault-problem.ts'
import type { OwnRecords } from './own/own-records.ts'
import { guardFor, type FieldGuard } from './fields/guard-for.ts'
import { ObjectRefused } from './guarded-maximo.ts'
import { demandOf } from './policy.ts'
import { problemText, type ToolProblem } from './tool-problem.ts'
import type { Tool, ToolAnswer, ToolContext, ToolRun } from './tool.ts'

export interface ToolRunner {
  readonly admission: Admission
  readonly audit: Pick<Audit, 'write'>
  readonly clients: MaximoClients
  readonly cursors: Cursors
  readonly changes: Changes
  readonly clock: Clock
  readonly log: Log
  readonly own: OwnRecords
  /** What callers do not see of records; absent: everybody sees everything that Maximo shows. */
  readonly fields?: FieldGuard | undefined
}

export interface ToolCall {
  readonly tool: Tool
  readonly args: unknown
  readonly access: ToolAccess
  readonly asking: Asking
  /** Aborted with {@link CallEnded} when the client is gone or the call took too long. */
  readonly signal: CallSignal
}

/** Why a call was stopped from outside. */
export class CallEnded extends Error {
  override readonly name = 'CallEnded'
  readonly by: 'client' | 'deadline'

  constructor(by: 'client' | 'deadline') {
    super(`The call was ended by the ${by}.`)
    this.by = by
  }
}

export type CallOutcome =
  | { readonly kind: 'answered'; readonly text: string; readonly isError: boolean }
  /** The person at the client is asked; the call is made again with the answer. */
  | { readonly kind: 'asks'; readonly ask: Elicitation }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nobody is there to read an answer. */
  | { readonly kind: 'abandoned' }

/**
 * One tool call, whole: arguments, admission (the one store call), the work, its audit record, the end of the lease.
 * When it returns `answered`, the record is on disk. Never throws: what is broken becomes a refusal or an error text
 * with an id, and the cause goes to the log.
 */
export async function runTool(call: ToolCall, runner: ToolRunner): Promise<CallOutcome> {
  const startedMs = runner.clock.monotonicMs()
  const prepared = call.tool.prepare(call.args)
  // Arguments that cannot work cost a message, not a lease and not quota; a revoked token is refused all the same, and
  // admission writes the record.
  const demand = prepared.ok
    ? demandOf(call.tool, call.args)
    : { kind: 'message' as const, method: 'tools/call' }
  const admitted = await runner.admission.admit(call.access.caller, demand)
  if (!admitted.ok) return { kind: 'refused', refusal: admitted.error }

  const pass = admitted.value
  if (!prepared.ok) {
    await pass.release()
    return outcomeOf(call, prepared)
  }
  const result = await perform(prepared.value, call, pass, runner)
  const durationMs = runner.clock.monotonicMs() - startedMs
  const event = callEvent({
    call,
    host: hostOf(pass.maximo),
    result,
    durationMs,
    abandoned: isAbandoned(call.signal),
  })
  const [isRecorded] = await Promise.all([record(event, runner), pass.release()])
  return isRecorded ? outcomeOf(call, result) : { kind: 'refused', refusal: NOT_RECORDED }
}

/** What nobody can look up later is not done for anybody (design §9). */
const NOT_RECORDED: Refusal = { reason: 'unavailable', why: 'audit_silent', retryAfterS: 5 }

function outcomeOf(call: ToolCall, result: Result<ToolAnswer, ToolProblem>): CallOutcome {
  if (isAbandoned(call.signal)) return { kind: 'abandoned' }
  if (result.ok && result.value.ask !== undefined) return { kind: 'asks', ask: result.value.ask }
  if (result.ok) return { kind: 'answered', text: result.value.text, isError: false }
  const text = problemText(result.error, call.access.caller.request.correlationId)
  return { kind: 'answered', text, isError: true }
}

async function perform(
  run: ToolRun,
  call: ToolCall,
  pass: Admitted,
  runner: ToolRunner,
): Promise<Result<ToolAnswer, ToolProblem>> {
  try {
    return await run(contextOf(call, pass, runner))
  } catch (error) {
    return err(problemOf(error, call, runner))
  }
}

function contextOf(call: ToolCall, pass: Admitted, runner: ToolRunner): ToolContext {
  return {
    admitted: pass,
    environment: { id: pass.caller.facts.environment, host: hostOf(pass.maximo) },
    maximo: maximoOf(pass, runner),
    call: {
      signal: call.signal,
      correlationId: pass.caller.request.correlationId,
      urgency: URGENCY[pass.caller.facts.profile],
      // What is about to be changed is read as it is now.
      ...(call.tool.effect === 'read' && { age: new AnswerAge() }),
    },
    cursors: runner.cursors,
    clock: runner.clock,
    own: runner.own,
    access: call.access,
    changes: runner.changes,
    asking: call.asking,
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

const maximoOf = (pass: Admitted, { clients, fields }: ToolRunner): MaximoClient =>
  guardFor(clients.of(pass.maximo), pass.caller.facts, fields)

function problemOf(error: unknown, call: ToolCall, runner: ToolRunner): ToolProblem {
  if (call.signal.aborted) return DEADLINE
  const fields = { tool: call.tool.name, correlationId: call.access.caller.request.correlationId }
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

async function record(event: AuditEvent, runner: ToolRunner): Promise<boolean> {
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
