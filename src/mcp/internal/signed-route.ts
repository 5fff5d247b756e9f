import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent, AuditEventType } from '../../audit/event.ts'
import type { RefusalTally } from '../../audit/refusal-tally.ts'
import { verifyCall, type Caller, type VerifiedCall } from '../../crypto/internal-call.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { ANSWER_HEADER, signAnswer } from '../../crypto/peer-answer.ts'
import { useCall } from '../../crypto/use-call.ts'
import type { Clock } from '../../kernel/clock.ts'
import { DiskUnavailable } from '../../kernel/disk.ts'
import type { FailureLimiter } from '../../kernel/failure-limiter.ts'
import type { LoadClass } from '../../kernel/load/shedding.ts'
import type { Log } from '../../kernel/log.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable, type Store } from '../../kernel/store/contract.ts'
import { refused, unavailable, type CallRefusal } from './call-refusal.ts'

/** One entry of `crypto/internal-api.ts`. */
interface Endpoint {
  readonly path: string
  readonly ask: z.ZodType
  readonly answer: z.ZodType
}

/** What was done, and how its record names it. */
export interface Act<Answer> {
  readonly answer: Answer
  readonly event?: EventDetails
}
export type EventDetails = Partial<
  Pick<
    AuditEvent,
    | 'principal'
    | 'resource'
    | 'reason'
    | 'grantId'
    | 'clientId'
    | 'environmentId'
    | 'sessionId'
    | 'tokenId'
    | 'masInstance'
  >
>

export interface SignedRoute<E extends Endpoint> {
  readonly endpoint: E
  readonly eventType: AuditEventType
  /** Who may ask it; the portal alone without this. */
  readonly callers?: readonly Caller[]
  /** Doing it twice is doing it once: a silent store, which remembers what was used, does not hold it up. */
  readonly isRepeatable?: true
  /** What its work is, when there is too much to do; sign-ins without this, for which the portal mostly asks. */
  readonly load?: LoadClass
  /** Longest body; 16 KiB without this. */
  readonly maxBodyBytes?: number
  /** What went well is no event: servers talk among themselves all the time. */
  readonly isRoutine?: true
  /** Bounds the records of refusals that whoever talks to the portal can cause. */
  readonly strangers?: FailureLimiter
  readonly act: (
    ask: z.output<E['ask']>,
    call: VerifiedCall,
  ) => Promise<Result<Act<z.input<E['answer']>>, CallRefusal>>
}

export interface SignedRouteDeps {
  /** Our own INSTANCE_ID. */
  readonly audience: string
  readonly keys: () => McpKeys
  readonly store: Store
  readonly audit: Audit
  /** Bounds the records of calls that nobody known has signed. */
  readonly unsigned: Pick<RefusalTally, 'isWorthRecording'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Opens one path of the internal listener. The body is a JWS for this path and this server, valid for a minute, once;
 * no bearer and no cookie counts here. What was decided is in the audit log before it is answered.
 */
export function openSignedRoute<E extends Endpoint>(
  app: FastifyInstance,
  route: SignedRoute<E>,
  deps: SignedRouteDeps,
): void {
  app.post(
    route.endpoint.path,
    { bodyLimit: route.maxBodyBytes ?? MAX_BODY_BYTES, config: { load: route.load ?? 'sign_in' } },
    async (request, reply) => {
      const outcome = await guarded(() => decide(request, route, deps), deps.log)
      const written = await guarded(async () => {
        if (isWorthRecording(request, { ...route, unsigned: deps.unsigned }, outcome))
          await deps.audit.write(eventOf(request, route, outcome))
        return ok(undefined)
      }, deps.log)
      if (!written.ok) return sendRefusal(reply, written.error)
      if (!outcome.ok) return sendRefusal(reply, outcome.error)
      return sendAnswer(reply, outcome.value, { path: route.endpoint.path, ...deps })
    },
  )
}

function isWorthRecording(
  request: FastifyRequest,
  {
    strangers,
    isRoutine,
    unsigned,
  }: Pick<SignedRoute<Endpoint>, 'strangers' | 'isRoutine'> & Pick<SignedRouteDeps, 'unsigned'>,
  outcome: Outcome,
): boolean {
  if (outcome.ok) return isRoutine !== true
  if (outcome.error.kind === 'unsigned') return unsigned.isWorthRecording(request.ip)
  const isStrangers = outcome.error.kind === 'refused' && strangers !== undefined
  return !isStrangers || strangers.isWorthRecording(request.ip)
}

type Outcome = Result<Act<unknown> & { readonly call: VerifiedCall }, CallRefusal>

async function decide<E extends Endpoint>(
  request: FastifyRequest,
  route: SignedRoute<E>,
  deps: SignedRouteDeps,
): Promise<Outcome> {
  const { endpoint, act, callers = ['portal'] } = route
  const jws = typeof request.body === 'string' ? request.body : ''
  const { audience, clock } = deps
  const call = await verifyCall({ path: endpoint.path, jws, audience, callers, keys: deps.keys(), clock })
  if (!call.ok) return err({ kind: 'unsigned', code: call.error })
  const { body } = call.value
  if (!(await useCall(call.value, { isRepeatable: route.isRepeatable === true, store: deps.store })))
    return err({ kind: 'used_before', code: 'call' })
  const ask = endpoint.ask.safeParse(body)
  if (!ask.success) return err(refused('malformed'))
  // The schema is the endpoint's own, so its output is what the act was typed with.
  const done = await act(ask.data as z.output<E['ask']>, call.value)
  return done.ok ? ok({ ...done.value, call: call.value }) : done
}

/** A store or a disk that does not answer is `503`: nobody may read it as a no. */
async function guarded<T>(
  work: () => Promise<Result<T, CallRefusal>>,
  log: Log,
): Promise<Result<T, CallRefusal>> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StoreUnavailable) return err(unavailable('store_silent'))
    if (!(error instanceof DiskUnavailable)) throw error
    log.error({ err: error }, 'internal: the disk does not take records')
    return err(unavailable('disk'))
  }
}

function eventOf(request: FastifyRequest, route: SignedRoute<Endpoint>, outcome: Outcome): AuditEvent {
  const details = outcome.ok ? outcome.value.event : { reason: outcome.error.code }
  return {
    eventType: isUnproven(outcome) ? 'internal.call' : route.eventType,
    outcome: outcomeWord(outcome),
    operation: route.endpoint.path,
    principal: outcome.ok ? outcome.value.call.issuer : null,
    authMethod: 'internal_signature',
    resource: route.endpoint.path,
    action: 'POST',
    responseCode: outcome.ok ? 200 : STATUS[outcome.error.kind],
    sourceIP: request.ip,
    correlationId: request.id,
    ...details,
  }
}

const isUnproven = (outcome: Outcome): boolean =>
  !outcome.ok && (outcome.error.kind === 'unsigned' || outcome.error.code === 'call')

const outcomeWord = (outcome: Outcome): AuditEvent['outcome'] => {
  if (outcome.ok) return 'success'
  return outcome.error.kind === 'unavailable' ? 'failed' : 'refused'
}

/** A peer is told by whom it is answered: it counts on what it hears. */
async function sendAnswer(
  reply: FastifyReply,
  { answer, call }: Act<unknown> & { readonly call: VerifiedCall },
  { path, audience, keys, clock }: SignedRouteDeps & { readonly path: string },
): Promise<FastifyReply> {
  const text = JSON.stringify(answer)
  const signing = { path, text, clock, issuer: audience, keys: keys().peer }
  const signature = call.caller === 'peer' ? await signAnswer(call, signing) : null
  if (signature !== null) reply.header(ANSWER_HEADER, signature)
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(text)
}

function sendRefusal(reply: FastifyReply, { kind, code }: CallRefusal): FastifyReply {
  reply.header('cache-control', 'no-store')
  if (kind === 'unavailable') reply.header('retry-after', '1')
  return reply.code(STATUS[kind]).send({ error: code })
}

const STATUS: Record<CallRefusal['kind'], number> = {
  unsigned: 401,
  used_before: 409,
  refused: 422,
  unavailable: 503,
}

const MAX_BODY_BYTES = 16 * 1024
