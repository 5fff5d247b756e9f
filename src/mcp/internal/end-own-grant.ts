import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import { authMethodOf, type Caller } from '../admission/caller.ts'
import { revoke, type RevokeDeps } from './revoke.ts'

/**
 * Ends a connection for its owner, who asked by a tool: the same way as when they ask in the portal. That it is about to be
 * ended is on record before it is.
 *
 * @throws DiskUnavailable, with nothing done, when that could not be written
 */
export async function endOwnGrant(
  gid: string,
  caller: Pick<Caller, 'facts' | 'request'>,
  deps: RevokeDeps & { readonly audit: Pick<Audit, 'write'> },
): Promise<'enforced' | 'recorded'> {
  const record = (more: Pick<AuditEvent, 'outcome' | 'reason'>): Promise<void> =>
    deps.audit.write({ ...eventOf(gid, caller), ...more })
  await record({ outcome: 'intent' })
  const ask = { target: { kind: 'grant', gid }, reason: 'revoke_session', by: 'owner' } as const
  const ended = await revoke(ask, 'portal', deps)
  if (!ended.ok) {
    await record({ outcome: 'refused', reason: ended.error.code })
    throw new Error('a grant could not be ended by its owner')
  }
  const { state } = ended.value.answer
  await record({ outcome: 'success', reason: state })
  return state
}

const eventOf = (
  grantId: string,
  { facts, request }: Pick<Caller, 'facts' | 'request'>,
): Omit<AuditEvent, 'outcome'> => ({
  ...{ eventType: 'revocation.recorded', operation: 'revoke_session', resource: 'grant', action: 'POST' },
  ...{ principal: facts.subject, authMethod: authMethodOf(facts), clientId: facts.clientId },
  ...{ sourceIP: request.address, userAgent: request.userAgent, correlationId: request.correlationId },
  ...{ responseCode: null, grantId, environmentId: facts.environment },
})
