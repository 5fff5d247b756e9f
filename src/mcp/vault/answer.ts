import type { FastifyReply, FastifyRequest } from 'fastify'
import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { AuditEvent } from '../../audit/event.ts'
import type { VaultDeps } from './deps.ts'
import { RefusalPage } from './pages.tsx'
import type { VaultSession } from './session.ts'

export function sendPage(reply: FastifyReply, status: number, page: VNode): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>${renderToString(page)}`)
}

/** A page that ends the visit before it is one. */
export const sendRefusal = (
  reply: FastifyReply,
  status: number,
  { text, portalUrl }: { readonly text: string; readonly portalUrl: string },
): FastifyReply => sendPage(reply, status, RefusalPage({ text, portalUrl }))

export interface VaultEvent {
  readonly eventType: Extract<
    AuditEvent['eventType'],
    `vault.${string}` | `credential.${string}` | `change.${string}`
  >
  readonly operation: string
  readonly outcome: AuditEvent['outcome']
  /** Null: it is about to be done. */
  readonly responseCode: number | null
  readonly reason?: string
  readonly environmentId?: string
  readonly grantId?: string
  readonly clientId?: string
  readonly masInstance?: string
}

/** Writes an act of the vault to the audit log; the page is sent after it. */
export async function recordAct(
  request: FastifyRequest,
  session: VaultSession | null,
  event: VaultEvent,
  { audit }: Pick<VaultDeps, 'audit'>,
): Promise<void> {
  const environmentId = session?.environment?.id
  await audit.write({
    principal: session?.sub ?? null,
    authMethod: session === null ? 'none' : 'vault_session',
    resource: request.routeOptions.url ?? null,
    action: request.method,
    sourceIP: request.ip,
    userAgent: request.headers['user-agent'] ?? null,
    correlationId: request.id,
    ...(session === null ? {} : { sessionId: session.sid }),
    ...(environmentId === undefined ? {} : { environmentId }),
    ...event,
  })
}

/**
 * Writes what is about to be done; the outcome follows with the same correlation id. What the log cannot take is not done.
 *
 * @throws DiskUnavailable
 */
export const recordIntent = (
  request: FastifyRequest,
  session: VaultSession,
  event: Omit<VaultEvent, 'outcome' | 'responseCode'>,
  deps: Pick<VaultDeps, 'audit'>,
): Promise<void> => recordAct(request, session, { ...event, outcome: 'intent', responseCode: null }, deps)
