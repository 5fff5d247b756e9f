import type { FastifyReply, FastifyRequest } from 'fastify'
import { randomId } from '../kernel/random.ts'
import { StoreUnavailable } from '../kernel/store/contract.ts'
import type { PortalDeps } from './deps.ts'
import { writeEvent, writeStrangersEvent } from './events.ts'
import { storeKeys } from './records/keys.ts'
import { isFromBeforeCap, sentPlanOf } from './sent-plan.ts'
import type { GuardDeps } from './session/answers.ts'
import { requireFreshSession, requireSession } from './session/guard.ts'
import type { SessionState, SignedIn } from './session/session-state.ts'
import type { PageRequest, Sessions, SignOut } from './session/sessions.ts'
import { sessionPages } from './ui/session-pages.tsx'

/** What the session guard works with: sessions whose every sign-in and refusal is in the audit log. */
export const pageGuard = (deps: PortalDeps): GuardDeps => ({
  sessions: auditedSessions(deps),
  store: deps.store,
  pages: sessionPages,
})

/** The session of a page, or `null` when the request was answered already. Sends a changed plan to the MCP server. */
export async function pageSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly guard: GuardDeps },
): Promise<SignedIn | null> {
  const session = await requireSession(request, reply, deps.guard)
  if (session !== null) await sendChangedPlan(session, deps)
  return session
}

/** The session behind a form that the MCP server will attest: its token is at most 40 s old. */
export async function formSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: { readonly guard: GuardDeps },
): Promise<SignedIn | null> {
  return requireFreshSession(request, reply, deps.guard)
}

const SEEN_MS = 8 * 24 * 3600 * 1000
const PLAN_SENT_MS = 30 * 24 * 3600 * 1000

/**
 * Plan and features reach the MCP server only in tokens that Clerk signed. It is told at sign-in and whenever they
 * changed; if it is silent or refuses (the token may be a second too old), the next page tries again.
 */
async function sendChangedPlan(session: SignedIn, deps: PortalDeps): Promise<void> {
  try {
    await sendPlanOnce(session, deps)
  } catch (error) {
    // The next page tries again; an owner must be able to see and end connections while the store is away.
    if (!(error instanceof StoreUnavailable)) throw error
    deps.log.info('plan not sent: the store does not answer')
  }
}

async function sendPlanOnce(session: SignedIn, deps: PortalDeps): Promise<void> {
  const key = storeKeys.sentPlan(session.userId)
  const kept = await deps.store.get(key)
  const plan = sentPlanOf(session)
  if (kept === plan || isFromBeforeCap(kept, session)) return
  const sent = await deps.mcp.recordPlan({ clerkToken: session.token.reveal(), transaction: randomId() })
  if (sent.ok) await deps.store.put(key, plan, PLAN_SENT_MS)
  else deps.log.info({ failure: sent.error }, 'plan not recorded yet')
}

function auditedSessions(deps: PortalDeps): Sessions {
  return {
    ...deps.sessions,
    authenticate: async (request, options) => {
      const state = await deps.sessions.authenticate(request, options)
      if (isRouted(request)) await noteSignIn(request, state, deps)
      return state
    },
    signOut: async (request) => {
      const outcome = await deps.sessions.signOut(request)
      if (isRouted(request)) await noteSignOut(request, outcome, deps)
      return outcome
    },
  }
}

/** The guard hands on Fastify's own request; its interface merely asks for less. */
const isRouted = (request: PageRequest): request is FastifyRequest => 'routeOptions' in request

const CLERK = { principal: null, authMethod: 'clerk_session', responseCode: null } as const

/** A session is written down once, when it is first seen; a presented one that is not valid each time. */
async function noteSignIn(request: FastifyRequest, state: SessionState, deps: PortalDeps): Promise<void> {
  const base = { ...CLERK, eventType: 'sign_in', operation: 'sign_in' } as const
  if (state.state === 'signed-out' && state.reason === 'refused')
    await writeStrangersEvent(request, deps, { ...base, outcome: 'refused', reason: 'session_refused' })
  if (state.state !== 'signed-in') return
  const { userId, sessionId } = state.session
  if (await isFirstSeen(sessionId, deps))
    await writeEvent(request, deps, { ...base, outcome: 'success', principal: userId, sessionId })
}

/** While the store is away every page counts as the first: better written twice than not at all. */
async function isFirstSeen(sessionId: string, { store }: PortalDeps): Promise<boolean> {
  try {
    return await store.putOnce(storeKeys.seenSession(sessionId), '1', SEEN_MS)
  } catch (error) {
    if (error instanceof StoreUnavailable) return true
    throw error
  }
}

async function noteSignOut(request: FastifyRequest, signOut: SignOut, deps: PortalDeps): Promise<void> {
  const base = { ...CLERK, eventType: 'sign_out', operation: 'sign_out' } as const
  if (signOut.state === 'unavailable')
    return writeStrangersEvent(request, deps, { ...base, outcome: 'failed' })
  const { owner } = signOut
  if (owner === null) return writeStrangersEvent(request, deps, { ...base, outcome: 'success' })
  const { userId, sessionId } = owner
  await writeEvent(request, deps, { ...base, outcome: 'success', principal: userId, sessionId })
}
