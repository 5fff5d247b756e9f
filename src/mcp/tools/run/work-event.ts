import type { AuditEvent, AuditOutcome } from '../../../audit/event.ts'
import type { Result } from '../../../kernel/result.ts'
import { authMethodOf } from '../../admission/caller.ts'
import { isFailure } from '../problem/fault-problem.ts'
import { objectOf } from '../access/policy.ts'
import type { Counted, Work } from './run-work.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { JsonObject } from '../tool.ts'

export interface FinishedWork {
  readonly work: Pick<Work<Counted>, 'access' | 'action' | 'args' | 'tool'>
  /** Host of the Maximo environment. */
  readonly host: string
  readonly result: Result<Counted, ToolProblem>
  readonly durationMs: number
  /** The client left before the answer. */
  readonly abandoned: boolean
}

const OK = 200
/** What proxies write when the client closed the request; it was never sent. */
const CLIENT_CLOSED = 499

/** The one audit event of finished work. Arguments go in by name; the log hashes their values. */
export function workEvent({ work, host, result, durationMs, abandoned }: FinishedWork): AuditEvent {
  const { facts, request } = work.access.caller
  const args = argumentsOf(work)
  return {
    eventType: 'mcp.call',
    outcome: outcomeOf(result),
    operation: work.tool.name,
    principal: facts.subject,
    authMethod: authMethodOf(facts),
    resource: resourceOf(work, args),
    action: work.action,
    queryParams: args,
    responseCode: abandoned ? CLIENT_CLOSED : OK,
    ...(result.ok && { recordCount: result.value.recordCount }),
    sourceIP: request.address,
    duration_ms: Math.round(durationMs * 10) / 10,
    userAgent: request.userAgent,
    correlationId: request.correlationId,
    masInstance: host,
    ...(!result.ok && { reason: abandoned ? 'client_gone' : result.error.kind }),
    tokenId: facts.tokenId,
    grantId: facts.grantId,
    clientId: facts.clientId,
    environmentId: facts.environment,
    tool: work.tool.name,
  }
}

function outcomeOf(result: Result<Counted, ToolProblem>): AuditOutcome {
  if (result.ok) return 'success'
  return isFailure(result.error.kind) ? 'failed' : 'refused'
}

/** The object structure that was asked for, where the tool or its arguments name one. */
const resourceOf = ({ tool }: FinishedWork['work'], args: JsonObject): string | null =>
  objectOf(tool, args)?.slice(0, 60).toUpperCase() ?? null

/** The transport lets pass a JSON object or nothing. */
const argumentsOf = ({ args }: FinishedWork['work']): JsonObject =>
  typeof args === 'object' && args !== null ? (args as JsonObject) : {}
