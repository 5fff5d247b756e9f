import type { AuditEvent } from '../../audit/event.ts'
import { authMethodOf, type Caller, type RequestFacts } from './caller.ts'
import type { Demand, Door } from './demand.ts'
import type { Refusal, TokenFault } from './refusal.ts'

/** What is known about who was refused: the caller once proven, the token's id once its pre-tag was. */
export interface RefusedAttempt {
  readonly refusal: Refusal
  readonly request: RequestFacts
  readonly door?: Door
  readonly tokenId?: string
  readonly caller?: Caller
  readonly demand?: Demand
}

/** The audit record of an authentication attempt that ended here. Reasons are exact; none of this goes on the wire. */
export function refusalEvent(attempt: RefusedAttempt): AuditEvent {
  const { refusal, request, demand } = attempt
  return {
    eventType: 'auth.attempt',
    outcome: refusal.reason === 'unavailable' ? 'failed' : 'refused',
    operation: operationOf(demand),
    resource: attempt.door === undefined ? '/mcp' : doorPath(attempt.door),
    action: 'POST',
    responseCode: STATUS[refusal.reason],
    sourceIP: request.address,
    userAgent: request.userAgent,
    correlationId: request.correlationId,
    reason: reasonWord(refusal),
    ...(demand?.kind === 'tool' ? { tool: demand.tool } : {}),
    ...principalOf(attempt),
  }
}

/** The audit record of an admitted message that is no tool call. */
export const messageEvent = (caller: Caller, method: string): AuditEvent => ({
  eventType: 'mcp.call',
  outcome: 'success',
  operation: method,
  resource: '/mcp',
  action: 'POST',
  responseCode: null,
  sourceIP: caller.request.address,
  userAgent: caller.request.userAgent,
  correlationId: caller.request.correlationId,
  ...callerFields(caller),
})

const operationOf = (demand: Demand | undefined): string => {
  if (demand === undefined) return 'identify'
  return demand.kind === 'tool' ? (demand.method ?? 'tools/call') : demand.method
}

const doorPath = (door: Door): string => {
  if (door.kind === 'automation') return '/ci/mcp'
  return door.environment === null ? '/mcp' : `/mcp/${door.environment}`
}

function principalOf({
  caller,
  tokenId,
}: RefusedAttempt): Pick<AuditEvent, 'principal' | 'authMethod' | 'tokenId'> {
  if (caller !== undefined) return callerFields(caller)
  return { principal: null, authMethod: 'bearer', ...(tokenId === undefined ? {} : { tokenId }) }
}

/** Fields that name a proven caller in every record. */
const callerFields = ({ facts }: Caller): CallerFields => ({
  principal: facts.subject,
  authMethod: authMethodOf(facts),
  tokenId: facts.tokenId,
  grantId: facts.grantId,
  clientId: facts.clientId,
  environmentId: facts.environment,
})
type CallerFields = Pick<AuditEvent, 'principal' | 'authMethod'> &
  Required<Pick<AuditEvent, 'tokenId' | 'grantId' | 'clientId' | 'environmentId'>>

const STATUS: Record<Refusal['reason'], number> = {
  origin_refused: 403,
  host_refused: 403,
  credentials_missing: 401,
  credentials_misplaced: 400,
  token_invalid: 401,
  scope_missing: 403,
  feature_missing: 403,
  object_refused: 403,
  address_refused: 403,
  limited: 429,
  unavailable: 503,
}

function reasonWord(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'token_invalid':
      return faultWord(refusal.fault)
    case 'limited':
      return `limited_${refusal.limit}`
    case 'unavailable':
      return refusal.why
    case 'origin_refused':
    case 'host_refused':
    case 'credentials_missing':
    case 'credentials_misplaced':
    case 'scope_missing':
    case 'feature_missing':
    case 'object_refused':
    case 'address_refused':
      return refusal.reason
  }
}

function faultWord(fault: TokenFault): string {
  switch (fault.kind) {
    case 'unreadable':
      return `token_${fault.detail}`
    case 'revoked':
      return `revoked_by_${fault.by}`
    case 'expired':
    case 'unlisted':
    case 'wrong_door':
    case 'wrong_environment':
      return `token_${fault.kind}`
  }
}
