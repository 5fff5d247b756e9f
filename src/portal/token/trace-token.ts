import type { FastifyRequest } from 'fastify'
import { openCode } from '../../crypto/code.ts'
import { randomId } from '../../kernel/random.ts'
import type { PortalDeps } from '../deps.ts'
import { readFields } from '../fields.ts'
import { isOutage } from '../outage.ts'
import { noteStep, noteStranger, type Noted } from '../traces/note-step.ts'
import { refreshHashes } from './refresh-token.ts'
import { toOAuthError } from './refusal.ts'
import type { Outcome } from './route.ts'

/**
 * Adds a token request to the trace of its login, which the code or refresh token leads to. A request that shows neither
 * proves nothing, whatever client it names, so it gets a trace of its own: clients are shared by many people.
 */
export async function traceTokenRequest(
  request: FastifyRequest,
  outcome: Outcome,
  deps: PortalDeps,
): Promise<void> {
  const noted = describe(outcome)
  const gid = outcome.issued.ok ? outcome.issued.value.gid : await findGrant(request, deps)
  if (gid === null) {
    noteStranger(request, noted, deps)
    return
  }
  const sub = deps.records.connections.find(gid)?.sub
  noteStep(request, deps.traces.resolve(gid)?.id ?? randomId(), { ...noted, gid, sub }, deps)
}

function describe({ client, grantType, issued }: Outcome): Noted {
  const asked = { step: grantType === 'refresh_token' ? 'refresh' : 'exchange', cid: client?.cid } as const
  if (issued.ok) return { ...asked, outcome: 'passed', known: { 'scope granted': issued.value.scope } }
  return {
    ...asked,
    outcome: toOAuthError(issued.error).status === 503 ? 'failed' : 'refused',
    reason: issued.error,
    known: client === null ? {} : { 'method registered': client.authMethod },
  }
}

/** The grant behind a code or refresh token of ours. While the store is away, none is found. */
async function findGrant(request: FastifyRequest, deps: PortalDeps): Promise<string | null> {
  const fields = readFields(request.body)
  if (!fields.ok) return null
  const code = fields.value.find('code')
  if (code !== undefined) {
    const opened = await openCode(code, deps.keys, deps.clock)
    return opened.ok ? opened.value.gid : null
  }
  const shown = fields.value.find('refresh_token')
  if (shown === undefined) return null
  for (const hash of refreshHashes(shown, deps.keys)) {
    const found = await deps.records.findRefresh(hash).catch(nobodyInOutage)
    if (found !== null) return found.held.gid
  }
  return null
}

function nobodyInOutage(error: unknown): null {
  if (isOutage(error)) return null
  throw error
}
