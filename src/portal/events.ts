import type { FastifyRequest } from 'fastify'
import type { Audit } from '../audit/audit.ts'
import type { AuditEvent } from '../audit/event.ts'

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
  await deps.audit.write({
    resource: request.routeOptions.url ?? null,
    ...happening,
    action: request.method,
    sourceIP: request.ip,
    userAgent: request.headers['user-agent'] ?? null,
    correlationId: request.id,
  })
}
