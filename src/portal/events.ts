import type { FastifyRequest } from 'fastify'
import type { Audit } from '../audit/audit.ts'
import type { AuditEvent } from '../audit/event.ts'
import type { FailureLimiter } from '../kernel/failure-limiter.ts'

/** What a decision says of itself; the request says the rest. */
export type Happening = Omit<
  AuditEvent,
  'action' | 'sourceIP' | 'userAgent' | 'correlationId' | 'resource'
> & {
  readonly resource?: string | null
}

/**
 * Writes what was decided to the audit log. Await it before the answer: a decision that is not on disk is not answered.
 *
 * @throws DiskUnavailable
 */
export async function writeEvent(
  request: FastifyRequest,
  deps: { readonly audit: Pick<Audit, 'write'> },
  happening: Happening,
): Promise<void> {
  await deps.audit.write(eventOf(request, happening))
}

const eventOf = (request: FastifyRequest, happening: Happening): AuditEvent => ({
  resource: request.routeOptions.url ?? null,
  ...happening,
  action: request.method,
  sourceIP: request.ip,
  userAgent: request.headers['user-agent'] ?? null,
  correlationId: request.id,
})

/**
 * As {@link writeEvent}, for what happened to somebody who has proven nothing: a flood from one address is a few records,
 * the last of which stands for the rest, and never a full disk.
 *
 * @throws DiskUnavailable
 */
export async function writeStrangersEvent(
  request: FastifyRequest,
  deps: { readonly audit: Pick<Audit, 'write' | 'overlook'>; readonly strangers: FailureLimiter },
  happening: Happening,
): Promise<void> {
  if (deps.strangers.isWorthRecording(request.ip)) await writeEvent(request, deps, happening)
  else deps.audit.overlook?.(eventOf(request, happening))
}
