import type { FastifyRequest } from 'fastify'
import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import type { Reason } from '../../crypto/reason.ts'
import type { OpenedToken } from '../../crypto/token-open.ts'
import { atOnce } from '../../kernel/at-once.ts'
import { DiskUnavailable } from '../../kernel/disk.ts'
import type { FailureLimiter } from '../../kernel/failure-limiter.ts'
import type { Log } from '../../kernel/log.ts'
import { rateLimitFields, type ServiceLimit } from '../../kernel/rate-limit-fields.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { GrantUses } from '../records/grant-uses.ts'
import type { Admission } from './admission.ts'
import { admit, type AdmitDeps } from './admit.ts'
import type { Admitted } from './admitted.ts'
import { answerRefusal } from './answer-refusal.ts'
import type { Caller } from './caller.ts'
import type { Demand, Door } from './demand.ts'
import { identify, requestFacts, type IdentifyDeps } from './identify.ts'
import type { ProveRefusal } from './prove-token.ts'
import type { Refusal } from './refusal.ts'
import { messageEvent, refusalEvent } from './refusal-event.ts'

export interface AdmissionDeps extends IdentifyDeps, AdmitDeps {
  readonly audit: Audit
  readonly log: Log
  /** Bounds the records that somebody without any proof can cause; the last of a burst says that there are more. */
  readonly strangers: FailureLimiter
  /** Hears of every use of an automation grant. */
  readonly uses: Pick<GrantUses, 'note'>
}

/** Joins the guards and writes what they decide to the audit log before anybody is answered. */
export function openAdmission(deps: AdmissionDeps): Admission {
  // Nothing in it may lead to the caller: V8's young collections take what stands in a `WeakMap` for alive.
  const known = new WeakMap<Caller, { readonly token: OpenedToken; limits: readonly ServiceLimit[] | null }>()
  return {
    identify: (request, door) =>
      atOnce(identify(request, door, deps), (identified) => {
        if (!identified.ok) return recordUnidentified(identified.error, { request, door, deps })
        const { caller, token } = identified.value
        known.set(caller, { token, limits: null })
        return ok(caller)
      }),
    admit: async (caller, demand) => {
      const its = known.get(caller)
      if (its === undefined) throw new Error('admission: a caller that this admission never identified')
      const outcome = await admit(caller, demand, its.token, deps)
      if (outcome.ok) its.limits = outcome.value.limits
      return recordAdmission(caller, demand, outcome, deps)
    },
    limitFields: (caller) => {
      const limits = known.get(caller)?.limits ?? null
      return limits === null ? null : rateLimitFields(limits)
    },
    answer: (reply, refusal, refused) =>
      answerRefusal(reply, refusal, { ...refused, publicUrl: deps.origins.publicUrl }),
  }
}

interface Attempt {
  readonly request: FastifyRequest
  readonly door: Door
  readonly deps: AdmissionDeps
}

function recordUnidentified(
  { tokenId, ...refusal }: ProveRefusal,
  { request, door, deps }: Attempt,
): Result<never, Refusal> | Promise<Result<never, Refusal>> {
  alarmOnMismatch(refusal, { tokenId, request: request.id, log: deps.log })
  if (request.headers.authorization === undefined) return err(refusal)
  const event = refusalEvent({
    ...{ refusal, request: requestFacts(request), door },
    ...(tokenId === undefined ? {} : { tokenId }),
  })
  if (isWorthRecording(request, tokenId, deps.strangers)) return recorded(event, err(refusal), deps)
  deps.audit.overlook?.(event)
  return err(refusal)
}

/** An attempt is a credential that was shown. Of those that prove nothing, a flood from one address is a few records. */
const isWorthRecording = (
  request: FastifyRequest,
  tokenId: string | undefined,
  strangers: FailureLimiter,
): boolean => tokenId !== undefined || strangers.isWorthRecording(request.ip)

/**
 * A token that the portal signed beyond what this server attested: the portal has a bug, or somebody else has its keys.
 */
function alarmOnMismatch(
  refusal: Refusal,
  {
    tokenId,
    request,
    log,
  }: { readonly tokenId: string | undefined; readonly request: string; readonly log: Log },
): void {
  if (refusal.reason !== 'token_invalid' || refusal.fault.kind !== 'unreadable') return
  const { detail } = refusal.fault
  if (!RECEIPT_MISMATCHES.has(detail)) return
  log.error({ event: 'receipt.mismatch', reason: detail, tokenId, correlationId: request })
}

const RECEIPT_MISMATCHES: ReadonlySet<string> = new Set<Reason>([
  'kind_mismatch',
  'receipt_refused',
  'grant_mismatch',
  'scope_too_wide',
  'expiry_beyond_receipt',
  'issued_before_grant',
  'token_id_mismatch',
])

async function recordAdmission(
  caller: Caller,
  demand: Demand,
  outcome: Result<Admitted, Refusal>,
  deps: AdmissionDeps,
): Promise<Result<Admitted, Refusal>> {
  if (!outcome.ok) {
    const attempt = { refusal: outcome.error, request: caller.request, caller, demand }
    return recorded(refusalEvent(attempt), outcome, deps)
  }
  noteUse(caller, demand, deps)
  // The tool runner writes the one record of a tool call, when its outcome is known.
  if (demand.kind === 'tool') return outcome
  return recorded(messageEvent(caller, demand.method), outcome, deps)
}

function noteUse(caller: Caller, demand: Demand, { uses }: AdmissionDeps): void {
  const { facts, request } = caller
  if (facts.kind !== 'ci') return
  const tool = demand.kind === 'tool' ? demand.tool : demand.method
  uses.note({ gid: facts.grantId, address: request.address, client: request.userAgent, tool })
}

/** What cannot be recorded is not decided: `503`, whatever the decision was. */
async function recorded<T extends Result<unknown, Refusal>>(
  event: AuditEvent,
  outcome: T,
  { audit, log }: AdmissionDeps,
): Promise<T | { readonly ok: false; readonly error: Refusal }> {
  try {
    await audit.write(event)
    return outcome
  } catch (error) {
    if (!(error instanceof DiskUnavailable)) throw error
    log.error({ err: error }, 'audit: cannot write')
    return err({ reason: 'unavailable', why: 'audit_silent', retryAfterS: 5 })
  }
}
