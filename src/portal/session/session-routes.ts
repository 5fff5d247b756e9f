import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { type Exchange, type GuardDeps, redirect, sendPage, sendUnavailable, setCookies } from './answers.ts'
import { type KeptForm, takeForm } from './form-stash.ts'
import { requireFreshSession } from './guard.ts'
import { isOwnForm } from './same-origin.ts'
import type { SessionOwner } from './session-state.ts'

/**
 * Adds `GET /sign-in?return=<path>`, `POST /sign-in/again`, `POST /sign-out` and `GET /session/resume`. Register once, in the scope that has
 * @fastify/formbody.
 */
export function sessionRoutes(app: FastifyInstance, deps: GuardDeps): void {
  app.get('/sign-in', (request, reply) => {
    answerSignIn(request, reply, deps)
    return reply
  })
  app.post('/sign-in/again', async (request, reply) => {
    await answerSignInAgain(request, reply, deps)
    return reply
  })
  app.post('/sign-out', async (request, reply) => {
    await answerSignOut(request, reply, deps)
    return reply
  })
  app.get('/session/resume', async (request, reply) => {
    await answerResume({ request, reply, deps })
    return reply
  })
}

/** 303 to Clerk's sign-in page, which leads back to `return` if that is a path of ours. */
export function answerSignIn(request: FastifyRequest, reply: FastifyReply, deps: GuardDeps): void {
  const asked = signInQuery.safeParse(request.query)
  redirect(reply, 303, deps.sessions.signInUrl(request, asked.data?.return ?? '/'))
}

/** Ends the session and 303 to Clerk's sign-in page, back to `return`: what follows knows how lately the person was there. */
async function answerSignInAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GuardDeps,
): Promise<void> {
  const asked = signInQuery.safeParse(request.body)
  await endSession({ request, reply, deps }, () =>
    deps.sessions.signInUrl(request, asked.data?.return ?? '/'),
  )
}

/** Ends the session at Clerk, clears the cookies, 303 to `/`. A foreign page cannot sign anybody out. */
async function answerSignOut(request: FastifyRequest, reply: FastifyReply, deps: GuardDeps): Promise<void> {
  await endSession({ request, reply, deps }, () => '/')
}

async function endSession({ request, reply, deps }: Exchange, next: () => string): Promise<void> {
  if (!isOwnForm(request, deps.sessions.publicOrigin)) {
    sendPage(reply, 403, deps.pages.foreignForm())
    return
  }
  const outcome = await deps.sessions.signOut(request)
  if (outcome.state === 'unavailable') {
    sendUnavailable(reply, deps)
    return
  }
  setCookies(reply, outcome.cookies)
  redirect(reply, 303, next())
}

/** Where the handshake of a stale form ends: the form is shown again as one button, with a token fresh enough for it. */
async function answerResume({ request, reply, deps }: Exchange): Promise<void> {
  const session = await requireFreshSession(request, reply, deps)
  if (session === null) return
  const asked = resumeQuery.safeParse(request.query)
  const kept = asked.success ? await findForm(asked.data.form, session, deps) : null
  if (kept === 'unavailable') sendUnavailable(reply, deps)
  else if (kept === null) sendPage(reply, 410, deps.pages.formGone())
  else sendPage(reply, 200, deps.pages.sendAgain({ action: kept.action, fields: kept.fields }))
}

async function findForm(
  id: string,
  owner: SessionOwner,
  deps: GuardDeps,
): Promise<KeptForm | null | 'unavailable'> {
  try {
    return await takeForm(id, owner, deps.store)
  } catch (error) {
    if (error instanceof StoreUnavailable) return 'unavailable'
    throw error
  }
}

const signInQuery = z.object({ return: z.string().max(2000).optional() })
const resumeQuery = z.object({ form: z.string().max(40) })
