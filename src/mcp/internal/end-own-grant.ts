import type { Audit } from '../../audit/audit.ts'
import { authMethodOf, type CallerFacts } from '../admission/caller.ts'
import { revoke, type RevokeDeps } from './revoke.ts'

/** Ends a connection for its owner, who asked by a tool: the same way as when they ask in the portal. */
export async function endOwnGrant(
  gid: string,
  caller: CallerFacts,
  deps: RevokeDeps & { readonly audit: Pick<Audit, 'write'> },
): Promise<'enforced' | 'recorded'> {
  const ask = { target: { kind: 'grant', gid }, reason: 'revoke_session', by: 'owner' } as const
  const ended = await revoke(ask, 'portal', deps)
  if (!ended.ok) throw new Error('a grant could not be ended by its owner')
  await deps.audit.write({
    ...{ eventType: 'revocation.recorded', outcome: 'success', operation: 'revoke_session' },
    ...{ principal: caller.subject, authMethod: authMethodOf(caller), resource: 'grant', action: 'POST' },
    ...{ sourceIP: null, responseCode: null, correlationId: null, grantId: gid, clientId: caller.clientId },
    reason: ended.value.answer.state,
  })
  return ended.value.answer.state
}
